"""A fresh house for every test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.web.pages.house import House, opened_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with opened_house(tmp_path) as made:
        yield made
