"""A deployment with two organisations, their people, desks and tokens, for tests of the admin."""

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
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import load
from helpdesk_mcp.stores.approvals import SqlApprovals, SqlPendingCalls
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.tokens import SqlTokens

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

    @property
    def ids(self) -> dict[str, str]:
        return {
            "tenant": self.tenant.id,
            "desk": self.desk.id,
            "person": self.person.id,
            "approval": self.approval,
            "client": "none",
            "grant": "none",
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
    principal = Principal(tenant=tenant.id, subject="ana", client="tests", scopes=frozenset(Scope))
    enrolled = await app.admin.run(
        Call(
            principal=principal,
            operation="enrol_person",
            arguments={
                "email": f"ana@{slug}.example",
                "role": Role.ADMINISTRATOR.value,
                "password": PASSWORD,
            },
            origin="cli",
        )
    )
    question = Question(operation="close_ticket", digest=slug, arguments={"ticket_id": "7"})
    await SqlApprovals(database).check(principal, question)
    [waiting] = await SqlPendingCalls(database, tenant.id).every()
    person = Member(id=enrolled.data["id"], email=enrolled.data["email"])
    return Organisation(tenant=tenant, desk=desk, person=person, approval=waiting.id)


OPERATOR = DEPLOYMENT
"""The tenant of an operator's token."""
