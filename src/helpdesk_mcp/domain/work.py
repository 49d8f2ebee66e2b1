"""Work on a ticket or a project: the time that was spent, and the tasks to be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What tasks hang on: a ticket, a project, or a milestone of a project."""

    kind: Literal["ticket", "project"]
    id: str
    milestone_id: str | None = None

    @property
    def ticket_id(self) -> str | None:
        return self.id if self.kind == "ticket" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklog:
    """Time that somebody spent on a ticket."""

    id: str
    owner: Line | None = None
    minutes: float | None = None
    kind: Line | None = None
    start: Moment | None = None
    end: Moment | None = None
    created: Moment | None = None
    description: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklogDraft:
    """Time to write down. None leaves a field as it is; a new worklog's owner is us by default."""

    owner: str | None = None
    minutes: float | None = None
    kind: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    id: str
    title: Line | None = None
    status: Line | None = None
    priority: Line | None = None
    owner: Line | None = None
    queue: Line | None = None
    start: Moment | None = None
    end: Moment | None = None
    progress: float | None = None
    created: Moment | None = None
    description: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """What to set on a task. None leaves a field as it is; `progress` is in percent."""

    title: str | None = None
    status: str | None = None
    priority: str | None = None
    owner: str | None = None
    queue: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    progress: int | None = None
    description: str | None = None


class WorklogBook(Protocol):
    async def find(self, ticket_id: str, window: Window) -> Page[Worklog]: ...

    async def add(self, ticket_id: str, draft: WorklogDraft) -> RecordReceipt: ...

    async def change(
        self, ticket_id: str, worklog_id: str, draft: WorklogDraft
    ) -> RecordReceipt: ...

    async def delete(self, ticket_id: str, worklog_id: str) -> RecordReceipt:
        """Delete a worklog for good: no desk keeps them in a trash."""
        ...


class TaskBook(Protocol):
    async def find(self, holder: Holder, window: Window) -> Page[Task]: ...

    async def read(self, holder: Holder, task_id: str) -> Task: ...

    async def add(self, holder: Holder, draft: TaskDraft) -> RecordReceipt: ...

    async def change(self, holder: Holder, task_id: str, draft: TaskDraft) -> RecordReceipt: ...


class Worklogs(Desk, Protocol):
    """A desk that keeps the time spent on tickets."""

    worklogs: WorklogBook


class Tasks(Desk, Protocol):
    """A desk on which tickets and projects have tasks."""

    tasks: TaskBook
