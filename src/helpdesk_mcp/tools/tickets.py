"""Tools for tickets: find, read, open, change, assign, close."""

from typing import Annotated, Any, Literal

from pydantic import Field

from helpdesk_mcp.domain.desk import Fields, Tickets
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tickets import (
    Ticket,
    TicketChange,
    TicketDraft,
    TicketFields,
    TicketFilter,
)
from helpdesk_mcp.tools import periods
from helpdesk_mcp.tools.params import (
    Body,
    ClosingCode,
    Cursor,
    Custom,
    Due,
    OptionalBody,
    PageNumber,
    PageSize,
    Subject,
    TicketId,
    Word,
    Words,
    minutes_in,
    names,
)
from helpdesk_mcp.tools.periods import Period, created_in
from helpdesk_mcp.tools.results import MORE_FIELDS, TicketList, ticket_list, window

Assignee = Annotated[Word, Field(description="Username, name, e-mail, id, me or none")]
Statuses = Annotated[Words, Field(description="Names or codes, comma-separated: Open, Cerrado")]
Priority = Annotated[Word, Field(description="Low/Medium/High/Urgent or the desk's own name")]
RowFields = Annotated[
    Words, Field(description="More columns, comma-separated: " + ", ".join(MORE_FIELDS))
]
LIST_NAMES = {
    "queue_id": "queue",
    "assigned_to": "assignee",
    "limit": "page_size",
    "technician": "assignee",
}
ASSIGNEE = {"assignee": Holds.PERSON}
PEOPLE = {**ASSIGNEE, "requester": Holds.PERSON}


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="List tickets",
    renamed=LIST_NAMES,
    holds=PEOPLE,
)
async def list_tickets(
    desk: Tickets,
    status: Statuses | None = None,
    queue: Annotated[Words, Field(description="Names, slugs or ids, comma-separated")]
    | None = None,
    assignee: Assignee | None = None,
    priority: Words | None = None,
    site: Words | None = None,
    category: Words | None = None,
    requester: Annotated[Word, Field(description="E-mail")] | None = None,
    created_from: periods.Day | None = None,
    created_to: periods.Day | None = None,
    period: Period | None = None,
    sort: Literal["-created", "created", "priority", "due", "id", "-id"] = "-created",
    fields: RowFields | None = None,
    cursor: Cursor | None = None,
    page: PageNumber | None = None,
    page_size: PageSize = 20,
) -> TicketList:
    """List tickets, newest first. For words in their text use search_tickets."""
    begin, end = await created_in(desk, period, created_from, created_to)
    which = TicketFilter(
        statuses=names(status),
        queues=names(queue),
        priorities=names(priority),
        sites=names(site),
        categories=names(category),
        assignee=assignee,
        requester=requester,
        created_from=begin,
        created_to=end,
        sort=sort,
    )
    found = await desk.tickets(which, window(cursor, page, page_size))
    return ticket_list(found, fields, sort)


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="Search tickets",
    renamed={"search_term": "query", "text": "query", "limit": "page_size", "queue_id": "queue"},
    holds={"query": Holds.PROSE},
)
async def search_tickets(
    desk: Tickets,
    query: Annotated[str, Field(min_length=1, max_length=200)],
    status: Statuses | None = None,
    queue: Words | None = None,
    priority: Words | None = None,
    site: Words | None = None,
    category: Words | None = None,
    period: Period | None = None,
    fields: RowFields | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> TicketList:
    """Search subject, description, resolution and requester. `A OR B` finds either."""
    begin, end = await created_in(desk, period)
    which = TicketFilter(
        text=query,
        statuses=names(status),
        queues=names(queue),
        priorities=names(priority),
        sites=names(site),
        categories=names(category),
        created_from=begin,
        created_to=end,
    )
    return ticket_list(await desk.tickets(which, window(cursor, None, page_size)), fields)


@operation(Scope.TICKETS_READ, Effect.READ, title="Get a ticket", renamed={"id": "ticket_id"})
async def get_ticket(
    desk: Tickets,
    ticket_id: TicketId,
    full: Annotated[bool, Field(description="All of a long description")] = False,
) -> Ticket:
    """Get a ticket with description and fields. What was said on it: get_conversation."""
    del full  # shaping reads it: it widens the size of the answer
    return await desk.ticket(ticket_id)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Create a ticket",
    renamed={
        "title": "subject",
        "submitter_email": "requester",
        "requester_email": "requester",
        "assigned_to": "assignee",
        "due_date": "due",
        "queue_id": "queue",
    },
    holds={**PEOPLE, "subject": Holds.PROSE, "description": Holds.PROSE, "custom": Holds.PROSE},
)
async def create_ticket(
    desk: Tickets,
    subject: Subject,
    description: OptionalBody = "",
    queue: Annotated[Word, Field(description="Name, slug or id; see get_queues")] | None = None,
    requester: Annotated[Word, Field(description="E-mail")] | None = None,
    priority: Priority | None = None,
    assignee: Assignee | None = None,
    due: Due | None = None,
    site: Word | None = None,
    custom: Custom | None = None,
) -> Receipt:
    """Open a ticket. The receipt says what was set and whether anybody was mailed."""
    draft = TicketDraft(
        subject=subject,
        description=description or subject,
        queue=queue,
        requester=requester,
        priority=priority,
        assignee=assignee,
        due=due,
        site=site,
        custom=dict[str, Any](custom or {}),
    )
    return await desk.create_ticket(draft)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Update a ticket",
    idempotent=True,
    renamed={
        "title": "subject",
        "assigned_to": "assignee",
        "due_date": "due",
        "id": "ticket_id",
        "queue_id": "queue",
    },
    holds={
        **ASSIGNEE,
        "subject": Holds.PROSE,
        "description": Holds.PROSE,
        "comment": Holds.PROSE,
        "custom": Holds.PROSE,
    },
)
async def update_ticket(
    desk: Tickets,
    ticket_id: TicketId,
    subject: Subject | None = None,
    description: Body | None = None,
    status: Word | None = None,
    priority: Priority | None = None,
    queue: Word | None = None,
    assignee: Assignee | None = None,
    due: Due | Literal["none"] | None = None,
    on_hold: bool | None = None,
    custom: Custom | None = None,
    comment: Annotated[Body, Field(description="Internal note on why")] | None = None,
    expected_modified: Annotated[
        Word, Field(description="`modified` as you read it; refuses if the ticket moved on")
    ]
    | None = None,
) -> Receipt:
    """Change fields of a ticket; the rest stays. Reports before and after."""
    change = TicketChange(
        subject=subject,
        description=description,
        status=status,
        priority=priority,
        queue=queue,
        assignee=assignee,
        due=due,
        on_hold=on_hold,
        custom=dict[str, Any](custom or {}),
        comment=comment,
    )
    if change == TicketChange(comment=comment):
        raise Invalid("Nothing to change: give at least one field.", reason="empty")
    return await desk.change_ticket(ticket_id, change, expected=expected_modified)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Assign a ticket",
    idempotent=True,
    renamed={"technician": "assignee", "assigned_to": "assignee", "id": "ticket_id"},
    holds={**ASSIGNEE, "comment": Holds.PROSE},
)
async def assign_ticket(
    desk: Tickets, ticket_id: TicketId, assignee: Assignee, comment: Body | None = None
) -> Receipt:
    """Assign a ticket to somebody, to yourself (me) or to nobody (none)."""
    return await desk.change_ticket(ticket_id, TicketChange(assignee=assignee, comment=comment))


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Close a ticket",
    scopes_if={"notify": Scope.REPLIES_SEND},
    idempotent=True,
    renamed={
        "comment": "resolution",
        "closure_comments": "resolution",
        "closure_code": "code",
        "id": "ticket_id",
    },
    holds={"resolution": Holds.PROSE},
)
async def close_ticket(
    desk: Tickets,
    ticket_id: TicketId,
    resolution: Annotated[Body, Field(description="The requester can read it")],
    notify: Annotated[bool, Field(description="Mail it to the requester")] = True,
    time_spent: Word | None = None,
    code: ClosingCode | None = None,
) -> Receipt:
    """Close a ticket with its resolution."""
    return await desk.close_ticket(
        ticket_id, resolution, notify=notify, minutes=minutes_in(time_spent), code=code
    )


@operation(Scope.TICKETS_READ, Effect.READ, title="Get ticket fields")
async def get_ticket_fields(desk: Fields) -> TicketFields:
    """Say what a ticket can hold: statuses and where each may go, priorities, fields."""
    return await desk.fields()


TOOLS = (
    list_tickets,
    search_tickets,
    get_ticket,
    create_ticket,
    update_ticket,
    assign_ticket,
    close_ticket,
    get_ticket_fields,
)
