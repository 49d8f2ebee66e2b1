"""From a principal to an open desk."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.principals import Principal


class OneDesk:
    """Opens the one desk of a server that serves one organisation.

    What the desk offers is its class, until `narrow` says what a probe really found.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._offered: frozenset[type] = frozenset(type(desk).__mro__)

    def narrow(self, capabilities: frozenset[type]) -> None:
        self._offered = self._offered & (capabilities | {Desk})

    def offers(self, principal: Principal) -> Collection[type]:
        del principal  # one desk for everybody
        return self._offered

    @asynccontextmanager
    async def open(self, principal: Principal) -> AsyncGenerator[Desk]:
        del principal
        yield self._desk
