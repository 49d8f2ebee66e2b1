"""A01-A25: hostile authorization requests, from the browser's side."""

from urllib.parse import quote, urlencode

import pytest
from tests.oauth.browsing import Page
from tests.oauth.client import CALLBACK, LOOPBACK, Registered, parameters
from tests.oauth.harness import World
from tests.oauth.person import signing_in, through
from tests.outside.pages import is_error_page

HTTPS = "https://app.test/cb"


@pytest.fixture
async def client(world: World) -> Registered:
    return await world.oauth.register()


async def opened(world: World, client: Registered, **changes: str | None) -> Page:
    return await world.browser().open(world.oauth.ask(client, **changes).url)


async def refused(world: World, client: Registered, **changes: str | None) -> dict[str, str]:
    """Return the error that reaches the client without anybody having signed in."""
    request = world.oauth.ask(client, **changes)
    page = await world.browser().open(request.url)
    assert page.left.startswith(request.redirect_uri), (page.status, page.text)
    found = parameters(page.left)
    assert "code" not in found
    assert found["iss"] == world.issuer
    return found


async def test_a01_an_unknown_client_gets_a_page_that_says_what_to_do(world: World) -> None:
    page = await opened(world, Registered(id="<b>nobody</b>"))
    is_error_page(page, 400)
    assert "<b>nobody" not in page.html
    assert "again" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=a&client_id=b",
        f"client_id={'x' * 10_000}",
        "client_id=%00",
        "client_id=a%00b",
        "client_id=%ff",
    ],
    ids=["missing", "twice", "10 KB", "NUL", "NUL inside", "no UTF-8"],
)
async def test_a02_a_client_id_that_is_none_is_an_error_page(query: str, world: World) -> None:
    address = world.oauth.metadata["authorization_endpoint"]
    page = await world.browser().open(f"{address}?response_type=code&{query}")
    is_error_page(page, {400, 414})


async def test_a03_an_unregistered_redirect_is_an_error_page(
    client: Registered, world: World
) -> None:
    is_error_page(await opened(world, client, redirect_uri="https://evil.test/cb"), 400)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://APP.test/cb",
        "HTTPS://app.test/cb",
        "https://app.test:443/cb",
        "https://app.test/cb/",
        "https://app.test/./cb",
        "https://app.test/x/../cb",
        "https://app.test/c%62",
        "https://app.test%2Fcb",
        "https://app.test/cb?x=1",
        "https://app.test/cb?",
        "https://app.test/cb#frag",
        "https://app.test/cb#",
        "https://user@app.test/cb",
        "https://app.test\\cb",
        "https:\\\\app.test/cb",
        "https://app.test/cb\t",
        " https://app.test/cb",
        "https://app.test/cb%0d%0aLocation:%20https://evil.test",
        "https://\u0430pp.test/cb",
        "https://app.test.evil.test/cb",
        "//app.test/cb",
        "/cb",
        "",
    ],
)
async def test_a04_a_redirect_that_differs_in_a_byte_is_an_error_page(
    redirect_uri: str, world: World
) -> None:
    client = await world.oauth.register(redirect_uris=[HTTPS])
    is_error_page(await opened(world, client, redirect_uri=redirect_uri), 400)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_a05_a_native_client_may_listen_on_any_loopback_port(host: str, world: World) -> None:
    client = await world.oauth.register(redirect_uris=[f"http://{host}/cb"])
    request = world.oauth.ask(client, redirect_uri=f"http://{host}:51234/cb")
    code = await world.code(request)
    assert (await world.oauth.redeem(request, code)).status == 200


async def test_a06_localhost_moves_its_port_for_native_clients_and_the_person_is_warned(
    world: World,
) -> None:
    client = await world.oauth.register(
        redirect_uris=["http://localhost:3000/cb"], application_type="native"
    )
    browser = world.browser()
    page = await browser.open(world.oauth.ask(client, redirect_uri="http://localhost:5123/cb").url)
    form = page.form_with("password")
    assert form is not None, page.text
    consent = await signing_in(browser, page, form, world.people["ana"])
    assert "localhost:5123" in consent.text
    assert consent.form_with("answer") is not None
    assert "warn" in consent.html


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:51234/other",
        "https://127.0.0.1:51234/callback",
        "http://127.0.0.1.evil.test/callback",
        "http://127.0.0.1:80@evil.test/callback",
        "http://127.0.0.2/callback",
        "http://127.1/callback",
        "http://0x7f.0.0.1/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:\u0663/callback",
        "http://127.0.0.1:5123/callback?x=1",
        "http://localhost/callback",
    ],
)
async def test_a07_what_only_looks_like_the_loopback_is_an_error_page(
    redirect_uri: str, world: World
) -> None:
    client = await world.oauth.register(redirect_uris=[LOOPBACK])
    is_error_page(await opened(world, client, redirect_uri=redirect_uri), 400)


async def test_a08_the_only_registered_redirect_may_be_left_out(
    client: Registered, world: World
) -> None:
    request = world.oauth.ask(client, redirect_uri=None)
    browser = world.browser()
    left = (await through(browser, await browser.open(request.url), world.people["ana"])).left
    assert left.startswith(CALLBACK)
    answer = await world.oauth.redeem(request, parameters(left)["code"], redirect_uri=None)
    assert answer.status == 200


async def test_a08_with_two_registered_one_must_be_named(world: World) -> None:
    client = await world.oauth.register(redirect_uris=[HTTPS, HTTPS + "2"])
    is_error_page(await opened(world, client, redirect_uri=None), 400)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_a09_whom_to_answer_said_twice_is_an_error_page(
    name: str, client: Registered, world: World
) -> None:
    url = world.oauth.ask(client).url
    value = parameters(url)[name]
    is_error_page(await world.browser().open(f"{url}&{urlencode({name: value})}"), 400)


@pytest.mark.parametrize(
    "name", ["response_type", "scope", "state", "code_challenge", "code_challenge_method", "nonce"]
)
async def test_a09_anything_else_said_twice_is_told_to_the_client(
    name: str, client: Registered, world: World
) -> None:
    request = world.oauth.ask(client, nonce="n")
    value = parameters(request.url)[name]
    page = await world.browser().open(f"{request.url}&{urlencode({name: value})}")
    assert parameters(page.left)["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "code id_token", "x"])
async def test_a10_only_codes_are_given(
    response_type: str, client: Registered, world: World
) -> None:
    found = await refused(world, client, response_type=response_type)
    assert found["error"] == "unsupported_response_type"


async def test_a10_no_response_type_is_an_invalid_request(client: Registered, world: World) -> None:
    assert (await refused(world, client, response_type=None))["error"] == "invalid_request"


@pytest.mark.parametrize("response_mode", ["fragment", "web_message", "x"])
async def test_a11_other_response_modes_are_refused(
    response_mode: str, client: Registered, world: World
) -> None:
    found = await refused(world, client, response_mode=response_mode)
    assert found["error"] == "invalid_request"


async def test_a11_an_answer_can_be_posted(client: Registered, world: World) -> None:
    request = world.oauth.ask(client, response_mode="form_post")
    browser = world.browser()
    page = await through(browser, await browser.open(request.url), world.people["ana"])
    [form] = [one for one in page.forms if one.action.startswith(CALLBACK)]
    sent = dict(form.values(button=None, given={}))
    assert (sent["state"], sent["iss"]) == (request.state, world.issuer)
    assert (await world.oauth.redeem(request, sent["code"])).status == 200


async def test_a12_a_request_without_pkce_is_refused(client: Registered, world: World) -> None:
    found = await refused(world, client, code_challenge=None, code_challenge_method=None)
    assert found["error"] == "invalid_request"


async def test_a12_a_confidential_client_needs_pkce_too(world: World) -> None:
    client = await world.oauth.register(token_endpoint_auth_method="client_secret_basic")
    found = await refused(world, client, code_challenge=None, nonce="n")
    assert found["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", None, "s256", "S512", ""])
async def test_a13_only_s256_is_pkce(method: str | None, client: Registered, world: World) -> None:
    found = await refused(world, client, code_challenge_method=method)
    assert found["error"] == "invalid_request"


@pytest.mark.parametrize(
    "challenge",
    ["abc", "a" * 42, "a" * 44, "a" * 129, "a" * 42 + "+", "a" * 42 + "=", "a" * 42 + "é", ""],
)
async def test_a14_a_malformed_challenge_is_refused(
    challenge: str, client: Registered, world: World
) -> None:
    found = await refused(world, client, code_challenge=challenge)
    assert found["error"] == "invalid_request"


@pytest.mark.parametrize(
    "scope",
    [
        "tickets:read everything",
        " ".join(f"scope{n}" for n in range(200)),
        'tickets:read "',
        "tickets:read \\",
        "tickets:read\ttickets:write",
        "TICKETS:READ",
    ],
)
async def test_a15_scopes_nobody_knows_are_refused(
    scope: str, client: Registered, world: World
) -> None:
    assert (await refused(world, client, scope=scope))["error"] == "invalid_scope"


@pytest.mark.parametrize("scope", [None, ""])
async def test_a15_no_scope_is_a_small_default(
    scope: str | None, client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client, scope=scope))
    assert tokens.scope
    assert not set(tokens.scope.split()) & {"tickets:write", "replies:send", "admin"}


async def test_a16_a_grant_holds_no_more_than_the_role(client: Registered, world: World) -> None:
    asked = "tickets:read tickets:delete"
    tokens = await world.tokens(world.oauth.ask(client, scope=asked), person="ana")
    assert tokens.scope == "tickets:read"


@pytest.mark.parametrize("scope", ["tickets:read admin", "openid operator audit:read"])
async def test_a16_administration_is_in_no_grant_for_mcp(
    scope: str, client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client, scope=scope), person="boss")
    assert not set(tokens.scope.split()) & {"admin", "operator", "audit:read"}


async def test_a16_a_client_that_registered_itself_never_administers(
    client: Registered, world: World
) -> None:
    asked = world.oauth.ask(client, scope="admin", resource=f"{world.issuer}/admin")
    page = await world.browser().open(asked.url)
    is_error_page(page, 400)
    assert "invalid_target" in page.text
    assert "console" in page.text
    spanish = await world.browser(language="es").open(asked.url)
    assert "ningún programa que se registró él mismo puede hacerlo" in spanish.text
    assert "This program" not in spanish.text


@pytest.mark.parametrize(
    "resource",
    [
        "https://other.test/mcp",
        "{issuer}/other/mcp",
        "{issuer}/mcp#x",
        "/mcp",
        "mcp",
        "javascript:alert(1)",
    ],
)
async def test_a17_another_resource_is_refused(
    resource: str, client: Registered, world: World
) -> None:
    found = await refused(world, client, resource=resource.format(issuer=world.issuer))
    assert found["error"] == "invalid_target"


async def test_a17_two_resources_are_refused(client: Registered, world: World) -> None:
    url = world.oauth.ask(client, resource=world.resource).url
    page = await world.browser().open(f"{url}&resource={quote('https://other.test/mcp')}")
    assert parameters(page.left)["error"] == "invalid_target"


@pytest.mark.parametrize("spelling", ["HTTP{rest}", "http{rest}/"], ids=["case", "slash"])
async def test_a17_the_same_resource_spelt_otherwise_is_ours(
    spelling: str, client: Registered, world: World
) -> None:
    spelt = spelling.format(rest=world.resource.removeprefix("http"))
    tokens = await world.tokens(world.oauth.ask(client, resource=spelt))
    assert (await world.call(tokens.access)).status == 200


async def test_a18_without_a_resource_the_token_is_for_this_one(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    assert (await world.call(tokens.access)).status == 200


async def test_a19_prompt_none_asks_nobody(client: Registered, world: World) -> None:
    assert (await refused(world, client, prompt="none"))["error"] == "login_required"
    browser = world.browser()
    other = await world.oauth.register()
    await world.tokens(world.oauth.ask(other), browser=browser)
    page = await browser.open(world.oauth.ask(client, prompt="none").url)
    assert parameters(page.left)["error"] == "consent_required"


async def test_a19_prompt_none_with_another_prompt_is_invalid(
    client: Registered, world: World
) -> None:
    assert (await refused(world, client, prompt="none login"))["error"] == "invalid_request"


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
async def test_a20_a_session_is_not_enough_when_the_client_says_so(
    more: dict[str, str], client: Registered, world: World
) -> None:
    browser = world.browser()
    await world.tokens(world.oauth.ask(client), browser=browser)
    page = await browser.open(world.oauth.ask(client, **more).url)
    assert page.form_with("password") is not None


@pytest.mark.parametrize("max_age", ["-1", "x", "1.5", "9" * 40])
async def test_a20_a_malformed_max_age_is_refused(
    max_age: str, client: Registered, world: World
) -> None:
    assert (await refused(world, client, max_age=max_age))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "http://169.254.169.254/"}, "request_uri_not_supported"),
        ({"request_uri": "urn:x"}, "request_uri_not_supported"),
    ],
)
async def test_a21_request_objects_are_neither_read_nor_fetched(
    more: dict[str, str], error: str, client: Registered, world: World
) -> None:
    assert (await refused(world, client, **more))["error"] == error


@pytest.mark.parametrize(
    "state", ["a\r\nSet-Cookie: x=1", "'\"><script>", "ñ☃", "&iss=evil", "x" * 2_000]
)
async def test_a22_a_hostile_state_comes_back_as_it_was(
    state: str, client: Registered, world: World
) -> None:
    assert (await refused(world, client, state=state, response_type="token"))["state"] == state


async def test_a22_an_endless_state_does_not_come_back(client: Registered, world: World) -> None:
    found = await refused(world, client, state="x" * 4_096)
    assert found["error"] == "invalid_request"
    assert "state" not in found


@pytest.mark.parametrize(
    "hint", ["garbage", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJib3NzIn0.", "x" * 2_000]
)
async def test_a23_a_hint_proves_nobody(hint: str, client: Registered, world: World) -> None:
    found = await refused(world, client, id_token_hint=hint, prompt="none", scope="openid")
    assert found["error"] == "login_required"


async def test_a24_a_request_may_be_posted_but_not_without_end(
    client: Registered, world: World
) -> None:
    address = world.oauth.metadata["authorization_endpoint"]
    browser = world.browser()
    pairs = [*parameters(world.oauth.ask(client).url).items(), ("extra", "x" * 1_100_000)]
    assert (await browser.send("POST", address, headers={}, pairs=pairs)).status_code == 413
    as_json = {"Content-Type": "application/json"}
    assert (
        await browser.send("POST", address, headers=as_json, pairs=pairs[:-1])
    ).status_code == 415


@pytest.mark.parametrize("origin", ["https://client.example", "null"])
async def test_a24_the_form_of_a_clients_own_page_may_bring_the_request(
    origin: str, client: Registered, world: World
) -> None:
    """OpenID Connect Core §3.1.2.1: and a browser says from which page a form comes."""
    address = world.oauth.metadata["authorization_endpoint"]
    sender = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    pairs = list(parameters(world.oauth.ask(client).url).items())
    answer = await world.browser().send("POST", address, headers=sender, pairs=pairs)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/consent/")
    assert "access-control-allow-origin" not in answer.headers


async def test_a25_a_script_without_a_browser_gets_no_code(
    client: Registered, world: World
) -> None:
    url = world.oauth.ask(client).url
    answer = await world.http.get(url, headers={"Accept": "application/json"})
    assert answer.status_code in {200, 303, 401}
    assert "code=" not in answer.headers.get("location", "")
