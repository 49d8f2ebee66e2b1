"""Worklogs and tasks of ServiceDesk Plus: records that hang on a ticket or a project."""

from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk_mcp.desks.servicedeskplus.effort import check_minutes
from helpdesk_mcp.desks.servicedeskplus.link import Link, number
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.desks.servicedeskplus.values import Row, number_of, row_of
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.domain.work import Holder, Task, TaskDraft, Worklog, WorklogDraft

WORKLOG_FIELDS = (
    Field(ours="owner", theirs="owner", kind="technician"),
    Field(ours="description", theirs="description", kind="html"),
    Field(ours="kind", theirs="type", kind="ref", lookup="worklog_type"),
    Field(ours="start", theirs="start_time", kind="moment"),
    Field(ours="end", theirs="end_time", kind="moment"),
    Field(ours="created", theirs="created_time", kind="moment"),
)
TASK_FIELDS = (
    Field(ours="title", theirs="title", kind="title"),
    Field(ours="description", theirs="description", kind="html"),
    Field(ours="status", theirs="status", kind="ref"),
    Field(ours="priority", theirs="priority", kind="ref"),
    Field(ours="owner", theirs="owner", kind="technician"),
    Field(ours="queue", theirs="group", kind="ref", lookup="group"),
    Field(ours="start", theirs="scheduled_start_time", kind="moment"),
    Field(ours="end", theirs="scheduled_end_time", kind="moment"),
    Field(ours="progress", theirs="percentage_completion", kind="number"),
    Field(ours="created", theirs="created_time", kind="moment"),
)
NO_PROJECT = "There is no such project."
NO_MILESTONE = "There is no such milestone in this project."


class _Worklogs(Records[Worklog, WorklogDraft]):
    """The worklogs at one place; hours and minutes are apart in the vendor's JSON."""

    def record(self, row: Row) -> Worklog:
        spent = row_of(row.get("time_spent"))
        parts = (number_of(spent.get("hours")), number_of(spent.get("minutes")))
        known = any(part is not None for part in parts)
        minutes = float((parts[0] or 0) * 60 + (parts[1] or 0)) if known else None
        return replace(super().record(row), minutes=minutes)

    async def values(self, draft: WorklogDraft, before: Row) -> Row:
        values = await super().values(draft, before)
        if draft.minutes is not None:
            whole = check_minutes(draft.minutes)
            values["time_spent"] = {"hours": str(whole // 60), "minutes": str(whole % 60)}
        if not before:
            values |= {"include_nonoperational_hours": True, "mark_first_response": False}
        return values


@dataclass(frozen=True, slots=True)
class WorklogsHere:
    link: Link
    lookups: Lookups

    async def find(self, ticket_id: str, window: Window) -> Page[Worklog]:
        return await (await self._of(ticket_id)).find(RecordFilter(), window)

    async def add(self, ticket_id: str, draft: WorklogDraft) -> RecordReceipt:
        """Add a worklog. Its owner is mandatory (reference §4.8); it ends when its time is up."""
        whole = replace(draft, owner=draft.owner or "me")
        if draft.start is not None and draft.minutes is not None and draft.end is None:
            whole = replace(whole, end=draft.start + timedelta(minutes=draft.minutes))
        receipt = await (await self._of(ticket_id)).create(whole)
        return replace(receipt, ticket_id=ticket_id)

    async def change(self, ticket_id: str, worklog_id: str, draft: WorklogDraft) -> RecordReceipt:
        receipt = await (await self._of(ticket_id)).change(worklog_id, draft)
        return replace(receipt, ticket_id=ticket_id)

    async def delete(self, ticket_id: str, worklog_id: str) -> RecordReceipt:
        receipt = await (await self._of(ticket_id)).delete(worklog_id, for_good=True)
        return replace(receipt, ticket_id=ticket_id)

    async def _of(self, ticket_id: str) -> _Worklogs:
        module = Module(
            record=Worklog,
            path=f"requests/{await self.link.ticket(ticket_id)}/worklogs",
            wrapper="worklog",
            what="worklog of this ticket",
            fields=WORKLOG_FIELDS,
            status="",
            person="owner",
        )
        return _Worklogs(self.link, self.lookups, module)


@dataclass(frozen=True, slots=True)
class TasksHere:
    link: Link
    lookups: Lookups

    async def find(self, holder: Holder, window: Window) -> Page[Task]:
        return await (await self._of(holder)).find(RecordFilter(), window)

    async def read(self, holder: Holder, task_id: str) -> Task:
        return await (await self._of(holder)).read(task_id)

    async def add(self, holder: Holder, draft: TaskDraft) -> RecordReceipt:
        receipt = await (await self._of(holder)).create(draft)
        return replace(receipt, ticket_id=holder.ticket_id)

    async def change(self, holder: Holder, task_id: str, draft: TaskDraft) -> RecordReceipt:
        receipt = await (await self._of(holder)).change(task_id, draft)
        return replace(receipt, ticket_id=holder.ticket_id)

    async def _of(self, holder: Holder) -> Records[Task, TaskDraft]:
        module = Module(
            record=Task,
            path=f"{await self._place(holder)}/tasks",
            wrapper="task",
            what="task",
            fields=TASK_FIELDS,
            person="owner",
        )
        return Records(self.link, self.lookups, module)

    async def _place(self, holder: Holder) -> str:
        """Return where the tasks are; that there is such a holder is asked first."""
        if holder.kind == "ticket":
            path = f"requests/{await self.link.ticket(holder.id)}"
            await self.link.one(path)
            return path
        path = f"projects/{number(holder.id, NO_PROJECT)}"
        await self.link.one(path, missing=NO_PROJECT)
        if holder.milestone_id is not None:
            path += f"/milestones/{number(holder.milestone_id, NO_MILESTONE)}"
            await self.link.one(path, missing=NO_MILESTONE)
        return path
