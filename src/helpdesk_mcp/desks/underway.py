"""The calls that are on their way to desks: those of a suspended tenant are stopped (case T05)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import anyio

from helpdesk_mcp.domain.errors import Denied, HelpdeskError, Stopped
from helpdesk_mcp.telemetry.logs import logger, where

LOOK = 0.5
"""Seconds between looks at whether those whose calls are running are still served."""


class Underway:
    """`check` raises Denied for a tenant that is no longer served."""

    def __init__(self, check: Callable[[str], Awaitable[object]]) -> None:
        self._check = check
        self._scopes: dict[str, set[anyio.CancelScope]] = {}

    @contextmanager
    def call_of(self, tenant: str) -> Generator[None]:
        """Run what can be stopped. Raises Stopped if it was."""
        with anyio.CancelScope() as scope:
            scopes = self._scopes.setdefault(tenant, set())
            scopes.add(scope)
            try:
                yield
            finally:
                scopes.discard(scope)
                if not scopes:
                    self._scopes.pop(tenant, None)
        if scope.cancelled_caught:
            raise Stopped

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """Look again and again, in the background."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def look(self) -> None:
        """Stop the running calls of tenants that are no longer served."""
        for tenant in tuple(self._scopes):
            try:
                await self._check(tenant)
            except Denied:
                for scope in tuple(self._scopes.get(tenant, ())):
                    scope.cancel()
            except HelpdeskError as error:  # nobody knows; the next look will tell
                logger().warning("desk.suspension.unknown", reason=error.reason)

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(LOOK)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 -- it must go on looking, whatever happens
                logger().error("desk.suspension.failed", **where(error))
