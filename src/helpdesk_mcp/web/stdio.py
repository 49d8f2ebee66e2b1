"""One client over standard input and output. Standard output carries protocol only."""

from typing import Any

from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server


async def serve_stdio(server: Server[Any]) -> None:
    """Serve until the client closes its end."""
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())
