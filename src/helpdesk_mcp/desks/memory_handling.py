"""What is done with the tickets of the desk in memory: linked, merged, resolved, thrown away."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from helpdesk_mcp.desks.memory_drawer import Drawer
from helpdesk_mcp.domain.errors import Conflict, Invalid, NotFound
from helpdesk_mcp.domain.handling import Hold, Link, Resolution
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.registers import differences
from helpdesk_mcp.domain.tickets import TicketChange


class MemoryHandling:
    def __init__(self, desk: Drawer) -> None:
        self._desk = desk
        self._links: defaultdict[str, dict[str, Link]] = defaultdict(dict)

    async def pick_up(self, ticket_id: str) -> Receipt:
        return await self._desk.change_ticket(ticket_id, TicketChange(assignee="me"))

    async def reopen(self, ticket_id: str, reason: str) -> Receipt:
        ticket = await self._desk.ticket(ticket_id)
        if ticket.status in {"Open", "Reopened"}:
            raise Conflict("The ticket is open already.", reason="status_flow")
        change = TicketChange(status="Reopened", comment=reason)
        return await self._desk.change_ticket(ticket_id, change)

    async def hold(self, ticket_id: str, hold: Hold) -> Receipt:
        if hold.until is not None and hold.until <= datetime.now(UTC):
            raise Invalid("`until` must be in the future.", reason="schedule")
        until = f" (until {hold.until.isoformat()})" if hold.until else ""
        change = TicketChange(on_hold=True, comment=hold.reason + until)
        return await self._desk.change_ticket(ticket_id, change)

    async def links(self, ticket_id: str) -> tuple[Link, ...]:
        await self._desk.ticket(ticket_id)
        return tuple(self._links[ticket_id].values())

    async def link(self, ticket_id: str, others: tuple[str, ...], comment: str) -> Receipt:
        this = await self._desk.ticket(ticket_id)
        found = [await self._desk.ticket(other) for other in others]
        for other in found:
            for one, to in ((this, other), (other, this)):
                linked = Link(ticket_id=to.id, subject=to.subject, comment=comment or None)
                self._links[one.id][to.id] = linked
        told = tuple(Change(field="link", after=other.id) for other in found)
        return Receipt(ticket_id=ticket_id, changes=told)

    async def unlink(self, ticket_id: str, others: tuple[str, ...]) -> Receipt:
        await self._desk.ticket(ticket_id)
        gone = [other for other in others if self._links[ticket_id].pop(other, None)]
        for other in gone:
            self._links[other].pop(ticket_id, None)
        told = tuple(Change(field="link", before=other) for other in gone)
        return Receipt(ticket_id=ticket_id, changes=told)

    async def merge(self, ticket_id: str, others: tuple[str, ...]) -> Receipt:
        await self._desk.ticket(ticket_id)
        for other in others:
            await self._desk.ticket(other)
        for other in others:
            self._desk.take_out(other)
        told = tuple(Change(field="merged", after=other) for other in others)
        return Receipt(ticket_id=ticket_id, changes=told)

    async def resolution(self, ticket_id: str) -> Resolution:
        ticket = await self._desk.ticket(ticket_id)
        return Resolution(ticket_id=ticket_id, text=ticket.resolution)

    async def resolve(self, ticket_id: str, text: str) -> Receipt:
        before = await self._desk.ticket(ticket_id)
        after = replace(before, resolution=text)
        self._desk.put_in(after)
        changes = differences(before, after, ("resolution",))
        return Receipt(ticket_id=ticket_id, changes=changes, url=after.url)


class MemoryTrash:
    def __init__(self, desk: Drawer) -> None:
        self._desk = desk
        self._thrown: set[str] = set()

    async def put(self, ticket_id: str) -> Receipt:
        await self._desk.ticket(ticket_id)
        self._desk.take_out(ticket_id)
        self._thrown.add(ticket_id)
        return Receipt(ticket_id=ticket_id, changes=(Change(field="trash", after="yes"),))

    async def restore(self, ticket_id: str) -> Receipt:
        if ticket_id not in self._thrown:
            raise NotFound("There is no such ticket in the trash.")
        self._thrown.discard(ticket_id)
        self._desk.put_back(ticket_id)
        return Receipt(ticket_id=ticket_id, changes=(Change(field="trash", before="yes"),))
