"""The Python SDK 1.x: `http URL`, `sse URL` or `stdio COMMAND ...`."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportArgumentType=false, reportCallIssue=false
# It runs with an older SDK than the one that types are checked against.

import os
import sys
from typing import Any

import anyio
from journey import BEARER, travel
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


def transport(how: str, target: list[str]) -> Any:  # the SDK's streams, two or three of them
    if how == "http":
        return streamablehttp_client(target[0], headers=BEARER)
    if how == "sse":
        return sse_client(target[0], headers=BEARER)
    environment = dict(os.environ)  # noqa: TID251 - handed on to the server
    return stdio_client(StdioServerParameters(command=target[0], args=target[1:], env=environment))


async def main(argv: list[str]) -> None:
    how, *target = argv
    async with transport(how, target) as streams, ClientSession(*streams[:2]) as session:
        initialized = await session.initialize()
        tools = (await session.list_tools()).tools
        names = [tool.name for tool in tools]
        await travel(initialized.protocolVersion, names, session.call_tool)


anyio.run(main, sys.argv[1:])
