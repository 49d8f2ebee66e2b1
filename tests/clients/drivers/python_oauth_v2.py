"""The Python SDK 2.x signs in with its own OAuth provider: `auto URL` or `legacy URL`."""

import sys
from typing import Any

import anyio
import httpx2
from journey import travel
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from person import CALLBACK, Memory, Person
from pydantic import AnyUrl

person = Person()
METADATA = OAuthClientMetadata(client_name="Python 2", redirect_uris=[AnyUrl(CALLBACK)])


async def came_back() -> AuthorizationCodeResult:
    found = person.came_back_with()
    return AuthorizationCodeResult(
        code=found["code"], state=found.get("state"), iss=found.get("iss")
    )


async def main(argv: list[str]) -> None:
    how, url = argv
    provider = OAuthClientProvider(url, METADATA, Memory(), person.open, came_back)
    http = httpx2.AsyncClient(auth=provider, timeout=30)
    async with Client(streamable_http_client(url, http_client=http), mode=how) as connected:
        names = [tool.name for tool in (await connected.list_tools()).tools]

        async def call(name: str, arguments: dict[str, Any]) -> Any:
            return await connected.call_tool(name, arguments)

        await travel(connected.protocol_version, names, call)


anyio.run(main, sys.argv[1:])
