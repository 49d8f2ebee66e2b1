"""The real server in a process of its own on a SQLite file, for a real browser to visit."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, Route
from tests.cli.servers import serving
from tests.oauth.client import CALLBACK, Asked
from tests.oauth.harness import World, world_at
from tests.outside.town import PASSWORD, Ground

SCOPES = "openid tickets:read tickets:write"


@asynccontextmanager
async def opened_world(folder: Path) -> AsyncGenerator[World]:
    """Serve organisations and their people, and look at the server as a client does."""
    ground = await Ground.on_sqlite(folder)
    options = {"DATABASE_URL": ground.url, "HELPDESK_MASTER_KEY": ground.master_key}
    with serving(folder, **options) as server:
        here = f"http://127.0.0.1:{server.port}"
        async with world_at(here, ground.people, _never) as world:
            yield world


async def _never(_: float) -> None:
    raise AssertionError("the clock of a real server is not ours to set")


async def asked(world: World, page: Page, name: str) -> Asked:
    """Be sent by a client that registered itself, and sign in as this person."""
    await page.route(f"{CALLBACK}*", _arrived)
    client = await world.oauth.register(client_name="Night shift helper")
    request = world.oauth.ask(client, scope=SCOPES, resource=world.resource)
    await page.goto(request.url)
    await signed_in(world, page, name)
    return request


async def signed_in(world: World, page: Page, name: str) -> None:
    await page.fill("#email", world.people[name].email)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_load_state()


async def _arrived(route: Route) -> None:
    """Be the client's own page."""
    await route.fulfill(body="Back at the application.", content_type="text/plain")
