"""Signing in through an organisation's provider: our real server, and one by other people."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from tests.cli.servers import serving
from tests.oauth.browsing import Browser, Page
from tests.oauth.client import parameters
from tests.oauth.harness import Tokens, World, world_at
from tests.oauth.person import Choice, answering, sign_in
from tests.oidc.provider import provider, through_its_pages
from tests.outside.town import Ground

from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.oauth.upstream import UpstreamClient
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.providers import SqlUpstreamClients

SECRET, WRONG = (f"canary-{secrets.token_urlsafe(24)}" for _ in range(2))
US = "helpdesk"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "ana": {"email": "ana@acme.test", "email_verified": True, "name": "Ana"},
    "eve": {"email": "eve@acme.test", "email_verified": False},
    "gus": {"email": "gus@globex.test", "email_verified": True},
    "stranger": {"email": "stranger@acme.test", "email_verified": True},
}
CALLBACK = "/sign-in/callback"
ROOM = "/console/sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """Our server, and the issuers of the organisations' providers by slug."""

    world: World
    issuers: Mapping[str, str]

    async def led(self, browser: Browser, *, to: str = "/sign-in", slug: str = "acme") -> str:
        """Ask for the organisation, as a person does, and return where the page leads."""
        page = await browser.open(to, coming_from="none")
        form = page.form_with("slug")
        assert form is not None, page.text
        page = await browser.submit(page, form, given={"slug": slug})
        [away] = [one for one in page.addresses if one.startswith(self.issuers[slug])]
        return away

    async def vouched(self, address: str, account: str) -> str:
        """Sign in at the provider; return the address it sends the browser back to."""
        async with Browser(address.partition("/auth?")[0]) as elsewhere:
            page = await elsewhere.open(address)
            return (await through_its_pages(elsewhere, page, account)).left

    async def answer(self, browser: Browser, account: str = "ana", slug: str = "acme") -> str:
        """Begin here, sign in there, and return the answer that is still to be brought back."""
        return await self.vouched(await self.led(browser, slug=slug), account)

    async def signed_in(self, browser: Browser) -> bool:
        page = await browser.open("/console", coming_from="none")
        return page.url.endswith("/console")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def it(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[There]:
    """Serve the product in a process of its own, and a provider to each of its organisations.

    That of globex tells of people at its userinfo endpoint only; initech told us a wrong secret.
    """
    folder = tmp_path_factory.mktemp("upstream")
    ground = await Ground.on_sqlite(folder)
    options = {
        "DATABASE_URL": ground.url,
        "HELPDESK_MASTER_KEY": ground.master_key,
        "DESK_NETWORKS": "127.0.0.1/32",
    }
    with serving(folder, **options) as server:
        here = f"http://127.0.0.1:{server.port}"
        client = {
            "client_id": US,
            "client_secret": SECRET,
            "redirect_uris": [here + CALLBACK],
            "token_endpoint_auth_method": "client_secret_post",
        }
        ours: dict[str, Any] = {"audience": None, "clients": [client], "accounts": ACCOUNTS}
        with provider(**ours) as usual, provider(**ours, frugal=True) as frugal:
            issuers = {"acme": usual, "globex": frugal, "initech": usual}
            for slug, secret in (("globex", SECRET), ("initech", WRONG)):
                await kept(ground, slug, issuers[slug], secret)
            async with world_at(here, ground.people, _never) as world:
                await told(world, usual)
                yield There(world=world, issuers=issuers)


async def kept(ground: Ground, slug: str, issuer: str, secret: str) -> None:
    """Set an organisation's provider where the server keeps it."""
    database = open_database(ground.url)
    tenant = ground.tenants[slug]
    told = UpstreamClient(tenant=tenant, issuer=issuer, client_id=US, client_secret=secret)
    try:
        await SqlUpstreamClients(database, parse_keys(ground.master_key)).put(told)
    finally:
        await database.dispose()


async def told(world: World, issuer: str) -> None:
    """Have the organisation's administrator set the provider in the console, and test it."""
    browser = world.browser()
    await sign_in(browser, world.people["boss"])
    page = await browser.open(ROOM, coming_from="same-origin")
    form = page.form_with("issuer")
    assert form is not None, page.text
    given = {"issuer": issuer, "client_id": US, "client_secret": SECRET}
    page = await browser.submit(page, form, given=given)
    assert "The provider is set" in page.text
    [test] = [one for one in page.forms if one.action.endswith("/test")]
    page = await browser.submit(page, test)
    assert "The provider answers as it should." in page.text
    assert SECRET not in page.html


async def _never(_: float) -> None:
    raise AssertionError("the clock of a real server is not ours to set")


def refused(page: Page, status: int, said: str) -> None:
    assert (page.status, page.left) == (status, ""), page.text
    assert said in page.text


@pytest.mark.parametrize(("account", "slug"), [("ana", "acme"), ("gus", "globex")])
async def test_a_person_signs_in_at_the_provider_consents_here_and_the_agent_works(
    it: There, account: str, slug: str
) -> None:
    world, browser = it.world, it.world.browser()
    asked = await world.begun()
    answer = await it.vouched(await it.led(browser, to=asked.url, slug=slug), account)
    assert parameters(answer)["iss"] == it.issuers[slug]
    page = await browser.open(answer)
    assert f"{account}@{slug}.test" in page.text
    form = page.form_with("answer")
    assert form is not None, page.text
    page = await answering(browser, page, form, Choice(scopes={"tickets:read"}))
    tokens = Tokens.of(await world.oauth.redeem(asked, parameters(page.left)["code"]))
    assert tokens.scope == "tickets:read"
    assert (await world.call(tokens.access)).status == 200
    again = world.browser()
    await again.open(await it.answer(again, account, slug))
    assert await it.signed_in(again), "known by the provider's name now"


async def test_a40_a41_an_answer_works_once_and_in_the_browser_that_began(it: There) -> None:
    mine, other = it.world.browser(), it.world.browser()
    answer = await it.answer(mine)
    refused(await other.open(answer), 400, "not begun here")
    assert not await it.signed_in(other), "nobody is signed in as somebody else"
    assert (await mine.open(answer)).status == 200
    assert await it.signed_in(mine)
    refused(await mine.open(answer), 400, "not begun here")
    refused(await other.open(answer), 400, "not begun here")
    assert not await it.signed_in(other)


@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://login.evil.example"}, {"iss": None}, {"code": None}, {"state": "guess"}],
    ids=repr,
)
async def test_a41_what_was_changed_on_the_way_signs_nobody_in(
    it: There, changes: dict[str, str | None]
) -> None:
    browser = it.world.browser()
    brought = changed(await it.answer(browser), changes)
    refused(await browser.open(brought), 400, "did not sign you in")
    assert not await it.signed_in(browser)


async def test_a41_a_code_of_another_sign_in_is_no_answer_to_mine(it: There) -> None:
    """The attacker's code with the victim's state: PKCE at the provider says no."""
    victim, attacker = it.world.browser(), it.world.browser()
    mine, stolen = await it.answer(victim), await it.answer(attacker)
    brought = changed(mine, {"code": parameters(stolen)["code"]})
    refused(await victim.open(brought), 503, "did not answer with a token")
    assert not await it.signed_in(victim)


async def test_a41_who_turns_back_at_the_provider_is_told_so(it: There) -> None:
    browser = it.world.browser()
    address = await it.led(browser)
    async with Browser(it.issuers["acme"]) as elsewhere:
        page = await elsewhere.open(address)
        [abort] = [one for one in page.addresses if one.endswith("/abort")]
        left = (await elsewhere.open(abort)).left
    assert parameters(left)["error"] == "access_denied"
    refused(await browser.open(left), 400, "did not sign you in")
    assert not await it.signed_in(browser)


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ("eve", "did not say that it verified your e-mail address"),
        ("gus", "you have no account here"),
        ("stranger", "you have no account here"),
    ],
)
async def test_the_provider_opens_only_accounts_of_its_organisation_at_verified_addresses(
    it: There, account: str, why: str
) -> None:
    browser = it.world.browser()
    page = await browser.open(await it.answer(browser, account))
    refused(page, 400, why)
    assert not await it.signed_in(browser)


async def test_a_wrong_secret_is_said_to_whom_it_concerns(it: There) -> None:
    browser = it.world.browser()
    page = await browser.open(await it.answer(browser, slug="initech"))
    refused(page, 503, "its administrator checks the client secret")
    assert "canary" not in page.html


def changed(address: str, changes: dict[str, str | None]) -> str:
    merged = {**parameters(address), **changes}
    query = urlencode({name: value for name, value in merged.items() if value is not None})
    return urlsplit(address)._replace(query=query).geturl()
