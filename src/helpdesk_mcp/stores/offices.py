"""From an administrator to the office of their own tenant: the admin pipeline's opener."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.administration import Clients, DeskProber, Fingerprints, Grants, Office
from helpdesk_mcp.domain.backups import Backups
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.probes import SignInProvider
from helpdesk_mcp.stores.approvals import SqlPendingCalls
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.tenants import Gate, SqlPolicies, SqlTenants

OFFICE = granted(
    [GrantedDesk(name="office", connection="office", kind="office", offered=frozenset({Office}))]
)
"""What an administrator's call is for, in the place of a help desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """Opens offices. Without a keyring they keep no desks, without OAuth no clients and grants."""

    database: AsyncEngine
    gate: Gate
    passwords: Passwords
    tools: tuple[str, ...]
    fingerprints: Callable[[str], Fingerprints]
    keyring: Keyring | None = None
    prober: DeskProber | None = None
    clients: Callable[[str], Clients] | None = None
    grants: Callable[[str], Grants] | None = None
    backups: Backups | None = None
    provider: Callable[[str], SignInProvider] | None = None

    async def desks(self, principal: Principal) -> Desks:
        await self.gate.check(principal.tenant)
        return OFFICE

    @asynccontextmanager
    async def open(self, principal: Principal, desk: str | None = None) -> AsyncGenerator[Office]:
        del desk  # there is one office
        await self.gate.check(principal.tenant)
        own, database = principal.tenant, self.database
        yield Office(
            principal=principal,
            tenant=await self.gate.tenant(own),
            tools=self.tools,
            tenants=SqlTenants(database),
            members=SqlPeople(database, own, self.passwords),
            policies=SqlPolicies(database, own),
            pending=SqlPendingCalls(database, own),
            records=SqlAuditTrail(database, own),
            fingerprints=self.fingerprints(own),
            desks=SqlConnections(database, own, self.keyring) if self.keyring else None,
            prober=self.prober,
            clients=self.clients(own) if self.clients else None,
            grants=self.grants(own) if self.grants else None,
            backups=self.backups,
            provider=self.provider(own) if self.provider else None,
        )
