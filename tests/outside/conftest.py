"""One whole server per file of tests, on each database that the file names in DATABASES."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.oauth.harness import World
from tests.outside.server import running
from tests.outside.town import Ground


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        databases: tuple[str, ...] = getattr(metafunc.module, "DATABASES", ("sqlite",))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- pytest leaves its type open
        metafunc.parametrize("world", databases, indirect=True, scope="module")


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    with ExitStack() as stack:
        ground = await Ground.on(request.param, tmp_path_factory.mktemp("whole"), stack)
        async with running(ground) as it:
            yield it
