"""Changing a ticket without staff pages: through the API, which keeps no history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from helpdesk_mcp.desks.django_helpdesk import customs
from helpdesk_mcp.desks.django_helpdesk.commenting import Commenting
from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import clean
from helpdesk_mcp.desks.django_helpdesk.pages import merged
from helpdesk_mcp.desks.django_helpdesk.reading import Reading, number_of, ticket_of
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.wire import WireTicket, read
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Written
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.tickets import Ticket, TicketChange, day_of

SILENT = "With this login the desk writes no history of changed fields and mails nobody."
NAMES = ("subject", "status", "priority", "queue", "assignee", "requester", "due", "on_hold")


@dataclass(frozen=True, slots=True)
class Patching:
    link: Link
    directory: Directory
    reading: Reading
    commenting: Commenting

    async def change(self, ticket_id: str, change: TicketChange) -> Receipt:
        number = number_of(ticket_id)
        known = await self.directory.definitions()
        wire = await self.reading.at_status(number, None)
        if wire.merged_to is not None:
            raise merged(str(wire.merged_to))
        before = ticket_of(wire, known, self.link)
        values = await self._values(change)
        receipt = await self._comment(ticket_id, change)
        if values:
            status = wire.status if receipt is None else None
            await self._patch(number, values, status, begun=receipt is not None)
        after = ticket_of(await self.reading.at_status(number, None), known, self.link)
        warnings = (receipt.warnings or ()) if receipt else ()
        return Receipt(
            ticket_id=str(number),
            changes=_changes(before, after),
            mail=receipt.mail if receipt else None,
            history=receipt is not None and not values,
            comment_id=receipt.comment_id if receipt else None,
            url=self.link.web(f"tickets/{number}/"),
            warnings=(*warnings, *((SILENT,) if values else ())) or None,
        )

    async def _comment(self, ticket_id: str, change: TicketChange) -> Receipt | None:
        """Write what a comment can carry: the status too, which so gets into the history."""
        if not (change.comment or change.status):
            return None
        draft = CommentDraft(
            body=change.comment or "",
            visibility=Visibility.PUBLIC if change.public else Visibility.INTERNAL,
            status=change.status,
            minutes=change.minutes,
        )
        return await self.commenting.add(ticket_id, draft)

    async def _patch(
        self, number: int, values: Mapping[str, Any], status: int | None, *, begun: bool
    ) -> None:
        params = None if status is None else {"status": status}
        try:
            answer = await self.link.write("PATCH", f"api/tickets/{number}/", values, params=params)
            read(WireTicket, answer, written=Written.UNKNOWN)
        except HelpdeskError as error:
            if begun:
                raise partly(error, "The comment or status was written.") from error
            raise

    async def _values(self, change: TicketChange) -> dict[str, Any]:
        known = await self.directory.definitions()
        values: dict[str, Any] = {
            "title": change.subject and clean(change.subject, "subject").strip(),
            "description": change.description and clean(change.description, "description"),
            "submitter_email": change.requester and change.requester.strip(),
            "on_hold": change.on_hold,
            "due_date": day_of(change.due).isoformat() if isinstance(change.due, date) else None,
        }
        if change.priority is not None:
            values["priority"] = int((await self.directory.priority(change.priority)).id)
        if change.queue is not None:
            values["queue"] = int((await self.directory.queue(change.queue)).id)
        values = {name: value for name, value in values.items() if value is not None}
        if isinstance(change.due, str):
            values["due_date"] = None
        if change.assignee is not None:
            nobody = folded(change.assignee) == "none"
            found = None if nobody else await self.directory.person(change.assignee)
            values["assigned_to"] = None if found is None else int(found.id)
        custom = customs.resolve(change.custom, known)
        return values | {f"custom_{name}": value for name, value in custom.items()}


def _changes(before: Ticket, after: Ticket) -> tuple[Change, ...]:
    was, now = _told(before), _told(after)
    return tuple(
        Change(field=name, before=was.get(name), after=now.get(name))
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name)
    )


def _told(ticket: Ticket) -> dict[str, str]:
    told = {name: getattr(ticket, name) for name in NAMES} | (ticket.custom or {})
    return {name: str(value) for name, value in told.items() if value is not None}
