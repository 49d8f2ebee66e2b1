"""The module of the OpenID Foundation's Config plan: what discovery must say."""

import pytest
from tests.oauth.harness import World
from tests.outside.identity import keys

LOCATIONS = (
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration/mcp",
    "/mcp/.well-known/openid-configuration",
)
ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "jwks_uri",
)


async def test_oidcc_discovery_endpoint_verification(world: World) -> None:
    found = (await world.http.get(world.issuer + LOCATIONS[0])).json()
    assert found["issuer"] == world.issuer
    assert not found["issuer"].endswith("/")
    assert all(found[name].startswith(world.issuer + "/") for name in ENDPOINTS)
    assert found["response_types_supported"] == ["code"]
    assert "public" in found["subject_types_supported"]
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    assert "none" not in found["id_token_signing_alg_values_supported"]
    assert "openid" in found["scopes_supported"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["client_id_metadata_document_supported"] is True
    assert {"none", "client_secret_basic", "private_key_jwt"} <= set(
        found["token_endpoint_auth_methods_supported"]
    )
    assert {"authorization_code", "refresh_token"} <= set(found["grant_types_supported"])


@pytest.mark.parametrize("location", LOCATIONS)
async def test_every_location_that_clients_try_says_the_same(location: str, world: World) -> None:
    answer = await world.http.get(world.issuer + location)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == world.oauth.metadata
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_every_endpoint_that_takes_signed_assertions_names_their_algorithms(
    world: World,
) -> None:
    """RFC 8414 §2: the entry must be present, and `none` must not be in it."""
    document = world.oauth.metadata
    for endpoint in ("token", "revocation", "introspection"):
        assert "private_key_jwt" in document[f"{endpoint}_endpoint_auth_methods_supported"]
        algorithms = document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert set(algorithms) == {"ES256", "RS256"}


async def test_oidcc_the_key_set_shows_public_keys_with_names(world: World) -> None:
    found = (await keys(world))["keys"]
    assert {key["alg"] for key in found} == {"RS256", "ES256"}
    assert len({key["kid"] for key in found}) == len(found)
    assert not any(key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"} for key in found)
    assert all(key["use"] == "sig" for key in found)
