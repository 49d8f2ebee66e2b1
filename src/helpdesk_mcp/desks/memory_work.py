"""Worklogs, tasks, approvals and articles of the desk in memory."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from helpdesk_mcp.desks import memory_rules as rules
from helpdesk_mcp.desks.memory_drawer import Drawer
from helpdesk_mcp.desks.memory_modules import (
    PRIORITIES,
    STATUSES,
    Ids,
    MemoryChanges,
    MemoryProjects,
)
from helpdesk_mcp.desks.memory_records import MemoryRegister, Person, Shape
from helpdesk_mcp.domain.authoring import ArticleDraft
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.decisions import Approval, ApprovalDraft, Asked
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Change, Mail, RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter, differences
from helpdesk_mcp.domain.work import Holder, Task, TaskDraft, Worklog, WorklogDraft


class MemoryWorklogs:
    def __init__(self, desk: Drawer, person: Person, ids: Ids) -> None:
        self._desk = desk
        choices = {"kind": ("Remote", "On site")}
        shape = Shape(record=Worklog, what="worklog", choices=choices)
        self._kept: defaultdict[str, MemoryRegister[Worklog, WorklogDraft]] = defaultdict(
            lambda: MemoryRegister(shape, person=person, ids=ids)
        )

    async def find(self, ticket_id: str, window: Window) -> Page[Worklog]:
        await self._desk.ticket(ticket_id)
        return self._kept[ticket_id].page(RecordFilter(), window)

    async def add(self, ticket_id: str, draft: WorklogDraft) -> RecordReceipt:
        await self._desk.ticket(ticket_id)
        mine = replace(draft, owner=draft.owner or "me")
        receipt = await self._kept[ticket_id].create(mine)
        return replace(receipt, ticket_id=ticket_id)

    async def change(self, ticket_id: str, worklog_id: str, draft: WorklogDraft) -> RecordReceipt:
        await self._desk.ticket(ticket_id)
        return replace(self._kept[ticket_id].write(worklog_id, draft), ticket_id=ticket_id)

    async def delete(self, ticket_id: str, worklog_id: str) -> RecordReceipt:
        await self._desk.ticket(ticket_id)
        receipt = await self._kept[ticket_id].delete(worklog_id, for_good=True)
        return replace(receipt, ticket_id=ticket_id)


class MemoryTasks:
    def __init__(self, desk: Drawer, projects: MemoryProjects, person: Person, ids: Ids) -> None:
        self._desk = desk
        self._projects = projects
        shape = Shape(
            record=Task,
            what="task",
            choices={"status": STATUSES, "priority": PRIORITIES},
            defaults={"status": "Open"},
        )
        self._kept: defaultdict[Holder, MemoryRegister[Task, TaskDraft]] = defaultdict(
            lambda: MemoryRegister(shape, person=person, ids=ids)
        )

    async def find(self, holder: Holder, window: Window) -> Page[Task]:
        return (await self._of(holder)).page(RecordFilter(), window)

    async def read(self, holder: Holder, task_id: str) -> Task:
        return (await self._of(holder)).one(task_id)

    async def add(self, holder: Holder, draft: TaskDraft) -> RecordReceipt:
        receipt = await (await self._of(holder)).create(draft)
        return replace(receipt, ticket_id=holder.ticket_id)

    async def change(self, holder: Holder, task_id: str, draft: TaskDraft) -> RecordReceipt:
        receipt = (await self._of(holder)).write(task_id, draft)
        return replace(receipt, ticket_id=holder.ticket_id)

    async def _of(self, holder: Holder) -> MemoryRegister[Task, TaskDraft]:
        if holder.kind == "ticket":
            await self._desk.ticket(holder.id)
        else:
            self._projects.one(holder.id)
            if holder.milestone_id is not None:
                self._projects.milestone(holder.id, holder.milestone_id)
        return self._kept[holder]


class MemoryApprovals:
    """Whoever is asked is mailed at once; the first of the desk's people is us."""

    def __init__(self, desk: Drawer, changes: MemoryChanges, ids: Ids) -> None:
        self._desk = desk
        self._changes = changes
        self._ids = ids
        self._asked: defaultdict[Asked, list[Approval]] = defaultdict(list)

    async def find(self, asked: Asked) -> tuple[Approval, ...]:
        await self._subject(asked)
        return tuple(self._asked[asked])

    async def pending(self, window: Window) -> Page[Approval]:
        us = self._desk.assignable("me")
        found = [
            approval
            for approvals in self._asked.values()
            for approval in approvals
            if approval.approver == us and approval.decided is None
        ]
        return rules.page(found, window)

    async def ask(self, asked: Asked, draft: ApprovalDraft) -> RecordReceipt:
        subject = await self._subject(asked)
        people = [self._desk.assignable(person) for person in draft.approvers]
        if None in people:
            raise Invalid("Nobody cannot approve: name people.", reason="approvers")
        before = self._asked[asked]
        level = max((approval.level or 0 for approval in before), default=0) + 1
        made = [
            Approval(
                id=str(next(self._ids)),
                level=level,
                approver=person,
                status="Pending Approval",
                ticket_id=asked.ticket_id,
                change_id=None if asked.ticket_id else asked.id,
                subject=subject,
                asked=datetime.now(UTC),
            )
            for person in people
        ]
        before.extend(made)
        return RecordReceipt(
            record="approval",
            id=made[0].id,
            ticket_id=asked.ticket_id,
            changes=tuple(Change(field="approver", after=one.approver) for one in made),
            mail=Mail(sent=True, to=tuple(one.approver or "" for one in made)),
        )

    async def decide(
        self, asked: Asked, approval_id: str, *, approve: bool, comment: str
    ) -> RecordReceipt:
        await self._subject(asked)
        asks = self._asked[asked]
        if approval_id not in (known := [one.id for one in asks]):
            raise NotFound("There is no such approval.")
        number = known.index(approval_id)
        before = asks[number]
        if before.approver != self._desk.assignable("me"):
            raise Denied("Somebody else was asked: only they can decide.", reason="approver")
        if before.decided is not None:
            raise Conflict("This was decided already.", reason="decided")
        status = "Approved" if approve else "Denied"
        after = replace(before, status=status, comment=comment or None, decided=datetime.now(UTC))
        asks[number] = after
        changes = differences(before, after, ("status", "comment"))
        return RecordReceipt(
            record="approval", id=approval_id, ticket_id=asked.ticket_id, changes=changes
        )

    async def _subject(self, asked: Asked) -> str | None:
        if asked.kind == "ticket":
            return (await self._desk.ticket(asked.id)).subject
        return self._changes.one(asked.id).title


class MemoryAuthoring:
    """Drafts are kept apart until they are published: a search finds only what people may read."""

    def __init__(self, desk: Drawer, ids: Ids) -> None:
        self._desk = desk
        self._ids = ids
        self._drafts: dict[str, Article] = {}

    async def create(self, draft: ArticleDraft) -> RecordReceipt:
        number = f"A{next(self._ids)}"
        before = Article(id=number, title="")
        after = self._drafts[number] = _written(before, draft)
        return _receipt(before, after)

    async def change(self, article_id: str, draft: ArticleDraft) -> RecordReceipt:
        if (before := self._drafts.get(article_id)) is not None:
            after = self._drafts[article_id] = _written(before, draft)
            return _receipt(before, after)
        before = await self._desk.article(article_id)
        after = _written(before, draft)
        self._desk.write(after)
        return _receipt(before, after)

    async def publish(self, article_id: str) -> RecordReceipt:
        if (article := self._drafts.pop(article_id, None)) is None:
            article = await self._desk.article(article_id)
        self._desk.write(article)
        told = Change(field="status", after="Approved")
        return RecordReceipt(record="article", id=article_id, changes=(told,))

    async def delete(self, article_id: str) -> RecordReceipt:
        if self._drafts.pop(article_id, None) is None:
            await self._desk.article(article_id)
            self._desk.write(None, article_id)
        told = Change(field="trash", after="yes")
        return RecordReceipt(record="article", id=article_id, changes=(told,))


def _written(before: Article, draft: ArticleDraft) -> Article:
    category = draft.category and folded(draft.category).capitalize()
    return replace(
        before,
        title=draft.title or before.title,
        answer=draft.answer or before.answer,
        category=category or before.category,
    )


def _receipt(before: Article, after: Article) -> RecordReceipt:
    changes = differences(before, after, ("title", "answer", "category"))
    return RecordReceipt(record="article", id=after.id, changes=changes)
