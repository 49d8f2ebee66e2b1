"""The Python SDK 1.x signs in with its own OAuth provider: `http URL`."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportArgumentType=false, reportCallIssue=false
# It runs with an older SDK than the one that types are checked against.

import sys
from typing import Any

import anyio
from journey import travel
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata
from person import CALLBACK, Memory, Person
from pydantic import AnyUrl

person = Person()
METADATA = OAuthClientMetadata(client_name="Python 1", redirect_uris=[AnyUrl(CALLBACK)])


async def came_back() -> tuple[str, str | None]:
    found = person.came_back_with()
    return found["code"], found.get("state")


async def main(argv: list[str]) -> None:
    url = argv[1]
    provider = OAuthClientProvider(url, METADATA, Memory(), person.open, came_back)
    async with (
        streamablehttp_client(url, auth=provider) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        agreed = await session.initialize()
        names = [tool.name for tool in (await session.list_tools()).tools]

        async def call(name: str, arguments: dict[str, Any]) -> Any:
            return await session.call_tool(name, arguments)

        await travel(str(agreed.protocolVersion), names, call)


anyio.run(main, sys.argv[1:])
