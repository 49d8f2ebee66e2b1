"""Tenants whose desks are in memory, and an opener over them whose clock a test holds."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from helpdesk_mcp.desks.configured import GIVEN, ConfiguredConnections, given, holding
from helpdesk_mcp.desks.kinds import DeskKind
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.opener import Sources, TenantDesks
from helpdesk_mcp.desks.pool import Pool
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError, NotFound
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.domain.tenants import (
    UNCHOSEN,
    Connection,
    Connections,
    Status,
    Tenant,
    TenantPolicy,
    UpstreamTokens,
)
from helpdesk_mcp.telemetry.metrics import Metrics


def opener_of(desk: Desk, *, tenant: str) -> TenantDesks:
    """Return an opener of one given desk of one tenant."""

    async def known(tenant_id: str) -> Tenant:
        return Tenant(id=tenant_id, slug=tenant_id, name=tenant_id)

    connections = ConfiguredConnections([given(tenant)])
    sources = Sources(tenant=known, connections=lambda _: connections)
    return TenantDesks(sources, Metrics(), kinds={GIVEN: holding(desk)})


def principal(tenant: str = "acme", *desks: str, subject: str = "ana") -> Principal:
    return Principal(
        tenant=tenant,
        subject=subject,
        client="tests",
        scopes=EVERY_SCOPE,
        desks=frozenset(f"{tenant}/{desk}" for desk in desks),
    )


@dataclass(slots=True)
class Town:
    """Tenants and their desks by name. What a test changes here, its opener must notice."""

    desks: dict[str, dict[str, Desk]] = field(default_factory=dict[str, dict[str, Desk]])
    changed: dict[str, Connection] = field(default_factory=dict[str, Connection])
    suspended: set[str] = field(default_factory=set[str])
    policies: dict[str, TenantPolicy] = field(default_factory=dict[str, TenantPolicy])
    zones: dict[str, str] = field(default_factory=dict[str, str])
    tiers: dict[str, str] = field(default_factory=dict[str, str])
    zone_of: dict[str, str] = field(default_factory=dict[str, str])
    opened: list[str] = field(default_factory=list[str])
    closed: list[str] = field(default_factory=list[str])
    asked: int = 0
    now: float = 0.0
    down: HelpdeskError | None = None

    def opener(self, pool: Pool | None = None) -> TenantDesks:
        sources = Sources(tenant=self.tenant, connections=lambda t: _Connections(self, t))
        kind = replace(holding(MemoryDesk()), opens=self._opens)
        kinds: Mapping[str, DeskKind] = {GIVEN: kind}
        pool = pool or Pool(clock=self.clock)
        return TenantDesks(sources, Metrics(), kinds=kinds, pool=pool, clock=self.clock)

    @property
    def clock(self) -> Callable[[], float]:
        return lambda: self.now

    async def tenant(self, tenant: str) -> Tenant:
        self.asked += 1
        if self.down is not None:
            raise self.down
        if tenant not in self.desks:
            raise NotFound("There is no such tenant.")
        status = Status.SUSPENDED if tenant in self.suspended else Status.ACTIVE
        policy = self.policies.get(tenant, TenantPolicy())
        zone = self.zones.get(tenant, UNCHOSEN)
        return Tenant(
            id=tenant,
            slug=tenant,
            name=tenant,
            status=status,
            policy=policy,
            time_zone=zone,
            tier=self.tiers.get(tenant, "standard"),
        )

    def connection(self, tenant: str, name: str) -> Connection:
        plain = Connection(
            id=f"{tenant}/{name}", tenant=tenant, name=name, kind=GIVEN, address="", version=1
        )
        return self.changed.get(plain.id, plain)

    def change(self, tenant: str, name: str, **changes: object) -> None:
        before = self.connection(tenant, name)
        self.changed[before.id] = replace(before, version=before.version + 1, **changes)  # pyright: ignore[reportArgumentType] -- any field of it

    @asynccontextmanager
    async def _opens(
        self,
        connection: Connection,
        credential: Mapping[str, str],
        metrics: Metrics,
        tokens: UpstreamTokens | None,
    ) -> AsyncGenerator[Desk]:
        del metrics, tokens
        assert credential == {"of": connection.id}
        self.zone_of[connection.id] = connection.zone
        self.opened.append(f"{connection.id} {connection.version}")
        yield self.desks[connection.tenant][connection.name]
        self.closed.append(f"{connection.id} {connection.version}")


@dataclass(frozen=True, slots=True)
class _Connections(Connections):
    town: Town
    of: str

    async def every(self) -> tuple[Connection, ...]:
        return tuple(self.town.connection(self.of, name) for name in self.town.desks[self.of])

    async def credential(self, connection_id: str) -> Mapping[str, str]:
        return {"of": connection_id}

    async def suspend(self, connection_id: str, reason: str) -> None:
        raise NotImplementedError
