"""Notes, internal or public, and replies by mail where this desk really sends them."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.differing import changes
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.effort import Effort
from helpdesk_mcp.desks.servicedeskplus.envelope import one
from helpdesk_mcp.desks.servicedeskplus.files import Files
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.prose import to_html
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit, partly
from helpdesk_mcp.desks.servicedeskplus.values import Row, moment_of, row_of, text_of
from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, NotFound, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.receipts import Change, Mail, Receipt
from helpdesk_mcp.domain.tickets import TicketChange

INTERNAL = "It is an internal note: the desk was asked to mail nobody."
NO_REPLIES = (
    "This desk cannot be made to mail a reply, so no mail was sent: a public note was written, "
    "which the requester reads in the portal."
)
NO_ADDRESS = "The requester has no e-mail address: a public note was written, no mail was sent."
UNSHOWN = "The desk does not show mails sent this way, so a public note keeps its text."


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
                await self.files.add(identifier, upload)
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
            note, _ = await self._note(identifier, draft, row)
            return Stored(note, Mail(sent=False, to=(), why=INTERNAL))
        address = text_of(row_of(row.get("requester")).get("email_id"))
        if address is not None and await self._can_mail(identifier):
            return await self._mail(identifier, draft, row, address)
        note, first = await self._note(identifier, draft, row)
        why = NO_REPLIES if address else NO_ADDRESS
        return Stored(note, Mail(sent=False, to=(), why=why), first)

    async def _note(
        self, identifier: str, draft: CommentDraft, row: Row
    ) -> tuple[str | None, bool]:
        """Write a note; a public one is the first response while there was none."""
        public = draft.visibility is Visibility.PUBLIC
        note: Row = {
            "description": _html(draft),
            "show_to_requester": public,
            "notify_technician": False,
        }
        if not public or moment_of(row.get("responded_time")) is not None:
            return await self._post_note(identifier, note), False
        try:
            return await self._post_note(identifier, note | {"mark_first_response": True}), True
        except Unfit as error:
            if error.fields and "mark_first_response" not in error.fields:
                raise
        return await self._post_note(identifier, note), False

    async def _post_note(self, identifier: str, note: Row) -> str | None:
        wrapper = self.link.edition.note
        written = await self.link.write("POST", f"requests/{identifier}/notes", {wrapper: note})
        made = one(written, wrapper, "note")
        names = self.drafting.names
        names.learned(made, "added_by")
        names.learned(made, "created_by")
        return text_of(made.get("id"))

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
            note, first = await self._note(identifier, draft, row)
        except HelpdeskError as error:
            raise Unavailable(
                f"The mail was sent. After that: {error.message}",
                reason=error.reason,
                written=Written.PARTLY,
            ) from error
        return Stored(note, told, first, (UNSHOWN,))


def _html(draft: CommentDraft) -> str:
    body = to_html(draft.body.strip())
    return f"<b>{to_html(draft.title)}</b><br>{body}" if draft.title else body
