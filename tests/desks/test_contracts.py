"""Every desk keeps every promise: the one in memory, and a real django-helpdesk."""

import pytest
from tests.contracts.desks import PROMISES, Promise, WholeDesk

from helpdesk_mcp.desks.memory import MemoryDesk


def sentence(promise: Promise) -> str:
    return getattr(promise, "__name__", "promise").replace("_", " ")


@pytest.fixture(params=["memory", "django"])
def desk(request: pytest.FixtureRequest) -> WholeDesk:
    if request.param == "memory":
        return MemoryDesk()
    found: WholeDesk = request.getfixturevalue("django")
    return found


@pytest.mark.parametrize("promise", PROMISES, ids=sentence)
async def test_the_desk_keeps_its_promise(promise: Promise, desk: WholeDesk) -> None:
    await promise(desk)
