"""Tools for work on a ticket: the time spent on it, and its tasks."""

from typing import Annotated, TypedDict, Unpack

from pydantic import Field

from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.work import Holder, Task, TaskDraft, Tasks, WorklogDraft, Worklogs
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import (
    Body,
    Cursor,
    PageSize,
    Percent,
    RecordId,
    Subject,
    TicketId,
    When,
    Word,
    minutes_in,
)
from helpdesk_mcp.tools.record_results import TaskList, WorklogList, brief
from helpdesk_mcp.tools.results import window

TimeSpent = Annotated[Word, Field(description='Minutes ("90") or H:MM')]
Owner = Annotated[Word, Field(description="Username, name, e-mail, id or me")]
WORK = {"owner": Holds.PERSON, "description": Holds.PROSE, "title": Holds.PROSE}


class TaskFields(TypedDict, total=False):
    title: Subject | None
    description: Body | None
    status: Word | None
    owner: Word | None
    priority: Word | None
    progress: Percent | None
    start: When | None
    end: When | None


class TicketTaskFields(TaskFields, total=False):
    owner: Owner | None


LOGGED = {"owner": Holds.PERSON, "description": Holds.PROSE}


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="List worklogs",
    listed=False,
    renamed={"id": "ticket_id"},
)
async def list_worklogs(
    desk: Worklogs, ticket_id: TicketId, cursor: Cursor | None = None, page_size: PageSize = 20
) -> WorklogList:
    """List the time that was spent on a ticket, by whom and on what."""
    found = await desk.worklogs.find(ticket_id, window(cursor, None, page_size))
    return WorklogList(ticket_id=ticket_id, worklogs=found.items, **footer(found))


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Add a worklog",
    listed=False,
    renamed={"id": "ticket_id", "minutes": "time_spent"},
    holds=LOGGED,
)
async def add_worklog(
    desk: Worklogs,
    ticket_id: TicketId,
    time_spent: TimeSpent,
    description: Body,
    owner: Owner | None = None,
    kind: Word | None = None,
    start: When | None = None,
) -> RecordReceipt:
    """Write down time spent on a ticket, by you unless you name an owner."""
    draft = WorklogDraft(
        owner=owner,
        minutes=minutes_in(time_spent),
        kind=kind,
        start=start,
        description=description,
    )
    return await desk.worklogs.add(ticket_id, draft)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Change a worklog",
    idempotent=True,
    listed=False,
    holds=LOGGED,
)
async def update_worklog(
    desk: Worklogs,
    ticket_id: TicketId,
    worklog_id: RecordId,
    time_spent: TimeSpent | None = None,
    description: Body | None = None,
    owner: Owner | None = None,
    kind: Word | None = None,
) -> RecordReceipt:
    """Change a worklog of a ticket; what is not given stays."""
    draft = WorklogDraft(
        owner=owner, minutes=minutes_in(time_spent), kind=kind, description=description
    )
    return await desk.worklogs.change(ticket_id, worklog_id, something(draft))


@operation(
    (Scope.TICKETS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Delete a worklog",
    listed=False,
)
async def delete_worklog(
    desk: Worklogs, ticket_id: TicketId, worklog_id: RecordId
) -> RecordReceipt:
    """Delete a worklog of a ticket for good."""
    return await desk.worklogs.delete(ticket_id, worklog_id)


@operation(
    Scope.TICKETS_READ, Effect.READ, title="List tasks", listed=False, renamed={"id": "ticket_id"}
)
async def list_tasks(
    desk: Tasks, ticket_id: TicketId, cursor: Cursor | None = None, page_size: PageSize = 20
) -> TaskList:
    """List the tasks of a ticket."""
    holder = Holder(kind="ticket", id=ticket_id)
    found = brief(await desk.tasks.find(holder, window(cursor, None, page_size)), "description")
    return TaskList(tasks=found.items, **footer(found))


@operation(Scope.TICKETS_READ, Effect.READ, title="Get a task", listed=False)
async def get_task(desk: Tasks, ticket_id: TicketId, task_id: RecordId) -> Task:
    """Read a task of a ticket."""
    return await desk.tasks.read(Holder(kind="ticket", id=ticket_id), task_id)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Add a task",
    listed=False,
    renamed={"id": "ticket_id"},
    holds=WORK,
)
async def add_task(
    desk: Tasks,
    ticket_id: TicketId,
    title: Subject,
    description: Body | None = None,
    owner: Owner | None = None,
    priority: Word | None = None,
    queue: Word | None = None,
    start: When | None = None,
    end: When | None = None,
) -> RecordReceipt:
    """Add a task to a ticket. An open task keeps many desks from closing the ticket."""
    draft = TaskDraft(
        title=title,
        description=description,
        owner=owner,
        priority=priority,
        queue=queue,
        start=start,
        end=end,
    )
    return await desk.tasks.add(Holder(kind="ticket", id=ticket_id), draft)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Change a task",
    idempotent=True,
    listed=False,
    holds=WORK,
)
async def update_task(
    desk: Tasks,
    ticket_id: TicketId,
    task_id: RecordId,
    **fields: Unpack[TicketTaskFields],
) -> RecordReceipt:
    """Change a task of a ticket; what is not given stays."""
    draft = something(TaskDraft(**fields))
    return await desk.tasks.change(Holder(kind="ticket", id=ticket_id), task_id, draft)


@operation(Scope.TICKETS_WRITE, Effect.WRITE, title="Close a task", idempotent=True, listed=False)
async def close_task(desk: Tasks, ticket_id: TicketId, task_id: RecordId) -> RecordReceipt:
    """Close a task of a ticket as done."""
    done = TaskDraft(status="Closed", progress=100)
    return await desk.tasks.change(Holder(kind="ticket", id=ticket_id), task_id, done)


TOOLS = (
    list_worklogs,
    add_worklog,
    update_worklog,
    delete_worklog,
    list_tasks,
    get_task,
    add_task,
    update_task,
    close_task,
)
