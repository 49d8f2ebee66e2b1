"""What administrators work on: the office of one tenant, and the ports behind its desks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from helpdesk_mcp.domain.approvals import Verdict
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.backups import Backups
from helpdesk_mcp.domain.principals import Principal, Role
from helpdesk_mcp.domain.probes import Probe, SignInProvider
from helpdesk_mcp.domain.tenants import (
    Connection,
    Connections,
    Member,
    Status,
    Tenant,
    TenantPolicy,
)
from helpdesk_mcp.domain.text import Line, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCall:
    """A call of an agent that waits for a person. `arguments` are masked as in the audit trail."""

    id: str
    tool: str
    target: Line
    user: Line
    client: Line
    asked_at: Moment
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientInfo:
    """An OAuth client as an administrator may see it: everything but a secret."""

    id: str
    name: Line
    host: str = ""
    redirect_uris: tuple[str, ...] = ()
    source: str = ""
    scopes: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    """Ids of those it may work on, where it works by itself."""
    created_at: Moment | None = None
    used_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client just registered. `secret` is shown this once; it is empty for public clients."""

    client: ClientInfo
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDraft:
    """A client to register for one tenant. `headless`: it acts by itself, without a person."""

    name: str
    redirect_uris: tuple[str, ...] = ()
    headless: bool = False
    scopes: frozenset[str] = frozenset()
    desks: frozenset[str] = frozenset()
    jwks: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantInfo:
    """A connected agent: which person lets which client do what, on which desks (ids)."""

    id: str
    user: Line
    client: str
    client_name: Line
    scopes: tuple[str, ...]
    desks: tuple[str, ...] = ()
    created_at: Moment | None = None
    used_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A connection that was ended because a token of it came back: somebody may have copied it.

    `id` is the grant's. `reason` is `reuse` for a refresh token, `replay` for a code.
    """

    id: str
    client: str
    client_name: Line
    reason: str
    ended_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation just made. `secret` opens it once, until `expires_at`; it is not kept."""

    id: str
    email: Line
    role: Role
    expires_at: Moment
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindInfo:
    """A kind of desk that can be connected, and the fields of its credential and settings."""

    kind: str
    title: str
    credential: tuple[str, ...]
    settings: tuple[str, ...]
    needs_address: bool


class Tenants(Protocol):
    """An operator's work on tenants. `get` takes an id or a slug; unknown ones raise NotFound."""

    async def every(self) -> tuple[Tenant, ...]: ...

    async def get(self, name: str) -> Tenant: ...

    async def add(self, tenant: Tenant) -> Tenant: ...

    async def update(self, changed: Tenant) -> Tenant:
        """Store name, tier, locale and time zone."""
        ...

    async def set_status(self, tenant_id: str, status: Status, reason: str) -> Tenant: ...

    async def remove(self, tenant_id: str) -> None: ...


class DeskBook(Connections, Protocol):
    """One tenant's connections as its administrator works on them."""

    async def get(self, name: str) -> Connection: ...

    async def add(self, draft: Connection, credential: Mapping[str, str]) -> Connection: ...

    async def update(
        self, changed: Connection, credential: Mapping[str, str] | None = None
    ) -> Connection:
        """Store a changed connection, and another credential in the same moment if one comes."""
        ...

    async def replace_credential(
        self, connection_id: str, credential: Mapping[str, str]
    ) -> None: ...

    async def resume(self, connection_id: str) -> None: ...

    async def remove(self, connection_id: str) -> None: ...


class DeskProber(Protocol):
    """Knows the kinds of desks there are and tries a connection, stored or not yet."""

    def kinds(self) -> Sequence[KindInfo]: ...

    def judge(self, connection: Connection, credential: Mapping[str, str] | None) -> None:
        """Raise Invalid that names what is wrong with kind, address, settings or credential."""
        ...

    def leads_elsewhere(self, before: Connection, after: Connection) -> bool:
        """Whether a change could send the stored credential to somebody else."""
        ...

    async def probe(self, connection: Connection, credential: Mapping[str, str]) -> Probe:
        """Sign in there and ask what the desk offers. Never raises for what the desk does."""
        ...


class Members(Protocol):
    """One tenant's people. Unknown ids, and people of other tenants, raise NotFound."""

    async def every(self) -> tuple[Member, ...]: ...

    async def get(self, person: str) -> Member:
        """Return a member by id or e-mail address."""
        ...

    async def invite(self, email: str, name: str, role: Role, by: str) -> Invited: ...

    async def invited(self) -> tuple[Invited, ...]:
        """Return the invitations that are open, without their secrets."""
        ...

    async def withdraw(self, invitation_id: str) -> None: ...

    async def enrol(self, email: str, name: str, role: Role, password: str) -> Member:
        """Make an account with a password, and a member. Raises Conflict for a known address."""
        ...

    async def set_role(self, person_id: str, role: Role) -> None: ...

    async def set_status(self, person_id: str, status: Status) -> None: ...

    async def remove(self, person_id: str) -> None: ...

    async def set_password(
        self, person_id: str, password: str, *, by_operator: bool = False
    ) -> None:
        """Set a password and end every session.

        Raises Denied for an account managed elsewhere, and for an operator's unless by one.
        """
        ...


class Clients(Protocol):
    """The OAuth clients that one tenant made for itself."""

    async def every(self) -> tuple[ClientInfo, ...]: ...

    async def add(self, draft: ClientDraft) -> NewClient: ...

    async def remove(self, client_id: str) -> None: ...


class Grants(Protocol):
    """The living grants of one tenant's people. Unknown ids raise NotFound."""

    async def every(self, user: str | None = None) -> tuple[GrantInfo, ...]: ...

    async def revoke(self, grant_id: str, user: str | None = None) -> None:
        """End a grant; with `user`, only one of that person's."""
        ...

    async def alarms(self, user: str) -> tuple[Alarm, ...]:
        """Return what a person has not dismissed yet, the newest first."""
        ...

    async def dismiss(self, grant_id: str, user: str) -> None: ...


class Policies(Protocol):
    async def get(self) -> TenantPolicy: ...

    async def set(self, policy: TenantPolicy) -> None: ...


class PendingCalls(Protocol):
    async def every(self) -> tuple[PendingCall, ...]: ...

    async def answer(self, approval_id: str, verdict: Verdict, by: str) -> None: ...


class Records(Protocol):
    """One tenant's audit trail, to read."""

    def search(self, query: AuditQuery) -> AsyncIterator[AuditEvent]: ...


class Fingerprints(Protocol):
    """How one tenant's trail shows values that it does not keep."""

    async def of(self, value: str) -> tuple[str, ...]:
        """Return the fingerprints a value may have, that of new events first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where one administrator works: everything of their own tenant, and nothing of another.

    `tools` are the names of all tools there are. `tenants` is for operators; the scope is asked
    for by each operation. A port that this deployment lacks (no keys, no OAuth) is None.
    """

    principal: Principal
    tenant: Tenant
    tools: tuple[str, ...]
    tenants: Tenants
    members: Members
    policies: Policies
    pending: PendingCalls
    records: Records
    fingerprints: Fingerprints
    desks: DeskBook | None = None
    prober: DeskProber | None = None
    clients: Clients | None = None
    grants: Grants | None = None
    backups: Backups | None = None
    provider: SignInProvider | None = None
