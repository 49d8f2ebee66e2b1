"""What the pages need of the rest of the product, as ports and plain values."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.administration import Alarm
from helpdesk_mcp.domain.limits import Limiter
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.sessions import (
    People,
    Person,
    Sessions,
    SignInAttempts,
)
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.oauth.flow import Flow
from helpdesk_mcp.pipeline.pipeline import Pipeline

Desks = Callable[[str], Awaitable[Sequence[Connection]]]
"""The connections of a tenant, the default one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that people did at a page and that the audit trail keeps.

    `name` is one of `auth.login`, `auth.password`, both also with `.throttled`, `auth.logout`,
    `auth.joined`, `auth.consent` and
    `auth.upstream`. `person` and `tenant` are empty where nobody knows them. `facts` are plain
    words and ids, never what somebody typed into a password field.
    """

    name: str
    outcome: str
    reason: str = ""
    person: str = ""
    tenant: str = ""
    facts: Mapping[str, str | Sequence[str]] | None = None


class Diary(Protocol):
    """Where happenings go. Raises Unavailable when they cannot be kept: then nothing is done."""

    async def keep(self, happening: Happening) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where a person signs in at their organisation's own provider. `name` is its host."""

    name: str
    address: str


class Upstream(Protocol):
    """Sign-in through a tenant's OpenID Connect provider. State belongs to one browser."""

    async def start(
        self, slug: str, *, browser: str, question: str, max_age: int | None
    ) -> Provider:
        """Begin; with `max_age` the provider should sign in anew whoever did so longer ago.

        Raises NotFound if no such organisation has a provider, Unavailable.
        """
        ...

    async def finish(self, answer: Mapping[str, str], *, browser: str) -> "Vouched":
        """End, once. Raises Denied for an answer that is not this browser's, or that says no."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Somebody their organisation's provider knows, and the question they were about to answer.

    `auth_time` is when they signed in there, if it says so.
    """

    person: Person
    tenant: str
    issuer: str
    question: str = ""
    auth_time: float | None = None


class Invitations(Protocol):
    """Invitations by the secret in their link. Each is accepted once."""

    async def invitation(self, secret: str) -> str | None:
        """Return the address an open invitation was sent to."""
        ...

    async def accept(self, secret: str, *, password: str = "", person: str = "") -> str:
        """Join: with a new account, or as the signed-in person. Raises NotFound, Conflict."""
        ...


class OwnPasswords(Protocol):
    """People's own passwords."""

    async def set_password(self, person_id: str, password: str, *, agents: bool = False) -> None:
        """Change it; with `agents` end what they granted too. Raises Invalid for a bad one."""
        ...


Alarms = Callable[[str, str], Awaitable[Sequence[Alarm]]]
"""What a person of a tenant has not been told yet: connections ended because of a misused token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolInfo:
    """A tool as the policy page shows it."""

    name: str
    title: str
    effect: str
    toolset: str

    @classmethod
    def of(cls, tool: AnyOperation) -> "ToolInfo":
        return cls(name=tool.name, title=tool.title, effect=tool.effect.value, toolset=tool.toolset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the pages stand on. `public_url` has no trailing slash.

    `asks` tells whether programs send people here to consent: not where another server does that.
    """

    public_url: str
    people: People
    passwords: Passwords
    sessions: Sessions
    attempts: SignInAttempts
    limiter: Limiter
    forms_key: bytes
    diary: Diary
    flow: Flow
    desks: Desks
    invitations: Invitations | None = None
    own_passwords: OwnPasswords | None = None
    alarms: Alarms | None = None
    administration: Pipeline | None = None
    tools: tuple[ToolInfo, ...] = ()
    upstream: Upstream | None = None
    trusted_proxies: tuple[str, ...] = ()
    asks: bool = True
    clock: Callable[[], float] = time.time
