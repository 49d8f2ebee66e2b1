"""From a principal to a desk."""

import pytest

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.opener import OneDesk
from helpdesk_mcp.domain.desk import Comments, Desk, Knowledge, Tickets
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal

ANA = Principal(tenant="acme", subject="ana", client="tests", scopes=EVERY_SCOPE)


async def test_everybody_gets_the_one_desk() -> None:
    desk = MemoryDesk()
    async with OneDesk(desk).open(ANA) as opened:
        assert opened is desk


async def test_a_desk_offers_what_its_class_implements() -> None:
    found = await OneDesk(MemoryDesk()).desks(ANA)
    assert {Desk, Tickets, Comments, Knowledge} <= found.offered


class HalfDesk(MemoryDesk):
    """Offers less than its class, once it is up."""

    up = True

    async def capabilities(self) -> frozenset[type]:
        if not self.up:
            raise Unavailable("It is down.")
        return frozenset({Tickets, int})


async def test_a_probe_narrows_what_is_offered_and_never_widens_it() -> None:
    opener = OneDesk(HalfDesk())
    await opener.probe()
    assert (await opener.desks(ANA)).offered == {Desk, Tickets}


async def test_a_desk_that_was_down_at_the_start_is_probed_by_the_first_call() -> None:
    desk = HalfDesk()
    opener = OneDesk(desk)
    desk.up = False
    with pytest.raises(Unavailable):
        await opener.probe()
    desk.up = True
    async with opener.open(ANA):
        assert (await opener.desks(ANA)).offered == {Desk, Tickets}


async def test_what_fails_inside_an_open_desk_comes_out_as_it_is() -> None:
    async def fail() -> None:
        async with OneDesk(MemoryDesk()).open(ANA):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
