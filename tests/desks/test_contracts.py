"""Every desk keeps every promise: in memory, a real django-helpdesk, both ServiceDesk Plus."""

from collections.abc import AsyncGenerator

import pytest
from tests.contracts.desks import PROMISES, Promise, WholeDesk
from tests.desks.servicedesk import contract_desk

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus


def sentence(promise: Promise) -> str:
    return getattr(promise, "__name__", "promise").replace("_", " ")


@pytest.fixture
async def servicedesk_plus() -> AsyncGenerator[ServiceDeskPlus]:
    async with contract_desk("onprem") as desk:
        yield desk


@pytest.fixture
async def servicedesk_plus_cloud() -> AsyncGenerator[ServiceDeskPlus]:
    async with contract_desk("cloud") as desk:
        yield desk


@pytest.fixture(params=["memory", "django", "servicedesk_plus", "servicedesk_plus_cloud"])
def desk(request: pytest.FixtureRequest) -> WholeDesk:
    if request.param == "memory":
        return MemoryDesk()
    found: WholeDesk = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("promise", PROMISES, ids=sentence)
async def test_the_desk_keeps_its_promise(promise: Promise, desk: WholeDesk) -> None:
    await promise(desk)
