"""A real browser signs in, consents, refuses, narrows, revokes and looks after an organisation."""

import re

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.serving import Site, context
from tests.web.console.town import PASSWORD
from tests.web.pages.house import question

from helpdesk_mcp.domain.principals import Scope

CLIENT = {"redirect_host": "client.localhost", "client_host": "client.example"}


async def asked(site: Site, page: Page, name: str = "sam", **values: object) -> None:
    """Be sent by a client to the question, and sign in on the way."""
    there = f"{site.url}/sign-in"  # any page of ours will do as the client's
    site.town.flow.next = question(**{"redirect_uri": there, **CLIENT, **values})
    await page.goto(f"{site.url}/oauth/authorize?client_id=x")
    await page.fill("#email", f"{name}@acme.example")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await expect(page.locator("h1")).to_contain_text("wants to work with your help desk")


async def test_a_person_signs_in_and_consents_with_the_keyboard(
    site: Site, browser: Browser
) -> None:
    page = await (await context(browser)).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await asked(site, page)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.get_by_role("button", name="Allow").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"\?code=c%261"))
    consent = site.town.flow.granted["q0"]
    assert consent.user == site.town.people["sam"].id
    assert len(consent.desks) == 2
    assert consent.scopes == {Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.REPLIES_SEND}
    assert [text for text in complaints if "Security Policy" in text] == []


async def test_a_person_narrows_what_is_asked(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await asked(site, page)
    await page.get_by_label("facilities").uncheck()
    await page.get_by_label("Send replies").uncheck()
    await page.get_by_label("Create and change tickets").uncheck()
    await page.get_by_role("button", name="Allow").click()
    await page.wait_for_url(re.compile(r"\?code="))
    consent = site.town.flow.granted["q0"]
    assert len(consent.desks) == 1
    assert consent.scopes == {Scope.TICKETS_READ}


async def test_a_person_refuses(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await asked(site, page)
    await page.get_by_role("button", name="Refuse").click()
    await page.wait_for_url(re.compile(r"\?error=access_denied"))
    assert site.town.flow.granted == {}


async def test_the_way_back_reaches_another_origin(site: Site, browser: Browser) -> None:
    """Chromium holds redirects after a form to `form-action`: it must name the client."""
    page = await (await context(browser)).new_page()
    other = site.url.replace("127.0.0.1", "localhost")  # another origin, the same server
    await asked(site, page, redirect_uri=f"{other}/callback", redirect_is_local=True)
    await expect(page.get_by_text("This is a program on your own computer.")).to_be_visible()
    async with page.expect_request(f"{other}/callback?*") as left:
        await page.get_by_role("button", name="Allow").click()
    assert "code=" in (await left.value).url


async def test_a_wrong_password_is_said_and_the_address_stays(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await page.goto(f"{site.url}/console")
    await page.fill("#email", "ada@acme.example")
    await page.fill("#password", "wrong")
    await page.press("#password", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("That did not work")
    await expect(page.locator("#email")).to_have_value("ada@acme.example")
    await expect(page.locator("#password")).to_be_focused()


async def test_a_person_revokes_an_agent(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, "sam")
    await page.get_by_role("button", name="Revoke ChatGPT").click()
    await expect(page.get_by_role("status")).to_contain_text("The agent is disconnected")
    assert "g2" not in site.town.grants.kept


async def test_an_administrator_invites_somebody_who_joins(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, path="/console/people")
    long = f"new.{'long.' * 10}name@acme.example"
    await page.get_by_label("E-mail address").fill(long)
    await page.get_by_role("button", name="Make an invitation").click()
    link = await page.locator(".copy").inner_text()
    other = await (await context(browser, phone=True, language="es-ES")).new_page()
    await other.goto(link)
    assert await other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await other.fill("#password", "una frase muy larga")
    await other.fill("#again", "una frase muy larga")
    await other.get_by_role("button", name="Unirme").click()
    await other.fill("#email", long)
    await other.fill("#password", "una frase muy larga")
    await other.press("#password", "Enter")
    await expect(other.locator("h1")).to_have_text("Mis agentes")


async def test_an_administrator_connects_tests_and_disconnects_a_desk(
    site: Site, browser: Browser
) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, path="/console/desks")
    await page.get_by_role("link", name="Connect a help desk").click()
    await page.get_by_role("link", name="django-helpdesk").click()
    await page.get_by_label("Short name").fill("hr")
    await page.get_by_label("Address").fill("http://127.0.0.1:9/")
    await page.get_by_label("User name").fill("helper")
    await page.get_by_label("Password").fill("canary")
    await page.get_by_role("button", name="Connect").click()
    await page.get_by_role("link", name="hr", exact=True).click()
    await page.get_by_role("button", name="Test now").click()
    await expect(page.get_by_role("status")).to_contain_text("It does not work.")
    await page.get_by_text("Disconnect…").click()
    await page.get_by_role("button", name="Disconnect now").click()
    await expect(page.get_by_role("status")).to_contain_text("disconnected")


async def test_an_administrator_sets_the_policy_and_answers_a_waiting_call(
    site: Site, browser: Browser
) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, path="/console/policy")
    await page.get_by_label("Off: create_ticket").check()
    await page.get_by_role("button", name="Save the policy").click()
    await expect(page.get_by_role("status")).to_contain_text("The policy is saved")
    await expect(page.get_by_label("Off: create_ticket")).to_be_checked()
    await page.get_by_role("link", name="Approvals").click()
    await page.get_by_role("button", name="Approve close_ticket").click()
    await expect(page.get_by_text("Nothing waits")).to_be_visible()


async def test_the_audit_trail_is_filtered_and_downloaded(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, "aud", "/console/audit")
    await page.get_by_label("Tool").fill("get_ticket")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("tbody tr").first).to_contain_text("get_ticket")
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("tbody tr").first).to_contain_text("get_ticket")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    assert (await download.value).suggested_filename.endswith(".csv")


async def test_the_language_is_chosen_and_kept(site: Site, browser: Browser) -> None:
    page = await (await context(browser)).new_page()
    await page.goto(f"{site.url}/sign-in")
    await page.get_by_role("button", name="Español").click()
    await expect(page.locator("h1")).to_have_text("Iniciar sesión")
    await site.sign_in(page, path="/console/overview")
    await expect(page.locator("h1")).to_have_text("Resumen")


async def test_signing_out_everywhere_ends_the_other_browser_too(
    site: Site, browser: Browser
) -> None:
    one = await (await context(browser)).new_page()
    other = await (await context(browser)).new_page()
    await site.sign_in(one)
    await site.sign_in(other)
    await one.get_by_role("link", name="Sign out").click()
    await one.get_by_label("In every browser").check()
    await one.get_by_role("button", name="Sign out").click()
    await expect(one.locator("h1")).to_have_text("You are signed out")
    await other.reload()
    await expect(other.locator("h1")).to_have_text("Sign in")


@pytest.mark.parametrize("name", ["ana", "aud"])
async def test_a_locked_room_says_who_may_enter(site: Site, browser: Browser, name: str) -> None:
    page = await (await context(browser)).new_page()
    await site.sign_in(page, name, "/console/policy")
    await expect(page.locator("h1")).to_have_text("Your role does not include this")
    await expect(page.locator("main")).to_contain_text("Administrator")
