"""The limiter of one process."""

from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.stores.memory_limits import MOST_BUCKETS, MemoryLimiter

RATE = Rate(burst=2, per_second=1)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_passes_and_the_next_call_waits() -> None:
    limiter = MemoryLimiter(Clock())
    assert [await limiter.take("ana", RATE) for _ in range(3)] == [0, 0, 1]


async def test_time_brings_the_calls_back() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock)
    for _ in range(3):
        await limiter.take("ana", RATE)
    clock.now += 1
    assert await limiter.take("ana", RATE) == 0


async def test_one_caller_does_not_use_up_the_rate_of_another() -> None:
    limiter = MemoryLimiter(Clock())
    for _ in range(3):
        await limiter.take("ana", RATE)
    assert await limiter.take("bea", RATE) == 0


async def test_asking_how_long_to_wait_takes_nothing() -> None:
    limiter = MemoryLimiter(Clock())
    assert [limiter.wait("ana", RATE) for _ in range(5)] == [0] * 5
    assert await limiter.take("ana", RATE) == 0


async def test_idle_callers_are_forgotten_and_busy_ones_are_not() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock)
    for number in range(MOST_BUCKETS - 1):
        await limiter.take(f"old {number}", RATE)
    clock.now += 601
    slow = Rate(burst=1, per_second=0.0001)
    await limiter.take("ana", slow)
    await limiter.take("new", RATE)
    assert limiter.wait("ana", slow) > 0
    assert limiter.wait("old 1", RATE) == 0
