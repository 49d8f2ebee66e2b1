"""axe-core finds no serious fault on any page, light or dark, on a desktop or a phone."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page
from tests.browser.serving import Site, context
from tests.web.pages.house import question

ROOMS = (
    "/console",
    "/console/approvals",
    "/console/overview",
    "/console/desks",
    "/console/desks/add",
    "/console/desks/add?kind=servicedesk_plus",
    "/console/desks/add?kind=servicedesk_plus_cloud",
    "/console/people",
    "/console/sign-in",
    "/console/account",
    "/console/applications",
    "/console/policy",
    "/console/audit",
    "/console/organisations",
    "/choose",
    "/sign-out",
    "/console/nowhere",
    "/consent/unknown",
)
RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => [one.id, one.nodes.map(node => node.html).slice(0, 3)]);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How a page is looked at."""

    dark: bool
    phone: bool
    language: str


DESKTOP = Sight(dark=False, phone=False, language="en-GB")
PHONE = Sight(dark=True, phone=True, language="es-ES")


@pytest.mark.parametrize("sight", [DESKTOP, PHONE], ids=["light-desktop-en", "dark-phone-es"])
async def test_no_page_has_a_serious_fault_or_is_too_wide(
    site: Site, browser: Browser, axe: str, sight: Sight
) -> None:
    opened = await context(browser, dark=sight.dark, phone=sight.phone, language=sight.language)
    page = await opened.new_page()
    faults: dict[str, Any] = {}
    await page.goto(f"{site.url}/sign-in")
    faults["/sign-in"] = await judged(page, axe)
    await page.fill("#email", "ada@acme.example")
    await page.fill("#password", "wrong")
    await page.press("#password", "Enter")
    await page.wait_for_selector("[role=alert]")
    faults["wrong password"] = await judged(page, axe)
    await site.sign_in(page)
    desk = (await site.town.desks())[0].id
    site.town.flow.next = question(client_host="", redirect_is_local=True)
    for path in (*ROOMS, f"/console/desks/at/{desk}", "/oauth/authorize?client_id=x"):
        await page.goto(site.url + path)
        for details in await page.locator("details").all():
            await details.evaluate("one => { one.open = true }")
        faults[path] = await judged(page, axe)
        faults[f"width of {path}"] = await page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    assert {path: found for path, found in faults.items() if found} == {}


async def judged(page: Page, axe: str) -> list[Any]:
    await page.evaluate(axe)
    return cast("list[Any]", await page.evaluate(RUN))
