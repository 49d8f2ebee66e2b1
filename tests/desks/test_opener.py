"""From a principal to a desk."""

import pytest

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.opener import OneDesk
from helpdesk_mcp.domain.desk import Comments, Desk, Knowledge, Tickets
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal

ANA = Principal(tenant="acme", subject="ana", client="tests", scopes=EVERY_SCOPE)


async def test_everybody_gets_the_one_desk() -> None:
    desk = MemoryDesk()
    async with OneDesk(desk).open(ANA) as opened:
        assert opened is desk


def test_a_desk_offers_what_its_class_implements() -> None:
    assert {Desk, Tickets, Comments, Knowledge} <= set(OneDesk(MemoryDesk()).offers(ANA))


def test_a_probe_narrows_what_is_offered_and_never_widens_it() -> None:
    opener = OneDesk(MemoryDesk())
    opener.narrow(frozenset({Tickets, int}))
    assert set(opener.offers(ANA)) == {Desk, Tickets}


async def test_what_fails_inside_an_open_desk_comes_out_as_it_is() -> None:
    async def fail() -> None:
        async with OneDesk(MemoryDesk()).open(ANA):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
