"""The whole console on a real port, and a real browser before it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.browser.serving import Site, opened_browser, opened_site
from tests.services import run

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    async with opened_site(tmp_path) as made:
        yield made


@pytest.fixture
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    async with opened_browser(chromium) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which judges a page's accessibility."""
    return AXE.read_text("utf-8") if AXE.exists() else run.missing("axe-core", "make browser-tools")
