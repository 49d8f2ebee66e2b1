"""A26-A43: sign-in, sessions and consent, from the browser's side."""

import anyio
import pytest
from tests.oauth.browsing import Browser, Form, Page
from tests.oauth.client import Registered, parameters
from tests.oauth.harness import World
from tests.oauth.person import (
    ALLOW,
    REFUSE,
    Choice,
    Person,
    answering,
    sign_in,
    signing_in,
    through,
)
from tests.outside.pages import is_guarded
from tests.stores.statements import statements

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
async def client(world: World) -> Registered:
    return await world.oauth.register()


async def to_consent(
    world: World, client: Registered, browser: Browser, **asked: str
) -> tuple[Page, Form]:
    """Sign in as Ana and stop at the question."""
    page = await browser.open(world.oauth.ask(client, **asked).url)
    if (form := page.form_with("password")) is not None:
        page = await signing_in(browser, page, form, world.people["ana"])
    question = page.form_with("answer")
    assert question is not None, page.text
    return page, question


async def attempt(world: World, email: str, password: str, browser: Browser | None = None) -> Page:
    person = Person(email=email, password=password)
    return await sign_in(browser or world.browser(), person)


async def test_a26_wrong_passwords_close_an_account_for_a_while(world: World) -> None:
    bob = world.people["bob"]
    for _ in range(5):
        page = await attempt(world, bob.email, "wrong password here")
        assert page.form_with("password") is not None
    page = await attempt(world, bob.email, bob.password)
    assert page.form_with("password") is not None
    assert int(page.headers["retry-after"]) > 0
    await world.age(900)
    page = await attempt(world, bob.email, bob.password)
    assert page.form_with("password") is None


async def test_a28_nobody_learns_who_has_an_account(world: World) -> None:
    known = await attempt(world, world.people["eve"].email, "wrong password here")
    unknown = await attempt(world, "nobody@acme.test", "wrong password here")

    def without_address(page: Page) -> str:
        return page.html.replace("nobody@acme.test", "").replace(world.people["eve"].email, "")

    assert known.status == unknown.status
    assert len(without_address(known)) == len(without_address(unknown))
    assert known.text.replace("\n", "") == unknown.text.replace("\n", "")


async def test_a28_the_same_work_is_done_for_a_person_that_nobody_is(world: World) -> None:
    """Also while an account waits, when no hash hides the time of a query more or less."""
    eve = world.people["eve"].email
    for turn in range(7):
        done: list[list[str]] = []
        for email in (eve, "nobody.at.all@acme.test"):
            with statements(but=("audit", "set_config")) as said:
                page = await attempt(world, email, "wrong password here")
            assert page.form_with("password") is not None
            done.append(sorted(said))
        known, unknown = done
        assert any("sign_in_attempts" in one for one in known)
        assert known == unknown, f"try {turn}"
    await world.age(900)


@pytest.mark.parametrize(
    "password", ["x" * 1_025, "x" * 1_000_000, "a\0b"], ids=["1 KB", "1 MB", "NUL"]
)
async def test_a29_an_impossible_password_is_refused_unhashed(password: str, world: World) -> None:
    browser = world.browser()
    page = await browser.open("/sign-in", coming_from="none")
    form = page.form_with("password")
    assert form is not None
    pairs = form.values(button=None, given={"email": "ana@acme.test"})
    sent = [(name, password if name == "password" else value) for name, value in pairs]
    answer = await browser.send("POST", world.issuer + "/sign-in", headers={}, pairs=sent)
    assert answer.status_code in {400, 413}


async def test_a31_a_planted_session_is_not_the_one_after_signing_in(world: World) -> None:
    browser = world.browser()
    await sign_in(browser, world.people["ana"])
    before = dict(browser.cookies)
    await sign_in(browser, world.people["ana"])
    changed = [name for name in before if browser.cookies.get(name) != before[name]]
    assert changed
    old = world.browser()
    old.cookies.update(before)
    assert await is_signed_in(browser)
    assert not await is_signed_in(old)


async def is_signed_in(browser: Browser) -> bool:
    """Whether the browser's session lives: only then is there something to sign out of."""
    page = await browser.open("/sign-out", coming_from="none")
    assert page.status in {200, 400, 431}
    return page.status == 200 and not page.url.endswith("/signed-out")


@pytest.mark.parametrize("value", ["", "x", "x" * 8_000, "'; DROP TABLE", "%00", "%C3%A9"])
async def test_a32_a_changed_cookie_is_no_session(value: str, world: World) -> None:
    browser = world.browser()
    await sign_in(browser, world.people["ana"])
    for name in browser.cookies:
        browser.cookies[name] = value
    assert not await is_signed_in(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_a33_a_form_of_another_site_signs_nobody_in(
    headers: dict[str, str], world: World
) -> None:
    browser = world.browser()
    page = await browser.open("/sign-in", coming_from="none")
    form = page.form_with("password")
    assert form is not None
    ana = world.people["ana"]
    pairs = form.values(button=None, given={"email": ana.email, "password": ana.password})
    answer = await browser.send("POST", world.issuer + "/sign-in", headers=headers, pairs=pairs)
    assert answer.status_code == 403


async def test_a34_a_consent_needs_its_own_unused_token(client: Registered, world: World) -> None:
    browser, other = world.browser(), world.browser()
    page, form = await to_consent(world, client, browser)
    _, foreign = await to_consent(world, client, other)
    token = next(field for field in form.fields if field.name == "token")
    good = token.value
    for bad in ("", "x", good[:-2], next(f.value for f in foreign.fields if f.name == "token")):
        token.value = bad
        assert (await answering(browser, page, form, ALLOW)).status == 403
    token.value = good
    left = (await answering(browser, page, form, ALLOW)).left
    assert "code" in parameters(left)
    assert (await answering(browser, page, form, ALLOW)).status == 403


async def test_a34_a_consent_is_never_given_by_get(client: Registered, world: World) -> None:
    browser = world.browser()
    page, form = await to_consent(world, client, browser)
    del page
    answer = await browser.send("GET", world.issuer + form.action, headers={})
    assert answer.status_code == 405


async def test_a35_a_consent_for_one_question_answers_no_other(
    client: Registered, world: World
) -> None:
    browser = world.browser()
    page, first = await to_consent(world, client, browser, scope="tickets:read")
    _, second = await to_consent(world, client, browser, scope="people:read")
    first.action, second.action = second.action, first.action
    assert (await answering(browser, page, first, ALLOW)).status == 403


async def test_a35_another_browser_cannot_answer(client: Registered, world: World) -> None:
    page, form = await to_consent(world, client, world.browser())
    thief = world.browser()
    await sign_in(thief, world.people["ana"])
    assert (await answering(thief, page, form, ALLOW)).status in {400, 403, 404}


@pytest.mark.parametrize("path", ["/sign-in", "/signed-out", "/oauth/authorize"])
async def test_a36_no_page_may_be_framed(path: str, world: World) -> None:
    is_guarded(await world.browser().open(path))


async def test_a36_the_question_may_not_be_framed(client: Registered, world: World) -> None:
    page, _ = await to_consent(world, client, world.browser())
    is_guarded(page)


async def test_a38_a_remembered_consent_is_for_the_same_request_only(
    client: Registered, world: World
) -> None:
    browser = world.browser()
    await world.tokens(world.oauth.ask(client), browser=browser)
    again = await browser.open(world.oauth.ask(client).url)
    assert again.left
    more = await browser.open(world.oauth.ask(client, scope="tickets:read people:read").url)
    assert more.form_with("answer") is not None


async def test_a39_a_double_click_gives_one_code(client: Registered, world: World) -> None:
    browser = world.browser()
    page, form = await to_consent(world, client, browser)
    outcomes: list[Page] = []

    async def click() -> None:
        outcomes.append(await answering(browser, page, form, ALLOW))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(click)
    assert sum("code=" in one.left for one in outcomes) == 1
    assert {one.status for one in outcomes if not one.left} <= {403}


async def test_a40_a_consent_to_one_client_is_none_to_another(
    client: Registered, world: World
) -> None:
    browser = world.browser()
    await world.tokens(world.oauth.ask(client), browser=browser)
    evil = await world.oauth.register(client_name="Proof", redirect_uris=["https://evil.test/cb"])
    page = await browser.open(world.oauth.ask(evil).url)
    assert page.left == ""
    assert page.form_with("answer") is not None
    assert "evil.test" in page.text


async def test_a42_after_a_form_comes_303(client: Registered, world: World) -> None:
    browser = world.browser()
    _, form = await to_consent(world, client, browser)
    [allow] = [one for one in form.kinds("submit") if one.value == "allow"]
    answer = await browser.send(
        "POST", world.issuer + form.action, headers={}, pairs=form.values(button=allow, given={})
    )
    assert answer.status_code == 303
    assert "no-store" in answer.headers["cache-control"]


async def test_a43_signing_out_leads_nowhere_else(world: World) -> None:
    browser = world.browser()
    await sign_in(browser, world.people["ana"])
    page = await browser.open("/oauth/logout?post_logout_redirect_uri=https://evil.test/")
    assert page.left == ""
    assert page.status == 200
    assert not any(link.startswith("https://evil") for link in page.addresses)


async def test_a_refusal_reaches_the_client_as_access_denied(
    client: Registered, world: World
) -> None:
    asked = world.oauth.ask(client)
    found = await world.left(asked, choice=REFUSE)
    assert (found["error"], found["state"], found["iss"]) == (
        "access_denied",
        asked.state,
        world.issuer,
    )


async def test_a_person_may_allow_less_than_was_asked(client: Registered, world: World) -> None:
    asked = world.oauth.ask(client, scope="tickets:read people:read")
    tokens = await world.tokens(asked, choice=Choice(scopes=["tickets:read"]))
    assert tokens.scope == "tickets:read"
    browser = world.browser()
    page = await through(browser, await browser.open("/sign-out"), world.people["ana"])
    assert page.left == ""
