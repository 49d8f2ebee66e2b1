"""A whole server, as clients see it, for one test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.oauth.harness import World
from tests.outside.server import running
from tests.outside.town import Ground


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with running(await Ground.on_sqlite(tmp_path)) as it:
        yield it
