"""Takes small pictures of the real server's pages to look at: `python -m tests.browser.references`.

They are kept in `references/`, so that a change of the pages is seen in review.
"""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser
from tests.browser.real import asked, opened_world, signed_in
from tests.browser.serving import context, opened_browser
from tests.oauth.client import CALLBACK, Asked, parameters
from tests.oauth.harness import Tokens, World
from tests.services.browser import chromium

FOLDER = Path(__file__).parent / "references"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    name: str
    dark: bool
    phone: bool
    language: str


SIGHTS = (
    Sight(name="desktop-light", dark=False, phone=False, language="en-GB"),
    Sight(name="phone-dark", dark=True, phone=True, language="es-ES"),
)


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        async with opened_world(Path(directory)) as world, opened_browser(chromium()) as browser:
            for sight in SIGHTS:
                await taken(world, browser, sight)


async def taken(world: World, browser: Browser, sight: Sight) -> None:
    opened = await context(browser, dark=sight.dark, phone=sight.phone, language=sight.language)
    page = await opened.new_page()

    async def picture(name: str) -> None:
        await page.wait_for_load_state()
        await page.screenshot(path=FOLDER / f"{name}-{sight.name}.png", full_page=True)

    await page.goto(f"{world.issuer}/sign-in")
    await picture("sign-in")
    request = await asked(world, page, "both@acme")
    await picture("choose")
    await page.locator("button[name=tenant]").first.click()
    await picture("consent")
    await page.locator("button[value=allow]").click()
    await page.wait_for_url(f"{CALLBACK}?*")
    await copied(world, request, parameters(page.url)["code"])
    await page.goto(f"{world.issuer}/console")
    await picture("agents")
    await page.locator("form[action$='/dismiss'] button").click()
    await page.goto(f"{world.issuer}/console/account")
    await picture("account")
    await opened.clear_cookies()
    await page.goto(f"{world.issuer}/console/sign-in")
    await signed_in(world, page, "boss")
    for field, text in (("issuer", "https://login.acme.example?x=1"), ("client_id", "helpdesk")):
        await page.fill(f"#{field}", text)
    await page.fill("#client_secret", "secret")
    await page.locator("form[action$='/sign-in/set'] button").click()
    await picture("provider")
    await opened.close()


async def copied(world: World, request: Asked, code: str) -> None:
    """Use a refresh token, use its successor, and then use the first one again."""
    first = Tokens.of(await world.oauth.redeem(request, code))
    second = Tokens.of(await world.oauth.refresh(request.client, first.refresh))
    await world.oauth.refresh(request.client, second.refresh)
    await world.oauth.refresh(request.client, first.refresh)


if __name__ == "__main__":
    asyncio.run(main())
