"""Pages on a real port, and a real browser before them."""

import contextlib
import socket
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright
from starlette.types import ASGIApp

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


@contextlib.contextmanager
def served(app: ASGIApp, listener: socket.socket) -> Generator[None]:
    """Serve in a thread until the block ends."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=20)


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
