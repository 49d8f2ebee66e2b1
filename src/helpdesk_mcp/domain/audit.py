"""What is written down about every call, and where it goes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One call. `user`, `tool_name` and `arguments` carry exactly those names everywhere.

    `arguments` are masked before an event is made. `seconds` is the duration. `outcome` is
    "ok", an error code, "cancelled", or "started" for a write whose end was never recorded
    (the process died: look at the ticket). `via` is the tool that ran this one, if one did.
    """

    id: str
    at: datetime
    tenant: str
    user: str
    client: str
    origin: str
    tool_name: str
    effect: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    target: str = ""
    outcome: str = "ok"
    reason: str = ""
    written: str = ""
    seconds: float = 0.0
    trace_id: str = ""
    token_id: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which events. `id` is the beginning of one; all conditions must hold.

    `user` is what events hold, or the address of a person of the organisation.
    `fingerprints`: any of these stands among the arguments, for a value that is not kept itself.
    """

    id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    user: str | None = None
    tool_name: str | None = None
    outcome: str | None = None
    target: str | None = None
    fingerprints: tuple[str, ...] = ()
    limit: int = 100


class AuditKeys(Protocol):
    """What fingerprints of values are made with, so that only who holds the key can compare them.

    Both raise Unavailable for a key that cannot be read, NotFound for a tenant that is not there.
    """

    async def current(self, tenant: str) -> bytes:
        """Return the key of a tenant's new events."""
        ...

    async def every(self, tenant: str) -> tuple[bytes, ...]:
        """Return the keys of all events that the tenant has, the current one first."""
        ...


class AuditTrail(Protocol):
    """Where events are kept, for one tenant."""

    async def begin(self, event: AuditEvent) -> None:
        """Store a write's event durably before the write is tried. Raises Unavailable."""
        ...

    async def finish(self, event: AuditEvent) -> None:
        """Store the outcome durably before the write is answered. Raises Unavailable."""
        ...

    def note(self, event: AuditEvent) -> None:
        """Queue the event of a call that wrote nothing; stored within a second.

        Raises Unavailable when the queue is full, so that nothing runs unrecorded.
        """
        ...

    def search(self, query: AuditQuery) -> AsyncIterator[AuditEvent]: ...
