"""One call on the road: what was asked, by whom, and what became of it."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.principals import Principal

Origin = Literal["mcp", "stdio", "rest", "admin", "console", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to run one operation.

    `traceparent` joins it to the caller's own trace (W3C Trace Context); it decides nothing.
    `via` is the tool that asked for it, where the caller did not. `seconds` is the most it may
    take, where that is less than usual. `refused` is why its documented arguments cannot be ours.
    """

    principal: Principal
    operation: str
    arguments: Mapping[str, Any]
    origin: Origin
    traceparent: str = ""
    via: str = ""
    seconds: float = inf
    refused: HelpdeskError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A result in both forms: `data` for programs, `text` for a model or a person to read."""

    data: dict[str, Any]
    text: str


@dataclass(slots=True)
class Record:
    """What a call did, filled in while it runs and written down once when it ends."""

    call: Call
    id: str
    at: float
    """Seconds since the epoch."""
    began: float
    """Seconds on a clock that never goes back."""
    effect: str = "read"
    tool: str = "unknown"
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    target: str = ""
    outcome: str = "ok"
    reason: str = ""
    written: str = ""
    seconds: float = 0.0
    begun: bool = False
    """Whether the audit trail already holds the beginning of this write."""


def record_of(call: Call) -> Record:
    """Return the record of a call that begins now."""
    return Record(
        call,
        id=uuid.uuid4().hex,
        at=time.time(),
        began=time.monotonic(),
        arguments=dict(call.arguments),
    )
