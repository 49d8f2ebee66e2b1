"""The registers of the desk in memory: problems, changes, projects, assets, items, contracts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from helpdesk_mcp.desks import memory_rules as rules
from helpdesk_mcp.desks.memory_records import MemoryRegister, Person, Shape
from helpdesk_mcp.domain.assets import Asset, AssetDraft, AssetEvent, Contract
from helpdesk_mcp.domain.changes import PlannedChange, PlannedChangeDraft
from helpdesk_mcp.domain.choices import refuse_code
from helpdesk_mcp.domain.configuration import ConfigurationItem, ItemDraft, ItemType, Relation
from helpdesk_mcp.domain.desk import Tickets
from helpdesk_mcp.domain.errors import Conflict
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.problems import Problem, ProblemDraft
from helpdesk_mcp.domain.projects import Milestone, MilestoneDraft, Project, ProjectDraft
from helpdesk_mcp.domain.receipts import Change, Receipt, RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter

Ids = Iterator[int]
STATUSES = ("Open", "In Progress", "On Hold", "Resolved", "Closed")
PRIORITIES = tuple(priority.name for priority in rules.PRIORITIES)
STAGES = ("Submission", "Planning", "Approval", "Implementation", "Review", "Close")
STATES = ("In Store", "In Use", "In Repair", "Expired", "Disposed")
KINDS = ("Server", "Business Service", "Switch")
PRODUCTS = {"Nimbus 14": "Workstation", "Printy 2": "Printer"}


class MemoryProblems(MemoryRegister[Problem, ProblemDraft]):
    def __init__(self, desk: Tickets, person: Person, ids: Ids) -> None:
        choices = {"status": STATUSES, "priority": PRIORITIES}
        shape = Shape(
            record=Problem,
            what="problem",
            person="assignee",
            people=("assignee",),
            choices=choices,
            defaults={"status": "Open"},
        )
        super().__init__(shape, person=person, ids=ids)
        self._desk = desk

    async def close(
        self, problem_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        refuse_code(code)
        draft = ProblemDraft(status="Closed", resolution=comment)
        return self.write(problem_id, draft, closed=datetime.now(UTC))

    async def add_tickets(self, problem_id: str, tickets: tuple[str, ...]) -> RecordReceipt:
        self.one(problem_id)
        for ticket_id in tickets:
            await self._desk.ticket(ticket_id)
        tied = tuple(Change(field="ticket", after=ticket_id) for ticket_id in tickets)
        return RecordReceipt(record="problem", id=problem_id, changes=tied)


class MemoryChanges(MemoryRegister[PlannedChange, PlannedChangeDraft]):
    def __init__(self, person: Person, ids: Ids) -> None:
        shape = Shape(
            record=PlannedChange,
            what="change",
            people=("owner", "manager", "requester"),
            choices={
                "status": STATUSES,
                "priority": PRIORITIES,
                "stage": STAGES,
                "kind": ("Minor", "Standard", "Major"),
            },
            defaults={"status": "Open", "stage": "Submission"},
            trash=True,
        )
        super().__init__(shape, person=person, ids=ids)

    async def close(
        self, change_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        refuse_code(code)
        stage = self.one(change_id).stage
        if stage not in {"Review", "Close"}:
            raise Conflict(
                "The change is not at the end of its workflow: move its `stage` to Review first "
                "with update_change.",
                reason="workflow",
            )
        del comment  # a change in memory has no place for it
        draft = PlannedChangeDraft(status="Closed", stage="Close")
        return self.write(change_id, draft, closed=datetime.now(UTC))

    async def restore(self, change_id: str) -> RecordReceipt:
        return self.restored(change_id)


class MemoryProjects(MemoryRegister[Project, ProjectDraft]):
    def __init__(self, person: Person, ids: Ids) -> None:
        self._milestones: defaultdict[str, MemoryRegister[Milestone, MilestoneDraft]]
        choices = {"status": (*STATUSES, "Completed"), "priority": PRIORITIES}
        defaults = {"status": "Open"}
        shape = Shape(
            record=Project,
            what="project",
            people=("owner", "requester"),
            choices=choices,
            defaults=defaults,
        )
        super().__init__(shape, person=person, ids=ids)
        of_one = Shape(record=Milestone, what="milestone", choices=choices, defaults=defaults)
        self._milestones = defaultdict(lambda: MemoryRegister(of_one, person=person, ids=ids))

    async def milestones(self, project_id: str, window: Window) -> Page[Milestone]:
        self.one(project_id)
        return self._milestones[project_id].page(RecordFilter(), window)

    async def add_milestone(self, project_id: str, draft: MilestoneDraft) -> RecordReceipt:
        self.one(project_id)
        return await self._milestones[project_id].create(draft)

    async def change_milestone(
        self, project_id: str, milestone_id: str, draft: MilestoneDraft
    ) -> RecordReceipt:
        self.one(project_id)
        return self._milestones[project_id].write(milestone_id, draft)

    def milestone(self, project_id: str, milestone_id: str) -> Milestone:
        return self._milestones[project_id].one(milestone_id)


class MemoryAssets(MemoryRegister[Asset, AssetDraft]):
    def __init__(self, desk: Tickets, person: Person, ids: Ids) -> None:
        shape = Shape(
            record=Asset,
            what="asset",
            searched=("name", "tag", "serial_number"),
            status="state",
            person="user",
            people=("user",),
            choices={
                "state": STATES,
                "product": tuple(PRODUCTS),
                "kind": tuple(PRODUCTS.values()),
            },
            defaults={"state": "In Store"},
        )
        super().__init__(shape, person=person, ids=ids)
        self._desk = desk
        self._events: defaultdict[str, list[AssetEvent]] = defaultdict(list)

    async def computers(self, which: RecordFilter, window: Window) -> Page[Asset]:
        return self.page(
            which, window, only=lambda a: PRODUCTS.get(a.product or "") == "Workstation"
        )

    async def check(self, draft: AssetDraft) -> None:
        self.made(draft)

    async def tie(self, asset_id: str, ticket_id: str) -> Receipt:
        asset = self.one(asset_id)
        ticket = await self._desk.ticket(ticket_id)
        event = AssetEvent(at=datetime.now(UTC), what=ticket.subject, ticket_id=ticket_id)
        self._events[asset_id].insert(0, event)
        return Receipt(ticket_id=ticket_id, changes=(Change(field="asset", after=asset.name),))

    async def history(self, asset_id: str, window: Window) -> Page[AssetEvent]:
        self.one(asset_id)
        return rules.page(self._events[asset_id], window)


class MemoryContracts(MemoryRegister[Contract, Contract]):
    def __init__(self, person: Person, ids: Ids) -> None:
        shape = Shape(record=Contract, what="contract", searched=("name",))
        super().__init__(shape, person=person, ids=ids)
        made = Contract(id="1", name="Printer maintenance", vendor="Printy Ltd")
        self._records[made.id] = made


class MemoryConfiguration(MemoryRegister[ConfigurationItem, ItemDraft]):
    def __init__(self, person: Person, ids: Ids) -> None:
        shape = Shape(
            record=ConfigurationItem,
            what="configuration item",
            searched=("name",),
            people=(),
            choices={"kind": KINDS, "relation": ("Uses", "Runs on")},
        )
        super().__init__(shape, person=person, ids=ids)

    async def kinds(self) -> tuple[ItemType, ...]:
        return tuple(ItemType(id=str(number), name=name) for number, name in enumerate(KINDS, 1))

    async def relate(self, item_id: str, kind: str, other_id: str) -> RecordReceipt:
        item, other = self.one(item_id), self.one(other_id)
        name = self._known("relation", kind)
        number = str(next(self._ids))
        for one, to, inverse in ((item, other, False), (other, item, True)):
            relation = Relation(id=number, kind=name, item_id=to.id, item=to.name, inverse=inverse)
            self.write(one.id, ItemDraft(), relations=(*(one.relations or ()), relation))
        after = f"{name} {other.name}"
        told = Change(field="relation", after=after)
        return RecordReceipt(record="configuration item", id=item_id, changes=(told,))
