"""What a desk offers is what its class implements."""

from helpdesk_mcp.domain.desk import Desk, Knowledge, People, Queues


class SmallDesk(Queues, People):
    async def ping(self) -> None:
        return


async def test_a_desk_offers_the_capabilities_of_its_class() -> None:
    offered = await SmallDesk().capabilities()  # pyright: ignore[reportAbstractUsage] -- only what every desk has is called
    assert {Desk, Queues, People} <= offered
    assert Knowledge not in offered


async def test_a_desk_without_a_clock_tells_no_time() -> None:
    assert await SmallDesk().clock() is None  # pyright: ignore[reportAbstractUsage] -- only what every desk has is called
