"""The Python SDK 2.x: `auto URL`, `legacy URL` or `stdio COMMAND ...`."""

import os
import sys
from typing import Any

import anyio
import httpx2
from journey import BEARER, travel
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client


def client(how: str, target: list[str]) -> Client:
    if how == "stdio":
        environment = dict(os.environ)  # noqa: TID251 - handed on to the server
        command = StdioServerParameters(command=target[0], args=target[1:], env=environment)
        return Client(command)
    http = httpx2.AsyncClient(headers=BEARER, timeout=30)
    return Client(streamable_http_client(target[0], http_client=http), mode=how)


async def main(argv: list[str]) -> None:
    how, *target = argv
    async with client(how, target) as connected:
        names = [tool.name for tool in (await connected.list_tools()).tools]

        async def call(name: str, arguments: dict[str, Any]) -> Any:
            return await connected.call_tool(name, arguments)

        await travel(connected.protocol_version, names, call)


anyio.run(main, sys.argv[1:])
