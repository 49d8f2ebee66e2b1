"""The console on the real administrators' road and real stores: two organisations and their people.

Connected agents and registered applications live in memory: the console only asks for them.
"""

import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from tests.oauth.elsewhere import Elsewhere
from tests.stores.opening import opened
from tests.web.pages.house import Clock, DiaryInMemory, Questions, token_in

from helpdesk_mcp.admin.catalog import ADMIN
from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.desks.prober import KindProber
from helpdesk_mcp.domain.administration import (
    Alarm,
    ClientDraft,
    ClientInfo,
    GrantInfo,
    NewClient,
)
from helpdesk_mcp.domain.approvals import Question
from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.principals import Principal, Role
from helpdesk_mcp.domain.tenants import Connection, Member, Tenant
from helpdesk_mcp.oauth.provider import IssuerProber
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.pipeline.redaction import Fingerprints
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.approvals import SqlApprovals
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.offices import Offices
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.providers import SqlSignInProvider
from helpdesk_mcp.stores.sessions import SqlSessions, SqlSignInAttempts
from helpdesk_mcp.stores.tenants import Gate, SqlTenants
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.web.console.site import browser_routes
from helpdesk_mcp.web.edge import Edge
from helpdesk_mcp.web.pages.parts import Parts, ToolInfo

URL = "https://desk.example"
PASSWORD = "correct horse battery"
CANARY = "canary-4711-credential"
RING = parse_keys(new_line(1))


@dataclass(slots=True)
class GrantsInMemory:
    """The port `Grants` of one tenant."""

    kept: dict[str, GrantInfo] = field(default_factory=dict[str, GrantInfo])
    ended: dict[str, Alarm] = field(default_factory=dict[str, Alarm])

    async def alarms(self, user: str) -> tuple[Alarm, ...]:
        return (self.ended[user],) if user in self.ended else ()

    async def dismiss(self, grant_id: str, user: str) -> None:
        if user not in self.ended or self.ended.pop(user).id != grant_id:
            raise NotFound("There is no such alarm.", reason="unknown_alarm")

    async def every(self, user: str | None = None) -> tuple[GrantInfo, ...]:
        return tuple(g for g in self.kept.values() if user in {None, g.user})

    async def revoke(self, grant_id: str, user: str | None = None) -> None:
        found = self.kept.get(grant_id)
        if found is None or user not in {None, found.user}:
            raise NotFound("There is no such agent.", reason="unknown_grant")
        del self.kept[grant_id]

    def add(self, number: int, user: str, name: str, desks: Sequence[str]) -> None:
        self.kept[f"g{number}"] = GrantInfo(
            id=f"g{number}",
            user=user,
            client=f"https://{name.lower()}.example/client.json",
            client_name=name,
            scopes=("tickets:read", "tickets:write"),
            desks=tuple(desks),
            created_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        )


@dataclass(slots=True)
class ClientsInMemory:
    """The port `Clients` of one tenant."""

    kept: dict[str, ClientInfo] = field(default_factory=dict[str, ClientInfo])

    async def every(self) -> tuple[ClientInfo, ...]:
        return tuple(self.kept.values())

    async def add(self, draft: ClientDraft) -> NewClient:
        made = ClientInfo(
            id=f"c{len(self.kept)}",
            name=draft.name,
            redirect_uris=draft.redirect_uris,
            scopes=tuple(sorted(draft.scopes)),
            desks=tuple(sorted(draft.desks)),
        )
        self.kept[made.id] = made
        return NewClient(client=made, secret="canary-client-secret" if draft.headless else "")

    async def remove(self, client_id: str) -> None:
        if self.kept.pop(client_id, None) is None:
            raise NotFound("There is no such application.", reason="unknown_client")


@dataclass(slots=True, kw_only=True)
class Town:
    """Everything behind the console, and browsers to visit it with."""

    database: AsyncEngine
    parts: Parts
    trail: SqlAuditTrail
    tenant: Tenant
    other: Tenant
    people: dict[str, Member]
    grants: GrantsInMemory
    clients: ClientsInMemory
    flow: Questions
    login: Elsewhere
    app: Edge = field(init=False)

    def __post_init__(self) -> None:
        host = urlsplit(self.parts.public_url).netloc
        site = Starlette(routes=browser_routes(self.parts))
        self.app = Edge(site, allowed_hosts=(host,), allowed_origins=(self.parts.public_url,))

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app, client=("192.0.2.1", 1)),
            base_url=self.parts.public_url,
            headers={"accept-language": "en", "sec-fetch-site": "same-origin", **headers},
        )

    @asynccontextmanager
    async def signed_in(self, name: str, **headers: str) -> AsyncGenerator[httpx2.AsyncClient]:
        async with self.browser(**headers) as browser:
            page = await browser.get("/sign-in")
            fields = {"email": f"{name}@acme.example", "password": PASSWORD}
            done = await browser.post("/sign-in", data={"token": token_in(page), **fields})
            assert done.status_code == 303, done.text
            yield browser

    async def desks(self) -> tuple[Connection, ...]:
        return await self.parts.desks(self.tenant.id)  # pyright: ignore[reportReturnType] -- a tuple here

    async def ask_approval(self, user: str = "claude") -> None:
        """Let an agent ask for something that a person must approve."""
        agent = Principal(tenant=self.tenant.id, subject=user, client="ci", scopes=frozenset())
        question = Question(
            operation="close_ticket",
            digest="d1",
            target="4711",
            arguments={"resolution": "<text of 40 characters>"},
        )
        await SqlApprovals(self.database).check(agent, question)


async def press(
    browser: httpx2.AsyncClient, page: str, action: str, **fields: object
) -> httpx2.Response:
    """Open a page and send one of its forms."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    assert f'action="{action}"' in shown.text, f"{page} has no form for {action}"
    return await browser.post(action, data={"token": token_in(shown), **fields})


def words(page: httpx2.Response) -> str:
    """Return what a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


@asynccontextmanager
async def opened_town(
    tmp_path: Path, *, public_url: str = URL, clock: Clock | None = None
) -> AsyncGenerator[Town]:
    async with opened("file", tmp_path) as database:
        acme, other = await _tenants(database)
        trail = SqlAuditTrail(database, acme.id)
        async with trail.running():
            yield await _built(database, acme, other, trail, public_url, clock)


async def _tenants(database: AsyncEngine) -> tuple[Tenant, Tenant]:
    store = SqlTenants(database)
    acme = Tenant(id="", slug="acme", name="Acme & Sons", time_zone="Europe/Madrid")
    globex = Tenant(id="", slug="globex", name="Globex")
    return await store.add(acme), await store.add(globex)


async def _built(
    database: AsyncEngine,
    acme: Tenant,
    other: Tenant,
    trail: SqlAuditTrail,
    public_url: str,
    clock: Clock | None,
) -> Town:
    now = clock or Clock(time.time())
    passwords = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts = SqlAccounts(database, passwords)
    people = await _people(database, acme, passwords)
    await accounts.make_operator(people["ada"].id)
    await SqlPeople(database, other.id, passwords).enrol(
        "olga@globex.example", "Olga", Role.ADMINISTRATOR, PASSWORD
    )
    await _connections(database, acme, other)
    grants, clients = GrantsInMemory(), ClientsInMemory()
    own = [desk.id for desk in await SqlConnections(database, acme.id, RING).every()]
    grants.add(1, people["ada"].id, "Claude", own)
    grants.add(2, people["sam"].id, "ChatGPT", own[:1])
    metrics, login = Metrics(), Elsewhere(now())
    offices = Offices(
        database=database,
        gate=Gate(database),
        passwords=passwords,
        tools=tuple(tool.name for tool in TOOLS),
        keyring=RING,
        prober=KindProber(metrics),
        fingerprints=lambda tenant: Fingerprints(keys=SqlAuditKeys(database, RING), tenant=tenant),
        clients=lambda tenant: clients if tenant == acme.id else ClientsInMemory(),
        grants=lambda tenant: grants if tenant == acme.id else GrantsInMemory(),
        provider=lambda tenant: SqlSignInProvider(database, tenant, RING, IssuerProber(login)),
    )
    keys = SqlAuditKeys(database, RING)
    recorder = CallRecorder(ADMIN, trail=trail, keys=keys, metrics=metrics)
    pipeline = Pipeline(ADMIN, opener=offices, limiter=MemoryLimiter(), recorder=recorder)
    flow = Questions(now)
    parts = Parts(
        public_url=public_url,
        people=accounts,
        passwords=passwords,
        sessions=SqlSessions(database),
        attempts=SqlSignInAttempts(database),
        limiter=MemoryLimiter(),
        forms_key=b"k" * 32,
        diary=DiaryInMemory(),
        flow=flow,
        desks=lambda tenant: SqlConnections(database, tenant, RING).every(),
        invitations=accounts,
        own_passwords=accounts,
        alarms=lambda tenant, person: (grants if tenant == acme.id else GrantsInMemory()).alarms(
            person
        ),
        administration=pipeline,
        tools=tuple(map(ToolInfo.of, TOOLS)),
        clock=now,
    )
    return Town(
        database=database,
        parts=parts,
        trail=trail,
        tenant=acme,
        other=other,
        people=people,
        grants=grants,
        clients=clients,
        flow=flow,
        login=login,
    )


async def _people(database: AsyncEngine, acme: Tenant, passwords: Passwords) -> dict[str, Member]:
    store = SqlPeople(database, acme.id, passwords)
    wanted = (
        ("ada", Role.ADMINISTRATOR),
        ("sam", Role.SUPERVISOR),
        ("ana", Role.AGENT),
        ("aud", Role.AUDITOR),
    )
    return {
        name: await store.enrol(f"{name}@acme.example", name.title(), role, PASSWORD)
        for name, role in wanted
    }


async def _connections(database: AsyncEngine, acme: Tenant, other: Tenant) -> None:
    credential = {"username": "helper", "password": CANARY}
    drafts = ((acme, "it"), (acme, "facilities"), (other, "secret-desk"))
    for tenant, name in drafts:
        draft = Connection(
            id="",
            tenant="",
            name=name,
            kind="django_helpdesk",
            address="http://127.0.0.1:9/",
            settings={"default_queue": "Support"},
        )
        await SqlConnections(database, tenant.id, RING).add(draft, credential)


def events(tenant: str, count: int, until: datetime) -> list[AuditEvent]:
    """Return a day of calls, some failed, the last of them at `until`."""
    tools = ("list_tickets", "get_ticket", "add_comment", "update_ticket")
    outcomes = ("ok", "ok", "ok", "ok", "ok", "unavailable", "ok", "rate_limited")
    return [
        AuditEvent(
            id=f"{number:032x}",
            at=until - timedelta(minutes=(number * number) % 1_440),
            tenant=tenant,
            user="ana",
            client="Claude",
            origin="mcp",
            tool_name=tools[number % 7 % 4],
            effect="read",
            target=str(4_000 + number % 13),
            outcome=outcomes[number % 8],
            reason="" if outcomes[number % 8] == "ok" else "timeout",
            seconds=0.02 + (number % 11) * 0.013,
        )
        for number in range(count)
    ]
