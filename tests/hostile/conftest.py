"""One running product per file of tests, and a case per test that is judged at its end."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.hostile.stack import Case, Stack, WatchedDesk, judged, running


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
def desk() -> WatchedDesk:
    return WatchedDesk()


@pytest.fixture(scope="module")
async def stack(
    desk: WatchedDesk, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stack]:
    async with running(tmp_path_factory.mktemp("product"), desk) as it:
        yield it


@pytest.fixture
async def case(stack: Stack, desk: WatchedDesk) -> AsyncGenerator[Case]:
    async with judged(stack, desk) as it:
        yield it
