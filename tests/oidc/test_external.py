"""AUTH=external: the tokens of a provider by other people open our doors, and nothing else does."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.conformance.harness import served
from tests.oauth.browsing import Browser
from tests.oauth.client import LOOPBACK, OAuthClient, Registered, parameters
from tests.oauth.harness import World
from tests.oidc.provider import provider, through_its_pages
from tests.outside.town import Ground

from helpdesk_mcp.app import opened
from helpdesk_mcp.settings import load

CLI = {
    "client_id": "cli",
    "redirect_uris": [LOOPBACK],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
    "grant_types": ["authorization_code", "refresh_token"],
}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "ana": {"organisation": "acme"},
    "gus": {"organisation": "globex"},
    "nobody": {"organisation": "nowhere"},
    "stray": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Abroad:
    """Our server, and the provider whose tokens it takes."""

    world: World
    issuer: str

    async def token(self, account: str, scope: str = "tickets:read", **more: str) -> str:
        """Have somebody sign in at the provider and return the access token."""
        async with Browser(self.issuer) as browser:
            client = OAuthClient(self.issuer, self.world.http)
            await client.discover("/.well-known/openid-configuration")
            asked = client.ask(
                Registered(id="cli", redirect_uri=LOOPBACK), scope=f"openid {scope}", **more
            )
            page = await browser.open(asked.url)
            left = (await through_its_pages(browser, page, account)).left
            answer = await client.redeem(asked, parameters(left)["code"])
        assert answer.status == 200, answer.body
        return str(answer.json["access_token"])


@asynccontextmanager
async def abroad(folder: Path) -> AsyncGenerator[Abroad]:
    ground = await Ground.on_sqlite(folder)
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = f"http://127.0.0.1:{door.getsockname()[1]}"
        with provider(audience=f"{here}/mcp", clients=[CLI], accounts=ACCOUNTS) as issuer:
            settings = load(
                None,
                database_url=ground.url,
                helpdesk_master_key=ground.master_key,
                auth="external",
                oidc_issuer=issuer,
                oidc_tenant_claim="organisation",
            )
            async with (
                opened(settings) as product,
                served(product.site(door.getsockname()[1]), door),
                httpx2.AsyncClient(trust_env=False) as http,
            ):
                world = World(
                    issuer=here,
                    http=http,
                    oauth=OAuthClient(issuer, http),
                    people={},
                    age=_never,
                )
                yield Abroad(world=world, issuer=issuer)


async def _never(_: float) -> None:
    raise AssertionError("nothing of a foreign token is kept here")


@pytest.fixture
async def there(tmp_path: Path) -> AsyncGenerator[Abroad]:
    async with abroad(tmp_path) as it:
        yield it


async def test_a_token_of_the_provider_works_in_its_own_organisation(there: Abroad) -> None:
    token = await there.token("ana")
    assert (await there.world.call(token)).status == 200
    draft = {"subject": "Printer", "queue": "IT Support"}
    assert (await there.world.call(token, "create_ticket", **draft)).status == 403


@pytest.mark.parametrize("account", ["nobody", "stray"])
async def test_a_token_of_no_organisation_is_refused(account: str, there: Abroad) -> None:
    assert (await there.world.call(await there.token(account))).status == 401


async def test_a_token_for_another_resource_is_refused(there: Abroad) -> None:
    token = await there.token("ana", resource="https://other.test/mcp")
    assert (await there.world.call(token)).status == 401


async def test_clients_are_sent_to_the_provider(there: Abroad) -> None:
    url = f"{there.world.issuer}/.well-known/oauth-protected-resource/mcp"
    document = (await there.world.http.get(url)).json()
    assert document["authorization_servers"] == [there.issuer]
    for path in ("/.well-known/oauth-authorization-server", "/oauth/jwks.json"):
        assert (await there.world.http.get(there.world.issuer + path)).status_code in {401, 404}
    made = await there.world.http.post(f"{there.world.issuer}/oauth/token", data={"a": "b"})
    assert made.status_code in {401, 404, 405}
