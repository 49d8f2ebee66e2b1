"""What can go wrong with a connection: cut off, cut in half, left without an answer."""

import asyncio

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "helpdesk_demo.transport"


class BreakableProtocol(H11Protocol):
    """Lets the application reach the connection, which ASGI has no word for."""

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - as in uvicorn
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


async def abort(request: Request) -> None:
    """Cut the connection without an answer."""
    _transport(request).abort()
    await _client_left(request)


async def send_half(request: Request, response: Response, send: Send) -> None:
    """Promise the whole body, send half of it, and hang up."""
    body = bytes(response.body)
    headers = response.raw_headers
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    _transport(request).close()
    await _client_left(request)


async def after_client_left(request: Request, seconds: float) -> None:
    """Wait until the client has given up, but no longer than `seconds`."""
    with anyio.move_on_after(seconds):
        await _client_left(request)


async def _client_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _transport(request: Request) -> asyncio.Transport:
    """Return the connection; without one, an exception breaks the exchange as well."""
    transport: asyncio.Transport | None = request.scope.get("state", {}).get(_TRANSPORT)
    if transport is None:
        raise ConnectionResetError("The simulator cut the connection.")
    return transport
