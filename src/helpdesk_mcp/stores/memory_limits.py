"""Rate limits in this process's memory: exact for one process, the fallback for several."""

import time
from collections.abc import Callable

from helpdesk_mcp.domain.limits import Bucket, Rate, take

MOST_BUCKETS = 10_000


class MemoryLimiter:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    async def take(self, key: str, rate: Rate) -> float:
        now = self._clock()
        bucket, wait = take(self._bucket(key, rate, now), rate, now)
        self._buckets[key] = bucket
        return wait

    def wait(self, key: str, rate: Rate) -> float:
        now = self._clock()
        return take(self._bucket(key, rate, now), rate, now)[1]

    def _bucket(self, key: str, rate: Rate, now: float) -> Bucket:
        if (bucket := self._buckets.get(key)) is not None:
            return bucket
        if len(self._buckets) >= MOST_BUCKETS:
            self._forget_idle(now)
        return Bucket(rate.burst, now)

    def _forget_idle(self, now: float) -> None:
        """Drop buckets untouched for ten minutes: any sensible rate has refilled them."""
        self._buckets = {k: b for k, b in self._buckets.items() if b.at > now - 600}
