"""Tenants themselves: an operator's work on them, and what everybody else may know of their own."""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.domain.errors import Conflict, Denied, NotFound
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.tenants import Status, Tenant, TenantPolicy
from helpdesk_mcp.stores.schema import EVERY_TABLE
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenancy_tables import connections, policies, tenants
from helpdesk_mcp.stores.tenant_keys import ENVIRONMENT, ROWLESS
from helpdesk_mcp.stores.transactions import (
    Row,
    enter_tenant,
    operator_transaction,
    tenant_transaction,
)

FRESH = 4.0
"""Seconds for which a tenant is not looked up again; a suspension is felt within five."""
MOST_KNOWN = 10_000


class SqlTenants:
    """An operator's work on tenants: the one store that is born for none."""

    def __init__(self, database: AsyncEngine, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def every(self) -> tuple[Tenant, ...]:
        async with operator_transaction(self._database) as reader:
            rows = (await reader.execute(select(tenants).order_by(tenants.c.slug))).mappings().all()
        return tuple(tenant_of(row) for row in rows)

    async def get(self, name: str) -> Tenant:
        """Return a tenant by id or slug. Raises NotFound."""
        wanted = select(tenants).where((tenants.c.id == name) | (tenants.c.slug == name))
        async with operator_transaction(self._database) as reader:
            row = (await reader.execute(wanted)).mappings().one_or_none()
        if row is None:
            raise unknown()
        return tenant_of(row)

    async def add(self, tenant: Tenant) -> Tenant:
        """Add a tenant; its id is made here. Raises Conflict if the slug is taken."""
        row = {
            "id": uuid.uuid4().hex,
            "slug": tenant.slug,
            "name": tenant.name,
            "status": tenant.status.value,
            "reason": tenant.reason,
            "tier": tenant.tier,
            "locale": tenant.locale,
            "time_zone": tenant.time_zone,
            "created_at": self._clock(),
        }
        try:
            async with operator_transaction(self._database) as transaction:
                await transaction.execute(insert(tenants).values(row))
        except IntegrityError:
            raise Conflict("An organisation with this slug exists.", reason="taken") from None
        return tenant_of(row)

    async def update(self, changed: Tenant) -> Tenant:
        """Store name, tier, locale and time zone; felt within five seconds.

        Desks count days in a zone that they were opened with: for another they are opened anew.
        """
        before = await self.get(changed.id)
        values = {
            "name": changed.name,
            "tier": changed.tier,
            "locale": changed.locale,
            "time_zone": changed.time_zone,
        }
        async with operator_transaction(self._database) as transaction:
            mine = tenants.c.id == changed.id
            await transaction.execute(update(tenants).where(mine).values(values))
            if before.time_zone != changed.time_zone:
                await transaction.run_sync(enter_tenant, changed.id)
                own = update(connections).where(connections.c.tenant == changed.id)
                await transaction.execute(own.values(version=connections.c.version + 1))
        return await self.get(changed.id)

    async def set_status(self, tenant_id: str, status: Status, reason: str) -> Tenant:
        """Suspend or resume. Everything of a suspended tenant stops within five seconds."""
        changed = {"status": status.value, "reason": reason}
        async with operator_transaction(self._database) as transaction:
            done = await transaction.execute(
                update(tenants).where(tenants.c.id == tenant_id).values(changed)
            )
        if done.rowcount == 0:
            raise unknown()
        return await self.get(tenant_id)

    async def remove(self, tenant_id: str) -> None:
        """Delete a tenant with all its rows but the audit trail. Its keys go first, for ever.

        What was sealed for it cannot be read any more, from a backup of other tables neither.
        """
        async with operator_transaction(self._database) as transaction:
            done = await transaction.execute(delete(tenants).where(tenants.c.id == tenant_id))
            if done.rowcount == 0:
                raise unknown()
            await transaction.run_sync(enter_tenant, tenant_id)
            await _empty(transaction, tenant_id)


class Gate:
    """Whether tenants may work. What it knows is at most four seconds old."""

    def __init__(self, database: AsyncEngine, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, tuple[float, Tenant | None]] = {}

    async def tenant(self, tenant_id: str) -> Tenant:
        """Return a tenant with its policy. Raises NotFound. Not more than four seconds old."""
        until, tenant = self._known.get(tenant_id, (0.0, None))
        if until <= (now := self._clock()):
            tenant = await self._found(tenant_id)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[tenant_id] = (now + FRESH, tenant)
        if tenant is None:
            raise unknown()
        return tenant

    async def admits(self, tenant_id: str) -> bool:
        """Return whether a tenant is there and active."""
        try:
            return (await self.tenant(tenant_id)).status is Status.ACTIVE
        except NotFound:
            return False

    async def check(self, tenant_id: str) -> None:
        """Raise Denied unless a tenant is there and active: one answer for both."""
        if not await self.admits(tenant_id):
            raise Denied("This organisation is suspended.", reason="suspended")

    def forget(self) -> None:
        """Look every tenant up again when it is next asked for."""
        self._known.clear()

    async def look(self, tenant_id: str) -> Tenant:
        """Return a tenant as it is now, for who remembers it themselves. Raises NotFound."""
        if (tenant := await self._found(tenant_id)) is None:
            raise unknown()
        return tenant

    def guarding(
        self, authenticate: Callable[[str], Awaitable[Principal | None]]
    ) -> Callable[[str], Awaitable[Principal | None]]:
        """Return the same door, which admits nobody of a tenant that may not work."""

        async def admitted(token: str) -> Principal | None:
            principal = await authenticate(token)
            if principal is None or not await self.admits(principal.tenant):
                return None
            return principal

        return admitted

    async def _found(self, tenant_id: str) -> Tenant | None:
        async with tenant_transaction(self._database, tenant_id) as reader:
            of_tenant = select(tenants).where(tenants.c.id == tenant_id)
            row = (await reader.execute(of_tenant)).mappings().one_or_none()
            ruled = select(policies).where(policies.c.tenant == tenant_id)
            policy = (await reader.execute(ruled)).mappings().one_or_none()
        if row is not None:
            return tenant_of(row, policy)
        return _environment(tenant_id, policy) if tenant_id in ROWLESS else None


class SqlPolicies:
    """One tenant's policy."""

    def __init__(
        self, database: AsyncEngine, tenant: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def get(self) -> TenantPolicy:
        wanted = select(policies).where(policies.c.tenant == self._tenant)
        async with tenant_transaction(self._database, self._tenant) as reader:
            return policy_of((await reader.execute(wanted)).mappings().one_or_none())

    async def set(self, policy: TenantPolicy) -> None:
        row: dict[str, Any] = {
            "read_only": policy.read_only,
            "switched_off": sorted(policy.switched_off),
            "needs_approval": sorted(policy.needs_approval),
            "updated_at": self._clock(),
        }
        mine = policies.c.tenant == self._tenant
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(update(policies).where(mine).values(row))
            if done.rowcount == 0:
                await transaction.execute(insert(policies).values(row | {"tenant": self._tenant}))


def policy_of(row: Row | None) -> TenantPolicy:
    if row is None:
        return TenantPolicy()
    return TenantPolicy(
        read_only=row["read_only"],
        switched_off=frozenset(row["switched_off"]),
        needs_approval=frozenset(row["needs_approval"]),
    )


def unknown() -> NotFound:
    return NotFound("There is no such organisation.", reason="unknown_tenant")


def _environment(tenant_id: str, policy: Row | None) -> Tenant:
    name = "This server" if tenant_id == ENVIRONMENT else "The deployment"
    return Tenant(id=tenant_id, slug=tenant_id, name=name, policy=policy_of(policy))


def tenant_of(row: Row, policy: Row | None = None) -> Tenant:
    return Tenant(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        status=Status(row["status"]),
        reason=row["reason"],
        tier=row["tier"],
        locale=row["locale"],
        time_zone=row["time_zone"],
        policy=policy_of(policy),
    )


async def _empty(transaction: AsyncConnection, tenant_id: str) -> None:
    """Delete every row of a tenant, whichever table has it, and keep the audit trail."""
    for table in reversed(EVERY_TABLE):
        if "tenant" in table.c and table is not audit:
            await transaction.execute(delete(table).where(table.c.tenant == tenant_id))
