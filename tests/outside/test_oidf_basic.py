"""The modules of the OpenID Foundation's Basic plan, by their names, in our words.

Every request carries PKCE, which the plan does not know and this server insists on.
"""

import time

import pytest
from tests.oauth.browsing import Browser, Page
from tests.oauth.client import Answer, Asked, Registered, basic, parameters
from tests.oauth.harness import Tokens, World
from tests.oauth.person import through
from tests.outside.identity import Claims, claims_of, half_hash

OPENID = "openid"
NO_SIGNATURE = "eyJhbGciOiJub25lIn0"
"""`{"alg":"none"}` as the header of a token."""


@pytest.fixture
async def party(world: World) -> Registered:
    """A relying party that authenticates itself with its secret."""
    return await world.oauth.register(
        token_endpoint_auth_method="client_secret_basic",
        redirect_uris=["https://rp.example.test/cb"],
    )


async def signed_in(world: World, party: Registered, **asked: str | None) -> tuple[Tokens, Claims]:
    """Ask, sign in, redeem, and verify the identity token."""
    request = world.oauth.ask(party, **{"scope": OPENID, "nonce": "n-1", **asked})
    tokens = await world.tokens(request)
    nonce = asked.get("nonce", "n-1")
    return tokens, await claims_of(world, tokens.identity, client_id=party.id, nonce=nonce)


async def person_of(world: World, tokens: Tokens) -> Claims:
    answer = await world.oauth.userinfo(tokens.access)
    assert answer.status == 200, answer.body
    return answer.json


async def test_oidcc_server_signs_somebody_in(world: World, party: Registered) -> None:
    tokens, claims = await signed_in(world, party)
    assert claims["sub"]
    assert claims.get("at_hash") in (None, half_hash(tokens.access))
    assert claims["auth_time"] <= time.time()


async def test_oidcc_response_type_missing_is_an_invalid_request(
    world: World, party: Registered
) -> None:
    found = await world.left(world.oauth.ask(party, scope=OPENID, response_type=None))
    assert found["error"] in {"invalid_request", "unsupported_response_type"}


async def test_oidcc_userinfo_get_knows_the_person(world: World, party: Registered) -> None:
    tokens, claims = await signed_in(world, party)
    assert (await person_of(world, tokens))["sub"] == claims["sub"]


async def test_oidcc_userinfo_post_header_knows_the_person(world: World, party: Registered) -> None:
    tokens, claims = await signed_in(world, party)
    url = world.oauth.metadata["userinfo_endpoint"]
    answer = await world.http.post(url, headers={"Authorization": f"Bearer {tokens.access}"})
    assert answer.json()["sub"] == claims["sub"]


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(
    world: World, party: Registered
) -> None:
    _, claims = await signed_in(world, party, nonce=None)
    assert "nonce" not in claims


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        pytest.param("openid profile", {"name"}, id="oidcc-scope-profile"),
        pytest.param("openid email", {"email"}, id="oidcc-scope-email"),
        pytest.param("openid profile email", {"name", "email"}, id="oidcc-scope-all"),
        pytest.param("email openid", {"email"}, id="oidcc-ensure-other-scope-order-succeeds"),
    ],
)
async def test_oidcc_scopes_open_claims(
    scope: str, wanted: set[str], world: World, party: Registered
) -> None:
    tokens, _ = await signed_in(world, party, scope=scope)
    person = await person_of(world, tokens)
    assert person.keys() & {"name", "email"} == wanted


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"display": "page"}, id="oidcc-display-page"),
        pytest.param({"display": "popup"}, id="oidcc-display-popup"),
        pytest.param({"login_hint": "bob@example.test"}, id="oidcc-login-hint"),
        pytest.param({"ui_locales": "se"}, id="oidcc-ui-locales"),
        pytest.param({"claims_locales": "se"}, id="oidcc-claims-locales"),
        pytest.param({"acr_values": "1 2"}, id="oidcc-ensure-request-with-acr-values-succeeds"),
        pytest.param(
            {"extra": "foobar"}, id="oidcc-ensure-request-with-unknown-parameter-succeeds"
        ),
    ],
)
async def test_oidcc_what_we_do_not_use_does_not_disturb(
    more: dict[str, str], world: World, party: Registered
) -> None:
    await signed_in(world, party, **more)


async def again(
    world: World, party: Registered, browser: Browser, **more: str
) -> tuple[Asked, Page]:
    """Ask once more in a browser that is signed in and has consented before."""
    request = world.oauth.ask(party, scope=OPENID, nonce="n-2", **more)
    return request, await browser.open(request.url)


async def at_home(world: World, party: Registered) -> tuple[Browser, Claims]:
    browser = world.browser()
    request = world.oauth.ask(party, scope=OPENID, nonce="n-1")
    tokens = await world.tokens(request, browser=browser)
    return browser, await claims_of(world, tokens.identity, client_id=party.id, nonce="n-1")


async def claims_after(world: World, request: Asked, left: str) -> Claims:
    answer = await world.oauth.redeem(request, parameters(left)["code"])
    token = Tokens.of(answer).identity
    return await claims_of(world, token, client_id=request.client.id, nonce="n-2")


async def test_oidcc_prompt_login_asks_for_the_password_again(
    world: World, party: Registered
) -> None:
    browser, before = await at_home(world, party)
    request, page = await again(world, party, browser, prompt="login")
    assert page.form_with("password") is not None
    left = (await through(browser, page, world.people["ana"])).left
    after = await claims_after(world, request, left)
    assert after["sub"] == before["sub"]
    assert after["auth_time"] >= before["auth_time"]


async def test_oidcc_prompt_none_not_logged_in_is_login_required(
    world: World, party: Registered
) -> None:
    request = world.oauth.ask(party, scope=OPENID, prompt="none")
    assert (await world.left(request))["error"] == "login_required"


async def test_oidcc_prompt_none_logged_in_needs_nobody(world: World, party: Registered) -> None:
    browser, before = await at_home(world, party)
    request, page = await again(world, party, browser, prompt="none")
    after = await claims_after(world, request, page.left)
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


async def test_oidcc_max_age_10000_keeps_the_session(world: World, party: Registered) -> None:
    browser, before = await at_home(world, party)
    request, page = await again(world, party, browser, max_age="10000")
    after = await claims_after(world, request, page.left)
    assert after["auth_time"] == before["auth_time"]


async def test_oidcc_max_age_1_asks_for_the_password_again(world: World, party: Registered) -> None:
    browser, before = await at_home(world, party)
    request, page = await again(world, party, browser, max_age="0")
    assert page.form_with("password") is not None
    left = (await through(browser, page, world.people["ana"])).left
    assert (await claims_after(world, request, left))["auth_time"] >= before["auth_time"]


async def test_oidcc_id_token_hint_of_the_same_person_needs_nobody(
    world: World, party: Registered
) -> None:
    browser = world.browser()
    first = await world.tokens(world.oauth.ask(party, scope=OPENID, nonce="n-1"), browser=browser)
    hint = first.identity
    request, page = await again(world, party, browser, prompt="none", id_token_hint=hint)
    await claims_after(world, request, page.left)


async def test_oidcc_codereuse_is_refused_and_ends_what_came_of_it(
    world: World, party: Registered
) -> None:
    request = world.oauth.ask(party, scope=OPENID)
    code = await world.code(request)
    tokens = Tokens.of(await world.oauth.redeem(request, code))
    again = await world.oauth.redeem(request, code)
    assert (again.status, again.error) == (400, "invalid_grant")
    assert (await world.oauth.refresh(party, tokens.refresh)).error == "invalid_grant"


async def test_oidcc_codereuse_30seconds_later_ends_the_access_token_too(
    world: World, party: Registered
) -> None:
    request = world.oauth.ask(party, scope=OPENID)
    code = await world.code(request)
    tokens = Tokens.of(await world.oauth.redeem(request, code))
    await world.age(30)
    assert (await world.oauth.redeem(request, code)).error == "invalid_grant"
    assert (await world.oauth.userinfo(tokens.access)).status == 401


async def test_oidcc_userinfo_post_body_is_not_taken(world: World, party: Registered) -> None:
    tokens, _ = await signed_in(world, party)
    url = world.oauth.metadata["userinfo_endpoint"]
    answer = await world.http.post(url, data={"access_token": tokens.access})
    assert answer.status_code == 401


async def test_oidcc_ensure_registered_redirect_uri(world: World, party: Registered) -> None:
    request = world.oauth.ask(party, redirect_uri="https://rp.example.test/other")
    page = await world.browser().open(request.url)
    assert (page.status, page.left) == (400, "")


async def test_oidcc_ensure_post_request_succeeds(world: World, party: Registered) -> None:
    request = world.oauth.ask(party, scope=OPENID, nonce="n-1")
    address, _, query = request.url.partition("?")
    browser = world.browser()
    answer = await browser.send(
        "POST", address, headers={}, pairs=list(parameters(f"?{query}").items())
    )
    assert answer.status_code == 303
    page = await browser.open(answer.headers["location"], coming_from="same-origin")
    left = (await through(browser, page, world.people["ana"])).left
    tokens = Tokens.of(await world.oauth.redeem(request, parameters(left)["code"]))
    await claims_of(world, tokens.identity, client_id=party.id, nonce="n-1")


async def test_oidcc_server_client_secret_post(world: World) -> None:
    party = await world.oauth.register(token_endpoint_auth_method="client_secret_post")
    await signed_in(world, party)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        pytest.param(
            "request",
            f"{NO_SIGNATURE}.e30.",
            id="oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
        ),
        pytest.param(
            "request",
            f"{NO_SIGNATURE}.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9.",
            id="oidcc-ensure-request-object-with-redirect-uri",
        ),
        pytest.param(
            "request_uri", "https://rp.example.test/ro.jwt", id="oidcc-request-uri-unsigned"
        ),
    ],
)
async def test_oidcc_request_objects_are_rejected_as_unsupported(
    how: str, value: str, world: World, party: Registered
) -> None:
    request = world.oauth.ask(party, scope=OPENID, **{how: value})
    assert (await world.left(request))["error"] == f"{how}_not_supported"
    assert world.oauth.metadata[f"{how}_parameter_supported"] is False


async def test_oidcc_claims_essential_may_be_left_out(world: World, party: Registered) -> None:
    wanted = '{"userinfo":{"name":{"essential":true}}}'
    await signed_in(world, party, claims=wanted)
    assert world.oauth.metadata.get("claims_parameter_supported", False) is False


async def test_oidcc_refresh_token_gives_the_same_person(world: World, party: Registered) -> None:
    tokens, before = await signed_in(world, party, scope="openid offline_access")
    refreshed = Tokens.of(await world.oauth.refresh(party, tokens.refresh))
    assert refreshed.access != tokens.access
    assert refreshed.refresh != tokens.refresh
    if refreshed.identity:
        after = await claims_of(world, refreshed.identity, client_id=party.id, nonce=None)
        same = ("iss", "sub", "aud", "auth_time")
        assert [after[name] for name in same] == [before[name] for name in same]
        assert after["iat"] >= before["iat"]


async def test_oidcc_ensure_request_with_valid_pkce_succeeds(
    world: World, party: Registered
) -> None:
    await signed_in(world, party, verifier="v" * 128)


async def test_oidcc_a_wrong_secret_is_an_invalid_client(world: World, party: Registered) -> None:
    request = world.oauth.ask(party, scope=OPENID)
    code = await world.code(request)
    fields = [("grant_type", "authorization_code"), ("code", code)]
    answer: Answer = await world.oauth.token(
        Registered(id=party.id, secret="wrong", method=party.method), fields
    )
    assert (answer.status, answer.error) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert basic(party.id, "wrong").startswith("Basic ")
