"""Tools for queues and the people who work them."""

from helpdesk_mcp.domain.desk import People, Queues, Requesters
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.tools.params import Cursor, PageNumber, Word
from helpdesk_mcp.tools.results import PersonList, QueueList, window

PEOPLE_PAGE = 25


@operation(Scope.TICKETS_READ, Effect.READ, title="List queues")
async def get_queues(desk: Queues) -> QueueList:
    """List the queues tickets wait in."""
    found = await desk.queues()
    return QueueList(queues=found, shown=len(found), total=len(found))


@operation(
    Scope.PEOPLE_READ,
    Effect.READ,
    title="Find people",
    renamed={"search_term": "query", "search": "query"},
    holds={"query": Holds.PERSON},
)
async def get_users(
    desk: People,
    query: Word | None = None,
    cursor: Cursor | None = None,
    page: PageNumber | None = None,
) -> PersonList:
    """Find people a ticket can be assigned to, by name, username or e-mail."""
    found = await desk.people(query, window(cursor, page, PEOPLE_PAGE))
    return PersonList(
        people=found.items,
        **footer(found),
    )


@operation(
    Scope.PEOPLE_READ,
    Effect.READ,
    title="Find requesters",
    listed=False,
    renamed={"search_term": "query", "search": "query"},
    holds={"query": Holds.PERSON},
)
async def search_requesters(
    desk: Requesters,
    query: Word | None = None,
    cursor: Cursor | None = None,
    page: PageNumber | None = None,
) -> PersonList:
    """Find people who may open tickets, by name, e-mail or id. For assignees: get_users."""
    found = await desk.requesters(query, window(cursor, page, PEOPLE_PAGE))
    return PersonList(people=found.items, **footer(found))


TOOLS = (get_queues, get_users, search_requesters)
