"""Takes the pictures of the documentation anew: `python -m tests.browser.pictures`."""

import asyncio
import tempfile
from pathlib import Path

from tests.browser.serving import context, opened_browser, opened_site
from tests.services.browser import chromium
from tests.web.pages.house import question

from helpdesk_mcp.domain.principals import Scope

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ASKED = question(
    scopes=(Scope.TICKETS_READ, Scope.KNOWLEDGE_READ, Scope.TICKETS_WRITE, Scope.REPLIES_SEND),
    client_host="claude.ai",
    redirect_host="claude.ai",
)


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with opened_site(Path(directory)) as site, opened_browser(chromium()) as browser:
            page = await (await context(browser)).new_page()
            await site.sign_in(page)
            await page.set_viewport_size({"width": 560, "height": 700})
            site.town.flow.next = ASKED
            await page.goto(f"{site.url}/oauth/authorize?client_id=x")
            await page.screenshot(path=IMAGES / "consent.png", full_page=True)
            await page.set_viewport_size({"width": 1040, "height": 620})
            await page.goto(f"{site.url}/console/overview")
            await page.screenshot(path=IMAGES / "console-overview.png")
            dark = await context(browser, dark=True, phone=True, language="es-ES")
            phone = await dark.new_page()
            await site.sign_in(phone, path="/console/approvals")
            await phone.screenshot(path=IMAGES / "console-phone.png")


if __name__ == "__main__":
    asyncio.run(main())
