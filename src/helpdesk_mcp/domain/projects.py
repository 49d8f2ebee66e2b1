"""Projects and their milestones; their tasks are those of `domain.work`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import Register
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    id: str
    title: Line | None = None
    code: Line | None = None
    status: Line | None = None
    kind: Line | None = None
    priority: Line | None = None
    owner: Line | None = None
    requester: Line | None = None
    site: Line | None = None
    start: Moment | None = None
    end: Moment | None = None
    actual_start: Moment | None = None
    actual_end: Moment | None = None
    progress: float | None = None
    created: Moment | None = None
    url: str | None = None
    description: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraft:
    """What to set on a project. None leaves a field as it is; names work wherever ids do."""

    title: str | None = None
    code: str | None = None
    status: str | None = None
    kind: str | None = None
    priority: str | None = None
    owner: str | None = None
    requester: str | None = None
    site: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    id: str
    title: Line | None = None
    status: Line | None = None
    priority: Line | None = None
    owner: Line | None = None
    start: Moment | None = None
    end: Moment | None = None
    progress: float | None = None
    description: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDraft:
    """What to set on a milestone. None leaves a field as it is."""

    title: str | None = None
    status: str | None = None
    priority: str | None = None
    owner: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    description: str | None = None


class ProjectBook(Register[Project, ProjectDraft], Protocol):
    async def milestones(self, project_id: str, window: Window) -> Page[Milestone]: ...

    async def add_milestone(self, project_id: str, draft: MilestoneDraft) -> RecordReceipt: ...

    async def change_milestone(
        self, project_id: str, milestone_id: str, draft: MilestoneDraft
    ) -> RecordReceipt: ...


class Projects(Desk, Protocol):
    """A desk that keeps projects."""

    projects: ProjectBook
