"""Tools for projects: what is planned, how far it is."""

from typing import Annotated, TypedDict, Unpack

from pydantic import Field

from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.projects import Project, ProjectDraft, Projects
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.tools.drafts import something, sound
from helpdesk_mcp.tools.params import (
    Body,
    Cursor,
    PageSize,
    Query,
    RecordId,
    Subject,
    When,
    Word,
    Words,
    names,
)
from helpdesk_mcp.tools.problems import Forever
from helpdesk_mcp.tools.record_results import (
    ProjectList,
    RecordStatistics,
    brief,
    statistics,
)
from helpdesk_mcp.tools.results import window

ID = {"id": "project_id"}
HELD = {
    "title": Holds.PROSE,
    "description": Holds.PROSE,
    "owner": Holds.PERSON,
    "requester": Holds.PERSON,
}
RENAMED = {
    "type": "kind",
    "scheduled_start": "start",
    "scheduled_end": "end",
    "project_code": "code",
}
SEARCH = {"search_term": "query", "search": "query", "limit": "page_size"}


class NewProject(TypedDict, total=False):
    code: Word | None
    kind: Word | None
    priority: Word | None
    owner: Word | None
    requester: Word | None
    site: Word | None
    start: When | None
    end: When | None


class ProjectFields(NewProject, total=False):
    actual_start: When | None
    actual_end: When | None


@operation(
    Scope.PROJECTS_READ,
    Effect.READ,
    title="List projects",
    listed=False,
    target="",
    renamed=SEARCH,
    holds={"query": Holds.PROSE, "owner": Holds.PERSON},
)
async def list_projects(
    desk: Projects,
    query: Query | None = None,
    status: Words | None = None,
    owner: Word | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> ProjectList:
    """List projects, newest first; `query` is looked for in their titles."""
    which = RecordFilter(text=query, statuses=names(status), person=owner)
    found = await desk.projects.find(which, window(cursor, None, page_size))
    shown = brief(found, "description")
    return ProjectList(projects=shown.items, **footer(shown))


@operation(
    Scope.PROJECTS_READ,
    Effect.READ,
    title="Get a project",
    listed=False,
    target="project_id",
    renamed=ID,
)
async def get_project(
    desk: Projects,
    project_id: RecordId,
    full: Annotated[bool, Field(description="All of a long description")] = False,
) -> Project:
    """Read a project: status, people, schedule. Its milestones: list_project_milestones."""
    del full  # shaping reads it: it widens the size of the answer
    return await desk.projects.read(project_id)


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Create a project",
    listed=False,
    target="",
    renamed=RENAMED,
    holds=HELD,
)
async def create_project(
    desk: Projects,
    title: Subject,
    description: Body | None = None,
    **fields: Unpack[NewProject],
) -> RecordReceipt:
    """Open a project."""
    draft = ProjectDraft(title=title, description=description, **fields)
    return await desk.projects.create(sound(draft))


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Change a project",
    idempotent=True,
    listed=False,
    target="project_id",
    renamed={**ID, **RENAMED},
    holds=HELD,
)
async def update_project(
    desk: Projects,
    project_id: RecordId,
    title: Subject | None = None,
    description: Body | None = None,
    status: Word | None = None,
    **fields: Unpack[ProjectFields],
) -> RecordReceipt:
    """Change fields of a project; what is not given stays."""
    draft = ProjectDraft(title=title, description=description, status=status, **fields)
    return await desk.projects.change(project_id, sound(something(draft)))


@operation(
    (Scope.PROJECTS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Delete a project",
    listed=False,
    target="project_id",
    renamed=ID,
)
async def delete_project(
    desk: Projects, project_id: RecordId, for_good: Forever = False
) -> RecordReceipt:
    """Delete a project with its milestones. To keep its history, set its status instead."""
    return await desk.projects.delete(project_id, for_good=for_good)


@operation(Scope.PROJECTS_READ, Effect.READ, title="Project statistics", listed=False, target="")
async def get_project_statistics(desk: Projects, status: Words | None = None) -> RecordStatistics:
    """Count projects by status, type, priority and owner."""
    which = RecordFilter(statuses=names(status))
    return await statistics(desk.projects, which, ("status", "kind", "priority", "owner"))


TOOLS = (
    list_projects,
    get_project,
    create_project,
    update_project,
    delete_project,
    get_project_statistics,
)
