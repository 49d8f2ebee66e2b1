"""A whole help desk in memory: the contract tests' control and the benchmark's null desk."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from helpdesk_mcp.desks import memory_rules as rules
from helpdesk_mcp.domain.choices import folded, pick, refuse_code
from helpdesk_mcp.domain.comments import (
    Attachment,
    Comment,
    CommentDraft,
    Download,
    Upload,
    Visibility,
)
from helpdesk_mcp.domain.desk import (
    Attachments,
    Comments,
    Fields,
    Knowledge,
    People,
    Queues,
    Tickets,
)
from helpdesk_mcp.domain.errors import Conflict, Invalid, NotFound
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.tickets import (
    Ticket,
    TicketChange,
    TicketDraft,
    TicketFields,
    TicketFilter,
    day_of,
)


@dataclass(slots=True)
class Held:
    """A ticket and what was said on it."""

    ticket: Ticket
    comments: list[Comment] = field(default_factory=list[Comment])


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryDesk(Tickets, Comments, Attachments, Queues, People, Fields, Knowledge):
    """Everything a desk can do, for one account: the first of `people` is us."""

    def __init__(
        self,
        *,
        queues: tuple[Queue, ...] = rules.QUEUES,
        people: tuple[Person, ...] = rules.PEOPLE,
        articles: tuple[Article, ...] = rules.ARTICLES,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._queues = queues
        self._people = people
        self._articles = articles
        self._now = now
        self._held: dict[str, Held] = {}
        self._files: dict[str, tuple[str, Download]] = {}
        self._ids = itertools.count(1)

    async def ping(self) -> None:
        return

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        wanted = rules.chosen(which, self._queues)
        assignee = None if which.assignee is None else (self._person(which.assignee),)
        found = [
            held.ticket
            for held in self._held.values()
            if (assignee is None or held.ticket.assignee in assignee) and wanted(held.ticket)
        ]
        found.sort(
            key=rules.order(which.sort.removeprefix("-")), reverse=which.sort.startswith("-")
        )
        return rules.page(found, window)

    async def ticket(self, ticket_id: str) -> Ticket:
        return self._one(ticket_id).ticket

    async def create_ticket(self, draft: TicketDraft) -> Receipt:
        queue = rules.queue_or_only(draft.queue, self._queues)
        number = str(next(self._ids))
        description = draft.description + (f"\n\nSite: {draft.site}" if draft.site else "")
        now = self._now()
        ticket = Ticket(
            id=number,
            subject=draft.subject,
            status="Open",
            priority=pick(rules.PRIORITIES, draft.priority or "Normal", "priority").name,
            queue=queue,
            assignee=self._person(draft.assignee) if draft.assignee else None,
            requester=draft.requester,
            created=now,
            modified=now,
            due=day_of(draft.due) if draft.due else None,
            on_hold=False,
            custom=rules.custom(draft.custom) or None,
            comments=0,
            url=f"memory://tickets/{number}",
            description=description,
        )
        self._held[number] = Held(ticket)
        for upload in draft.uploads:
            await self.attach(number, upload, public=True)
        return Receipt(
            ticket_id=number,
            changes=rules.differences(Ticket(id=number), ticket),
            mail=rules.mail(ticket, Visibility.PUBLIC),
            history=True,
            url=ticket.url,
        )

    async def change_ticket(
        self, ticket_id: str, change: TicketChange, *, expected: str | None = None
    ) -> Receipt:
        held = self._one(ticket_id)
        before = held.ticket
        if expected is not None and not rules.same_moment(expected, before.modified):
            raise Conflict("The ticket changed after you read it.", reason="stale")
        after = self._changed(before, change)
        held.ticket = after
        visibility = Visibility.PUBLIC if change.public else Visibility.INTERNAL
        comment = None
        if change.comment:
            draft = CommentDraft(body=change.comment, visibility=visibility, minutes=change.minutes)
            comment = self._say(
                held, draft, after.status if after.status != before.status else None
            )
        held.ticket = replace(held.ticket, comments=len(held.comments), modified=self._now())
        return Receipt(
            ticket_id=ticket_id,
            changes=rules.differences(before, after),
            mail=rules.mail(after, visibility) if comment else None,
            history=True,
            comment_id=comment.id if comment else None,
            url=after.url,
        )

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
        change = TicketChange(status="Closed", comment=resolution, public=notify, minutes=minutes)
        receipt = await self.change_ticket(ticket_id, change)
        held = self._one(ticket_id)
        told = Change(field="resolution", before=held.ticket.resolution, after=resolution)
        held.ticket = replace(held.ticket, resolution=resolution)
        return replace(receipt, changes=(*receipt.changes, told))

    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        return rules.page(self._one(ticket_id).comments, window)

    async def add_comment(self, ticket_id: str, draft: CommentDraft) -> Receipt:
        held = self._one(ticket_id)
        before = held.ticket
        if not (draft.body.strip() or draft.uploads or draft.status):
            raise Invalid("The comment is empty.", reason="empty")
        rules.check_files(draft.uploads)
        after = self._changed(before, TicketChange(status=draft.status))
        held.ticket = after
        comment = self._say(held, draft, after.status if draft.status else None)
        held.ticket = replace(held.ticket, comments=len(held.comments), modified=self._now())
        return Receipt(
            ticket_id=ticket_id,
            changes=rules.differences(before, after),
            mail=rules.mail(after, draft.visibility, notify_assignee=draft.notify_assignee),
            history=True,
            comment_id=comment.id,
            attachment_id=comment.attachments[0].id if comment.attachments else None,
            url=after.url,
        )

    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt:
        draft = CommentDraft(
            body=f"Attached: {upload.name}",
            visibility=Visibility.PUBLIC if public else Visibility.INTERNAL,
            uploads=(upload,),
        )
        return await self.add_comment(ticket_id, draft)

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        self._one(ticket_id)
        owner, download = self._files.get(attachment_id, (None, None))
        if download is None or owner != ticket_id:
            raise NotFound("There is no such attachment on this ticket.")
        return download

    async def queues(self) -> tuple[Queue, ...]:
        return self._queues

    async def people(self, text: str | None, window: Window) -> Page[Person]:
        wanted = folded(text or "")
        return rules.page([p for p in self._people if rules.is_called(p, wanted)], window)

    async def fields(self) -> TicketFields:
        return TicketFields(
            statuses=dict(rules.FLOW),
            priorities=tuple(priority.name for priority in rules.PRIORITIES),
            fields=rules.CUSTOM,
            attachment_types=rules.FILE_TYPES,
        )

    async def articles(self, text: str, window: Window) -> Page[Article]:
        found = rules.holding(text, self._articles)
        return rules.page(found, window)

    async def article(self, article_id: str) -> Article:
        for article in self._articles:
            if article.id == article_id:
                return article
        raise NotFound("There is no such article.")

    def _one(self, ticket_id: str) -> Held:
        if (held := self._held.get(ticket_id)) is None:
            raise NotFound("There is no such ticket.")
        return held

    def _person(self, word: str) -> str | None:
        return rules.person(word, self._people)

    def _changed(self, ticket: Ticket, change: TicketChange) -> Ticket:
        status = ticket.status
        if change.status is not None:
            status = rules.allowed(
                ticket.status, pick(rules.STATUSES, change.status, "status").name
            )
        priority = change.priority and pick(rules.PRIORITIES, change.priority, "priority").name
        due = change.due or ticket.due
        due = None if isinstance(due, str) or due is None else day_of(due)
        return replace(
            ticket,
            status=status,
            subject=change.subject or ticket.subject,
            description=change.description or ticket.description,
            priority=priority or ticket.priority,
            queue=rules.queue(change.queue, self._queues) if change.queue else ticket.queue,
            assignee=self._person(change.assignee) if change.assignee else ticket.assignee,
            requester=change.requester or ticket.requester,
            due=due,
            on_hold=ticket.on_hold if change.on_hold is None else change.on_hold,
            custom={**(ticket.custom or {}), **rules.custom(change.custom)} or None,
        )

    def _say(self, held: Held, draft: CommentDraft, status: str | None) -> Comment:
        number = str(next(self._ids))
        files = tuple(self._keep(held.ticket.id, number, upload) for upload in draft.uploads)
        comment = Comment(
            id=number,
            at=self._now(),
            author=self._people[0].name,
            visibility=draft.visibility,
            title=draft.title,
            body=draft.body.strip() or None,
            new_status=status,
            minutes=draft.minutes,
            mailed_to=rules.mail(held.ticket, draft.visibility).to,
            attachments=files or None,
        )
        held.comments.append(comment)
        spent = (held.ticket.minutes or 0) + (draft.minutes or 0)
        held.ticket = replace(
            held.ticket,
            minutes=spent or None,
            attachments=(*(held.ticket.attachments or ()), *files) or None,
        )
        return comment

    def _keep(self, ticket_id: str, comment_id: str, upload: Upload) -> Attachment:
        attachment = Attachment(
            id=str(next(self._ids)),
            name=upload.name,
            size=len(upload.content),
            media_type=upload.media_type,
            comment_id=comment_id,
        )
        download = Download(attachment=attachment, content=upload.content)
        self._files[attachment.id] = (ticket_id, download)
        return attachment
