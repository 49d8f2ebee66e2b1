"""The access token of one connection, for a server that has no keys to seal it with."""

import time
from collections.abc import Awaitable, Callable

from helpdesk_mcp.domain.tenants import UpstreamToken
from helpdesk_mcp.domain.upstream import pause, recent


class MemoryUpstreamTokens:
    """The port `UpstreamTokens` within one process. `suspended` is told when we were revoked."""

    def __init__(
        self,
        suspended: Callable[[str], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._suspended = suspended
        self._clock = clock
        self._token: UpstreamToken | None = None
        self._claimed_until = 0.0
        self._retry_at = 0.0
        self._refreshed: tuple[float, ...] = ()

    async def current(self) -> UpstreamToken | None:
        return self._token

    async def claim(self, seconds: float) -> bool:
        now = self._clock()
        if now < self._claimed_until or await self.pause():
            return False
        self._claimed_until = now + seconds
        self._refreshed = (*recent(self._refreshed, now), now)
        return True

    async def store(self, token: UpstreamToken) -> None:
        self._token = token
        self._claimed_until = 0.0

    async def release(self, *, retry_at: float = 0.0) -> None:
        self._claimed_until = 0.0
        self._retry_at = retry_at

    async def pause(self) -> float:
        now = self._clock()
        return max(self._retry_at - now, pause(self._refreshed, now), 0.0)

    async def suspend(self, reason: str) -> None:
        if self._suspended is not None:
            await self._suspended(reason)
