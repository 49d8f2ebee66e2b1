"""Consent: what is shown, what is granted, and by whom. Security cases A34 to A40 and A42."""

import asyncio
from dataclasses import replace

import httpx2
import pytest
from tests.web.pages.house import (
    ACME,
    CALLBACK,
    GLOBEX,
    House,
    answer,
    ask,
    question,
    sign_in,
    token_in,
)

from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.oauth.flow import Consent, Leave, Stop
from helpdesk_mcp.web.pages.onward import address_of
from helpdesk_mcp.web.pages.pacing import REQUESTS

BOTH = {"desk": ["id-IT", "id-HR"], "scope": ["tickets:read", "tickets:write", "replies:send"]}


async def asked(browser: httpx2.AsyncClient, name: str = "ana", **more: str) -> str:
    await sign_in(browser, name)
    return await ask(browser, **more)


async def test_a_person_grants_what_is_ticked_and_nothing_else(house: House) -> None:
    async with house.browser() as browser:
        path = await asked(browser)
        page = await browser.get(path)
        done = await answer(browser, path, page, desk=["id-IT"], scope=["tickets:read"])
    assert done.status_code == 303
    assert done.headers["location"] == f"{CALLBACK}?code=c%261&iss=https%3A%2F%2Fdesk.example"
    assert house.flow.granted["q0"] == Consent(
        user="ana",
        tenant=ACME.id,
        desks=frozenset({"id-IT"}),
        scopes=frozenset({Scope.TICKETS_READ}),
        auth_time=house.clock.now,
    )
    assert [h.outcome for h in house.diary.named("auth.consent")] == ["ok"]


async def test_an_address_that_asks_without_end_waits_and_others_do_not(house: House) -> None:
    most = round(REQUESTS.burst)
    async with house.browser("192.0.2.66") as flood:
        codes = [
            (await flood.get("/oauth/authorize", params={"client_id": "c"})).status_code
            for _ in range(most + 2)
        ]
        last = await flood.get("/oauth/authorize", params={"client_id": "c"})
    assert codes == [303] * most + [429] * 2
    assert int(last.headers["retry-after"]) == 1
    async with house.browser("192.0.2.7") as other:
        assert await ask(other)


async def test_what_was_not_asked_for_cannot_be_ticked_into_a_grant(house: House) -> None:
    more = {"desk": ["id-IT", "id-old", "id-other"], "scope": ["tickets:read", "people:read"]}
    async with house.browser() as browser:
        path = await asked(browser)
        await answer(browser, path, await browser.get(path), **more)
    consent = house.flow.granted["q0"]
    assert consent.desks == {"id-IT"}
    assert consent.scopes == {Scope.TICKETS_READ}


async def test_a16_a_role_caps_what_is_shown_and_granted(house: House) -> None:
    house.flow.next = question(scopes=(Scope.TICKETS_READ, Scope.TICKETS_DELETE))
    async with house.browser() as browser:
        path = await asked(browser)
        page = await browser.get(path)
        await answer(browser, path, page, desk=["id-IT"], scope=["tickets:read", "tickets:delete"])
    assert 'value="tickets:delete"' not in page.text
    assert "It asked for 1 more" in page.text
    assert house.flow.granted["q0"].scopes == {Scope.TICKETS_READ}


async def test_nothing_ticked_is_no_consent(house: House) -> None:
    async with house.browser() as browser:
        path = await asked(browser)
        for given in ({}, {"desk": ["id-IT"]}, {"scope": ["tickets:read"]}):
            done = await answer(browser, path, await browser.get(path), **given)
            assert done.status_code == 400
            assert "Tick at least one" in done.text
    assert house.flow.granted == {}


async def test_refusing_tells_the_client(house: House) -> None:
    async with house.browser() as browser:
        path = await asked(browser)
        done = await answer(browser, path, await browser.get(path), answer="refuse")
    assert done.headers["location"].startswith(f"{CALLBACK}?error=access_denied&iss=")
    assert house.flow.granted == {}


async def test_a34_consent_needs_a_fresh_token_of_this_session(house: House) -> None:
    async with house.browser() as browser, house.browser() as other:
        path = await asked(browser)
        page = await browser.get(path)
        foreign = token_in(await other.get(await asked(other)))
        assert (await browser.post(f"{path}/answer", data=BOTH)).status_code == 403
        assert (await answer(browser, path, page, token=foreign, **BOTH)).status_code == 403
        assert (await browser.get(f"{path}/answer")).status_code == 405
        assert house.flow.granted == {}
        assert (await answer(browser, path, page, **BOTH)).status_code == 303
        assert (await answer(browser, path, page, **BOTH)).status_code == 403
        house.clock.now += 7_201
        later = await browser.get(await ask(browser))
        assert later.status_code == 303, "the session is over"


async def test_a34_a_token_from_before_signing_in_is_dead_after_it(house: House) -> None:
    async with house.browser() as browser:
        path = await ask(browser)
        before = token_in(await browser.get("/sign-in"))
        await sign_in(browser)
        page = await browser.get(path)
        assert (await answer(browser, path, page, token=before, **BOTH)).status_code == 403


async def test_a35_an_answer_counts_for_the_question_it_was_shown_for(house: House) -> None:
    async with house.browser() as browser:
        first = await asked(browser)
        second = await ask(browser)
        page = await browser.get(first)
        sent = {"token": token_in(page), "answer": "allow", **BOTH}
        assert (await browser.post(f"{second}/answer", data=sent)).status_code == 403
    assert house.flow.granted == {}


async def test_a35_a_question_of_another_browser_cannot_be_answered(house: House) -> None:
    async with house.browser() as attacker, house.browser() as victim:
        path = await ask(attacker)
        await sign_in(victim)
        page = await victim.get(path)
    assert page.status_code == 403
    assert '<form method="post" action="/consent' not in page.text


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/signed-out", "/consent/q0", "/consent/zzz", "/choose", "/oauth/authorize"],
)
async def test_a36_no_page_can_be_framed(house: House, path: str) -> None:
    house.flow.next = question()
    async with house.browser() as browser:
        await asked(browser)
        house.flow.next = Stop(status=400, error="invalid_client", message="Unknown.")
        page = await browser.get(path, follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:;")
    assert "frame-ancestors 'none'; base-uri 'none'" in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_a37_a_clients_name_is_cleaned_and_its_host_is_always_shown(house: House) -> None:
    house.flow.next = question(client_name="<img src=x onerror=alert(1)>\u202e" + "x" * 300)
    async with house.browser() as browser:
        page = await browser.get(await asked(browser))
    assert "&lt;img src=x onerror=alert(1)&gt;xxx" in page.text
    assert "<img src=x" not in page.text
    assert "\u202e" not in page.text
    assert "x" * 40 not in page.text
    assert '<dd class="host verified">client.example</dd>' in page.text


async def test_a37_a_registered_client_is_shown_as_not_verified(house: House) -> None:
    house.flow.next = question(client_name="Helpdesk Official", client_host="")
    async with house.browser() as browser:
        page = await browser.get(await asked(browser))
    assert "not verified" in page.text
    assert "Nobody has checked this name." in page.text


async def test_a_client_on_this_computer_comes_with_a_warning(house: House) -> None:
    local = {"redirect_uri": "http://localhost:5123/cb", "redirect_host": "localhost:5123"}
    house.flow.next = question(**local, redirect_is_local=True)
    async with house.browser() as browser:
        page = await browser.get(await asked(browser))
    assert "This is a program on your own computer." in page.text
    assert "form-action 'self' http://localhost:5123;" in page.headers["content-security-policy"]


def earlier(**values: object) -> Consent:
    usual = Consent(
        user="ana",
        tenant=ACME.id,
        desks=frozenset({"id-IT"}),
        scopes=frozenset({Scope.TICKETS_READ}),
        auth_time=1.0,
    )
    return replace(usual, **values)  # pyright: ignore[reportArgumentType] -- fields by name


async def test_a_remembered_consent_needs_no_page(house: House) -> None:
    house.flow.earlier = earlier()
    async with house.browser() as browser:
        done = await browser.get(await asked(browser))
    assert done.headers["location"].startswith(f"{CALLBACK}?code=")
    assert house.flow.granted["q0"] == earlier(auth_time=house.clock.now)


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": GLOBEX.id},
        {"desks": frozenset({"id-IT", "id-old"})},
        {"scopes": frozenset({Scope.TICKETS_READ, Scope.TICKETS_DELETE})},
        {"user": "bea"},
    ],
)
async def test_a38_a_consent_that_no_longer_holds_is_asked_again(
    house: House, changed: dict[str, object]
) -> None:
    house.flow.earlier = earlier(**changed)
    async with house.browser() as browser:
        page = await browser.get(await asked(browser))
    assert page.status_code == 200
    assert house.flow.granted == {}


async def test_a38_a_program_on_this_computer_is_always_asked(house: House) -> None:
    house.flow.earlier = earlier()
    house.flow.next = question(redirect_is_local=True)
    async with house.browser() as browser:
        assert (await browser.get(await asked(browser))).status_code == 200


async def test_a39_a_double_click_grants_once(house: House) -> None:
    async with house.browser() as browser:
        path = await asked(browser)
        page = await browser.get(path)
        sent = [answer(browser, path, page, **BOTH) for _ in range(2)]
        codes = sorted([done.status_code for done in await asyncio.gather(*sent)])
    assert codes == [303, 403]


async def test_a40_a_consent_for_another_client_is_no_consent_for_this_one(house: House) -> None:
    house.flow.next = question(client_id="https://evil.example/c", client_host="evil.example")
    async with house.browser() as victim:
        page = await victim.get(await asked(victim))
    assert page.status_code == 200
    assert "evil.example" in page.text
    assert house.flow.granted == {}


@pytest.mark.parametrize(
    ("redirect", "address"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=c"),
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1&code=c"),
        ("https://a.example/cb?", "https://a.example/cb?&code=c"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c"),
    ],
)
def test_a_code_is_a_parameter_of_its_own_whatever_the_redirect(
    redirect: str, address: str
) -> None:
    assert address_of(Leave(redirect_uri=redirect, parameters=(("code", "c"),))) == address


async def test_a42_after_a_form_comes_303(house: House) -> None:
    async with house.browser() as browser:
        assert (await sign_in(browser)).status_code == 303
        path = await ask(browser)
        assert (await answer(browser, path, await browser.get(path), **BOTH)).status_code == 303


async def test_a19_prompt_none_answers_without_a_page(house: House) -> None:
    async with house.browser() as browser:
        nobody = await browser.get("/oauth/authorize?prompt=none")
        await sign_in(browser)
        nothing = await browser.get("/oauth/authorize?prompt=none")
        house.flow.earlier = earlier()
        known = await browser.get("/oauth/authorize?prompt=none")
    assert "error=login_required" in nobody.headers["location"]
    assert "error=consent_required" in nothing.headers["location"]
    assert "code=" in known.headers["location"]


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
async def test_a20_a_client_can_ask_for_a_fresh_sign_in(house: House, wish: dict[str, str]) -> None:
    async with house.browser() as browser:
        await sign_in(browser)
        house.clock.now += 61
        path = await ask(browser, **wish)
        assert (await browser.get(path)).headers["location"] == "/sign-in?for=q0"
        house.clock.now += 1
        await sign_in(browser)
        page = await browser.get(path)
        await answer(browser, path, page, **BOTH)
    assert house.flow.granted["q0"].auth_time == house.clock.now


async def test_a_client_may_ask_for_a_language_that_the_person_has_not_chosen(
    house: House,
) -> None:
    async with house.browser() as browser:
        await browser.get((await ask(browser, ui_locales="fr es-ES en")), follow_redirects=True)
        assert 'lang="es"' in (await browser.get("/sign-in?for=q0")).text.partition(">")[2][:200]
        await browser.post("/language", data={"language": "en", "back": "/sign-in"})
        await ask(browser, ui_locales="es")
        assert 'lang="en"' in (await browser.get("/sign-in?for=q1")).text.partition(">")[2][:200]
    async with house.browser() as browser:
        await ask(browser, ui_locales="xx <script> de")
        assert "language" not in str(browser.cookies)


async def test_people_of_several_organisations_choose_one(house: House) -> None:
    async with house.browser() as browser:
        path = await asked(browser, "bea")
        assert (await browser.get(path)).headers["location"] == "/choose?for=q0"
        page = await browser.get("/choose?for=q0")
        assert "Acme &amp; Sons" in page.text
        before = browser.cookies["__Host-session"]
        token = token_in(page, "/choose")
        fields = {"token": token, "for": "q0", "tenant": GLOBEX.id}
        chosen = await browser.post("/choose", data=fields)
        assert chosen.headers["location"] == path
        assert browser.cookies["__Host-session"] != before
        assert "Globex" in (await browser.get(path)).text


async def test_an_organisation_one_does_not_belong_to_cannot_be_chosen(house: House) -> None:
    async with house.browser() as browser:
        await sign_in(browser, "bea")
        token = token_in(await browser.get("/choose"), "/choose")
        done = await browser.post("/choose", data={"token": token, "tenant": "c" * 32})
    assert done.status_code == 403


async def test_somebody_without_an_organisation_is_told(house: House) -> None:
    async with house.browser() as browser:
        page = await browser.get(await asked(browser, "eve"))
    assert page.status_code == 403
    assert "you belong to no active organisation" in page.text


async def test_a_faulty_request_stops_at_a_page(house: House) -> None:
    house.flow.next = Stop(status=400, error="invalid_client", message="Unknown.", hint="<Remove>")
    async with house.browser() as browser:
        page = await browser.get("/oauth/authorize?client_id=%3Cscript%3E")
        mangled = await browser.get("/oauth/authorize?client_id=%ff")
    assert page.status_code == 400
    assert "&lt;Remove&gt;" in page.text
    assert "location" not in page.headers
    assert mangled.status_code == 400


async def test_an_error_for_a_trusted_client_goes_back_to_it(house: House) -> None:
    house.flow.next = Leave(redirect_uri=f"{CALLBACK}?a=1", parameters=(("error", "x y"),))
    async with house.browser() as browser:
        done = await browser.get("/oauth/authorize?client_id=x")
    assert (done.status_code, done.headers["location"]) == (303, f"{CALLBACK}?a=1&error=x+y")


async def test_form_post_answers_with_a_form(house: House) -> None:
    house.flow.next = Leave(
        redirect_uri=CALLBACK, parameters=(("code", '"><script>'),), form_post=True
    )
    async with house.browser() as browser:
        page = await browser.get("/oauth/authorize?client_id=x")
    assert f'action="{CALLBACK}"' in page.text
    assert "&#34;&gt;&lt;script&gt;" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'; " in policy
    assert "form-action 'self' https://client.example;" in policy
