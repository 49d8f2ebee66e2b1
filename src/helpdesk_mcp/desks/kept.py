"""A value that is loaded when needed and kept for a while."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")
KEEP = 60.0
"""Seconds."""


class Kept(Generic[T]):
    def __init__(
        self,
        load: Callable[[], Awaitable[T]],
        *,
        seconds: float = KEEP,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._clock = clock
        self._lock = anyio.Lock()
        self._held: tuple[float, T] | None = None

    async def get(self) -> T:
        if (held := self._fresh()) is not None:
            return held[1]
        async with self._lock:
            if (held := self._fresh()) is not None:
                return held[1]
            value = await self._load()
            self._held = (self._clock(), value)
            return value

    def forget(self) -> bool:
        """Load anew next time. Returns whether what is held could be out of date at all."""
        aged = self._held is not None and self._clock() - self._held[0] > 1
        if aged:
            self._held = None
        return aged

    def _fresh(self) -> tuple[float, T] | None:
        if self._held is None or self._clock() - self._held[0] > self._seconds:
            return None
        return self._held
