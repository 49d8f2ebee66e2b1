"""Other people's OpenID providers: their tokens (AUTH=external), and signing in through them."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import insert
from tests.oauth.elsewhere import ISSUER, Elsewhere
from tests.oauth.laboratory import BROWSER, Clock, Laboratory

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.domain.errors import Denied, NotFound, Unavailable
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.oauth.external import ExternalDoor, ExternalRules
from helpdesk_mcp.oauth.provider import Provider
from helpdesk_mcp.oauth.upstream import UpstreamClient, UpstreamSignIn
from helpdesk_mcp.stores.providers import SqlUpstreamClients, SqlUpstreamStates
from helpdesk_mcp.stores.tenancy_tables import tenants
from helpdesk_mcp.stores.transactions import operator_transaction

RULES = ExternalRules(
    audience="https://desk.example/mcp",
    tenant="",
    tenant_claim="org",
    scopes={"helpdesk.write": frozenset({Scope.TICKETS_WRITE, Scope.REPLIES_SEND})},
)


async def find_tenant(said: str) -> str | None:
    return {"acme": "t1"}.get(said)


def door(provider: Elsewhere, clock: Clock, rules: ExternalRules = RULES) -> ExternalDoor:
    return ExternalDoor(Provider(ISSUER, provider, clock), rules, find_tenant, clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Elsewhere:
    return Elsewhere(clock.now)


async def test_another_servers_token_is_read_by_the_rules(
    provider: Elsewhere, clock: Clock
) -> None:
    found = await door(provider, clock).principal(provider.access_token())
    assert found is not None
    assert (found.tenant, found.subject, found.client) == ("t1", "00u1", "claude")
    assert found.scopes == {Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.REPLIES_SEND}


async def test_claims_may_be_lists_and_a_server_may_serve_one_organisation(
    provider: Elsewhere, clock: Clock
) -> None:
    rules = replace(RULES, tenant="default", tenant_claim="", scope_claim="roles")
    token = provider.access_token(roles=["tickets:read", 7], azp=..., aud=["x", RULES.audience])
    found = await door(provider, clock, rules).principal(token)
    assert found is not None
    assert (found.tenant, found.client, found.scopes) == ("default", ISSUER, {"tickets:read"})


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": ISSUER + "/"},
        {"aud": "https://desk.example"},
        {"aud": []},
        {"aud": 7},
        {"exp": 1_799_999_970},
        {"exp": ...},
        {"exp": "soon"},
        {"iat": 1_800_000_060},
        {"nbf": 1_800_000_060},
        {"sub": ...},
        {"sub": 7},
        {"nonce": "n"},
        {"at_hash": "h"},
        {"typ": "ID"},
        {"org": "globex"},
        {"org": ...},
        {"org": 7},
    ],
    ids=repr,
)
async def test_other_claims_are_nothing(
    provider: Elsewhere, clock: Clock, changes: dict[str, Any]
) -> None:
    assert await door(provider, clock).principal(provider.access_token(**changes)) is None


async def test_other_keys_and_shapes_are_nothing(provider: Elsewhere, clock: Clock) -> None:
    entrance = door(provider, clock)
    stranger = Elsewhere(clock.now, RSAKey.generate_key(2_048, {"kid": "r1"}))
    for token in (
        stranger.access_token(),
        provider.signed({"sub": "x"}, typ="logout+jwt"),
        provider.signed({"sub": "x"}, jku="https://evil.example"),
        "x.y.z",
        "hdm_x",
        "a" * 9_000,
    ):
        assert await entrance.principal(token) is None


async def test_keys_are_fetched_once_and_looked_for_again_when_one_is_unknown(
    provider: Elsewhere, clock: Clock
) -> None:
    entrance = door(provider, clock)
    for _ in range(3):
        assert await entrance.principal(provider.access_token()) is not None
    assert len(provider.fetched) == 2
    provider.key = RSAKey.generate_key(2_048, {"kid": "r2"})
    assert await entrance.principal(provider.access_token()) is None
    clock.now += 11
    provider.now = clock.now
    assert await entrance.principal(provider.access_token()) is not None


async def test_what_was_good_serves_while_the_provider_is_away(
    provider: Elsewhere, clock: Clock
) -> None:
    entrance = door(provider, clock)
    provider.down = True
    with pytest.raises(Unavailable):
        await entrance.principal(provider.access_token())
    provider.down = False
    clock.now += 11
    provider.now = clock.now
    assert await entrance.principal(provider.access_token()) is not None
    provider.down = True
    clock.now += 4_000
    provider.now = clock.now
    assert await entrance.principal(provider.access_token()) is not None


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    provider: Elsewhere, clock: Clock
) -> None:
    provider.calls_itself = "https://login.evil.example"
    with pytest.raises(Unavailable):
        await door(provider, clock).principal(provider.access_token())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    sign_in: UpstreamSignIn
    clients: SqlUpstreamClients
    provider: Elsewhere
    clock: Clock


CLIENT = UpstreamClient(tenant="t1", issuer=ISSUER, client_id="us", client_secret="our-secret")


@pytest.fixture
async def ground(lab: Laboratory) -> Ground:
    row = {"id": "t1", "slug": "acme", "name": "Acme", "status": "active", "reason": ""}
    more = {"tier": "standard", "locale": "en", "time_zone": "UTC", "created_at": 1.0}
    async with operator_transaction(lab.database) as transaction:
        await transaction.execute(insert(tenants).values(row | more))
    clients = SqlUpstreamClients(lab.database, parse_keys(new_line(1)))
    await clients.put(CLIENT)
    provider = Elsewhere(lab.clock.now)
    sign_in = UpstreamSignIn(
        public_url="https://desk.example",
        clients=clients,
        states=SqlUpstreamStates(lab.database),
        fetch=provider,
        clock=lab.clock,
    )
    return Ground(sign_in=sign_in, clients=clients, provider=provider, clock=lab.clock)


async def begun(ground: Ground) -> dict[str, str]:
    start = await ground.sign_in.start("acme", browser=BROWSER, question="q1")
    assert start.name == "login.acme.example"
    asked = ground.provider.visited(start.address)
    return {"state": asked["state"], "code": "the-code", "iss": ISSUER}


async def test_a_person_signs_in_through_their_organisation(ground: Ground) -> None:
    answer = await begun(ground)
    found = await ground.sign_in.finish(answer, browser=BROWSER)
    assert (found.issuer, found.subject, found.tenant) == (ISSUER, "00u1", "t1")
    assert (found.email, found.name, found.question) == ("ana@acme.example", "Ana", "q1")
    [form] = ground.provider.posted
    assert form["client_secret"] == "our-secret"
    assert form["redirect_uri"] == "https://desk.example/sign-in/callback"
    with pytest.raises(Denied):
        await ground.sign_in.finish(answer, browser=BROWSER)


async def test_an_address_that_nobody_verified_is_not_told(ground: Ground) -> None:
    ground.provider.changes = {"email_verified": False}
    assert (await ground.sign_in.finish(await begun(ground), browser=BROWSER)).email == ""


@pytest.mark.parametrize(
    ("said", "email"),
    [
        ({"email_verified": ..., "xms_edov": True}, "ana@acme.example"),
        ({"email_verified": ..., "xms_edov": "1"}, "ana@acme.example"),
        ({"email_verified": ..., "xms_edov": False}, ""),
        ({"email_verified": False, "xms_edov": True}, ""),
        ({"email_verified": "true"}, ""),
        ({"email_verified": ...}, ""),
    ],
    ids=repr,
)
async def test_entra_says_by_a_claim_of_its_own_that_an_address_is_verified(
    ground: Ground, said: dict[str, Any], email: str
) -> None:
    ground.provider.changes = said
    found = await ground.sign_in.finish(await begun(ground), browser=BROWSER)
    assert found.email == email


async def test_a20_a_provider_is_asked_for_a_sign_in_as_young_as_the_client_wants(
    ground: Ground,
) -> None:
    start = await ground.sign_in.start("acme", browser=BROWSER, question="q1", max_age=60)
    asked = ground.provider.visited(start.address)
    assert asked["max_age"] == "60"
    ground.provider.changes = {"auth_time": 1_700_000_000}
    answer = {"state": asked["state"], "code": "the-code", "iss": ISSUER}
    found = await ground.sign_in.finish(answer, browser=BROWSER)
    assert found.auth_time == 1_700_000_000
    assert "max_age" not in ground.provider.visited(
        (await ground.sign_in.start("acme", browser=BROWSER, question="q1")).address
    )


@pytest.mark.parametrize(
    ("told", "email"),
    [
        ({"sub": "00u1", "email": "ana@acme.example", "email_verified": True}, "ana@acme.example"),
        ({"sub": "00u1", "email": "ana@acme.example"}, ""),
        ({"sub": "somebody", "email": "boss@acme.example", "email_verified": True}, ""),
        ({"email": "boss@acme.example", "email_verified": True}, ""),
        ({}, ""),
        (None, ""),
    ],
)
async def test_an_address_that_no_id_token_holds_is_asked_for_of_the_same_person(
    ground: Ground, told: dict[str, Any] | None, email: str
) -> None:
    ground.provider.changes = {"email": ..., "email_verified": True}
    ground.provider.userinfo = told
    found = await ground.sign_in.finish(await begun(ground), browser=BROWSER)
    assert (found.subject, found.email) == ("00u1", email)


async def test_a40_a41_an_answer_belongs_to_the_browser_that_began(ground: Ground) -> None:
    answer = await begun(ground)
    with pytest.raises(Denied):
        await ground.sign_in.finish(answer, browser="another")
    for wrong in ({}, {"state": "guess", "code": "the-code"}):
        with pytest.raises(Denied):
            await ground.sign_in.finish(wrong, browser=BROWSER)
    assert ground.provider.posted == []
    ground.clock.now += 601
    with pytest.raises(Denied):
        await ground.sign_in.finish(answer, browser=BROWSER)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://login.evil.example"},
        {"iss": None},
        {"error": "access_denied"},
        {"code": None},
    ],
    ids=repr,
)
async def test_a41_another_issuer_or_an_error_is_no_answer(
    ground: Ground, change: dict[str, str | None]
) -> None:
    answer = {k: v for k, v in ({**await begun(ground)} | change).items() if v is not None}
    with pytest.raises(Denied):
        await ground.sign_in.finish(answer, browser=BROWSER)
    assert ground.provider.posted == []


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://login.evil.example"},
        {"aud": "somebody"},
        {"aud": ["us", "somebody"]},
        {"azp": "somebody"},
        {"nonce": "another"},
        {"nonce": ...},
        {"exp": 1_799_999_000},
        {"iat": ...},
        {"iat": 1_800_000_999, "exp": 1_800_009_999},
    ],
    ids=repr,
)
async def test_an_id_token_is_for_this_sign_in_alone(
    ground: Ground, change: dict[str, Any]
) -> None:
    ground.provider.changes = change
    with pytest.raises(Denied):
        await ground.sign_in.finish(await begun(ground), browser=BROWSER)


async def test_a_provider_that_gives_no_token_is_unavailable(ground: Ground) -> None:
    ground.provider.token_status = 401
    with pytest.raises(Unavailable):
        await ground.sign_in.finish(await begun(ground), browser=BROWSER)


async def test_a_provider_that_was_exchanged_meanwhile_is_asked_nothing(ground: Ground) -> None:
    answer = await begun(ground)
    await ground.clients.put(replace(CLIENT, issuer="https://login.other.example"))
    with pytest.raises(Denied):
        await ground.sign_in.finish(answer, browser=BROWSER)
    assert await ground.clients.remove("t1")
    with pytest.raises(NotFound):
        await ground.sign_in.start("acme", browser=BROWSER, question="")
    with pytest.raises(NotFound):
        await ground.sign_in.start("globex", browser=BROWSER, question="")


def test_no_secret_shows() -> None:
    assert "our-secret" not in repr(CLIENT)
