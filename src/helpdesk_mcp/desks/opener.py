"""From a principal to an open desk."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.principals import Principal


class OneDesk:
    """Opens the one desk of a server that serves one organisation.

    What the desk offers is its class, until a probe says what it really offers to our credential.
    The probe is made when the desk is first reached: at start, or by the first call after it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._offered: frozenset[type] = frozenset(type(desk).__mro__)
        self._probed = False

    async def probe(self) -> None:
        """Ask the desk what it offers. Raises Unavailable; then it is asked again later."""
        capabilities = await self._desk.capabilities()
        self._offered = self._offered & (capabilities | {Desk})
        self._probed = True

    def offers(self, principal: Principal) -> Collection[type]:
        del principal  # one desk for everybody
        return self._offered

    @asynccontextmanager
    async def open(self, principal: Principal) -> AsyncGenerator[Desk]:
        del principal
        if not self._probed:
            await self.probe()
        yield self._desk
