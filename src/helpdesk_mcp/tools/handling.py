"""Tools for a ticket as a whole: pick up, reopen, hold, resolve, link, merge, trash."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.handling import Handling, Hold, Resolution, Trash
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.tools.params import Body, TicketId, When, Word, Words, names
from helpdesk_mcp.tools.record_results import LinkList

MOST_TICKETS = 49
"""Tickets in one link or merge: the vendor's limit for merging."""
Tickets = Annotated[Words, Field(min_length=1, description="Ids, comma-separated")]


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Pick up a ticket",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id"},
)
async def pick_up_ticket(desk: Handling, ticket_id: TicketId) -> Receipt:
    """Take a ticket on, as the account this server uses on the desk."""
    return await desk.handling.pick_up(ticket_id)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Reopen a ticket",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id", "comment": "reason"},
    holds={"reason": Holds.PROSE},
)
async def reopen_ticket(desk: Handling, ticket_id: TicketId, reason: Body) -> Receipt:
    """Open a closed or resolved ticket again, and say why in an internal note."""
    return await desk.handling.reopen(ticket_id, reason)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Put a ticket on hold",
    listed=False,
    renamed={"id": "ticket_id", "comment": "reason"},
    holds={"reason": Holds.PROSE},
)
async def hold_ticket(
    desk: Handling,
    ticket_id: TicketId,
    reason: Body,
    until: When | None = None,
    then: Annotated[Word, Field(description="Status after that; Open if not given")] | None = None,
) -> Receipt:
    """Put a ticket on hold, with the reason and the time at which it goes on."""
    if then is not None and until is None:
        raise Invalid("`then` needs `until`: when does it go on?", reason="arguments")
    if until is not None and until <= datetime.now(UTC):
        raise Invalid("`until` has passed: give a time to come.", reason="times")
    return await desk.handling.hold(ticket_id, Hold(reason=reason, until=until, then=then))


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="Get the resolution",
    listed=False,
    renamed={"id": "ticket_id"},
)
async def get_resolution(desk: Handling, ticket_id: TicketId) -> Resolution:
    """Read how a ticket was solved, by whom and when."""
    return await desk.handling.resolution(ticket_id)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Write the resolution",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id", "text": "resolution"},
    holds={"resolution": Holds.PROSE},
)
async def set_resolution(desk: Handling, ticket_id: TicketId, resolution: Body) -> Receipt:
    """Write how a ticket was solved. Its status stays; close_ticket does both."""
    return await desk.handling.resolve(ticket_id, resolution)


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="List linked tickets",
    listed=False,
    renamed={"id": "ticket_id"},
)
async def list_linked_tickets(desk: Handling, ticket_id: TicketId) -> LinkList:
    """List the tickets that are linked to a ticket."""
    found = await desk.handling.links(ticket_id)
    return LinkList(ticket_id=ticket_id, links=found, shown=len(found), total=len(found))


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Link tickets",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id"},
    holds={"comment": Holds.PROSE},
)
async def link_tickets(
    desk: Handling,
    ticket_id: TicketId,
    others: Tickets,
    comment: Annotated[str, Field(max_length=250)] = "",
) -> Receipt:
    """Link other tickets to a ticket, both ways."""
    return await desk.handling.link(ticket_id, _others(ticket_id, others), comment)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Unlink tickets",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id"},
)
async def unlink_tickets(desk: Handling, ticket_id: TicketId, others: Tickets) -> Receipt:
    """Take links between tickets away."""
    return await desk.handling.unlink(ticket_id, _others(ticket_id, others))


@operation(
    (Scope.TICKETS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Merge tickets",
    listed=False,
    renamed={"id": "ticket_id"},
)
async def merge_tickets(desk: Handling, ticket_id: TicketId, others: Tickets) -> Receipt:
    """Merge other tickets into this one. It cannot be undone: the others are gone."""
    return await desk.handling.merge(ticket_id, _others(ticket_id, others))


@operation(
    Scope.TICKETS_DELETE,
    Effect.DESTROY,
    title="Put a ticket in the trash",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id"},
)
async def trash_ticket(desk: Trash, ticket_id: TicketId) -> Receipt:
    """Put a ticket in the trash; restore_ticket takes it out. Nothing is deleted for good."""
    return await desk.trash.put(ticket_id)


@operation(
    Scope.TICKETS_DELETE,
    Effect.WRITE,
    title="Restore a ticket",
    idempotent=True,
    listed=False,
    renamed={"id": "ticket_id"},
)
async def restore_ticket(desk: Trash, ticket_id: TicketId) -> Receipt:
    """Take a ticket out of the trash."""
    return await desk.trash.restore(ticket_id)


def _others(ticket_id: str, others: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(name.removeprefix("#") for name in names(others)))
    if not found or ticket_id in found:
        raise Invalid("`others` are the ids of other tickets, at least one.", reason="others")
    if not all(word.isalnum() and word.isascii() for word in found):
        raise Invalid("`others` are ids, comma-separated.", reason="others")
    if len(found) > MOST_TICKETS:
        raise Invalid(f"At most {MOST_TICKETS} tickets at once.", reason="others")
    return found


TOOLS = (
    pick_up_ticket,
    reopen_ticket,
    hold_ticket,
    get_resolution,
    set_resolution,
    list_linked_tickets,
    link_tickets,
    unlink_tickets,
    merge_tickets,
    trash_ticket,
    restore_ticket,
)
