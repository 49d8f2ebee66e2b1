"""A real browser before the real server: a process of its own, its database a SQLite file."""

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.real import asked, opened_world, signed_in
from tests.browser.serving import context
from tests.oauth.client import CALLBACK, Asked, parameters
from tests.oauth.harness import Tokens, World

BACK = re.compile(re.escape(CALLBACK) + r"\?")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    async with opened_world(tmp_path_factory.mktemp("real")) as made:
        yield made


@pytest.fixture
async def page(browser: Browser) -> Page:
    return await (await context(browser)).new_page()


async def redeemed(world: World, request: Asked, page: Page) -> Tokens:
    await page.wait_for_url(BACK)
    found = parameters(page.url)
    assert (found["state"], found["iss"]) == (request.state, world.issuer)
    return Tokens.of(await world.oauth.redeem(request, found["code"]))


async def test_a_person_of_two_organisations_narrows_uses_and_revokes_a_grant(
    world: World, page: Page
) -> None:
    request = await asked(world, page, "both@globex")
    await expect(page.locator("h1")).to_have_text("Which organisation?")
    await page.get_by_role("button", name="Globex").click()
    await expect(page.locator("h1")).to_contain_text("“Night shift helper” wants to work")
    await expect(page.get_by_text("not verified")).to_be_visible()
    await expect(page.get_by_label("globex-desk")).to_be_checked()
    await expect(page.get_by_text("acme-desk")).to_have_count(0)
    await page.get_by_label("Create and change tickets").uncheck()
    await page.get_by_role("button", name="Allow").click()

    tokens = await redeemed(world, request, page)

    assert tokens.scope == "openid tickets:read"
    assert (await world.call(tokens.access)).status == 200
    draft = {"subject": "Printer", "queue": "it", "requester": "eva@example.com"}
    assert (await world.call(tokens.access, "create_ticket", **draft)).status == 403

    # An answer about a token is kept for some seconds: this one nobody has asked about.
    fresh = Tokens.of(await world.oauth.refresh(request.client, tokens.refresh))
    await page.goto(f"{world.issuer}/console")
    await expect(page.locator("article")).to_contain_text("globex-desk")
    await page.get_by_role("button", name="Revoke Night shift helper").click()
    await expect(page.get_by_role("status")).to_contain_text("The agent is disconnected")
    await expect(page.locator("article")).to_have_count(0)
    refused = await world.oauth.refresh(request.client, fresh.refresh)
    assert (refused.status, refused.error) == (400, "invalid_grant")
    assert (await world.call(fresh.access)).status == 401


async def test_a_person_refuses_and_nothing_is_granted(world: World, page: Page) -> None:
    request = await asked(world, page, "ana")
    await page.get_by_role("button", name="Refuse").click()
    await page.wait_for_url(BACK)
    assert parameters(page.url)["error"] == "access_denied"
    await page.goto(f"{world.issuer}/console")
    await expect(page.get_by_text("No agent is connected yet")).to_be_visible()
    await page.goto(request.url)
    await expect(page.locator("h1")).to_contain_text("wants to work")


async def test_a68_a_copied_token_is_told_at_the_next_sign_in(world: World, page: Page) -> None:
    request = await asked(world, page, "sue")
    await page.get_by_role("button", name="Allow").click()
    first = await redeemed(world, request, page)
    second = Tokens.of(await world.oauth.refresh(request.client, first.refresh))
    Tokens.of(await world.oauth.refresh(request.client, second.refresh))
    assert (await world.oauth.refresh(request.client, first.refresh)).error == "invalid_grant"

    again = world.oauth.ask(request.client, scope="tickets:read")
    await page.goto(again.url)

    await expect(page.get_by_role("alert")).to_contain_text("was ended for your safety")
    await page.goto(f"{world.issuer}/console")
    await page.get_by_role("button", name="I have read this").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await page.goto(again.url)
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_person_changes_their_password_in_every_browser(
    world: World, browser: Browser, page: Page
) -> None:
    other = await (await context(browser, phone=True)).new_page()
    for one in (page, other):
        await one.goto(f"{world.issuer}/console/account")
        await signed_in(world, one, "bob")
    await page.get_by_label("Your password now").fill(world.people["bob"].password)
    await page.get_by_label("New password").fill("an entirely new sentence")
    await page.get_by_label("The same again").fill("an entirely new sentence")
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    await other.reload()
    await expect(other.locator("h1")).to_have_text("Sign in")
    await signed_in(world, other, "bob")
    await expect(other.get_by_role("alert")).to_contain_text("That did not work")
