"""From a principal to an open desk."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.principals import Principal


class OneDesk:
    """Opens the one desk of a server that serves one organisation.

    What the desk offers is its class, until a probe says what it really offers to our credential.
    The probe is made when the desk is first reached: at start, or by the first call after it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._desks = _only(frozenset(type(desk).__mro__))
        self._probed = False

    async def probe(self) -> None:
        """Ask the desk what it offers. Raises Unavailable; then it is asked again later."""
        capabilities = await self._desk.capabilities()
        self._desks = _only(self._desks.offered & (capabilities | {Desk}))
        self._probed = True

    async def desks(self, principal: Principal) -> Desks:
        del principal  # one desk for everybody
        return self._desks

    @asynccontextmanager
    async def open(self, principal: Principal, desk: str | None = None) -> AsyncGenerator[Desk]:
        del principal, desk
        if not self._probed:
            await self.probe()
        yield self._desk


def _only(offered: frozenset[type]) -> Desks:
    return granted([GrantedDesk(name="desk", connection="desk", kind="", offered=offered)])
