"""What the authorization server needs of the outside: records, people, sealing, fetching, audit.

The protocol core is synchronous, as Authlib is: a piece of `Work` gets `Records` that belong to
one transaction, and `Ledger.run` commits it when it returns. What it raises is rolled back, so an
answer that must leave a trace (a replay, a failed proof) is returned and never raised.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from helpdesk_mcp.oauth.models import (
    Client,
    Code,
    Grant,
    Pending,
    RefreshToken,
    Remembered,
    Source,
    Standing,
)

Result = TypeVar("Result")


class Clients(Protocol):
    def find(self, client_id: str) -> Client | None:
        """Return a client that is not disabled."""
        ...

    def put(self, client: Client) -> None:
        """Store a client, in place of an earlier one with its id."""
        ...

    def used(self, client_id: str, now: float) -> None: ...

    def unused(self, source: Source) -> int:
        """Count the clients that never got a grant."""
        ...

    def forget_unused(self, before: float) -> int:
        """Remove registered clients that were made before then and never got a grant."""
        ...


class Questions(Protocol):
    def add(self, pending: Pending) -> None: ...

    def find(self, question_id: str, browser: bytes, now: float) -> Pending | None:
        """Return a question of this browser that is neither answered nor too old."""
        ...

    def answer(self, question_id: str, browser: bytes, now: float) -> Pending | None:
        """Take a question to answer it: one statement, so only one caller gets it."""
        ...


class Codes(Protocol):
    def add(self, code: Code) -> None: ...

    def find(self, digest: bytes) -> Code | None:
        """Return a code and keep others from it until the transaction ends."""
        ...

    def fail(self, digest: bytes) -> None:
        """Count one failed proof."""
        ...

    def redeem(self, digest: bytes, now: float) -> bool:
        """Use a code up: one statement. False: somebody else did."""
        ...


class RefreshTokens(Protocol):
    def add(self, token: RefreshToken) -> None: ...

    def find(self, digest: bytes) -> RefreshToken | None:
        """Return a token and keep others from it until the transaction ends."""
        ...

    def rotate(self, digest: bytes, now: float) -> bool:
        """Use a live token up: one statement. False: it was used, or it is dead."""
        ...

    def kill_successor(self, digest: bytes, now: float) -> bool:
        """Kill the unused successor of a used token: one statement. False: there is none."""
        ...


class Grants(Protocol):
    def add(self, grant: Grant) -> None: ...

    def find(self, grant_id: str) -> Grant | None: ...

    def used(self, grant_id: str, now: float) -> None: ...

    def revoke(self, grant_id: str, now: float, reason: str) -> bool:
        """End a grant with all its tokens. False: it had ended before."""
        ...

    def remember(self, grant: Grant, redirect_uri: str, asked: frozenset[str]) -> None:
        """Keep the consent, so that exactly the same request need not be asked again."""
        ...

    def remembered(
        self, user: str, client: Client, redirect_uri: str, resource: str, asked: frozenset[str]
    ) -> Remembered | None: ...


class Assertions(Protocol):
    def spend(self, client_id: str, token_id: str, expires_at: float) -> bool:
        """Remember a client assertion's id. False: it was used before (RFC 7523 §3)."""
        ...


class Members(Protocol):
    """The people of tenants, as far as tokens depend on them."""

    def standing(self, tenant: str, user: str) -> Standing | None:
        """Return a person's place; None unless person, membership and tenant are all active."""
        ...

    def serves(self, tenant: str) -> bool:
        """Return whether a tenant exists and is active."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything one transaction may read and write."""

    clients: Clients
    questions: Questions
    codes: Codes
    refresh_tokens: RefreshTokens
    grants: Grants
    assertions: Assertions
    members: Members
    remarks: list["Remark"]
    """What is to be written into the audit trail once the transaction is committed."""

    def remark(self, event: str, outcome: str = "ok", **facts: str) -> None:
        self.remarks.append(Remark(event=event, outcome=outcome, **facts))


class Ledger(Protocol):
    async def run(self, work: Callable[[Records], Result]) -> Result:
        """Run `work` in one transaction and commit it. Raises Unavailable."""
        ...

    async def look(self, work: Callable[[Records], Result]) -> Result:
        """Run `work`, which only reads. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One authorization event for the audit trail. Holds no secret and no free text of clients."""

    event: str
    outcome: str = "ok"
    tenant: str = ""
    user: str = ""
    client: str = ""
    target: str = ""
    reason: str = ""


Witness = Callable[[Remark], Awaitable[None]]
"""Takes down an authorization event."""


class Sealer(Protocol):
    """Keeps private keys unreadable at rest. Implemented by `crypto.sealing`."""

    def seal(self, table: str, column: str, row: str, secret: bytes) -> bytes: ...

    def unseal(self, table: str, column: str, row: str, record: bytes) -> bytes: ...


class Seals(Protocol):
    """Gives sealers of the deployment."""

    async def sealer(self, *, seals: int = 0) -> Sealer:
        """Return one that opens everything, and seals so many records at most."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A signing key at rest: its public half, and its private half sealed."""

    kid: str
    purpose: str
    public: Mapping[str, Any]
    sealed: bytes
    created_at: float
    retired_at: float | None = None


class SigningKeys(Protocol):
    """The signing keys of the deployment, shared by all replicas."""

    async def every(self) -> list[StoredKey]:
        """Return all keys, the newest first."""
        ...

    async def rotate(self, key: StoredKey, now: float) -> None:
        """Add a key and retire its predecessors of the same purpose."""
        ...

    async def start(self, key: StoredKey) -> None:
        """Add the first key of a purpose; nothing happens if another replica did."""
        ...

    async def forget(self, retired_before: float) -> int: ...
