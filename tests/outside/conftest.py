"""One whole server per file of tests."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.oauth.harness import World
from tests.outside.server import running
from tests.outside.town import Ground


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    ground = await Ground.on_sqlite(tmp_path_factory.mktemp("whole"))
    async with running(ground) as it:
        yield it
