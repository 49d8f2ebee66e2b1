"""The organisations we serve, their people, and their connections to help desks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.principals import Role


class Status(StrEnum):
    """Whether a tenant, a person or a connection may be used. `reason` beside it says why not."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPolicy:
    """What a tenant's administrators allow at all, whatever a token says.

    `needs_approval` names tools that a person must confirm before they run.
    """

    read_only: bool = False
    switched_off: frozenset[str] = frozenset()
    needs_approval: frozenset[str] = frozenset()


class Tier(StrEnum):
    """How much of the deployment's rate of calls each caller of a tenant has."""

    BASIC = "basic"
    STANDARD = "standard"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


SHARES: Mapping[str, float] = {
    Tier.BASIC: 0.5,
    Tier.STANDARD: 1.0,
    Tier.PREMIUM: 2.5,
    Tier.ENTERPRISE: 5.0,
}

UNCHOSEN = "UTC"
"""The time zone of a tenant for which nobody chose one."""


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone. Raises Invalid for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("`time_zone` is a name such as Europe/Madrid.", reason="settings") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organisation. `id` is a UUID's 32 hex digits and never changes; `slug` is for people."""

    id: str
    slug: str
    name: str
    status: Status = Status.ACTIVE
    reason: str = ""
    tier: str = Tier.STANDARD.value
    locale: str = "en"
    time_zone: str = UNCHOSEN
    policy: TenantPolicy = field(default_factory=TenantPolicy)

    @property
    def share(self) -> float:
        """How many times the deployment's rate of calls its callers have."""
        return SHARES.get(self.tier, 1.0)

    @property
    def zone(self) -> str:
        """The time zone in which its days are counted, or nothing where nobody chose one."""
        try:
            zone_named(self.time_zone)
        except Invalid:
            return ""
        return "" if self.time_zone == UNCHOSEN else self.time_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A tenant's link to one help desk, without its credential.

    `name` is unique in its tenant and is what a caller writes in `desk`. `kind` is a key of
    `desks.kinds.KINDS`. `settings` holds what that kind takes: timeout, CA file, mappings of
    priorities, statuses and sites. `networks` are the private ones that the operator opened for
    it (`10.0.0.0/8`, `10.1.2.3/32:8443`); never the tenant's own words. `zone` is the tenant's
    time zone, for desks whose settings name none. `version` grows with every change of row or
    credential.
    """

    id: str
    tenant: str
    name: str
    kind: str
    address: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_default: bool = False
    networks: tuple[str, ...] = ()
    zone: str = ""
    status: Status = Status.ACTIVE
    reason: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person as one tenant knows them. `id` is the person's, the same in every tenant."""

    id: str
    email: str
    name: str = ""
    role: Role = Role.AGENT
    status: Status = Status.ACTIVE


class Connections(Protocol):
    """One tenant's connections: what an opener of desks needs. Unknown ids raise NotFound."""

    async def every(self) -> tuple[Connection, ...]:
        """Return all connections of the tenant, the default one first, then by name."""
        ...

    async def credential(self, connection_id: str) -> Mapping[str, str]:
        """Return a connection's credential, unsealed. Never kept, logged or answered."""
        ...

    async def suspend(self, connection_id: str, reason: str) -> None:
        """Stop using a connection. `reason` is ours, safe, and for the administrator."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamToken:
    """An access token that a desk's own authorization server gave us. Times in epoch seconds.

    `address` is where the desk said its API is (`api_domain`), if it said so; `scopes` are the
    desk's own words for what the token may do, separated by spaces, empty if it did not say.
    """

    value: str = field(repr=False)
    expires_at: float
    address: str = ""
    issued_at: float = 0.0
    scopes: str = ""


class UpstreamTokens(Protocol):
    """The shared access token of one connection, across all processes. Sealed at rest."""

    async def current(self) -> UpstreamToken | None: ...

    async def claim(self, seconds: float) -> bool:
        """Become the one who refreshes, for so long at most. False: somebody else is at it."""
        ...

    async def store(self, token: UpstreamToken) -> None:
        """Keep a new token and give up the claim."""
        ...

    async def release(self, *, retry_at: float = 0.0) -> None:
        """Give up the claim without a token; nobody may claim again before `retry_at`."""
        ...

    async def pause(self) -> float:
        """Return the seconds until anybody may claim: a cool-down, or too many refreshes lately.

        Zero means that at most somebody else's claim stands in the way.
        """
        ...

    async def suspend(self, reason: str) -> None:
        """Suspend the connection: the desk's authorization server revoked us for good."""
        ...
