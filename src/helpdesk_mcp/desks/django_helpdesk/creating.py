"""Opening a ticket: everything checked first, since stock ignores what it does not like."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk_mcp.desks.django_helpdesk import customs
from helpdesk_mcp.desks.django_helpdesk.carrier import File
from helpdesk_mcp.desks.django_helpdesk.commenting import Commenting, mail, reference_warnings
from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import USUAL_EXTENSIONS, check_files, clean
from helpdesk_mcp.desks.django_helpdesk.reading import Reading, ticket_of
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.rows import rows
from helpdesk_mcp.desks.django_helpdesk.wire import WireTicket, read
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, Unavailable, Written
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.tickets import TicketDraft, day_of

USUAL_PRIORITY = "3"
LONGEST_SUBJECT = 200
SLACK = timedelta(seconds=5)
FOUND = "The desk's answer was lost or an error, but the ticket is there: it was not opened twice."


@dataclass(frozen=True, slots=True)
class Creating:
    link: Link
    directory: Directory
    reading: Reading
    commenting: Commenting
    default_queue: str = ""

    async def create(self, draft: TicketDraft) -> Receipt:
        warnings: list[str] = []
        values = await self._values(draft, warnings)
        await self._check_files(draft.uploads)
        ticket, doubt = await self._post(values, draft.uploads[:1])
        try:
            for upload in draft.uploads[1:]:
                await self._attach(ticket, upload)
            receipt = await self._receipt(ticket)
        except HelpdeskError as error:
            raise partly(error, f"Ticket {ticket.id} was opened.") from error
        warnings += [*doubt, *reference_warnings(draft.description, str(ticket.id))]
        return Receipt(
            ticket_id=str(ticket.id),
            changes=receipt,
            mail=mail(_recipients(ticket), ticket.submitter_email or "", public=True),
            history=True,
            url=self.link.web(f"tickets/{ticket.id}/"),
            warnings=tuple(warnings) or None,
        )

    async def _values(self, draft: TicketDraft, warnings: list[str]) -> dict[str, Any]:
        """Return what to send, resolved and complete."""
        known = await self.directory.definitions()
        subject = clean(draft.subject, "subject").strip()
        description = clean(draft.description, "description").strip() or subject
        if not subject or len(subject) > LONGEST_SUBJECT:
            raise Invalid(f"The subject has 1 to {LONGEST_SUBJECT} characters.", reason="subject")
        custom = customs.resolve(draft.custom, known)
        if draft.site is not None:
            field = customs.site_field(known)
            if field is not None:
                custom |= customs.resolve({field: draft.site}, known)
            else:
                description += f"\n\nSite: {clean(draft.site, 'site')}"
                warnings.append("This desk has no field for a site: it stands in the description.")
        if lacking := customs.missing(custom, known):
            raise Invalid(f"These custom fields are mandatory: {', '.join(lacking)}.")
        priority = await self.directory.priority(draft.priority or USUAL_PRIORITY)
        values: dict[str, Any] = {
            "title": subject,
            "description": description,
            "queue": int(await self._queue(draft.queue)),
            "priority": int(priority.id),
            **{f"custom_{name}": value for name, value in custom.items()},
        }
        return values | await self._optional(draft)

    async def _optional(self, draft: TicketDraft) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if draft.requester is not None:
            values["submitter_email"] = draft.requester.strip()
        if draft.assignee is not None and folded(draft.assignee) != "none":
            values["assigned_to"] = int((await self.directory.person(draft.assignee)).id)
        if draft.due is not None:
            values["due_date"] = day_of(draft.due).isoformat()
        return values

    async def _queue(self, word: str | None) -> str:
        """Return the queue that was named, else the default, else the only one. Never a guess."""
        if named := word or self.default_queue:
            return (await self.directory.queue(named)).id
        queues = await self.directory.queues() if await self.link.has_pages() else ()
        if len(queues) == 1:
            return queues[0].id
        names = ", ".join(f"{queue.name} ({queue.id})" for queue in queues[:40])
        raise Invalid(f"Give a queue. Valid: {names or 'its id'}.", reason="queue_required")

    async def _check_files(self, uploads: tuple[Upload, ...]) -> None:
        if not uploads:
            return
        page = await self.directory.sample() if await self.link.has_pages() else None
        check_files(uploads, USUAL_EXTENSIONS if page is None else page.extensions)

    async def _post(
        self, values: dict[str, Any], uploads: tuple[Upload, ...]
    ) -> tuple[WireTicket, tuple[str, ...]]:
        """Open once. When it is not clear whether that worked, look; never open again."""
        files: list[File] = [("attachment", (u.name, u.content, u.media_type)) for u in uploads]
        began = time.monotonic()
        try:
            answer = await self.link.write("POST", "api/tickets/", values, files=files)
            return read(WireTicket, answer, written=Written.UNKNOWN), ()
        except Unavailable as error:
            if error.written is not Written.UNKNOWN:
                raise
            took = timedelta(seconds=time.monotonic() - began)
            return await self._find(values, took, error), (FOUND,)

    async def _find(
        self, values: dict[str, Any], took: timedelta, error: Unavailable
    ) -> WireTicket:
        """Find the ticket that may have been opened. Raises the error, now knowing more."""
        try:
            found = await self._newest_like(values, took)
        except HelpdeskError:
            raise error from None
        if found is not None:
            return found
        ended = error.reason == "desk_error"
        raise Unavailable(
            error.message, reason=error.reason, written=Written.NO if ended else Written.UNKNOWN
        ) from error

    async def _newest_like(self, values: dict[str, Any], took: timedelta) -> WireTicket | None:
        if not await self.link.has_pages():
            return None
        now = await self.link.clock()
        query = {
            "filtering": {"queue__id__in": [values["queue"]]},
            "sorting": "created",
            "sortreverse": True,
        }
        for row in (await rows(self.link, query, start=0, length=25)).data:
            same = row.title == values["title"] and (row.submitter or "") == values.get(
                "submitter_email", ""
            )
            if same and _recent(row.created, now - took - SLACK):
                return await self.reading.detail(str(row.id))
        return None

    async def _attach(self, ticket: WireTicket, upload: Upload) -> None:
        draft = CommentDraft(
            body=f"Attached: {upload.name}", visibility=Visibility.INTERNAL, uploads=(upload,)
        )
        await self.commenting.add(str(ticket.id), draft)

    async def _receipt(self, ticket: WireTicket) -> tuple[Change, ...]:
        """Return what the ticket holds now, by the names the desk gives it."""
        known = await self.directory.definitions()
        ours = ticket_of(ticket, known, self.link)
        people = await self.directory.people_names()
        owner = ticket.assigned_to
        told = {
            "subject": ours.subject,
            "status": ours.status,
            "priority": ours.priority,
            "queue": await self.directory.queue_name(ticket.queue),
            "assignee": None if owner is None else people.get(owner, str(owner)),
            "requester": ours.requester,
            "due": None if ticket.due_date is None else ticket.due_date.date().isoformat(),
            **(ours.custom or {}),
        }
        return tuple(Change(field=name, after=value) for name, value in told.items() if value)


def _recent(moment: datetime | None, since: datetime) -> bool:
    return moment is not None and moment >= since


def _recipients(ticket: WireTicket) -> tuple[str, ...] | None:
    return next((followup.email_recipients for followup in ticket.ordered), None)
