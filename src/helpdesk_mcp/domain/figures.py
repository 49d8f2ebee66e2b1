"""Numbers for plots, from audit events: how much, how well, how fast."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.text import Moment

BUCKETS = 48
GOOD = frozenset({"ok", "started"})
MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What happened from `at` until the next bucket begins. Times of calls in milliseconds."""

    at: Moment
    calls: int
    errors: int
    limited: int
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    name: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A time of an organisation in numbers."""

    since: Moment
    until: Moment
    calls: int
    errors: int
    limited: int
    median_ms: float
    p95_ms: float
    buckets: tuple[Bucket, ...]
    tools: tuple[Count, ...]
    outcomes: tuple[Count, ...]


def figures(events: Sequence[AuditEvent], since: datetime, until: datetime) -> Figures:
    """Count events in buckets of equal length."""
    step = (until - since) / BUCKETS
    sorted_in: list[list[AuditEvent]] = [[] for _ in range(BUCKETS)]
    for event in events:
        sorted_in[min(BUCKETS - 1, max(0, int((event.at - since) / step)))].append(event)
    whole = _bucket(since, events)
    return Figures(
        since=since,
        until=until,
        calls=whole.calls,
        errors=whole.errors,
        limited=whole.limited,
        median_ms=whole.median_ms,
        p95_ms=whole.p95_ms,
        buckets=tuple(_bucket(since + step * i, own) for i, own in enumerate(sorted_in)),
        tools=_counts(event.tool_name for event in events),
        outcomes=_counts(event.outcome for event in events),
    )


def _bucket(at: datetime, events: Sequence[AuditEvent]) -> Bucket:
    took = sorted(event.seconds * 1000 for event in events)
    return Bucket(
        at=at,
        calls=len(events),
        errors=sum(event.outcome not in GOOD for event in events),
        limited=sum(event.outcome == "rate_limited" for event in events),
        median_ms=_quantile(took, 0.5),
        p95_ms=_quantile(took, 0.95),
    )


def _quantile(values: Sequence[float], part: float) -> float:
    if not values:
        return 0.0
    return round(values[min(len(values) - 1, int(part * len(values)))], 1)


def _counts(names: Iterable[str]) -> tuple[Count, ...]:
    most = Counter(names).most_common(MOST_NAMED)
    return tuple(Count(name=name, calls=calls) for name, calls in most)
