"""Comments, written so that the desk stores exactly what was meant, and once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.desks.django_helpdesk.carrier import File
from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import (
    check_files,
    clean,
    duration,
    literal,
    references,
)
from helpdesk_mcp.desks.django_helpdesk.reading import Reading
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.resolution import Resolution
from helpdesk_mcp.desks.django_helpdesk.snapshot import Snapshot, Snapshots, check_flow
from helpdesk_mcp.desks.django_helpdesk.wire import WireFollowUp, read
from helpdesk_mcp.domain.choices import Choice
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, Invalid, Unavailable, Written
from helpdesk_mcp.domain.receipts import Change, Mail, Receipt

FOUND = (
    "The desk's answer was lost or an error, but the text is on the ticket: it was not repeated."
)


@dataclass(frozen=True, slots=True)
class Commenting:
    link: Link
    directory: Directory
    reading: Reading
    snapshots: Snapshots
    resolution: Resolution

    async def add(self, ticket_id: str, draft: CommentDraft) -> Receipt:
        if draft.notify_assignee:
            raise Denied(
                "This desk cannot be asked to mail the assignee: its own rules decide. Nothing was "
                "written; leave `notify_assignee` out.",
                reason="capability",
            )
        ticket = await self.snapshots.take(ticket_id)
        status = await self._status(ticket, draft.status)
        public = draft.visibility is Visibility.PUBLIC
        new_status = None if status is None else int(status.id)
        _values(ticket.number, draft, new_status)  # refuses before anything is read or sent
        check_files(draft.uploads, ticket.extensions)
        kept = await self.resolution.keep(ticket, new_status, public=public)
        followup, warnings = await self.store(ticket, draft, new_status)
        put_back = await self.resolution.put_back(ticket.number, kept)
        await self._title(followup, draft.title)
        told = (*warnings, *((put_back,) if put_back else ()))
        return Receipt(
            ticket_id=str(ticket.number),
            changes=await self._changes(ticket, new_status),
            mail=mail_of(followup, ticket.requester),
            history=True,
            comment_id=str(followup.id),
            attachment_id=_first_file(followup),
            url=self.link.web(f"tickets/{ticket.number}/"),
            warnings=told or None,
        )

    async def store(
        self, ticket: Snapshot, draft: CommentDraft, new_status: int | None
    ) -> tuple[WireFollowUp, tuple[str, ...]]:
        """Store a comment, and return it with what the caller should be told."""
        values = _values(ticket.number, draft, new_status)
        followup, doubt = await self._post(ticket, values, draft)
        return followup, (*doubt, *reference_warnings(draft.body, str(ticket.number)))

    async def _status(self, ticket: Snapshot, word: str | None) -> Choice | None:
        if word is None:
            return None
        status = await self.directory.status(word)
        check_flow(ticket, status, (await self.directory.definitions()).statuses)
        return status

    async def _post(
        self, ticket: Snapshot, values: Mapping[str, Any], draft: CommentDraft
    ) -> tuple[WireFollowUp, tuple[str, ...]]:
        """Write once. When it is not clear whether that worked, look; never write again."""
        try:
            answer = await self.link.write(
                "POST", "api/followups/", values, files=_files(draft.uploads)
            )
            return read(WireFollowUp, answer, written=Written.UNKNOWN), ()
        except Unavailable as error:
            if error.written is not Written.UNKNOWN:
                raise
            found = await self._find(ticket, draft, error)
            return found, (FOUND,)

    async def _find(
        self, ticket: Snapshot, draft: CommentDraft, error: Unavailable
    ) -> WireFollowUp:
        """Find the comment that may have been stored. Raises the error, now knowing more."""
        try:
            followups = (await self.reading.detail(str(ticket.number))).ordered
        except HelpdeskError:
            raise error from None
        for followup in reversed(followups):
            newer = followup.date is not None and followup.date > ticket.last
            if newer and (followup.comment or "") == draft.body.strip():
                if len(followup.followupattachment_set) < len(draft.uploads):
                    raise partly(error, "The comment was stored without its file.") from error
                return followup
        # An error that the desk itself answered is its last word; a lost answer may still come.
        ended = error.reason == "desk_error"
        raise Unavailable(
            error.message,
            reason=error.reason,
            written=Written.NO if ended else Written.UNKNOWN,
        ) from error

    async def _title(self, followup: WireFollowUp, title: str | None) -> None:
        """Give the comment its title afterwards: sent along, it would rename the ticket."""
        if not title or title == followup.title:
            return
        try:
            await self.link.write(
                "PATCH", f"api/followups/{followup.id}/", {"title": clean(title, "title")}
            )
        except HelpdeskError as error:
            raise partly(error, "The comment was stored, without its title.") from error

    async def _changes(self, ticket: Snapshot, new_status: int | None) -> tuple[Change, ...]:
        if new_status is None or new_status == ticket.status:
            return ()
        names = (await self.directory.definitions()).status_names()
        now = (await self.snapshots.take(str(ticket.number))).status
        return (Change(field="status", before=names.get(ticket.status), after=names.get(now)),)


def mail_of(followup: WireFollowUp, requester: str) -> Mail:
    """Tell who was mailed, from what the desk recorded on the follow-up."""
    return mail(followup.email_recipients, requester, public=followup.public)


def mail(to: tuple[str, ...] | None, requester: str, *, public: bool) -> Mail:
    if to is None:
        return Mail(sent=None, why="The desk recorded nobody, nor that there was nobody.")
    if to:
        reached = requester.casefold() in {address.casefold() for address in to}
        why = None if reached else "Staff or copies were mailed, not the requester."
        return Mail(sent=True, to=to, why=why)
    if not public:
        return Mail(sent=False, to=(), why="It is internal.")
    if not requester:
        return Mail(sent=False, to=(), why="The ticket has no requester to mail.")
    return Mail(
        sent=False,
        to=(),
        why="The desk recorded that it mailed nobody. It never mails the author, nor a queue's "
        "own address.",
    )


def _values(number: int, draft: CommentDraft, new_status: int | None) -> dict[str, Any]:
    body = clean(draft.body, "comment").strip()
    if not (body or draft.uploads or new_status or draft.minutes):
        raise Invalid("The comment is empty.", reason="empty")
    values: dict[str, Any] = {
        "ticket": number,
        "comment": literal(body),
        "public": draft.visibility is Visibility.PUBLIC,
    }
    if new_status is not None:
        values["new_status"] = new_status
    if draft.minutes is not None:
        values["time_spent"] = duration(draft.minutes)
    clean(draft.title or "", "title")
    return values


def _files(uploads: tuple[Upload, ...]) -> list[File]:
    return [("attachments", (u.name, u.content, u.media_type)) for u in uploads]


def _first_file(followup: WireFollowUp) -> str | None:
    return next((str(file.id) for file in followup.followupattachment_set), None)


def reference_warnings(body: str, ticket_id: str) -> tuple[str, ...]:
    named = references(body, ticket_id)
    if not named:
        return ()
    numbers = ", ".join(f"#{number}" for number in named[:10])
    return (f"The text names {numbers}: the desk leaves an internal note on each that exists.",)
