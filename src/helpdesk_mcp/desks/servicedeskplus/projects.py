"""Projects in ServiceDesk Plus, and their milestones."""

from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.projects import Milestone, MilestoneDraft, Project, ProjectDraft
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter

SHARED = (
    Field(ours="title", theirs="title", kind="title"),
    Field(ours="description", theirs="description", kind="html"),
    Field(ours="status", theirs="status", kind="ref"),
    Field(ours="priority", theirs="priority", kind="ref"),
    Field(ours="owner", theirs="owner", kind="technician"),
    Field(ours="start", theirs="scheduled_start_time", kind="moment"),
    Field(ours="end", theirs="scheduled_end_time", kind="moment"),
    Field(ours="progress", theirs="percentage_completion", kind="number"),
)
PROJECTS = Module(
    record=Project,
    path="projects",
    wrapper="project",
    what="project",
    person="owner",
    kind="project_type",
    fields=(
        *SHARED,
        Field(ours="code", theirs="code"),
        Field(ours="kind", theirs="type", kind="ref", lookup="project_type"),
        Field(ours="requester", theirs="requester", kind="user"),
        Field(ours="site", theirs="site", kind="ref"),
        Field(ours="actual_start", theirs="actual_start_time", kind="moment"),
        Field(ours="actual_end", theirs="actual_end_time", kind="moment"),
        Field(ours="created", theirs="created_time", kind="moment"),
    ),
)


class ProjectsHere(Records[Project, ProjectDraft]):
    def __init__(self, link: Link, lookups: Lookups) -> None:
        super().__init__(link, lookups, PROJECTS)

    async def milestones(self, project_id: str, window: Window) -> Page[Milestone]:
        await self.row(project_id)
        book = self._milestones(project_id)
        return await book.find(RecordFilter(), window)

    async def add_milestone(self, project_id: str, draft: MilestoneDraft) -> RecordReceipt:
        await self.row(project_id)
        return await self._milestones(project_id).create(draft)

    async def change_milestone(
        self, project_id: str, milestone_id: str, draft: MilestoneDraft
    ) -> RecordReceipt:
        await self.row(project_id)
        return await self._milestones(project_id).change(milestone_id, draft)

    def _milestones(self, project_id: str) -> Records[Milestone, MilestoneDraft]:
        """Return the milestones of one project; their statuses are those of projects."""
        module = Module(
            record=Milestone,
            path=f"{self.place(project_id)}/milestones",
            wrapper="milestone",
            what="milestone",
            fields=SHARED,
            samples="projects",
            sort="",
        )
        return Records(self.link, self.lookups, module)
