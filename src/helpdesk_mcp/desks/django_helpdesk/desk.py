"""A stock django-helpdesk as one of our desks: each capability, and who does the work."""

from datetime import UTC, datetime, tzinfo
from email.utils import format_datetime

import httpx2

from helpdesk_mcp.desks.django_helpdesk.articles import Articles
from helpdesk_mcp.desks.django_helpdesk.auth import Account
from helpdesk_mcp.desks.django_helpdesk.changing import Changing
from helpdesk_mcp.desks.django_helpdesk.closing import Closing
from helpdesk_mcp.desks.django_helpdesk.commenting import Commenting
from helpdesk_mcp.desks.django_helpdesk.creating import Creating
from helpdesk_mcp.desks.django_helpdesk.definitions import ticket_fields
from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.files import Files
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.listing import Listing
from helpdesk_mcp.desks.django_helpdesk.patching import Patching
from helpdesk_mcp.desks.django_helpdesk.reading import Reading
from helpdesk_mcp.desks.django_helpdesk.resolution import Resolution
from helpdesk_mcp.desks.django_helpdesk.scanning import Scanning
from helpdesk_mcp.desks.django_helpdesk.snapshot import Snapshots
from helpdesk_mcp.domain.choices import folded, refuse_code
from helpdesk_mcp.domain.comments import Comment, CommentDraft, Download, Upload
from helpdesk_mcp.domain.desk import (
    Attachments,
    Comments,
    Fields,
    Knowledge,
    People,
    Queues,
    Tickets,
)
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, Unavailable
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tickets import (
    Ticket,
    TicketChange,
    TicketDraft,
    TicketFields,
    TicketFilter,
)

PLAIN = frozenset({Tickets, Comments, Attachments, Fields})
"""What can be done with a token or a password alone."""
WHOLE = PLAIN | {Queues, People, Knowledge}


class DjangoHelpdesk(Tickets, Comments, Attachments, Queues, People, Fields, Knowledge):
    """`default_queue` is where tickets are opened that name no queue.

    `zone` is where days are counted; without one, in the desk's own zone, which it does not tell.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        account: Account,
        *,
        default_queue: str = "",
        zone: tzinfo | None = None,
    ) -> None:
        self._zone = zone
        self._link = link = Link(http, account)
        self._directory = directory = Directory(link)
        self._reading = reading = Reading(link, directory)
        snapshots = Snapshots(link, directory, reading)
        resolution = Resolution(link, reading)
        commenting = Commenting(link, directory, reading, snapshots, resolution)
        self._commenting = commenting
        self._listing = Listing(link, directory, zone)
        self._scanning = Scanning(link, directory, zone)
        self._creating = Creating(link, directory, reading, commenting, default_queue)
        self._changing = Changing(link, directory, snapshots, resolution)
        self._patching = Patching(link, directory, reading, commenting)
        self._closing = Closing(link, directory, reading, snapshots, resolution, commenting)
        self._files = Files(link, reading, commenting)
        self._articles = Articles(link)

    async def capabilities(self) -> frozenset[type]:
        """Return what this desk offers to our login."""
        return WHOLE if await self._link.has_pages() else PLAIN

    async def has_companion(self) -> bool:
        """Whether the companion application is installed in the desk. Nothing uses it yet."""
        return await self._link.has_companion()

    async def zone(self) -> tzinfo | None:
        return self._zone

    async def clock(self) -> str | None:
        return format_datetime(await self._link.clock(), usegmt=True)

    async def ping(self) -> None:
        try:
            await self._link.options("api/tickets/")
        except Denied as error:
            raise Unavailable(
                "The account that we log in with is not a staff member of the help desk.",
                reason="login",
            ) from error

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        if await self._link.has_pages():
            return await self._listing.tickets(which, window)
        return await self._scanning.tickets(which, window)

    async def ticket(self, ticket_id: str) -> Ticket:
        return await self._reading.ticket(ticket_id)

    async def create_ticket(self, draft: TicketDraft) -> Receipt:
        return await self._creating.create(draft)

    async def change_ticket(
        self, ticket_id: str, change: TicketChange, *, expected: str | None = None
    ) -> Receipt:
        if expected is not None:
            _check_unchanged(await self._reading.ticket(ticket_id), expected)
        if await self._link.has_pages():
            return await self._changing.change(ticket_id, change)
        return await self._patching.change(ticket_id, change)

    async def close_ticket(
        self,
        ticket_id: str,
        resolution: str,
        *,
        notify: bool,
        minutes: float | None = None,
        code: str | None = None,
    ) -> Receipt:
        refuse_code(code)
        return await self._closing.close(ticket_id, resolution, notify=notify, minutes=minutes)

    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        return await self._reading.comments(ticket_id, window)

    async def add_comment(self, ticket_id: str, draft: CommentDraft) -> Receipt:
        return await self._commenting.add(ticket_id, draft)

    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt:
        return await self._files.attach(ticket_id, upload, public=public)

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        return await self._files.attachment(ticket_id, attachment_id)

    async def queues(self) -> tuple[Queue, ...]:
        return await self._directory.queues()

    async def people(self, text: str | None, window: Window) -> Page[Person]:
        wanted = folded(text or "")
        found = [
            Person(id=p.id, username=p.name, name=p.words[0] if p.words else None)
            for p in await self._directory.people()
            if wanted in folded(" ".join((p.name, *p.words))) or (text or "").strip() == p.id
        ]
        part = found[window.start : window.start + window.size]
        return Page(
            items=tuple(part),
            start=window.start,
            total=len(found),
            more=window.start + len(part) < len(found),
        )

    async def fields(self) -> TicketFields:
        return await ticket_fields(self._link, self._directory)

    async def articles(self, text: str, window: Window) -> Page[Article]:
        return await self._articles.search(text, window)

    async def article(self, article_id: str) -> Article:
        return await self._articles.article(article_id)


def _check_unchanged(ticket: Ticket, expected: str) -> None:
    """Refuse to overwrite what the caller has not seen. Whole seconds compare as such."""
    try:
        seen = datetime.fromisoformat(expected.strip())
    except ValueError as error:
        raise Invalid(
            "`expected_modified` is the `modified` of the ticket as you read it.",
            reason="expected_modified",
        ) from error
    seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
    now = ticket.modified
    if now is None or now == seen or (now.replace(microsecond=0) == seen):
        return
    raise Conflict(
        "The ticket changed after you read it. Its status is "
        f"{ticket.status}, it has {ticket.comments} comments, and `modified` is "
        f"{now.isoformat()}. Read it again before you change it.",
        reason="stale",
    )
