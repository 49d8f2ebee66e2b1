"""`serve` over HTTP and `stdio` for one client on this machine."""

import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager

import anyio
import uvicorn
from platformdirs import user_data_path

from helpdesk_mcp import app, settings
from helpdesk_mcp.cli.http import PunctualProtocol
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.environment import addresses
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.telemetry import logs
from helpdesk_mcp.web.site import Site

GRACE = 10
"""Seconds that calls in flight have to end when the server is told to stop."""


def serve() -> None:
    """Serve over HTTP until told to stop."""
    found = settings.load()
    logs.configure(found.level)
    anyio.run(_serve, found, backend_options={"use_uvloop": sys.platform != "win32"})


def stdio() -> None:
    """Serve until the client goes away."""
    found = _at_home(settings.load())
    logs.configure(found.level, sys.stderr)
    anyio.run(_stdio, found)


def _at_home(found: Settings) -> Settings:
    """Keep the database in the user's own folder: clients start servers in any directory."""
    if "database_url" in found.model_fields_set:
        return found
    folder = user_data_path("helpdesk-mcp", appauthor=False, ensure_exists=True)
    url = f"sqlite+aiosqlite:///{folder / 'helpdesk-mcp.sqlite3'}"
    return found.model_copy(update={"database_url": url})


async def _serve(found: Settings) -> None:
    with _listening(found) as listener:
        port: int = listener.getsockname()[1]
        async with app.opened(found) as product:
            config = uvicorn.Config(
                _site(product, port),
                http=PunctualProtocol,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE,
            )
            logs.logger().info(
                "server.listening", url=addresses(found, port).url, mcp="/mcp", rest="/tickets"
            )
            with _obeying_ends_well():
                await uvicorn.Server(config).serve(sockets=[listener])


def _site(product: app.App, port: int) -> Site:
    try:
        return product.site(port)
    except ValueError as error:  # an allowed host or origin that is none; it names its setting
        raise Invalid(str(error), reason="settings") from None


@contextmanager
def _obeying_ends_well() -> Generator[None]:
    """Make a stop that was obeyed status 0: uvicorn raises its signal again when it is done."""
    before = signal.signal(signal.SIGTERM, _ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(_signal: int, _frame: object) -> None:
    """Do nothing: what the signal asked for is done."""


def _listening(found: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in found.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((found.host, found.mcp_port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Port {found.mcp_port} of {found.host} is taken or not ours; choose another with "
            "MCP_PORT (0 takes any free one), or another address of this machine with HOST.",
            reason="port",
        ) from error
    listener.listen(1024)
    return listener


async def _stdio(found: Settings) -> None:
    async with app.opened(found) as product:
        await product.stdio()
