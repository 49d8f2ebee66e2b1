"""Pages on a real port, and a real browser before them."""

import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.types import ASGIApp
from tests.web.console.town import PASSWORD, Town, events, opened_town

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@contextlib.contextmanager
def listening() -> Generator[socket.socket]:
    """Take a free port before anything is built that must know it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncGenerator[None]:
    """Serve in this very event loop until the block ends."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        try:
            yield
        finally:
            server.should_exit = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A town served at a real address, with a client application beside it."""

    url: str
    town: Town

    async def sign_in(self, page: Page, name: str = "ada", path: str = "/console") -> None:
        await page.goto(self.url + path)
        await page.fill("#email", f"{name}@acme.example")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_load_state()


@asynccontextmanager
async def opened_site(directory: Path) -> AsyncGenerator[Site]:
    """Serve a town with a day of calls in its audit trail and one call that waits."""
    with listening() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with opened_town(directory, public_url=url) as town:
            for event in events(town.tenant.id, 400, datetime.now(UTC)):
                town.trail.note(event)
            await town.ask_approval()
            async with served(town.app, listener):
                yield Site(url=url, town=town)


@asynccontextmanager
async def opened_browser(executable: str) -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


async def context(
    browser: Browser, *, dark: bool = False, phone: bool = False, language: str = "en-GB"
) -> BrowserContext:
    return await browser.new_context(
        viewport=PHONE if phone else DESKTOP,  # pyright: ignore[reportArgumentType] -- a typed dict
        color_scheme="dark" if dark else "light",
        locale=language,
        device_scale_factor=1,
        is_mobile=phone,
        has_touch=phone,
    )
