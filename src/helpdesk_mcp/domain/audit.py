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
    """Which events. `id` is the beginning of one; all conditions must hold."""

    id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    user: str | None = None
    tool_name: str | None = None
    outcome: str | None = None
    target: str | None = None
    limit: int = 100


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
