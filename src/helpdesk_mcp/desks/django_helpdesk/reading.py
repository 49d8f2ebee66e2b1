"""One ticket and its conversation, read as cheaply as stock allows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk_mcp.desks.django_helpdesk.directory import Definitions, Directory
from helpdesk_mcp.desks.django_helpdesk.link import NO_TICKET, Link
from helpdesk_mcp.desks.django_helpdesk.notation import minutes_of, status_of
from helpdesk_mcp.desks.django_helpdesk.rows import locate
from helpdesk_mcp.desks.django_helpdesk.wire import (
    Row,
    WireFile,
    WireFollowUp,
    WireTicket,
    attachment_of,
    comment_of,
    modified,
    read,
)
from helpdesk_mcp.domain.comments import Comment
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket

LONGEST_ID = 18
"""Digits of an id a database can hold."""


def number_of(ticket_id: str) -> int:
    """Return the desk's number of a ticket. Raises NotFound for what can be none."""
    plain = ticket_id.isascii() and ticket_id.isdigit() and len(ticket_id) <= LONGEST_ID
    if not plain or not int(ticket_id):
        raise NotFound(NO_TICKET)
    return int(ticket_id)


@dataclass(frozen=True, slots=True)
class Reading:
    link: Link
    directory: Directory

    async def ticket(self, ticket_id: str) -> Ticket:
        wire, row = await self.whole(ticket_id)
        known = await self.directory.definitions()
        ticket = ticket_of(wire, known, self.link)
        if row is None:
            return ticket
        return replace(
            ticket,
            queue=row.queue.title,
            assignee=row.assignee,
            created=row.created,
            modified=modified(wire, row.created),
        )

    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        followups = (await self.detail(ticket_id)).ordered
        part = followups[window.start : window.start + window.size]
        people = await self.directory.people_names()
        statuses = (await self.directory.definitions()).status_names()
        return Page(
            items=tuple(comment_of(followup, people, statuses) for followup in part),
            start=window.start,
            total=len(followups),
            more=window.start + len(part) < len(followups),
        )

    async def whole(self, ticket_id: str) -> tuple[WireTicket, Row | None]:
        """Return the ticket from the API, and its row of the list where there is one."""
        number = number_of(ticket_id)
        if not await self.link.has_pages():
            return await self.at_status(number, None), None
        row = await locate(self.link, number)
        if row is None:
            raise NotFound(NO_TICKET)
        status, _ = status_of(row.status, (await self.directory.definitions()).statuses)
        return await self.at_status(number, None if status is None else int(status.id)), row

    async def detail(self, ticket_id: str) -> WireTicket:
        return (await self.whole(ticket_id))[0]

    async def at_status(self, number: int, status: int | None) -> WireTicket:
        """Read from the API, which looks at every ticket of the desk unless told a status."""
        path = f"api/tickets/{number}/"
        if status is not None:
            try:
                return read(WireTicket, await self.link.json(path, {"status": status}))
            except NotFound:
                pass  # it went to another status meanwhile
        return read(WireTicket, await self.link.json(path))

    async def comment(self, comment_id: str) -> WireFollowUp:
        return read(WireFollowUp, await self.link.json(f"api/followups/{comment_id}/"))


def opened(ticket: WireTicket) -> datetime | None:
    """Return when the first thing happened on a ticket: it was opened, unless it was imported."""
    return next((f.date for f in ticket.ordered if f.date), None)


def ticket_of(ticket: WireTicket, known: Definitions, link: Link) -> Ticket:
    """Turn a ticket into ours, with ids where only the staff pages would tell names."""
    created = opened(ticket)
    return Ticket(
        id=str(ticket.id),
        subject=ticket.title,
        status=known.status_names().get(ticket.status, str(ticket.status)),
        priority=known.priority_name(ticket.priority),
        queue=str(ticket.queue),
        assignee=None if ticket.assigned_to is None else str(ticket.assigned_to),
        requester=ticket.submitter_email or None,
        created=created,
        modified=modified(ticket, created),
        due=ticket.due_date,
        on_hold=ticket.on_hold,
        merged_into=None if ticket.merged_to is None else str(ticket.merged_to),
        minutes=_spent(ticket),
        custom=custom_values(ticket.custom, known),
        attachments=tuple(attachment_of(file, owner) for owner, file in files_of(ticket)) or None,
        comments=len(ticket.followup_set),
        url=link.web(f"tickets/{ticket.id}/"),
        description=ticket.description or None,
        resolution=ticket.resolution or None,
    )


def files_of(ticket: WireTicket) -> list[tuple[int, WireFile]]:
    return [(f.id, file) for f in ticket.ordered for file in f.followupattachment_set]


def custom_values(values: Mapping[str, object], known: Definitions) -> dict[str, str] | None:
    """Return the custom fields that hold something, by label."""
    told = {
        (known.custom[name].label if name in known.custom else "") or name: str(value)
        for name, value in values.items()
        if value not in (None, "")
    }
    return told or None


def _spent(ticket: WireTicket) -> float | None:
    spent = [m for f in ticket.followup_set if (m := minutes_of(f.time_spent)) is not None]
    return round(sum(spent), 2) if spent else None
