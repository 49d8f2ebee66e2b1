"""Tools that create, change or close many tickets: at most a hundred, each with its own outcome."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, WithJsonSchema

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation, Effect, Holds, input_schema, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.batches import Batch, BulkResult, distinct
from helpdesk_mcp.tools.params import Body, ClosingCode, Word
from helpdesk_mcp.tools.rehearsal import Rehearsal
from helpdesk_mcp.tools.tickets import close_ticket, create_ticket, update_ticket

MOST = 100


def _shape_of(tool: AnyOperation, *, without: str = "") -> dict[str, Any]:
    schema = input_schema(tool)
    properties = {name: part for name, part in schema["properties"].items() if name != without}
    required = [name for name in schema.get("required", ()) if name != without]
    rest = {"required": required} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": properties, **rest}


def as_texts(value: Any) -> Any:
    """Accept one id, comma-separated ids, and numbers where ids are meant."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return [part.strip() for part in str(value).split(",") if part.strip()]
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        return [str(part) if type(part) is int else part for part in parts]
    return value


Item = dict[str, Any]
NewTicket = Annotated[Item, WithJsonSchema(_shape_of(create_ticket))]
Update = Annotated[Item, WithJsonSchema(_shape_of(update_ticket))]
Closing = Annotated[Item, WithJsonSchema(_shape_of(close_ticket))]
Fields = Annotated[Item, WithJsonSchema(_shape_of(update_ticket, without="ticket_id"))]
TicketIds = Annotated[list[Word], BeforeValidator(as_texts), Field(min_length=1, max_length=MOST)]
DryRun = Annotated[bool, Field(description="Only say what would be done; nothing is written")]
GoOn = Annotated[bool, Field(description="Go on with the others when one fails")]


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Create many tickets",
    listed=False,
    renamed={"requests": "tickets", "continueOnError": "continue_on_error"},
    holds={"tickets": Holds.PROSE},
)
async def bulk_create_tickets(
    toolbox: Toolbox,
    tickets: Annotated[list[NewTicket], Field(min_length=1, max_length=MOST)],
    dry_run: DryRun = False,
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Create up to 100 tickets, each as create_ticket does; say of each what became of it."""
    batch = Batch(toolbox, create_ticket.name, continue_on_error=continue_on_error)
    if dry_run:
        return await batch.rehearse(tickets, Rehearsal(toolbox).creating)
    return await batch.write(tickets)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Update many tickets",
    listed=False,
    renamed={"requests": "updates", "ids": "ticket_ids", "continueOnError": "continue_on_error"},
    holds={"updates": Holds.PROSE, "change": Holds.PROSE},
)
async def bulk_update_tickets(
    toolbox: Toolbox,
    ticket_ids: TicketIds | None = None,
    change: Annotated[Fields, Field(description="The same change for all")] | None = None,
    updates: Annotated[
        list[Update],
        Field(max_length=MOST, description="A change for each, in place of ticket_ids and change"),
    ]
    | None = None,
    dry_run: DryRun = False,
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Change up to 100 tickets, each as update_ticket does: status, priority, assignee, fields."""
    batch = Batch(toolbox, update_ticket.name, continue_on_error=continue_on_error)
    items = distinct(_updates(ticket_ids, change, updates))
    if dry_run:
        return await batch.rehearse(items, Rehearsal(toolbox).updating)
    return await batch.write(items)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Close many tickets",
    listed=False,
    scopes_if={"notify": Scope.REPLIES_SEND},
    renamed={
        "ids": "ticket_ids",
        "closure_comments": "resolution",
        "closure_code": "code",
        "continueOnError": "continue_on_error",
    },
    holds={"resolution": Holds.PROSE, "closings": Holds.PROSE},
)
async def bulk_close_tickets(
    toolbox: Toolbox,
    ticket_ids: TicketIds | None = None,
    resolution: Annotated[Body, Field(description="The same for all; requesters can read it")]
    | None = None,
    closings: Annotated[
        list[Closing],
        Field(max_length=MOST, description="One for each, in place of ticket_ids and resolution"),
    ]
    | None = None,
    notify: Annotated[bool, Field(description="Mail it to each requester")] = False,
    code: ClosingCode | None = None,
    dry_run: DryRun = False,
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Close up to 100 tickets, each as close_ticket does: with one resolution, or each its own."""
    batch = Batch(toolbox, close_ticket.name, continue_on_error=continue_on_error)
    same: Item = {"notify": notify, **({} if code is None else {"code": code})}
    items = distinct([{**same, **one} for one in _closings(ticket_ids, resolution, closings)])
    if dry_run:
        return await batch.rehearse(items, Rehearsal(toolbox).closing)
    return await batch.write(items)


def _updates(
    ticket_ids: Sequence[str] | None,
    change: Mapping[str, Any] | None,
    updates: Sequence[Item] | None,
) -> list[Item]:
    same = ticket_ids is not None and change is not None
    if same == (updates is not None) or (ticket_ids is None) != (change is None):
        raise Invalid(
            "Give `ticket_ids` and one `change` for all, or `updates` with one for each.",
            reason="arguments",
        )
    if updates is not None:
        return list(updates)
    return [{**(change or {}), "ticket_id": one} for one in ticket_ids or ()]


def _closings(
    ticket_ids: Sequence[str] | None, resolution: str | None, closings: Sequence[Item] | None
) -> list[Item]:
    same = ticket_ids is not None and resolution is not None
    if same == (closings is not None) or (ticket_ids is None) != (resolution is None):
        raise Invalid(
            "Give `ticket_ids` and one `resolution` for all, or `closings` with one for each.",
            reason="arguments",
        )
    if closings is not None:
        return list(closings)
    return [{"ticket_id": one, "resolution": resolution} for one in ticket_ids or ()]


TOOLS = (bulk_create_tickets, bulk_update_tickets, bulk_close_tickets)
