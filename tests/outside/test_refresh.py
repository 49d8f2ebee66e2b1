"""A65-A80: refresh, revocation, introspection, userinfo, and forged access tokens."""

import pytest
from tests.oauth.client import Registered
from tests.oauth.forgeries import Forger
from tests.oauth.harness import Tokens, World
from tests.outside.identity import keys
from tests.outside.test_redeem import refused

BOTH = "tickets:read people:read"

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
async def client(world: World) -> Registered:
    return await world.oauth.register()


async def refreshed(world: World, client: Registered, tokens: Tokens, **how: str) -> Tokens:
    return Tokens.of(await world.oauth.refresh(client, tokens.refresh, **how))


async def test_a65_a_refresh_never_widens(client: Registered, world: World) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    for scope in ("tickets:read tickets:write", "admin", "everything", 'a"b'):
        answer = await world.oauth.refresh(client, tokens.refresh, scope=scope)
        refused(answer, "invalid_scope")
    assert (await refreshed(world, client, tokens)).scope == "tickets:read"


async def test_a66_a_narrower_refresh_narrows_one_token_only(
    client: Registered, world: World
) -> None:
    first = await world.tokens(world.oauth.ask(client, scope=BOTH))
    narrow = await refreshed(world, client, first, scope="people:read")
    assert narrow.scope == "people:read"
    assert set((await refreshed(world, client, narrow)).scope.split()) == set(BOTH.split())


async def test_a67_a_lost_answer_may_be_asked_for_again(client: Registered, world: World) -> None:
    first = await world.tokens(world.oauth.ask(client))
    lost = await refreshed(world, client, first)
    found = await refreshed(world, client, first)
    refused(await world.oauth.refresh(client, lost.refresh), "invalid_grant")
    await refreshed(world, client, found)


async def test_a68_a_token_whose_successor_was_used_ends_the_family(
    client: Registered, world: World
) -> None:
    first = await world.tokens(world.oauth.ask(client))
    second = await refreshed(world, client, first)
    third = await refreshed(world, client, second)
    refused(await world.oauth.refresh(client, first.refresh), "invalid_grant")
    refused(await world.oauth.refresh(client, third.refresh), "invalid_grant")
    assert (await world.call(third.access)).status == 401


async def test_a68_a_token_used_long_ago_ends_the_family(client: Registered, world: World) -> None:
    first = await world.tokens(world.oauth.ask(client))
    second = await refreshed(world, client, first)
    await world.age(31)
    refused(await world.oauth.refresh(client, first.refresh), "invalid_grant")
    refused(await world.oauth.refresh(client, second.refresh), "invalid_grant")


async def test_a70_another_client_cannot_refresh_and_hurts_nobody(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    other = await world.oauth.register()
    refused(await world.oauth.refresh(other, tokens.refresh), "invalid_grant")
    await refreshed(world, client, tokens)


@pytest.mark.parametrize("days", [31, 91])
async def test_a73_a_refresh_token_ends_when_nobody_uses_it(
    days: int, client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    await world.age(days * 86_400)
    refused(await world.oauth.refresh(client, tokens.refresh), "invalid_grant")


async def test_a73_a_grant_ends_however_often_it_is_used(client: Registered, world: World) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    for _ in range(4):
        await world.age(22 * 86_400)
        tokens = await refreshed(world, client, tokens)
    await world.age(22 * 86_400)
    refused(await world.oauth.refresh(client, tokens.refresh), "invalid_grant")


async def test_a74_revoking_what_is_not_ones_own_changes_nothing(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    other = await world.oauth.register()
    for token in (tokens.refresh, tokens.access, "nothing", "x" * 5_000):
        assert (await world.oauth.revoke(other, token)).status == 200
    await refreshed(world, client, tokens)


@pytest.mark.parametrize("which", ["refresh", "access"])
@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "nonsense"])
async def test_a74_a_public_client_revokes_its_own_and_the_grant_ends(
    which: str, hint: str | None, client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    token = tokens.refresh if which == "refresh" else tokens.access
    for _ in range(2):
        assert (await world.oauth.revoke(client, token, token_type_hint=hint)).status == 200
    refused(await world.oauth.refresh(client, tokens.refresh), "invalid_grant")
    assert (await world.call(tokens.access)).status == 401


async def test_a74_no_token_and_two_tokens_are_invalid(client: Registered, world: World) -> None:
    for fields in ([], [("token", "a"), ("token", "b")]):
        answer = await world.oauth.authenticated("revocation_endpoint", client, fields)
        refused(answer, "invalid_request")


async def test_a75_introspection_is_for_clients_with_a_secret(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    assert (await world.oauth.introspect(client, tokens.access)).status == 401
    assert (await world.oauth.introspect(Registered(id="nobody"), tokens.access)).status == 401


async def test_a75_a_stranger_learns_nothing_of_a_token(world: World) -> None:
    basic = {"token_endpoint_auth_method": "client_secret_basic"}
    owner, stranger = [await world.oauth.register(**basic) for _ in range(2)]
    tokens = await world.tokens(world.oauth.ask(owner))
    own = await world.oauth.introspect(owner, tokens.access)
    assert own.json["active"] is True
    assert own.json["client_id"] == owner.id
    for token in (tokens.access, tokens.refresh, "nothing"):
        assert (await world.oauth.introspect(stranger, token)).json == {"active": False}


async def test_a76_userinfo_wants_a_living_token_with_openid(
    client: Registered, world: World
) -> None:
    bare = await world.oauth.userinfo(None)
    assert (bare.status, "error=" in bare.headers["www-authenticate"]) == (401, False)
    plain = await world.tokens(world.oauth.ask(client))
    answer = await world.oauth.userinfo(plain.access)
    assert answer.status == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    openid = await world.tokens(world.oauth.ask(client, scope="openid"))
    assert (await world.oauth.userinfo(openid.access)).status == 200
    for token in (openid.identity, openid.refresh, "x"):
        answer = await world.oauth.userinfo(token)
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a76_userinfo_knows_no_revoked_token(client: Registered, world: World) -> None:
    tokens = await world.tokens(world.oauth.ask(client, scope="openid"))
    assert (await world.oauth.revoke(client, tokens.refresh)).status == 200
    assert (await world.oauth.userinfo(tokens.access)).status == 401


async def test_a77_no_forged_token_opens_the_door(client: Registered, world: World) -> None:
    tokens = await world.tokens(world.oauth.ask(client, scope="openid tickets:read"))
    [public] = [key for key in (await keys(world))["keys"] if key["alg"] == "ES256"]
    forged = Forger(tokens.access, public).all()
    assert len(forged) > 53
    bodies: set[bytes] = set()
    for name, token in forged.items():
        answer = await world.call(token)
        assert answer.status == 401, (name, answer.status)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"], name
        bodies.add(answer.body)
        assert (await world.oauth.userinfo(token)).status == 401, name
    assert len(bodies) == 1
    assert (await world.call(tokens.access)).status == 200


async def test_a77_an_identity_token_and_a_refresh_token_are_no_access_tokens(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client, scope="openid tickets:read"))
    for token in (tokens.identity, tokens.refresh):
        assert (await world.call(token)).status == 401


async def test_a80_the_key_set_is_public_and_may_be_kept(world: World) -> None:
    answer = await world.http.get(world.oauth.metadata["jwks_uri"])
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert not any(key.keys() & {"d", "p", "q", "k"} for key in answer.json()["keys"])
