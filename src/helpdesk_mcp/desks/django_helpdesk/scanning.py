"""Lists of tickets for a login without staff pages: read whole, filtered here, with a bound."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.listing import DESK
from helpdesk_mcp.desks.django_helpdesk.reading import opened, ticket_of
from helpdesk_mcp.desks.django_helpdesk.wire import WireTicket, WireTickets, read
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.criteria import refuse_places
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

MOST = 500
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Scanning:
    link: Link
    directory: Directory
    zone: tzinfo | None = None

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        refuse_places(which, DESK)
        statuses = [(await self.directory.status(word)).id for word in which.statuses]
        wanted = await self._test(which)
        found = [ticket for ticket in await self._all(statuses) if wanted(ticket)]
        found.sort(key=_order(which.sort.removeprefix("-")), reverse=which.sort.startswith("-"))
        known = await self.directory.definitions()
        part = found[window.start : window.start + window.size]
        return Page(
            items=tuple(ticket_of(ticket, known, self.link) for ticket in part),
            start=window.start,
            total=len(found),
            more=window.start + len(part) < len(found),
        )

    async def _all(self, statuses: list[str]) -> list[WireTicket]:
        """Read every ticket of the statuses. Raises Invalid when they are too many to be read."""
        params: dict[str, str | int] = {"page_size": CHUNK}
        if statuses:
            params["status"] = ",".join(statuses)
        tickets: list[WireTicket] = []
        for number in range(1, MOST // CHUNK + 1):
            page = read(
                WireTickets, await self.link.json("api/tickets/", {**params, "page": number})
            )
            tickets += page.results
            if page.count > MOST:
                raise Invalid(
                    f"With this login the help desk cannot filter, and {page.count} tickets are "
                    "too many to look through. Ask for one status, or log in by password.",
                    reason="too_many",
                )
            if len(tickets) >= page.count or not page.results:
                break
        return tickets

    async def _test(self, which: TicketFilter) -> Callable[[WireTicket], bool]:
        queues = {int((await self.directory.queue(word)).id) for word in which.queues}
        priorities = {int((await self.directory.priority(word)).id) for word in which.priorities}
        nobody = which.assignee is not None and folded(which.assignee) == "none"
        assignee = None
        if which.assignee is not None and not nobody:
            assignee = int((await self.directory.person(which.assignee)).id)

        def wanted(ticket: WireTicket) -> bool:
            return all(
                (
                    not queues or ticket.queue in queues,
                    not priorities or ticket.priority in priorities,
                    not nobody or ticket.assigned_to is None,
                    assignee is None or ticket.assigned_to == assignee,
                    _same(which.requester, ticket.submitter_email),
                    _holds(which.text, ticket),
                    _between(which, opened(ticket), self.zone or UTC),
                )
            )

        return wanted


def _same(wanted: str | None, requester: str | None) -> bool:
    return wanted is None or wanted.strip().casefold() == (requester or "").casefold()


def _holds(wanted: str | None, ticket: WireTicket) -> bool:
    if wanted is None:
        return True
    places = (ticket.title, ticket.description, ticket.resolution, ticket.submitter_email)
    text = "\n".join(place or "" for place in places).casefold()
    return any(part.strip().casefold() in text for part in wanted.split(" OR "))


def _between(which: TicketFilter, moment: datetime | None, zone: tzinfo) -> bool:
    first, last = which.created_from, which.created_to
    if first is None and last is None:
        return True
    if moment is None:
        return False
    day = moment.astimezone(zone).date()
    return (first is None or first <= day) and (last is None or day <= last)


def _order(sort: str) -> Callable[[WireTicket], tuple[float, int]]:
    def key(ticket: WireTicket) -> tuple[float, int]:
        if sort == "priority":
            return ticket.priority, ticket.id
        moment = ticket.due_date if sort == "due" else opened(ticket) if sort == "created" else None
        return (moment.timestamp() if moment else 0.0), ticket.id

    return key
