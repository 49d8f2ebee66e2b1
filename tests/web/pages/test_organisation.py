"""Signing in through an organisation's own provider: security cases A40 and A41."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.web.pages.house import ACME, House, ask, opened_house, token_in

from helpdesk_mcp.domain.errors import Denied, NotFound
from helpdesk_mcp.domain.sessions import Person
from helpdesk_mcp.web.pages.parts import Provider, Vouched

ISSUER = "https://login.acme.example"


@dataclass(slots=True)
class ProviderInMemory:
    """The port `Upstream`: it vouches for Ana, once for each state that it gave a browser."""

    begun: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    asked_age: list[int | None] = field(default_factory=list[int | None])
    auth_time: float | None = None

    async def start(
        self, slug: str, *, browser: str, question: str, max_age: int | None
    ) -> Provider:
        self.asked_age.append(max_age)
        if slug != "acme":
            raise NotFound("There is no such organisation.")
        state = f"s{len(self.begun)}"
        self.begun[state] = (browser, question)
        return Provider(name="login.acme.example", address=f"{ISSUER}/authorize?state={state}&a=1")

    async def finish(self, answer: Mapping[str, str], *, browser: str) -> Vouched:
        begun = self.begun.pop(answer.get("state", ""), None)
        if begun is None or begun[0] != browser:
            raise Denied("This answer is not for this browser.", reason="state")
        if "error" in answer:
            raise Denied("The provider did not sign you in.", reason="refused")
        if answer.get("iss", ISSUER) != ISSUER:
            raise Denied("Another provider answered.", reason="issuer")
        ana = Person(id="ana", email="ana@acme.example")
        return Vouched(
            person=ana,
            tenant=ACME.id,
            issuer=ISSUER,
            question=begun[1],
            auth_time=self.auth_time,
        )


async def started(house: House, slug: str = "acme") -> tuple[int, str]:
    async with house.browser() as browser:
        token = token_in(await browser.get("/sign-in"), "/sign-in/organisation")
        page = await browser.post("/sign-in/organisation", data={"token": token, "slug": slug})
    return page.status_code, page.text


async def test_a_person_goes_to_the_provider_and_comes_back_signed_in(tmp_path: Path) -> None:
    async with opened_house(tmp_path, upstream=ProviderInMemory()) as house:
        async with house.browser() as browser:
            path = await ask(browser)
            page = await browser.get("/sign-in?for=q0")
            fields = {"token": token_in(page, "/sign-in/organisation"), "for": "q0"}
            there = await browser.post("/sign-in/organisation", data={**fields, "slug": " ACME "})
            assert there.status_code == 200, "a page and not a redirect: its host is shown first"
            assert "login.acme.example" in there.text
            assert f'href="{ISSUER}/authorize?state=s0&amp;a=1"' in there.text
            back = await browser.get(f"/sign-in/callback?state=s0&code=c&iss={ISSUER}")
            assert (back.status_code, back.headers["location"]) == (303, path)
            assert (await browser.get(path)).status_code == 200
        assert [h.facts for h in house.diary.named("auth.login")] == [{"issuer": ISSUER}]


@pytest.mark.parametrize(
    ("wish", "age", "since", "status"),
    [
        ({"prompt": "login"}, 0, None, 303),
        ({"prompt": "login"}, 0, 20.0, 303),
        ({"prompt": "login"}, 0, 40.0, 400),
        ({"max_age": "60"}, 60, 80.0, 303),
        ({"max_age": "60"}, 60, 100.0, 400),
        ({}, None, 9_000.0, 303),
    ],
    ids=repr,
)
async def test_a20_a_provider_must_sign_in_anew_whom_the_client_wants_anew(
    tmp_path: Path, wish: dict[str, str], age: int | None, since: float | None, status: int
) -> None:
    """`since` is how long before the request the provider says that the person signed in."""
    upstream = ProviderInMemory()
    async with opened_house(tmp_path, upstream=upstream) as house, house.browser() as browser:
        path = await ask(browser, **wish)
        upstream.auth_time = None if since is None else house.clock.now - since
        token = token_in(await browser.get("/sign-in?for=q0"), "/sign-in/organisation")
        fields = {"token": token, "slug": "acme", "for": "q0"}
        await browser.post("/sign-in/organisation", data=fields)
        back = await browser.get("/sign-in/callback?state=s0&code=c")
        assert upstream.asked_age == [age]
        assert back.status_code == status
        if status == 303:
            assert back.headers["location"] == path
            assert (await browser.get(path)).status_code == 200
        else:
            assert "/sign-in?for=q0" in back.text
            assert "__Host-session" not in browser.cookies
            assert [h.reason for h in house.diary.named("auth.upstream")] == ["auth_time"]


async def test_a40_a_link_cannot_start_a_sign_in_elsewhere(tmp_path: Path) -> None:
    upstream = ProviderInMemory()
    async with opened_house(tmp_path, upstream=upstream) as house:
        async with house.browser() as browser:
            await browser.get("/sign-in")
            linked = await browser.get("/sign-in/organisation?slug=acme")
            bare = await browser.post("/sign-in/organisation", data={"slug": "acme"})
        assert (linked.status_code, bare.status_code) == (405, 403)
        assert upstream.begun == {}


@pytest.mark.parametrize(
    "query",
    [
        "code=c",
        "code=c&state=unknown",
        "code=c&state=s0&iss=https%3A%2F%2Fevil.example",
        "error=access_denied&state=s0",
        "code=c&state=s0&state=s0",
        "",
    ],
)
async def test_a41_an_answer_that_is_not_good_signs_nobody_in(tmp_path: Path, query: str) -> None:
    async with opened_house(tmp_path, upstream=ProviderInMemory()) as house:
        async with house.browser() as browser:
            token = token_in(await browser.get("/sign-in"), "/sign-in/organisation")
            await browser.post("/sign-in/organisation", data={"token": token, "slug": "acme"})
            back = await browser.get(f"/sign-in/callback?{query}")
            assert back.status_code == 400
            assert back.headers["content-type"].startswith("text/html")
            assert "__Host-session" not in browser.cookies
        assert [h.outcome for h in house.diary.named("auth.upstream")] == ["denied"]


async def test_a41_an_answer_counts_once_and_in_the_browser_that_asked(tmp_path: Path) -> None:
    async with (
        opened_house(tmp_path, upstream=ProviderInMemory()) as house,
        house.browser() as browser,
        house.browser() as other,
    ):
        token = token_in(await browser.get("/sign-in"), "/sign-in/organisation")
        await browser.post("/sign-in/organisation", data={"token": token, "slug": "acme"})
        await other.get("/sign-in")
        foreign = await other.get("/sign-in/callback?state=s0&code=c")
        again = await browser.get("/sign-in/callback?state=s0&code=c")
    assert (foreign.status_code, again.status_code) == (400, 400)


async def test_an_unknown_organisation_is_said(tmp_path: Path) -> None:
    async with opened_house(tmp_path, upstream=ProviderInMemory()) as house:
        for slug in ("nobody", "../x", "A B"):
            status, text = await started(house, slug)
            assert status == 404
            assert "No such organisation" in text


async def test_a_provider_vouches_in_its_own_organisation_only(tmp_path: Path) -> None:
    async with opened_house(tmp_path, upstream=ProviderInMemory()) as house:
        house.people.places["ana"] = house.people.places["bea"]
        async with house.browser() as browser:
            token = token_in(await browser.get("/sign-in"), "/sign-in/organisation")
            await browser.post("/sign-in/organisation", data={"token": token, "slug": "acme"})
            await browser.get("/sign-in/callback?state=s0&code=c")
            page = await browser.get("/choose")
    assert "Acme" in page.text
    assert "Globex" not in page.text
