"""AUTH=external on the whole server: another provider's tokens open the MCP endpoint."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.oauth.elsewhere import Elsewhere
from tests.web.harness import uvicorn_serving

from helpdesk_mcp.app import opened
from helpdesk_mcp.crypto.keyring import new_line
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.environment import external_of
from helpdesk_mcp.settings import Settings, load

URL = "http://127.0.0.1:8001"


def provider_app(elsewhere: Elsewhere, issuer: list[str]) -> Starlette:
    async def metadata(_: Request) -> JSONResponse:
        words = ("authorization_endpoint", "token_endpoint")
        found = {word: f"{issuer[0]}/{word}" for word in words}
        return JSONResponse(found | {"issuer": issuer[0], "jwks_uri": f"{issuer[0]}/keys"})

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [elsewhere.key.as_dict(private=False)]})

    return Starlette(
        routes=[Route("/.well-known/openid-configuration", metadata), Route("/keys", keys)]
    )


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    async with opened(settings, MemoryDesk()) as app:
        transport = httpx2.ASGITransport(app=app.site(8001))
        async with httpx2.AsyncClient(transport=transport, base_url=URL) as http:
            yield http


def settings(**given: Any) -> Settings:
    return load(None, auth="external", database_url="sqlite+aiosqlite://", **given)


async def test_another_providers_token_opens_the_server_and_its_name_is_published() -> None:

    elsewhere, issuer = Elsewhere(time.time()), [""]
    with uvicorn_serving(provider_app(elsewhere, issuer)) as port:
        issuer[0] = f"http://127.0.0.1:{port}"
        async with served(
            settings(oidc_issuer=issuer[0], oidc_scopes="helpdesk.write=tickets:write")
        ) as http:
            described = (await http.get("/.well-known/oauth-protected-resource/mcp")).json()
            assert described["authorization_servers"] == issuer
            assert (await http.get("/.well-known/oauth-authorization-server")).status_code == 404
            good = elsewhere.access_token(iss=issuer[0], aud=f"{URL}/mcp")
            for token, status in ((good, 200), (good[:-4] + "AAAA", 401), ("hdm_x", 401)):
                answer = await http.get("/tickets", headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == status, answer.text


async def test_where_another_server_asks_people_ours_asks_nobody() -> None:
    """A consent here would lead to a code that nothing redeems."""
    named = settings(oidc_issuer="https://login.example.org", helpdesk_master_key=new_line(1))
    async with served(named) as http:
        asked = await http.get("/oauth/authorize", params={"client_id": "https://app.example/c"})
        assert asked.status_code == 401
        assert "set-cookie" not in asked.headers
        assert (await http.get("/sign-in")).status_code == 200, "the console stays"
        described = (await http.get("/.well-known/oauth-protected-resource/admin")).json()
        assert "authorization_servers" not in described, "its tokens administer nothing here"


def test_settings_that_say_too_little_say_what_is_missing() -> None:
    for given in ({}, {"oidc_issuer": "https://x", "oidc_scopes": "word"}):
        with pytest.raises(Invalid, match="OIDC_"):
            external_of(settings(**given), URL)
    assert external_of(load(None), URL) is None
