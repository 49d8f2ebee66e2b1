"""Two processes for all races of a run."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.races.pair import Pair, paired
from tests.services import postgres


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Pair]:
    with postgres.fresh() as database:
        async with paired(database, tmp_path_factory.mktemp("pair")) as it:
            yield it
