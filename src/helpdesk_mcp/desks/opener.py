"""From a principal to an open desk: which desks its tenant has, and which it was granted."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from weakref import WeakValueDictionary

import anyio

from helpdesk_mcp.desks.kinds import KINDS, DeskKind
from helpdesk_mcp.desks.pool import Held, Key, Pool
from helpdesk_mcp.desks.underway import Underway
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, NotFound, Unavailable
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.tenants import (
    Connection,
    Connections,
    Status,
    Tenant,
    UpstreamTokens,
)
from helpdesk_mcp.telemetry.logs import logger
from helpdesk_mcp.telemetry.metrics import Metrics

FRESH = 4.0
"""Seconds that what is known of a tenant is trusted: suspensions and changes are seen within 5."""
MOST_TENANTS = 2_000
MOST_GRANTS = 500
PROBE = 2.0
"""Seconds that the first look at a tenant's desks waits for them to say what they offer."""

TenantOf = Callable[[str], Awaitable[Tenant]]
"""Returns a tenant by id. Raises NotFound."""
ConnectionsOf = Callable[[str], Connections]
TokensOf = Callable[[str, Connection], UpstreamTokens]
"""Returns where the access token of a tenant's connection is shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where tenants, their connections and their desks' shared tokens come from."""

    tenant: TenantOf
    connections: ConnectionsOf
    tokens: TokensOf | None = None


@dataclass(slots=True, eq=False)
class _Known:
    """What is known of one tenant, and until when. `desks` holds the answer for each grant."""

    tenant: Tenant
    policy: Policy
    connections: tuple[Connection, ...]
    until: float
    desks: dict[frozenset[str], Desks] = field(default_factory=dict[frozenset[str], Desks])


class TenantDesks:
    """Opens the desks of every tenant. What a principal gets follows from its token alone."""

    def __init__(
        self,
        sources: Sources,
        metrics: Metrics,
        *,
        kinds: Mapping[str, DeskKind] = KINDS,
        pool: Pool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = sources
        self._metrics = metrics
        self._kinds = kinds
        self._pool = pool or Pool()
        self._clock = clock
        self._underway = Underway(self._active)
        self._known: dict[str, _Known] = {}
        self._learning: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    async def desks(self, principal: Principal) -> Desks:
        """Return the desks of this principal. Raises Denied for a suspended tenant."""
        known = await self._active(principal.tenant)
        if (desks := known.desks.get(principal.desks)) is None:
            if len(known.desks) >= MOST_GRANTS:
                known.desks.clear()
            desks = known.desks[principal.desks] = granted(
                self._granted(known.tenant.id, connection)
                for connection in known.connections
                if not principal.desks or connection.id in principal.desks
            )
        return desks

    async def policy(self, principal: Principal) -> Policy:
        """Return what the principal's tenant allows. Raises Denied for a suspended tenant."""
        return (await self._active(principal.tenant)).policy

    @asynccontextmanager
    async def open(self, principal: Principal, desk: str | None = None) -> AsyncGenerator[Desk]:
        """Open a desk of this principal by name, or its default one.

        Raises NotFound for a desk that is not the principal's, Denied for a suspended one, and
        Stopped if the tenant is suspended meanwhile.
        """
        desks = await self.desks(principal)
        if not desks.every:
            raise Denied(
                "No help desk is connected that this token may use; an administrator connects "
                "or grants one.",
                reason="no_desk",
            )
        chosen = desks.every[0] if desk is None else desks.named(desk)
        if chosen.suspended:
            raise Denied(
                f"This help desk is suspended: {chosen.suspended} An administrator can test and "
                "resume it.",
                reason="desk_suspended",
            )
        tenant = principal.tenant
        with self._underway.call_of(tenant):
            async with self._using(tenant, self._connection(tenant, chosen.connection)) as held:
                if held.offered is None:
                    await self._probe(tenant, held)
                yield held.desk

    @asynccontextmanager
    async def running(self, tenant: str) -> AsyncGenerator[None]:
        """Hold desks open until the end, this tenant's from the beginning."""
        try:
            async with self._underway.watched():
                await self._active(tenant)
                yield
        finally:
            await self._pool.close()

    def checks(self, tenant: str) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return a check for each desk of a tenant that was known at the start, by its name."""
        known = self._known.get(tenant)
        connections = known.connections if known is not None else ()
        return {
            "desk" if len(connections) == 1 else f"desk {connection.name}": partial(
                self._answers, tenant, connection
            )
            for connection in connections
        }

    async def _answers(self, tenant: str, connection: Connection) -> None:
        """Look at a desk as it is now: one that was suspended since is not asked, but told."""
        await self._active(tenant)
        now = self._connection(tenant, connection.id)
        if now.status is not Status.ACTIVE:
            raise Unavailable(f"It is suspended: {now.reason}", reason="desk_suspended")
        async with self._using(tenant, now) as held:
            await held.desk.ping()

    async def _active(self, tenant: str) -> _Known:
        known = self._known.get(tenant)
        if known is None or known.until < self._clock():
            known = await self._learnt(tenant)
        if known.tenant.status is not Status.ACTIVE:
            raise _suspended()
        return known

    async def _learnt(self, tenant: str) -> _Known:
        async with self._learning.setdefault(tenant, anyio.Lock()):  # one asks, the others wait
            before = self._known.get(tenant)
            if before is not None and before.until >= self._clock():
                return before
            now = self._clock()
            known = await self._asked(tenant, now)
            if len(self._known) >= MOST_TENANTS:
                self._known = {t: k for t, k in self._known.items() if k.until >= now}
            self._known[tenant] = known
            await self._retire_changed(known)
            if before is None and known.tenant.status is Status.ACTIVE:
                await self._look(known)
            return known

    async def _asked(self, tenant: str, now: float) -> _Known:
        try:
            found = await self._sources.tenant(tenant)
        except NotFound:
            await self._forget(tenant)
            raise _suspended() from None
        connections = await self._sources.connections(tenant).every()
        return _Known(
            tenant=found,
            policy=Policy(
                read_only=found.policy.read_only,
                switched_off=found.policy.switched_off,
                needs_approval=found.policy.needs_approval,
                share=found.share,
            ),
            connections=connections,
            until=now + FRESH,
        )

    async def _retire_changed(self, known: _Known) -> None:
        """Close what is no longer so: desks that are gone, suspended or of another version."""
        active = known.tenant.status is Status.ACTIVE
        current = {c.id: c.version for c in known.connections if c.status is Status.ACTIVE}
        for tenant, connection in self._pool.open:
            if tenant != known.tenant.id:
                continue
            version = current.get(connection) if active else None
            if version is None or self._pool.known((tenant, connection), version) is None:
                await self._pool.retire((tenant, connection))
        await self._pool.sweep()

    async def _forget(self, tenant: str) -> None:
        self._known.pop(tenant, None)
        for key in self._pool.open:
            if key[0] == tenant:
                await self._pool.retire(key)

    async def _look(self, known: _Known) -> None:
        """Ask a tenant's desks what they offer, all at once, and wait for it only briefly.

        A desk that does not answer is asked again by the first call to it.
        """
        tenant = known.tenant.id
        with anyio.move_on_after(PROBE):
            async with anyio.create_task_group() as tasks:
                for connection in known.connections:
                    if connection.status is Status.ACTIVE:
                        tasks.start_soon(self._look_at, tenant, connection)

    async def _look_at(self, tenant: str, connection: Connection) -> None:
        try:
            async with self._using(tenant, connection) as held:
                await self._probe(tenant, held)
        except HelpdeskError as error:
            logger().warning("desk.probe.failed", kind=connection.kind, reason=error.reason)

    async def _probe(self, tenant: str, held: Held) -> None:
        """Ask the desk what it offers. Raises Unavailable; then it is asked again later."""
        async with held.probing:
            if held.offered is None:
                held.offered = await held.desk.capabilities() | {Desk}
                held.lacking = frozenset(await held.desk.lacking())
                if (known := self._known.get(tenant)) is not None:
                    known.desks.clear()

    def _connection(self, tenant: str, connection_id: str) -> Connection:
        for connection in self._known[tenant].connections:
            if connection.id == connection_id:
                return connection
        raise NotFound("There is no such desk.", reason="unknown_desk")

    def _granted(self, tenant: str, connection: Connection) -> GrantedDesk:
        kind = self._kinds.get(connection.kind)
        offered = frozenset[type](kind.desk.__mro__ if kind is not None else ())
        held = self._pool.known((tenant, connection.id), connection.version)
        if held is not None and held.offered is not None:
            offered = frozenset(type(held.desk).__mro__) & held.offered
        active = connection.status is Status.ACTIVE
        return GrantedDesk(
            name=connection.name,
            connection=connection.id,
            kind=connection.kind,
            offered=offered,
            lacking=held.lacking if held is not None else frozenset(),
            suspended="" if active else connection.reason or "An administrator stopped it.",
        )

    def _using(self, tenant: str, connection: Connection) -> AbstractAsyncContextManager[Held]:
        making = partial(self._made, tenant, connection)
        key: Key = (tenant, connection.id)
        return self._pool.using(key, connection.version, making)

    @asynccontextmanager
    async def _made(self, tenant: str, connection: Connection) -> AsyncGenerator[Desk]:
        credential = await self._sources.connections(tenant).credential(connection.id)
        tokens = self._sources.tokens
        shared = tokens(tenant, connection) if tokens is not None else None
        kind = self._kinds[connection.kind]
        zone = self._known[tenant].tenant.zone
        async with kind.opens(
            replace(connection, zone=zone), credential, self._metrics, shared
        ) as desk:
            yield desk


def _suspended() -> Denied:
    return Denied(
        "This organisation is suspended; its administrator or the operator knows why.",
        reason="suspended",
    )
