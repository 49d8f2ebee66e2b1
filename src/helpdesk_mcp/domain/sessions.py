"""People who sign in with a browser: who they are, their sessions, and their failed attempts."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Status, Tenant

IDLE = 30 * 60.0
"""Seconds without a request after which a session is over."""
ABSOLUTE = 12 * 3_600.0
"""Seconds after which a session is over whatever happens."""
PASSWORD = "password"  # noqa: S105 -- a way to sign in, not one
FREE_FAILURES = 5
"""Wrong passwords for one account before it must wait."""
FIRST_WAIT = 30.0
LONGEST_WAIT = 900.0
FORGOTTEN_AFTER = 24 * 3_600.0
"""Seconds after its last failure when an account is as if it had never failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in.

    `signed_out_at` moves when a password changes or the person is disabled: every session from
    before is over. `operator`: of the whole deployment, not of a tenant.
    `password` is a hash as `crypto.passwords` makes them, empty for who has none.
    """

    id: str
    email: str
    name: str = ""
    locale: str = ""
    status: Status = Status.ACTIVE
    signed_out_at: float = 0.0
    operator: bool = False
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A person's place in a tenant."""

    tenant: Tenant
    role: Role


class People(Protocol):
    """Everybody who can sign in, whatever tenant they belong to."""

    async def by_email(self, email: str) -> Person | None: ...

    async def by_id(self, person_id: str) -> Person | None: ...

    async def memberships(self, person_id: str) -> tuple[Membership, ...]:
        """Return the active places of a person in active tenants, by the tenant's name."""
        ...

    async def rehash(self, person_id: str, hashed: str) -> None:
        """Keep a newer hash of the same password. Ends no session."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser somebody signed in with. Times in seconds since the epoch.

    `tenant` is the one chosen, empty before a choice. `via` is "password", or the issuer of the
    provider that vouched.
    """

    person: str
    auth_time: float
    seen_at: float
    tenant: str = ""
    via: str = PASSWORD

    def alive(self, person: Person, now: float) -> bool:
        """Whether it still holds: used of late, not too old, and of somebody still welcome."""
        recent = now < self.seen_at + IDLE and now < self.auth_time + ABSOLUTE
        welcome = person.status is Status.ACTIVE and self.auth_time > person.signed_out_at
        return recent and welcome


class Sessions(Protocol):
    """Sessions by their secret, which is stored hashed only; used-up form tokens by their name."""

    async def add(self, secret: str, session: Session) -> None: ...

    async def find(self, secret: str) -> Session | None: ...

    async def touch(self, secret: str, now: float) -> None: ...

    async def remove(self, secret: str) -> None: ...

    async def remove_all(self, person: str) -> int: ...

    async def use_up(self, token: str, until: float) -> bool:
        """Mark a form token used. False: it was used before."""
        ...


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures of one account in a row."""

    failures: int = 0
    last: float = 0.0
    until: float = 0.0


def attempt(before: Attempts, now: float) -> tuple[Attempts, float]:
    """Count an attempt as failed before it is judged; success clears. Also: seconds to wait.

    With a wait the attempt is refused unseen and does not count. So parallel guesses gain nothing.
    """
    if now < before.until:
        return before, before.until - now
    failures = 1 if now > before.last + FORGOTTEN_AFTER else before.failures + 1
    over = failures - FREE_FAILURES
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(over, 10)) if over >= 0 else 0.0
    return replace(before, failures=failures, last=now, until=now + wait if wait else 0.0), 0.0


class SignInAttempts(Protocol):
    """Failed attempts of each account, counted across all processes."""

    async def attempt(self, account: str, now: float) -> float:
        """Count an attempt; return the seconds to wait before it may be judged, zero if none."""
        ...

    async def clear(self, account: str) -> None: ...
