"""Tools for a project's milestones and tasks, and for how far it has come."""

from typing import Annotated, Unpack

from pydantic import Field

from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import Window, footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.projects import Milestone, MilestoneDraft, Projects
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.work import Holder, TaskDraft, Tasks
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import (
    Body,
    Cursor,
    PageSize,
    RecordId,
    Subject,
    When,
    Word,
)
from helpdesk_mcp.tools.record_results import AT_ONCE, MilestoneList, Progress, TaskList, brief
from helpdesk_mcp.tools.results import window
from helpdesk_mcp.tools.work import TaskFields

DONE = frozenset({"closed", "completed", "resolved", "cancelled", "canceled"})
SCHEDULE = {"scheduled_start": "start", "scheduled_end": "end", "due_date": "end"}
HELD = {"title": Holds.PROSE, "description": Holds.PROSE, "owner": Holds.PERSON}
Milestoned = Annotated[RecordId, Field(description="A milestone of the project")]

TOOLSET = "projects"


@operation(
    Scope.PROJECTS_READ,
    Effect.READ,
    title="List milestones",
    listed=False,
    target="project_id",
)
async def list_project_milestones(
    desk: Projects, project_id: RecordId, cursor: Cursor | None = None, page_size: PageSize = 20
) -> MilestoneList:
    """List the milestones of a project."""
    found = await desk.projects.milestones(project_id, window(cursor, None, page_size))
    return MilestoneList(project_id=project_id, milestones=found.items, **footer(found))


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Create a milestone",
    listed=False,
    target="project_id",
    renamed={**SCHEDULE, "name": "title"},
    holds=HELD,
)
async def create_project_milestone(
    desk: Projects,
    project_id: RecordId,
    title: Subject,
    description: Body | None = None,
    owner: Word | None = None,
    priority: Word | None = None,
    start: When | None = None,
    end: When | None = None,
) -> RecordReceipt:
    """Add a milestone to a project."""
    draft = MilestoneDraft(
        title=title,
        description=description,
        owner=owner,
        priority=priority,
        start=start,
        end=end,
    )
    return await desk.projects.add_milestone(project_id, draft)


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Change a milestone",
    idempotent=True,
    listed=False,
    target="project_id",
    renamed=SCHEDULE,
    holds=HELD,
)
async def update_project_milestone(
    desk: Projects,
    project_id: RecordId,
    milestone_id: RecordId,
    title: Subject | None = None,
    description: Body | None = None,
    status: Word | None = None,
    owner: Word | None = None,
    start: When | None = None,
    end: When | None = None,
) -> RecordReceipt:
    """Change a milestone of a project; what is not given stays."""
    draft = MilestoneDraft(
        title=title,
        description=description,
        status=status,
        owner=owner,
        start=start,
        end=end,
    )
    return await desk.projects.change_milestone(project_id, milestone_id, something(draft))


@operation(
    Scope.PROJECTS_READ, Effect.READ, title="List project tasks", listed=False, target="project_id"
)
async def list_project_tasks(
    desk: Tasks,
    project_id: RecordId,
    milestone_id: Milestoned | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> TaskList:
    """List the tasks of a project, or those of one of its milestones."""
    holder = Holder(kind="project", id=project_id, milestone_id=milestone_id)
    found = brief(await desk.tasks.find(holder, window(cursor, None, page_size)), "description")
    return TaskList(tasks=found.items, **footer(found))


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Create a project task",
    listed=False,
    target="project_id",
    renamed=SCHEDULE,
    holds=HELD,
)
async def create_project_task(
    desk: Tasks,
    project_id: RecordId,
    title: Subject,
    milestone_id: Milestoned | None = None,
    description: Body | None = None,
    owner: Word | None = None,
    priority: Word | None = None,
    start: When | None = None,
    end: When | None = None,
) -> RecordReceipt:
    """Add a task to a project, or to one of its milestones."""
    draft = TaskDraft(
        title=title,
        description=description,
        owner=owner,
        priority=priority,
        start=start,
        end=end,
    )
    holder = Holder(kind="project", id=project_id, milestone_id=milestone_id)
    return await desk.tasks.add(holder, draft)


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Change a project task",
    idempotent=True,
    listed=False,
    target="project_id",
    renamed=SCHEDULE,
    holds=HELD,
)
async def update_project_task(
    desk: Tasks,
    project_id: RecordId,
    task_id: RecordId,
    milestone_id: Milestoned | None = None,
    **fields: Unpack[TaskFields],
) -> RecordReceipt:
    """Change a task of a project; what is not given stays. Give its milestone if it has one."""
    holder = Holder(kind="project", id=project_id, milestone_id=milestone_id)
    return await desk.tasks.change(holder, task_id, something(TaskDraft(**fields)))


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Complete a project task",
    idempotent=True,
    listed=False,
    target="project_id",
)
async def complete_project_task(
    desk: Tasks,
    project_id: RecordId,
    task_id: RecordId,
    milestone_id: Milestoned | None = None,
) -> RecordReceipt:
    """Close a task of a project as done. Give its milestone if it has one."""
    holder = Holder(kind="project", id=project_id, milestone_id=milestone_id)
    return await desk.tasks.change(holder, task_id, TaskDraft(status="Closed", progress=100))


@operation(
    Scope.PROJECTS_READ,
    Effect.READ,
    title="Get a project's progress",
    listed=False,
    target="project_id",
    renamed={"id": "project_id"},
)
async def get_project_progress(desk: Projects, project_id: RecordId) -> Progress:
    """Say how far a project has come: its percentage, and how many milestones are done."""
    project = await desk.projects.read(project_id)
    found = await desk.projects.milestones(project_id, Window(size=AT_ONCE))
    open_ones = [milestone for milestone in found.items if not _is_done(milestone)]
    return Progress(
        project_id=project_id,
        title=project.title,
        status=project.status,
        percent=project.progress,
        milestones=found.total or len(found.items),
        milestones_done=len(found.items) - len(open_ones),
        open=tuple(milestone.title for milestone in open_ones if milestone.title),
    )


def _is_done(item: Milestone) -> bool:
    return folded(item.status or "") in DONE


TOOLS = (
    list_project_milestones,
    create_project_milestone,
    update_project_milestone,
    list_project_tasks,
    create_project_task,
    update_project_task,
    complete_project_task,
    get_project_progress,
)
