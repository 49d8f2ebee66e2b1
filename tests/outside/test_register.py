"""A81-A83: hostile registrations."""

import json
from typing import Any

import pytest
from tests.oauth.client import Answer
from tests.oauth.harness import World
from tests.oauth.person import through
from tests.outside.test_redeem import refused

HTTPS = "https://app.test/cb"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "about:blank",
        "http://app.test/cb",
        "https://app.test/cb#x",
        "https://user:pw@app.test/cb",
        "https://*.app.test/cb",
        "https://app.test/*",
        "/cb",
        "app.test/cb",
        "https://",
        "https:///cb",
        "https://app.test/" + "x" * 600,
        "https://app.test/c b",
        "https://app.test/\x00",
        "https://app.test\\cb",
        "https://[app.test/cb",
        "https://app.test:99999/cb",
        "myapp:/cb",
        "",
        7,
        None,
    ],
    ids=repr,
)
async def test_a81_a_bad_redirect_is_refused(redirect_uri: object, world: World) -> None:
    answer = await world.oauth.try_register(redirect_uris=[redirect_uri])
    assert (answer.status, answer.error) in {
        (400, "invalid_redirect_uri"),
        (400, "invalid_client_metadata"),
    }


@pytest.mark.parametrize("redirect_uris", [[], [f"{HTTPS}{n}" for n in range(11)], HTTPS, {}])
async def test_a81_no_list_of_redirects_is_refused(redirect_uris: object, world: World) -> None:
    answer = await world.oauth.try_register(redirect_uris=redirect_uris)
    assert (answer.status, answer.error[:8]) == (400, "invalid_")


async def test_a81_an_own_scheme_is_for_native_clients_and_has_a_dot(world: World) -> None:
    own = {"redirect_uris": ["com.example.app:/cb"]}
    assert (await world.oauth.try_register(**own, application_type="native")).status == 201
    assert (await world.oauth.try_register(**own, application_type="web")).status == 400
    plain = {"redirect_uris": ["myapp:/cb"], "application_type": "native"}
    assert (await world.oauth.try_register(**plain)).status == 400


KEY = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}


@pytest.mark.parametrize(
    "metadata",
    [
        {"client_name": "x" * 15_000},
        {"client_name": "a\0b"},
        {"client_name": ["x"]},
        {"jwks": {"keys": [KEY]}, "jwks_uri": "https://app.test/jwks"},
        {
            "jwks": {"keys": [KEY | {"d": "A" * 43}]},
            "token_endpoint_auth_method": "private_key_jwt",
        },
        {"jwks_uri": "http://169.254.169.254/"},
        {"logo_uri": "javascript:alert(1)"},
        {"policy_uri": "data:text/html,x"},
        {"grant_types": ["password"]},
        {"grant_types": ["implicit"]},
        {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"},
        {"response_types": ["token"]},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"scope": 7},
        {"application_type": "x"},
    ],
    ids=repr,
)
async def test_a82_bad_metadata_is_refused(metadata: dict[str, Any], world: World) -> None:
    answer = await world.oauth.try_register(**metadata)
    refused(answer, "invalid_client_metadata")


@pytest.mark.parametrize(
    "text", ["Help\u202egnik\u200bcaf", "a\x1b[31mb", "x" * 300, "<img onerror>"]
)
async def test_a82_a_deceiving_name_is_shown_harmless(text: str, world: World) -> None:
    answer = await world.oauth.try_register(client_name=text)
    if answer.status == 400:
        refused(answer, "invalid_client_metadata")
        return
    browser = world.browser()
    asked = world.oauth.ask(await world.oauth.register(client_name=text))
    page = await browser.open(asked.url)
    form = page.form_with("password")
    assert form is not None
    ana = world.people["ana"]
    typed = {"email": ana.email, "password": ana.password}
    consent = await browser.submit(page, form, button=form.kinds("submit")[0], given=typed)
    assert consent.form_with("answer") is not None
    for bad in ("\u202e", "\u200b", "\x1b", "x" * 65, "<img onerror"):
        assert bad not in consent.html
    await through(browser, consent, ana)


async def send(world: World, body: bytes, headers: dict[str, str] = JSON) -> Answer:
    return await world.oauth.post(world.oauth.metadata["registration_endpoint"], body, headers)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a82_a_page_of_another_site_cannot_register(kind: str, world: World) -> None:
    body = json.dumps({"redirect_uris": [HTTPS]}).encode()
    answer = await send(world, body, {"Content-Type": kind} if kind else {})
    assert answer.status == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"redirect_uris": ["https://a.test/cb"], "redirect_uris": ["https://b.test/cb"]}', 400),
        (b'{"redirect_uris": ' + b"[" * 33 + b"]" * 33 + b"}", 400),
        (b'{"redirect_uris": ["https://a.test/cb"], "x": NaN}', 400),
        (b"[]", 400),
        (b"", 400),
        (b"\xff", 400),
        (b'{"client_name": "' + b"x" * 17_000 + b'"}', 413),
    ],
    ids=["twice", "deep", "NaN", "list", "nothing", "no UTF-8", "17 KB"],
)
async def test_a82_what_is_no_metadata_is_refused(body: bytes, status: int, world: World) -> None:
    answer = await send(world, body)
    assert answer.status == status
    assert status != 400 or answer.error == "invalid_client_metadata"


async def test_a82_a_registration_shows_no_secret_twice(world: World) -> None:
    answer = await world.oauth.try_register(token_endpoint_auth_method="client_secret_basic")
    assert answer.status == 201
    assert "no-store" in answer.headers["cache-control"]
    again = await world.http.get(
        f"{world.oauth.metadata['registration_endpoint']}/{answer.json['client_id']}"
    )
    assert again.status_code in {401, 404, 405}
