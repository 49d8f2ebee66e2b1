"""Notes, internal or public, and replies by mail where this desk really sends them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from helpdesk_mcp.desks.servicedeskplus.differing import changes
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.effort import Effort
from helpdesk_mcp.desks.servicedeskplus.envelope import one
from helpdesk_mcp.desks.servicedeskplus.files import Files
from helpdesk_mcp.desks.servicedeskplus.half_done import partly
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.lost import not_twice, once
from helpdesk_mcp.desks.servicedeskplus.prose import to_html
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.record_fields import plain
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, moment_of, row_of, text_of
from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, NotFound, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.receipts import Change, Mail, Receipt
from helpdesk_mcp.domain.tickets import TicketChange

INTERNAL = "It is an internal note: the desk was asked to mail nobody."
ASSIGNEE = "The desk was asked to mail the assignee; it does not tell whether it did."
NO_REPLIES = (
    "This desk cannot be made to mail a reply, so no mail was sent: a public note was written, "
    "which the requester reads in the portal."
)
NO_ADDRESS = "The requester has no e-mail address: a public note was written, no mail was sent."
UNSHOWN = "The desk does not show mails sent this way, so a public note keeps its text."


NOBODY = Mail(sent=False, to=(), why=INTERNAL)


@dataclass(frozen=True, slots=True)
class Stored:
    comment_id: str | None
    mail: Mail
    first_response: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commenting:
    link: Link
    drafting: Drafting
    reading: Reading
    files: Files
    effort: Effort

    async def add(self, ticket_id: str, draft: CommentDraft) -> Receipt:
        if not (draft.body.strip() or draft.uploads or draft.status):
            raise Invalid("The comment is empty.", reason="empty")
        for upload in draft.uploads:
            self.files.check(upload)
        row = await self.reading.row(ticket_id)
        before = await self.reading.as_ticket(row)
        values = await self.drafting.change(TicketChange(status=draft.status), row)
        stored = await self.store(before.id, draft, row)
        try:
            if values:
                await self.link.write("PUT", f"requests/{before.id}", {"request": values})
            after = await self.reading.as_ticket(await self.reading.row(before.id))
        except HelpdeskError as error:
            raise partly(error, "The note was written.") from error
        first = (Change(field="first_response", after="marked"),) if stored.first_response else ()
        return Receipt(
            ticket_id=before.id,
            changes=(*changes(before, after), *first),
            mail=stored.mail,
            comment_id=stored.comment_id,
            url=before.url,
            warnings=stored.warnings or None,
        )

    async def store(self, identifier: str, draft: CommentDraft, row: Row) -> Stored:
        """Say it, attach its files, note its time; `row` is the request."""
        stored = await self._say(identifier, draft, row)
        warnings = list(stored.warnings)
        try:
            for upload in draft.uploads:
                warnings += (await self.files.add(identifier, upload))[1]
            if draft.minutes:
                warnings += await self.effort.note(identifier, draft.minutes, draft.body)
        except HelpdeskError as error:
            raise partly(error, "The note was written.") from error
        return Stored(stored.comment_id, stored.mail, stored.first_response, tuple(warnings))

    async def _say(self, identifier: str, draft: CommentDraft, row: Row) -> Stored:
        if not draft.body.strip():
            return Stored(None, Mail(sent=False, why="Nothing was said."))
        public = draft.visibility is Visibility.PUBLIC
        if not public:
            asked = Mail(sent=None, why=ASSIGNEE) if draft.notify_assignee else NOBODY
            return await self._note(identifier, draft, row, asked)
        address = text_of(row_of(row.get("requester")).get("email_id"))
        if address is not None and await self._can_mail(identifier):
            return await self._mail(identifier, draft, row, address)
        why = NO_REPLIES if address else NO_ADDRESS
        told = Mail(sent=False, to=(), why=why)
        if draft.notify_assignee:
            told = Mail(sent=None, why=f"{why} {ASSIGNEE}")
        return await self._note(identifier, draft, row, told)

    async def _note(self, identifier: str, draft: CommentDraft, row: Row, mail: Mail) -> Stored:
        """Write a note; a public one is the first response while there was none."""
        public = draft.visibility is Visibility.PUBLIC
        note: Row = {
            "description": _html(draft),
            "show_to_requester": public,
            "notify_technician": draft.notify_assignee,
        }
        if not public or moment_of(row.get("responded_time")) is not None:
            return _stored(await self._post_note(identifier, note), mail)
        try:
            made = await self._post_note(identifier, note | {"mark_first_response": True})
        except Unfit as error:
            if error.fields and "mark_first_response" not in error.fields:
                raise
        else:
            return _stored(made, mail, first=True)
        return _stored(await self._post_note(identifier, note), mail)

    async def _post_note(self, identifier: str, note: Row) -> Row:
        """Write a note once. When it is not clear whether that worked, look."""
        wrapper, place = self.link.edition.note, f"requests/{identifier}/notes"

        async def send() -> Row:
            return one(await self.link.write("POST", place, {wrapper: note}), wrapper, "note")

        async def look(since: datetime) -> list[Row]:
            found = (await self.link.every(place, Query(count=False))).items
            recent = [row for row in reversed(found) if _written(row) >= since]
            whole = [
                row
                if "description" in row  # some lists leave the text out
                else row | await self.link.one(f"{place}/{id_of(row)}")
                for row in recent
            ]
            return [row for row in whole if _same(row, note)]

        made = await once(self.link, place, send, look)
        names = self.drafting.names
        names.learned(made, "added_by")
        names.learned(made, "created_by")
        return made

    async def _can_mail(self, identifier: str) -> bool:
        """Probe the way to mail a reply: an undocumented one, tried only where it is wished."""
        if not self.drafting.names.options.replies_by_mail:
            return False
        path = f"requests/{identifier}/notifications"
        try:
            await self.link.rows(path, Query(count=False), Window(size=1))
        except (NotFound, Invalid):
            return False
        return True

    async def _mail(self, identifier: str, draft: CommentDraft, row: Row, address: str) -> Stored:
        shown = text_of(row.get("display_id")) or identifier
        subject = text_of(row.get("subject")) or ""
        mail: Row = {
            "type": "reply",
            "subject": f"Re: [Request ID :##RE-{shown}##] : {subject}",
            "description": _html(draft),
            "content_type": "text/html",
            "mode": "E-Mail",
            "to": [{"email_id": address}],
            "cc": [],
            "bcc": [],
            "attachments": [],
            "copied_from": {"module": "request", "id": identifier},
        }
        path = f"requests/{identifier}/notifications"
        known = (await self.link.rows(path, Query(), Window(size=1))).total
        await self.link.write("POST", path, {"notification": mail})
        told = Mail(sent=True, to=(address,))
        try:
            if (await self.link.rows(path, Query(), Window(size=1))).total != known:
                return Stored(None, told)
            stored = await self._note(identifier, draft, row, told)
        except HelpdeskError as error:
            raise Unavailable(
                f"The mail was sent. After that: {error.message}",
                reason=error.reason,
                written=Written.PARTLY,
            ) from error
        return replace(stored, warnings=(*stored.warnings, UNSHOWN))


def _stored(note: Row, mail: Mail, *, first: bool = False) -> Stored:
    return Stored(text_of(note.get("id")), mail, first, not_twice(note, "note", done="written"))


def _written(note: Row) -> datetime:
    """Return when a note was written, by either name (reference §1.4)."""
    told = moment_of(note.get("added_time")) or moment_of(note.get("created_time"))
    return told or datetime.min.replace(tzinfo=UTC)


def _same(row: Row, note: Row) -> bool:
    """Whether a note says what was sent, to those it was meant for."""
    says = plain(text_of(row.get("description"))) == plain(text_of(note["description"]))
    return says and row.get("show_to_requester") in {note["show_to_requester"], None}


def _html(draft: CommentDraft) -> str:
    body = to_html(draft.body.strip())
    return f"<b>{to_html(draft.title)}</b><br>{body}" if draft.title else body
