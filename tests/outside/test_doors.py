"""M-cases about tokens, hosts, origins and identity, with tokens of the real flow; and T05."""

import json
import re

import anyio
import pytest
from tests.oauth.client import Registered
from tests.oauth.harness import World
from tests.oauth.person import Choice

from helpdesk_mcp.web.admin_endpoints import ADMIN_API

DRAFT = {"subject": "Printer", "queue": "IT Support"}
LOCATIONS = ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp")


@pytest.fixture
async def client(world: World) -> Registered:
    return await world.oauth.register()


def challenge(header: str) -> dict[str, str]:
    assert header.startswith("Bearer ")
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', header))


async def test_m01_whoever_has_no_token_is_told_where_to_get_one(world: World) -> None:
    answer = await world.http.post(world.resource, json={})
    found = challenge(answer.headers["www-authenticate"])
    assert answer.status_code == 401
    assert "error" not in found
    assert "tickets:read" in found["scope"].split()
    assert "offline_access" not in found["scope"]
    document = (await world.http.get(found["resource_metadata"])).json()
    assert document["resource"] == world.resource
    assert document["authorization_servers"] == [world.issuer]


@pytest.mark.parametrize("location", LOCATIONS)
async def test_m01_the_resource_is_described_at_both_places(location: str, world: World) -> None:
    answer = await world.http.get(world.issuer + location)
    document = answer.json()
    assert answer.headers["access-control-allow-origin"] == "*"
    assert document["resource"] == world.resource
    assert document["bearer_methods_supported"] == ["header"]
    assert "offline_access" not in document["scopes_supported"]
    assert "admin" not in document["scopes_supported"]


async def test_m02_a_real_token_in_the_query_is_none(client: Registered, world: World) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    for name in ("access_token", "token"):
        answer = await world.http.post(f"{world.resource}?{name}={tokens.access}", json={})
        assert answer.status_code in {400, 401}
        assert tokens.access not in answer.text


async def test_m03_a_tool_beyond_the_grant_is_a_403_that_names_all_it_needs(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client))
    answer = await world.call(tokens.access, "create_ticket", **DRAFT)
    found = challenge(answer.headers["www-authenticate"])
    assert answer.status == 403
    assert found["error"] == "insufficient_scope"
    assert "tickets:write" in found["scope"].split()
    assert found["resource_metadata"].startswith(world.issuer)
    more = await world.tokens(world.oauth.ask(client, scope="tickets:read " + found["scope"]))
    again = await world.call(more.access, "create_ticket", **DRAFT)
    assert again.status == 200
    assert not json.loads(again.body)["result"].get("isError", False)


async def test_m03_what_the_person_unticked_is_out_of_reach(
    client: Registered, world: World
) -> None:
    asked = world.oauth.ask(client, scope="tickets:read tickets:write")
    tokens = await world.tokens(asked, choice=Choice(scopes=["tickets:read"]))
    answer = await world.call(tokens.access, "create_ticket", **DRAFT)
    assert answer.status == 403


async def test_m04_no_token_is_for_the_console_or_the_admin_api(
    client: Registered, world: World
) -> None:
    """Not even a token of an administrator, who may open both."""
    tokens = await world.tokens(world.oauth.ask(client), person="boss")
    headers = {"Authorization": f"Bearer {tokens.access}"}
    for row in ADMIN_API:
        path = re.sub(r"\{\w+\}", "acme", row.path)
        answer = await world.http.request(row.method, world.issuer + path, headers=headers)
        found = challenge(answer.headers["www-authenticate"])
        assert (answer.status_code, found["error"]) == (401, "invalid_token"), path
        assert found["resource_metadata"].endswith("/oauth-protected-resource/admin")
    console = await world.http.get(f"{world.issuer}/console", headers=headers)
    assert (console.status_code, console.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("endpoint", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
async def test_m06_the_authorization_server_answers_to_its_own_name_only(
    endpoint: str, world: World
) -> None:
    url = world.oauth.metadata[endpoint]
    for host in ("evil.test", "127.0.0.1:80@evil.test", "127.0.0.1.evil.test"):
        answer = await world.http.post(url, headers={"Host": host}, content=b"")
        assert answer.status_code == 421


async def test_m07_metadata_never_says_what_a_header_says(world: World) -> None:
    headers = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "Forwarded": "host=x"}
    for path in (*LOCATIONS, "/.well-known/oauth-authorization-server"):
        answer = await world.http.get(world.issuer + path, headers=headers)
        assert "evil.test" not in answer.text


async def test_t05_a_suspended_tenant_stops_within_five_seconds(
    client: Registered, world: World
) -> None:
    tokens = await world.tokens(world.oauth.ask(client), person="zoe")
    assert (await world.call(tokens.access)).status == 200
    assert world.suspend is not None
    await world.suspend("initech")
    with anyio.fail_after(5):
        while (await world.call(tokens.access)).status != 401:  # noqa: ASYNC110 -- seen from outside
            await anyio.sleep(0.2)
    answer = await world.oauth.refresh(client, tokens.refresh)
    assert (answer.status, answer.error) == (400, "invalid_grant")
