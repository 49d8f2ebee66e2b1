"""Open desks, shared by the calls that use them: bounded, one bulkhead each, closed when idle."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import anyio

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import Scope

MOST_OPEN = 256
MOST_AT_ONCE = 16
"""Calls that may work with one desk at a time; more wait, so that others are not starved."""
MOST_WAITING = 64
PATIENCE = 5.0
"""Seconds a call waits for its turn."""
IDLE = 600.0
"""Seconds after which a desk that nobody uses is closed."""

GRACE = 5.0
"""Seconds that closing a desk may take."""

Key = tuple[str, str]
"""Tenant and connection."""
Making = Callable[[], AbstractAsyncContextManager[Desk]]


@dataclass(slots=True, eq=False)
class Held:
    """One open desk. `offered` is what its probe found; None until it was probed."""

    desk: Desk
    version: int
    closing: AsyncExitStack
    turns: anyio.Semaphore
    offered: frozenset[type] | None = None
    lacking: frozenset[Scope] = frozenset()
    users: int = 0
    used_at: float = 0.0
    retired: bool = False
    probing: anyio.Lock = field(default_factory=anyio.Lock)


class Pool:
    def __init__(
        self,
        *,
        most_open: int = MOST_OPEN,
        most_at_once: int = MOST_AT_ONCE,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_open = most_open
        self._most_at_once = most_at_once
        self._patience = patience
        self._clock = clock
        self._held: dict[Key, Held] = {}
        self._opening: WeakValueDictionary[Key, anyio.Lock] = WeakValueDictionary()

    def known(self, key: Key, version: int) -> Held | None:
        """Return an open desk of this very version."""
        held = self._held.get(key)
        return held if held is not None and held.version == version else None

    @asynccontextmanager
    async def using(self, key: Key, version: int, making: Making) -> AsyncGenerator[Held]:
        """Open a desk, or take the open one, for one call. Raises Unavailable if it is crowded."""
        held = self.known(key, version) or await self._opened(key, version, making)
        held.users += 1
        try:
            await self._turn(held)
            try:
                yield held
            finally:
                held.turns.release()
        finally:
            held.users -= 1
            held.used_at = self._clock()
            if held.retired and not held.users:
                await _close(held)

    async def retire(self, key: Key) -> None:
        """Let nobody else have this desk; it is closed when the last call with it ends."""
        if (held := self._held.pop(key, None)) is None:
            return
        held.retired = True
        if not held.users:
            await _close(held)

    async def sweep(self) -> None:
        """Close the desks that nobody used for a while."""
        latest = self._clock() - IDLE
        for key in [k for k, h in self._held.items() if not h.users and h.used_at < latest]:
            await self.retire(key)

    async def close(self) -> None:
        for key in list(self._held):
            await self.retire(key)

    @property
    def open(self) -> tuple[Key, ...]:
        """Whose desks are open now."""
        return tuple(self._held)

    async def _turn(self, held: Held) -> None:
        try:
            held.turns.acquire_nowait()
        except anyio.WouldBlock:
            if held.turns.statistics().tasks_waiting >= MOST_WAITING:
                raise _crowded() from None
            with anyio.move_on_after(self._patience):
                await held.turns.acquire()
                return
            raise _crowded() from None

    async def _opened(self, key: Key, version: int, making: Making) -> Held:
        async with self._opening.setdefault(key, anyio.Lock()):  # one opens, the others wait
            if (held := self.known(key, version)) is not None:
                return held
            await self.retire(key)
            await self._make_room()
            closing = AsyncExitStack()
            desk = await closing.enter_async_context(making())
            held = Held(
                desk=desk,
                version=version,
                closing=closing,
                turns=anyio.Semaphore(self._most_at_once, fast_acquire=True),
                used_at=self._clock(),
            )
            self._held[key] = held
            return held

    async def _make_room(self) -> None:
        while len(self._held) >= self._most_open:
            idle = [key for key, held in self._held.items() if not held.users]
            if not idle:
                raise _crowded()
            await self.retire(min(idle, key=lambda key: self._held[key].used_at))


async def _close(held: Held) -> None:
    with anyio.move_on_after(GRACE, shield=True):
        await held.closing.aclose()


def _crowded() -> Unavailable:
    return Unavailable(
        "Too many calls wait for this help desk; try again in some seconds.",
        reason="crowded",
        retry_after=PATIENCE,
    )
