"""The OpenAI Agents SDK: `http URL`."""
# pyright: basic, reportMissingImports=false
# It runs in an environment of its own.

import sys

import anyio
from agents.mcp import MCPServerStreamableHttp
from journey import BEARER, travel


async def main(argv: list[str]) -> None:
    _, url = argv
    params = {"url": url, "headers": BEARER, "timeout": 30}
    async with MCPServerStreamableHttp(params=params, name="helpdesk") as server:
        names = [tool.name for tool in await server.list_tools()]
        await travel(server.session.protocol_version, names, server.call_tool)


anyio.run(main, sys.argv[1:])
