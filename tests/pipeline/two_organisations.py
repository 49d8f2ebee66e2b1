"""Two organisations whose desks hold one of everything, over one database and one pipeline."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Unpack

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.tenancy import RING, draft, tenant
from tests.tools.asking import PLENTY

from helpdesk_mcp.desks.configured import holding
from helpdesk_mcp.desks.memory_drawer import Options
from helpdesk_mcp.desks.memory_modules import MemoryContracts
from helpdesk_mcp.desks.memory_rules import QUEUES
from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.desks.opener import Sources, TenantDesks
from helpdesk_mcp.domain.assets import Contract
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.domain.tenants import Connection, UpstreamTokens
from helpdesk_mcp.pipeline.arguments import parse
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.stores.approvals import SqlApprovals
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.tenants import Gate
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}
KIND = "whole"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
SEEDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "ticket",
        "create_ticket",
        {"subject": "Printer", "queue": "{queue}", "requester": "{person}"},
    ),
    ("other ticket", "create_ticket", {"subject": "Scanner", "queue": "{queue}"}),
    ("link", "link_tickets", {"ticket_id": "{ticket}", "others": "{other ticket}"}),
    ("worklog", "add_worklog", {"ticket_id": "{ticket}", "time_spent": "5", "description": "x"}),
    ("task", "add_task", {"ticket_id": "{ticket}", "title": "Cable"}),
    ("approval", "request_approval", {"ticket_id": "{ticket}", "approvers": "me", "message": "?"}),
    ("article", "create_article", {"title": "Feed", "answer": "Open.", "category": "Accounts"}),
    ("", "publish_article", {"article_id": "{article}"}),
    ("problem", "create_problem", {"title": "Rollers"}),
    ("change", "create_change", {"title": "Switch", "kind": "Major"}),
    (
        "change approval",
        "submit_change_for_approval",
        {"change_id": "{change}", "approvers": "me", "message": "?"},
    ),
    ("project", "create_project", {"title": "Move"}),
    ("milestone", "create_project_milestone", {"project_id": "{project}", "title": "Pack"}),
    (
        "project task",
        "create_project_task",
        {"project_id": "{project}", "milestone_id": "{milestone}", "title": "Boxes"},
    ),
    ("asset", "create_asset", {"name": "Laptop", "product": "Nimbus 14", "tag": "T-{ticket}"}),
    ("item", "create_configuration_item", {"name": "srv", "kind": "Server"}),
    ("other item", "create_configuration_item", {"name": "db", "kind": "Server"}),
    (
        "attachment",
        "add_attachment",
        {"ticket_id": "{ticket}", "filename": "a.txt", "text": "hello"},
    ),
    ("trashed ticket", "create_ticket", {"subject": "Junk", "queue": "{queue}"}),
    ("", "trash_ticket", {"ticket_id": "{trashed ticket}"}),
    ("trashed change", "create_change", {"title": "Junk"}),
    ("", "delete_change", {"change_id": "{trashed change}"}),
)
"""What each desk holds: under which name, made by which tool, with what."""


class TracedDesk(WholeMemoryDesk):
    """Everything a desk can be, which notes by name what is asked of it."""

    def renew(self, **options: Unpack[Options]) -> None:
        """Forget everything: the opener keeps one desk open."""
        super().__init__(**options)

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "asked":
            self.__dict__.setdefault("asked", []).append(name)
        return super().__getattribute__(name)


class OneContract(MemoryContracts):
    def __init__(self, number: str) -> None:
        super().__init__(lambda _: None, iter(()))
        self._records = {number: Contract(id=number, name="Care")}


@dataclass(slots=True, kw_only=True)
class Organisation:
    """A tenant with a desk of which every record's id is known by the record's name."""

    slug: str
    tenant: str
    first: int
    times: int = 1
    desk: TracedDesk = field(default_factory=TracedDesk)
    ids: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def name(self) -> str:
        return self.slug.title()

    async def furnish(self) -> None:
        """Fill the desk anew. Its numbers begin so high that its neighbour has none of them."""
        queue = Queue(id=str(self.first), name=f"{self.name} desk", slug=f"{self.slug}-desk")
        self.desk.renew(
            queues=(queue, *QUEUES),
            people=(
                Person(id="1", username="agent", name="Help Desk Agent"),
                Person(id=str(self.first), username=self.slug, name=f"{self.name} Worker"),
            ),
            now=lambda: NOON,
        )
        for _ in range(self.first):
            await self._do("create_ticket", {"subject": "Filler", "queue": "IT Support"})
        self.ids = {"queue": queue.name, "person": self.slug}
        for name, tool, given in SEEDS * self.times:
            said = await self._do(tool, {key: one.format(**self.ids) for key, one in given.items()})
            ids = (getattr(said, part, None) for part in ("attachment_id", "id", "ticket_id"))
            self.ids[name] = next(str(one) for one in ids if one)
        self.ids["contract"] = str(self.first)
        self.desk.contracts = OneContract(self.ids["contract"])
        self.desk.asked.clear()

    async def _do(self, tool: str, given: dict[str, Any]) -> object:
        """Run a tool on the desk itself: this is done often, and nothing of it is judged."""
        operation = BY_NAME[tool]
        return await operation(self.desk, **dict(parse(operation, given)))


@dataclass(slots=True, kw_only=True)
class Told:
    """How a call ended, and what it cost: what the desk was asked, and statements of ours."""

    data: dict[str, Any] = field(compare=False, repr=False)
    text: str
    code: str
    asked: list[str]
    statements: list[str]

    def without(self, value: str) -> "Told":
        """Return it with what the caller wrote, and the time, taken out."""
        text = MOMENT.sub("<time>", self.text)
        return replace(self, text=text.replace(value, "<given>"))


@dataclass(slots=True, kw_only=True)
class TwoOrganisations:
    acme: Organisation
    globex: Organisation
    pipeline: Pipeline
    statements: list[str]

    async def ask(self, tool: str, given: Mapping[str, Any], *, of: str = "acme") -> Told:
        """Call a tool as somebody of acme, or of globex, with every right of an agent."""
        here = self.acme if of == "acme" else self.globex
        who = Principal(tenant=here.tenant, subject="ana", client="tests", scopes=EVERY_SCOPE)
        self.acme.desk.asked.clear()
        self.globex.desk.asked.clear()
        self.statements.clear()
        call = Call(principal=who, operation=tool, arguments=dict(given), origin="mcp")
        try:
            said, code = (await self.pipeline.run(call)).data, "ok"
        except HelpdeskError as error:
            said, code = error.facts(), error.code.value
        return Told(
            data=said,
            text=repr(said),
            code=code,
            asked=list(here.desk.asked),
            statements=list(self.statements),
        )


@asynccontextmanager
async def two_organisations(database: AsyncEngine) -> AsyncGenerator[TwoOrganisations]:
    """Open a pipeline like the server's over two tenants of a database."""
    acme = Organisation(slug="acme", tenant=await tenant(database, "acme"), first=3)
    globex = Organisation(slug="globex", tenant=await tenant(database, "globex"), first=70, times=2)
    for one in (acme, globex):
        desk = draft(f"{one.slug}-desk", kind=KIND)
        await SqlConnections(database, one.tenant, RING).add(desk, {})
        await one.furnish()
    desks = {one.tenant: one for one in (acme, globex)}

    @asynccontextmanager
    async def opens(
        connection: Connection, _: object, __: object, tokens: UpstreamTokens | None
    ) -> AsyncGenerator[Desk]:
        del tokens
        yield desks[connection.tenant].desk

    kind = replace(holding(acme.desk), opens=opens)
    sources = Sources(
        tenant=Gate(database).look, connections=lambda t: SqlConnections(database, t, RING)
    )
    metrics, trail = Metrics(), SqlAuditTrail(database, acme.tenant)
    opener = TenantDesks(sources, metrics, kinds={KIND: kind}, clock=lambda: 0.0)
    pipeline = Pipeline(
        TOOLS,
        opener=opener,
        limiter=MemoryLimiter(),
        recorder=CallRecorder(
            TOOLS, trail=trail, keys=SqlAuditKeys(database, RING), metrics=metrics
        ),
        limits=Limits(reads=PLENTY, writes=PLENTY),
        policies=opener.policy,
        approvals=SqlApprovals(database),
    )
    with_statements: list[str] = []
    _note_statements(database, with_statements)
    async with trail.running():
        yield TwoOrganisations(
            acme=acme, globex=globex, pipeline=pipeline, statements=with_statements
        )


def _note_statements(database: AsyncEngine, into: list[str]) -> None:
    """Note every statement but the audit trail's own, whose reads are stored when there is time."""

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if "audit" not in statement:
            into.append(statement)

    event.listen(database.sync_engine, "before_cursor_execute", note)
