"""ServiceDesk Plus, either edition, as one of our desks: each capability, and who does the work."""

from collections.abc import Mapping
from datetime import tzinfo
from email.utils import format_datetime

import httpx2

from helpdesk_mcp.desks.servicedeskplus.approvals import ApprovalsHere
from helpdesk_mcp.desks.servicedeskplus.assets import AssetsHere, ContractsHere
from helpdesk_mcp.desks.servicedeskplus.authoring import AuthoringHere
from helpdesk_mcp.desks.servicedeskplus.changes import ChangesHere
from helpdesk_mcp.desks.servicedeskplus.changing import Changing
from helpdesk_mcp.desks.servicedeskplus.closing import Closing
from helpdesk_mcp.desks.servicedeskplus.commenting import Commenting
from helpdesk_mcp.desks.servicedeskplus.configuration import ConfigurationHere
from helpdesk_mcp.desks.servicedeskplus.creating import Creating
from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.describing import Describing
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.editions import Edition, web_page
from helpdesk_mcp.desks.servicedeskplus.effort import Effort
from helpdesk_mcp.desks.servicedeskplus.files import Files
from helpdesk_mcp.desks.servicedeskplus.fitting import Fitting
from helpdesk_mcp.desks.servicedeskplus.handling import HandlingHere, TrashHere
from helpdesk_mcp.desks.servicedeskplus.judging import Judging
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.listing import Listing
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups, requesters
from helpdesk_mcp.desks.servicedeskplus.mandatory import Mandatory
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.desks.servicedeskplus.probing import absent
from helpdesk_mcp.desks.servicedeskplus.problems import ProblemsHere
from helpdesk_mcp.desks.servicedeskplus.projects import ProjectsHere
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.refreshing import SharedToken
from helpdesk_mcp.desks.servicedeskplus.scopes import lacking, offered
from helpdesk_mcp.desks.servicedeskplus.solutions import Solutions
from helpdesk_mcp.desks.servicedeskplus.wire import person_of, queue_of
from helpdesk_mcp.desks.servicedeskplus.working import TasksHere, WorklogsHere
from helpdesk_mcp.domain.assets import AssetBook, Assets, ContractBook, Contracts
from helpdesk_mcp.domain.authoring import ArticleWriter, Authoring
from helpdesk_mcp.domain.changes import ChangeBook, Changes
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.comments import Comment, CommentDraft, Download, Upload
from helpdesk_mcp.domain.configuration import Configuration, ConfigurationBook
from helpdesk_mcp.domain.criteria import Criteria
from helpdesk_mcp.domain.decisions import ApprovalBook, Decisions
from helpdesk_mcp.domain.desk import (
    Attachments,
    Comments,
    Fields,
    Knowledge,
    People,
    Queues,
    Requesters,
    Tickets,
)
from helpdesk_mcp.domain.handling import Handling, TicketActions, TicketTrash, Trash
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.problems import ProblemBook, Problems
from helpdesk_mcp.domain.projects import ProjectBook, Projects
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tickets import (
    Ticket,
    TicketChange,
    TicketDraft,
    TicketFields,
    TicketFilter,
)
from helpdesk_mcp.domain.work import TaskBook, Tasks, WorklogBook, Worklogs


class ServiceDeskPlus(
    Tickets,
    Comments,
    Attachments,
    Queues,
    People,
    Requesters,
    Fields,
    Knowledge,
    Handling,
    Trash,
    Worklogs,
    Tasks,
    Decisions,
    Authoring,
    Problems,
    Changes,
    Projects,
    Assets,
    Contracts,
    Configuration,
):
    """`http` is guarded, logged in, and stands at the API's base address."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        edition: Edition,
        options: Options,
        source: SharedToken | None = None,
    ) -> None:
        self._source = source
        self.link = link = Link(http, edition)
        self.names = names = Names(link, options)
        self._customs = customs = Customs(link, options)
        web = web_page(edition, str(http.base_url))
        drafting, fitting = Drafting(names, customs), Fitting(names, customs)
        self._reading = reading = Reading(link, customs, web)
        self._files = files = Files(link)
        effort = Effort(link, names)
        self._commenting = commenting = Commenting(link, drafting, reading, files, effort)
        self._listing = Listing(link, names, web)
        self._judging = Judging(self._listing, customs)
        self._creating = Creating(link, drafting, fitting, reading, files)
        self._changing = Changing(link, drafting, fitting, reading, commenting)
        self._closing = Closing(link, names, fitting, reading, effort)
        self._describing = Describing(names, customs, Mandatory(link, names))
        self._solutions = Solutions(link)
        lookups = Lookups(link, names)
        self.handling: TicketActions = HandlingHere(link, names, reading, self._changing)
        self.trash: TicketTrash = TrashHere(link, reading)
        self.worklogs: WorklogBook = WorklogsHere(link, lookups)
        self.tasks: TaskBook = TasksHere(link, lookups)
        self.decisions: ApprovalBook = ApprovalsHere(link, lookups)
        self.authoring: ArticleWriter = AuthoringHere(link, lookups)
        self.problems: ProblemBook = ProblemsHere(link, lookups)
        self.changes: ChangeBook = ChangesHere(link, lookups)
        self.projects: ProjectBook = ProjectsHere(link, lookups)
        self.assets: AssetBook = AssetsHere(link, lookups)
        self.contracts: ContractBook = ContractsHere(link, lookups)
        self.configuration: ConfigurationBook = ConfigurationHere(link, lookups)

    async def ping(self) -> None:
        await self.link.rows("requests", Query(count=False), Window(size=1))

    async def capabilities(self) -> frozenset[type]:
        """Return what this desk offers to our credential: scopes, licence and switches decide."""
        await self.ping()
        return offered(type(self).__mro__, self.granted) - await absent(self.link)

    async def lacking(self) -> Mapping[Scope, tuple[str, ...]]:
        return lacking(self.granted)

    async def unnamed(self) -> str | None:
        """Say what to set where nobody tells what custom fields are called; else nothing."""
        return await self._customs.unnamed()

    @property
    def granted(self) -> frozenset[str]:
        """The vendor's scopes of our token, once it was used; empty where there are none."""
        return self._source.scopes if self._source is not None else frozenset()

    async def zone(self) -> tzinfo:
        return self.names.options.zone

    async def clock(self) -> str | None:
        return format_datetime(await self.link.now(), usegmt=True)

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        return await self._listing.tickets(which, window)

    async def tickets_where(self, criteria: Criteria, window: Window) -> Page[Ticket]:
        return await self._judging.tickets(criteria, window)

    async def ticket(self, ticket_id: str) -> Ticket:
        return await self._reading.ticket(ticket_id)

    async def create_ticket(self, draft: TicketDraft) -> Receipt:
        return await self._creating.create(draft)

    async def change_ticket(
        self, ticket_id: str, change: TicketChange, *, expected: str | None = None
    ) -> Receipt:
        return await self._changing.change(ticket_id, change, expected)

    async def close_ticket(
        self,
        ticket_id: str,
        resolution: str,
        *,
        notify: bool,
        minutes: float | None = None,
        code: str | None = None,
    ) -> Receipt:
        return await self._closing.close(
            ticket_id, resolution, notify=notify, minutes=minutes, code=code
        )

    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        return await self._reading.comments(ticket_id, window)

    async def add_comment(self, ticket_id: str, draft: CommentDraft) -> Receipt:
        return await self._commenting.add(ticket_id, draft)

    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt:
        return await self._files.attach(ticket_id, upload, public=public)

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        return await self._files.attachment(ticket_id, attachment_id)

    async def queues(self) -> tuple[Queue, ...]:
        return tuple(map(queue_of, await self.names.rows("group")))

    async def people(self, text: str | None, window: Window) -> Page[Person]:
        wanted = folded(text or "")
        found = [
            person
            for person in map(person_of, await self.names.rows("technician"))
            if wanted in folded(f"{person.username} {person.name} {person.email}")
            or (text or "").strip() == person.id
        ]
        part = found[window.start : window.start + window.size]
        end = window.start + len(part)
        return Page(items=tuple(part), start=window.start, total=len(found), more=end < len(found))

    async def requesters(self, text: str | None, window: Window) -> Page[Person]:
        return await requesters(self.link, (text or "").strip(), window)

    async def fields(self) -> TicketFields:
        return await self._describing.fields()

    async def articles(self, text: str, window: Window) -> Page[Article]:
        return await self._solutions.articles(text, window)

    async def article(self, article_id: str) -> Article:
        return await self._solutions.article(article_id)
