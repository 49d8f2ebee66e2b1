"""A deployment with two organisations, their people, desks and tokens, for tests of the admin."""

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from tests.stores.tenancy import CREDENTIAL, FIRST, draft

from helpdesk_mcp.app import App, opened
from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.approvals import Question
from helpdesk_mcp.domain.principals import ADMIN_SCOPES, Principal, Role, Scope
from helpdesk_mcp.domain.tenants import Connection, Member, Tenant
from helpdesk_mcp.oauth.models import Grant
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import load
from helpdesk_mcp.stores.approvals import SqlApprovals, SqlPendingCalls
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import Database
from helpdesk_mcp.stores.grants import SqlGrants
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.tokens import SqlTokens
from helpdesk_mcp.stores.transactions import tenant_transaction

PORT = 8001
PASSWORD = "correct horse battery"
EVERYTHING = ADMIN_SCOPES | {Scope.APPROVALS_DECIDE}
TENANT_ADMIN = frozenset({Scope.ADMIN, Scope.AUDIT_READ, Scope.APPROVALS_DECIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One tenant with one of everything that has an id."""

    tenant: Tenant
    desk: Connection
    person: Member
    approval: str
    client: str
    grant: str
    invitation: str

    @property
    def ids(self) -> dict[str, str]:
        return {
            "tenant": self.tenant.id,
            "desk": self.desk.id,
            "person": self.person.id,
            "approval": self.approval,
            "client": self.client,
            "grant": self.grant,
            "invitation": self.invitation,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    app: App
    acme: Organisation
    globex: Organisation

    async def run(
        self, operation: str, at: str = "", scopes: frozenset[Scope] = EVERYTHING, **given: Any
    ) -> dict[str, Any]:
        """Run an operation as an administrator of acme, or of another tenant."""
        principal = Principal(
            tenant=at or self.acme.tenant.id, subject="ana", client="tests", scopes=scopes
        )
        call = Call(principal=principal, operation=operation, arguments=given, origin="admin")
        return (await self.app.admin.run(call)).data

    async def token(self, tenant: str, scopes: frozenset[Scope] = EVERYTHING) -> str:
        _, secret = await SqlTokens(self.app.database, tenant).create(
            name="", subject="ana", client="tests", scopes=scopes, expires_at=None
        )
        return secret

    @asynccontextmanager
    async def http(self, token: str) -> AsyncGenerator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(self.app.site(PORT))
        base, headers = f"http://127.0.0.1:{PORT}", {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as http:
            yield http


@asynccontextmanager
async def town(url: str = "sqlite+aiosqlite://") -> AsyncGenerator[Town]:
    often = {"reads_per_minute": 10_000_000, "writes_per_minute": 10_000_000}
    settings = load(None, database_url=url, helpdesk_master_key=FIRST, **often)
    async with opened(settings, MemoryDesk()) as app:
        yield Town(app=app, acme=await _made(app, "acme"), globex=await _made(app, "globex"))


async def _made(app: App, slug: str) -> Organisation:
    database = app.database
    tenant = await SqlTenants(database).add(Tenant(id="", slug=slug, name=slug.title()))
    desk = await SqlConnections(database, tenant.id, parse_keys(FIRST)).add(draft(), CREDENTIAL)

    async def run(operation: str, **given: Any) -> dict[str, Any]:
        who = Principal(tenant=tenant.id, subject="ana", client="tests", scopes=frozenset(Scope))
        call = Call(principal=who, operation=operation, arguments=given, origin="cli")
        return (await app.admin.run(call)).data

    enrolled = await run(
        "enrol_person",
        email=f"ana@{slug}.example",
        role=Role.ADMINISTRATOR.value,
        password=PASSWORD,
    )
    invited = await run("invite_person", email=f"new@{slug}.example", role=Role.AGENT.value)
    client = await run("register_client", name="Job", headless=True, scopes=["tickets:read"])
    principal = Principal(tenant=tenant.id, subject="ana", client="tests", scopes=EVERYTHING)
    question = Question(operation="close_ticket", digest=slug, arguments={"ticket_id": "7"})
    await SqlApprovals(database).check(principal, question)
    [waiting] = await SqlPendingCalls(database, tenant.id).every()
    person = Member(id=enrolled["id"], email=enrolled["email"])
    return Organisation(
        tenant=tenant,
        desk=desk,
        person=person,
        approval=waiting.id,
        invitation=invited["id"],
        client=client["client"]["id"],
        grant=await _granted(database, tenant.id, client["client"]["id"]),
    )


async def _granted(database: Database, tenant: str, client: str) -> str:
    """Let Ana have connected an agent."""
    now = time.time()
    grant = Grant(
        id=uuid.uuid4().hex,
        tenant=tenant,
        user="ana",
        client_id=client,
        resource="http://127.0.0.1/mcp",
        scopes=frozenset({Scope.TICKETS_READ}),
        identity=frozenset(),
        desks=frozenset(),
        auth_time=now,
        created_at=now,
        used_at=now,
        expires_at=now + 3_600,
    )
    async with tenant_transaction(database, tenant) as transaction:
        await transaction.run_sync(lambda connection: SqlGrants(connection).add(grant))
    return grant.id


OPERATOR = DEPLOYMENT
"""The tenant of an operator's token."""
