"""A laboratory on each kind of database."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.oauth.laboratory import Laboratory, laboratory
from tests.stores.opening import KINDS


@pytest.fixture(params=KINDS)
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Laboratory]:
    async with laboratory(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncGenerator[Laboratory]:
    """A laboratory for what does not depend on the database."""
    async with laboratory("memory", tmp_path) as made:
        yield made
