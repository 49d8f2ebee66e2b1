"""The modules of the OpenID Foundation's Dynamic plan (code flow), by their names, in our words."""

import json

import pytest
from tests.oauth.client import Registered
from tests.oauth.forgeries import decoded
from tests.oauth.harness import World
from tests.outside.identity import claims_of

HTTPS = "https://rp.example.test/cb"
MORE = {"logo_uri": "logo.png", "policy_uri": "policy", "tos_uri": "tos", "client_uri": ""}


async def test_oidcc_registration_dynamic_gives_what_the_client_needs(world: World) -> None:
    answer = await world.oauth.try_register(
        redirect_uris=[HTTPS], token_endpoint_auth_method="client_secret_basic"
    )
    found = answer.json
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    assert found["redirect_uris"] == [HTTPS]
    assert found["client_secret_expires_at"] == 0
    assert len(found["client_secret"]) >= 32


@pytest.mark.parametrize("name", MORE)
async def test_oidcc_registration_takes_addresses_it_never_fetches(name: str, world: World) -> None:
    given = {name: f"https://rp.example.test/{MORE[name]}"}
    assert (await world.oauth.try_register(redirect_uris=[HTTPS], **given)).status == 201


async def test_oidcc_redirect_uri_query_ok(world: World) -> None:
    party = await world.oauth.register(redirect_uris=[f"{HTTPS}?foo=bar"])
    found = await world.left(world.oauth.ask(party, scope="openid"))
    assert found["foo"] == "bar"
    assert found["code"]


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        pytest.param(
            f"{HTTPS}?foo=bar", f"{HTTPS}?foo=baz", id="oidcc-redirect-uri-query-mismatch"
        ),
        pytest.param(HTTPS, f"{HTTPS}?foo=bar", id="oidcc-redirect-uri-query-added"),
        pytest.param(HTTPS, f"{HTTPS}#foobar", id="oidcc-redirect-uri-fragment"),
    ],
)
async def test_oidcc_another_redirect_uri_is_an_error_page(
    registered: str, asked: str, world: World
) -> None:
    party = await world.oauth.register(redirect_uris=[registered])
    page = await world.browser().open(world.oauth.ask(party, redirect_uri=asked).url)
    assert (page.status, page.left) == (400, "")


async def test_oidcc_redirect_uri_reg_frag_is_refused(world: World) -> None:
    answer = await world.oauth.try_register(redirect_uris=[f"{HTTPS}#foobar"])
    assert (answer.status, answer.error) == (400, "invalid_redirect_uri")


async def test_oidcc_ensure_redirect_uri_in_authorization_request_of_two(world: World) -> None:
    party = await world.oauth.register(redirect_uris=[HTTPS, f"{HTTPS}2"])
    page = await world.browser().open(world.oauth.ask(party, redirect_uri=None).url)
    assert (page.status, page.left) == (400, "")


async def identity_of(world: World, party: Registered) -> str:
    return (await world.tokens(world.oauth.ask(party, scope="openid"))).identity


async def test_oidcc_idtoken_signature_names_its_key_and_algorithm(world: World) -> None:
    party = await world.oauth.register(redirect_uris=[HTTPS])
    token = await identity_of(world, party)
    header = json.loads(decoded(token.split(".")[0]))
    assert (header["alg"], bool(header["kid"])) == ("RS256", True)
    await claims_of(world, token, client_id=party.id)


async def test_oidcc_idtoken_unsigned_is_never_given(world: World) -> None:
    answer = await world.oauth.try_register(
        redirect_uris=[HTTPS], id_token_signed_response_alg="none"
    )
    if answer.status == 201:
        token = await identity_of(
            world, Registered(id=answer.json["client_id"], redirect_uri=HTTPS)
        )
        assert json.loads(decoded(token.split(".")[0]))["alg"] == "RS256"
    else:
        assert answer.error == "invalid_client_metadata"
