"""A fresh town for every test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.web.console.town import Town, opened_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    async with opened_town(tmp_path) as made:
        yield made
