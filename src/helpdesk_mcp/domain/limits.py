"""A token bucket as a pure function of its last state and the clock."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    burst: float
    per_second: float

    def times(self, share: float) -> "Rate":
        """Return so many times the rate; one call at a time is always possible."""
        return Rate(max(1.0, self.burst * share), self.per_second * share)


@dataclass(frozen=True, slots=True)
class Bucket:
    tokens: float
    at: float


def take(bucket: Bucket, rate: Rate, now: float, cost: float = 1) -> tuple[Bucket, float]:
    """Return the new bucket and the seconds to wait; zero means the cost was taken."""
    now = max(now, bucket.at)  # a clock may go back; tokens never do
    tokens = min(rate.burst, bucket.tokens + (now - bucket.at) * rate.per_second)
    if tokens >= cost:
        return Bucket(tokens - cost, now), 0
    return Bucket(tokens, now), (cost - tokens) / rate.per_second


class Limiter(Protocol):
    """Shared counting of calls. Implemented in memory, and over Redis for several replicas."""

    async def take(self, key: str, rate: Rate) -> float:
        """Take one call from `key`'s bucket. Returns the seconds to wait; zero means taken."""
        ...

    def wait(self, key: str, rate: Rate) -> float:
        """Return the seconds `take` would answer now, taking nothing. A hint, never a promise."""
        ...
