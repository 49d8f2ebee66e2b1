"""D07-D10: twelve secrets through every input; no sink shows one."""

import secrets
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tests.oauth.client import Registered, basic
from tests.oauth.forgeries import encoded
from tests.oauth.harness import Tokens, World
from tests.oauth.person import Person, sign_in

DATABASES = ("sqlite", "postgresql")
VERIFIER = 43
PERSONAL = {
    "an address": "canary.person@example.test",
    "a telephone number": "+34 612 345 678",
    "an account number": "ES9121000418450200051332",
    "a card": "4111 1111 1111 1111",
    "an identity number": "12345678Z",
}


async def of_the_flow(world: World) -> dict[str, str]:
    """Return what a real sign-in leaves in people's and programs' hands."""
    client = await world.oauth.register(token_endpoint_auth_method="client_secret_basic")
    browser = world.browser()
    asked = world.oauth.ask(client, scope="openid tickets:read tickets:write")
    code = await world.code(asked, browser=browser)
    tokens = Tokens.of(await world.oauth.redeem(asked, code))
    return {
        "a code": code,
        "a verifier": asked.verifier,
        "an access token": tokens.access,
        "a refresh token": tokens.refresh,
        "an identity token": tokens.identity,
        "a client's secret": client.secret,
        "a password": world.people["ana"].password,
        **{f"the cookie {name}": value for name, value in browser.cookies.items()},
    }


@pytest.fixture
async def token(world: World) -> str:
    tokens = await world.tokens(await world.begun(scope="tickets:read tickets:write"))
    return tokens.access


async def through_every_input(world: World, canary: str, token: str) -> list[bytes]:
    """Put a secret where anything can be put; return the answers of what refuses it.

    A password is plain words and a verifier is any letters, which no rule tells from others:
    they are not put into tools' arguments.
    """
    oauth, http = world.oauth, world.http
    safe = quote(canary)
    client = Registered(id=canary, secret=canary, method="client_secret_post")
    answers = [
        await oauth.token(client, [("grant_type", canary)]),
        await oauth.token(client, [("grant_type", "authorization_code"), ("code", canary)]),
        await oauth.token(client, [("grant_type", "refresh_token"), ("refresh_token", canary)]),
        await oauth.authenticated("revocation_endpoint", client, [("token", canary)]),
        await oauth.introspect(client, canary),
        await oauth.userinfo(encoded(canary.encode())),
        await world.call(encoded(canary.encode())),
        await oauth.post(
            oauth.metadata["token_endpoint"],
            urlencode({"grant_type": "authorization_code", "code_verifier": canary}).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": basic(canary, canary),
            },
        ),
    ]
    if "password" not in canary and len(canary) != VERIFIER:
        answers += [
            await world.call(token, "get_ticket", ticket_id=canary),
            await world.call(token, "list_tickets", status=canary),
            await world.call(token, "list_tickets", **{canary[:40]: canary}),
        ]
        draft = {"subject": canary, "description": canary, "queue": "IT Support"}
        await world.call(token, "create_ticket", **draft)
    bodies = [answer.body for answer in answers]
    for url in (
        f"{world.issuer}/oauth/authorize?client_id={safe}&state={safe}&redirect_uri={safe}",
        f"{world.issuer}/nowhere/{safe}?q={safe}",
        f"{world.issuer}/mcp?access_token={safe}",
        f"{world.issuer}/tickets/{safe}",
    ):
        answer = await http.get(url, headers={"X-Anything": safe, "Cookie": f"session={safe}"})
        bodies.append(answer.content)
    await http.get(f"{world.issuer}/sign-in?for={safe}&next={safe}")  # repeats its own address
    await sign_in(world.browser(), Person(email=f"{safe}@x.test", password=canary))
    if "password" not in canary:  # a name is kept as it is, and no pattern tells a password
        await oauth.try_register(client_name=canary, scope=canary)
    return bodies


async def test_d07_no_sink_shows_personal_data(world: World, token: str) -> None:
    for name, canary in PERSONAL.items():
        begun = world.log.tell()
        await through_every_input(world, canary, token)
        await assert_unseen(world, name, canary, begun)


async def test_d09_no_sink_shows_a_secret(world: World, token: str) -> None:
    found = await of_the_flow(world)
    found["a new password"] = f"password {secrets.token_urlsafe(24)}"
    assert len(found) + len(PERSONAL) >= 12
    for name, canary in found.items():
        begun = world.log.tell()
        for body in await through_every_input(world, canary, token):
            assert canary.encode() not in body, f"{name} in an answer"
        await assert_unseen(world, name, canary, begun)


async def test_d09_no_table_holds_a_secret_that_could_be_used(world: World) -> None:
    kept = await world.kept()
    for name, canary in (await of_the_flow(world)).items():
        assert canary not in kept, f"{name} in a table"


async def test_d10_a_complaint_does_not_repeat_the_value(world: World, token: str) -> None:
    canary = f"canary{secrets.token_hex(8)}"
    bad: list[dict[str, Any]] = [{"ticket_id": [canary]}, {"ticket_id": {canary: canary}}]
    for arguments in (*bad, {"ticket_id": "1", "page": canary}):
        answer = await world.call(token, "get_ticket", **arguments)
        assert canary.encode() not in answer.body


async def assert_unseen(world: World, name: str, canary: str, begun: int) -> None:
    world.log.seek(begun)
    logged = world.log.read()
    metrics = (await world.http.get(f"{world.issuer}/metrics")).text
    for sink, text in {
        "the log": logged,
        "metrics": metrics,
        "the trail": await world.trail(),
    }.items():
        assert canary not in text, f"{name} in {sink}"
        assert quote(canary) not in text, f"{name} in {sink}, encoded"
