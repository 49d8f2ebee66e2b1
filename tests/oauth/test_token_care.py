"""Revocation, introspection, userinfo, keys: what happens to tokens after they are given."""

from dataclasses import replace

from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.oauth.laboratory import ANA, CLIENT, ISSUER, Laboratory
from tests.oauth.test_token import POST, refused

from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.oauth.keys import LONGEST_LIFE
from helpdesk_mcp.oauth.models import AuthMethod, GrantType, Source, Standing
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys


async def revoke(lab: Laboratory, token: str, client_id: str = CLIENT.id) -> None:
    answer = await lab.post("/oauth/revoke", {"token": token, "client_id": client_id})
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a74_revoking_either_token_ends_the_grant(lab: Laboratory) -> None:
    for kind in ("access_token", "refresh_token"):
        token = await lab.tokens()
        await revoke(lab, token[kind])
        assert not await lab.works(token["access_token"])
        refused(await lab.refresh(token["refresh_token"]), "invalid_grant")
        await revoke(lab, token[kind])


async def test_a74_unknown_and_foreign_tokens_change_nothing(lab: Laboratory) -> None:
    await lab.add(replace(CLIENT, id="other"))
    token = await lab.tokens()
    for foreign in (token["access_token"], token["refresh_token"], "hdr_unknown", "x.y.z", "x"):
        await revoke(lab, foreign, "other")
    assert await lab.works(token["access_token"])
    twice = await lab.http.post(
        "/oauth/revoke",
        content="token=a&token=b&client_id=app",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    refused(twice, "invalid_request")
    refused(await lab.post("/oauth/revoke", {"client_id": CLIENT.id}), "invalid_request")
    refused(await lab.post("/oauth/revoke", {"token": "x"}), "invalid_client", 401)


async def test_a75_a_client_sees_its_own_tokens_only(lab: Laboratory) -> None:
    await lab.add(replace(POST, id=CLIENT.id))
    secret = {"client_secret": "s3"}
    token = (await lab.redeem(await lab.code(), **secret)).json()
    for kind in ("access_token", "refresh_token"):
        form = {"token": token[kind], "client_id": CLIENT.id, **secret}
        said = (await lab.post("/oauth/introspect", form)).json()
        assert said["active"] is True
        assert (said["sub"], said["client_id"], said["iss"]) == (ANA, CLIENT.id, ISSUER)
        assert said["scope"] == "tickets:read tickets:write"
        await lab.add(POST)
        stranger = await lab.post("/oauth/introspect", form | {"client_id": "post"})
        assert stranger.json() == {"active": False}
    public = replace(CLIENT, id="public")
    await lab.add(public)
    form = {"token": token["access_token"], "client_id": "public"}
    refused(await lab.post("/oauth/introspect", form), "invalid_client", 401)
    refused(await lab.post("/oauth/introspect", {"token": "x"}), "invalid_client", 401)
    form = {"client_id": CLIENT.id, **secret}
    refused(await lab.post("/oauth/introspect", form), "invalid_request")
    lab.town.suspended.add("acme")
    dead = await lab.post("/oauth/introspect", form | {"token": token["access_token"]})
    assert dead.json() == {"active": False}


async def test_a76_userinfo_is_for_tokens_with_openid(lab: Laboratory) -> None:
    async def told(token: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await lab.http.get("/oauth/userinfo", headers=headers)
        return answer.status_code, answer.headers.get("www-authenticate", "")

    assert await told("") == (401, 'Bearer realm="helpdesk-mcp", scope="openid"')
    plain = await lab.tokens()
    status, challenge = await told(plain["access_token"])
    assert status == 403
    assert 'error="insufficient_scope"' in challenge
    full = await lab.tokens(scope="openid email profile tickets:read")
    for bad in (full["id_token"], full["refresh_token"], "x"):
        status, challenge = await told(bad)
        assert status == 401
        assert 'error="invalid_token"' in challenge
    assert (await told(full["access_token"]))[0] == 200
    await revoke(lab, full["access_token"])
    lab.clock.now += 5
    assert (await told(full["access_token"]))[0] == 401


async def test_userinfo_tells_what_was_asked_for(quick: Laboratory) -> None:
    quick.town.people["acme", ANA] = Standing(
        role=quick.town.people["acme", ANA].role, email="ana@acme.example", name="Ana", locale="es"
    )
    token = await quick.tokens(scope="openid email tickets:read")
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = await quick.http.post("/oauth/userinfo", headers=headers)
    assert answer.json() == {"sub": ANA, "email": "ana@acme.example"}


async def test_an_id_token_verifies_with_the_published_keys(quick: Laboratory) -> None:
    token = await quick.tokens(scope="openid profile email tickets:read", nonce="n-1")
    jwks = (await quick.http.get("/oauth/jwks.json")).json()
    public = next(key for key in jwks["keys"] if key["alg"] == "RS256")
    read = jwt.decode(token["id_token"], RSAKey.import_key(public), algorithms=["RS256"])
    assert read.header["kid"] == public["kid"]
    assert read.claims["nonce"] == "n-1"
    assert (read.claims["iss"], read.claims["aud"], read.claims["sub"]) == (ISSUER, "app", ANA)
    assert read.claims["auth_time"] == 1_799_999_990


async def test_a78_a_token_outlives_the_rotation_of_its_key_and_no_more(lab: Laboratory) -> None:
    old = await lab.tokens()
    await lab.keys.rotate()
    new = await lab.tokens()
    assert await lab.works(old["access_token"])
    assert await lab.works(new["access_token"])
    jwks = (await lab.http.get("/oauth/jwks.json")).json()
    assert sorted(key["alg"] for key in jwks["keys"]) == ["ES256", "ES256", "RS256", "RS256"]
    lab.clock.now += LONGEST_LIFE
    assert not await lab.works(old["access_token"])
    jwks = (await lab.http.get("/oauth/jwks.json")).json()
    assert sorted(key["alg"] for key in jwks["keys"]) == ["ES256", "RS256"]


async def test_a80_the_key_set_holds_public_members_only(quick: Laboratory) -> None:
    answer = await quick.http.get("/oauth/jwks.json", headers={"Origin": "https://any.example"})
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    for key in answer.json()["keys"]:
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}
        assert key["use"] == "sig"


async def test_private_keys_are_sealed_at_rest(quick: Laboratory) -> None:
    await quick.tokens()
    for stored in await SqlSigningKeys(quick.database).every():
        assert "d" not in stored.public
        assert b'"d"' not in stored.sealed
    keys = await quick.keys.current()
    assert "Key object" not in repr(keys)


HEADLESS = replace(
    POST,
    id="job",
    source=Source.ADMINISTRATOR,
    redirect_uris=(),
    grant_types=frozenset({GrantType.CLIENT_CREDENTIALS}),
    tenant="acme",
    scopes=frozenset({"tickets:read", "people:read", "audit:read"}),
    desks=frozenset({"it"}),
)


async def test_a_headless_client_gets_what_an_administrator_allowed(lab: Laboratory) -> None:
    await lab.add(HEADLESS)
    form = {"grant_type": "client_credentials", "client_id": "job", "client_secret": "s3"}
    token = (await lab.post("/oauth/token", form)).json()
    assert token["scope"] == "people:read tickets:read"
    assert "refresh_token" not in token
    principal = await lab.server.door.principal(token["access_token"])
    assert principal is not None
    assert (principal.tenant, principal.subject) == ("acme", "job")
    assert principal.desks == {"it"}
    assert Scope.AUDIT_READ not in principal.scopes
    narrow = await lab.post("/oauth/token", form | {"scope": "tickets:read"})
    assert narrow.json()["scope"] == "tickets:read"
    refused(await lab.post("/oauth/token", form | {"scope": "tickets:write"}), "invalid_scope")
    refused(await lab.post("/oauth/token", form | {"resource": "https://x.y"}), "invalid_target")
    refused(await lab.post("/oauth/token", form | {"client_secret": "no"}), "invalid_client", 401)
    await lab.post(
        "/oauth/revoke", {"token": token["access_token"], "client_id": "job", "client_secret": "s3"}
    )
    assert not await lab.works(token["access_token"])
    other = narrow.json()["access_token"]
    assert await lab.works(other)
    await lab.add(replace(HEADLESS, disabled_at=1.0))
    assert not await lab.works(other)


async def test_a_headless_client_has_no_code_flow(quick: Laboratory) -> None:
    assert HEADLESS.auth_method is AuthMethod.POST
    await quick.add(replace(HEADLESS, redirect_uris=CLIENT.redirect_uris))
    form = {"client_secret": "s3", "client_id": "job"}
    refused(await quick.redeem("x", **form), "unauthorized_client")
    refused(await quick.refresh("x", **form), "unauthorized_client")
