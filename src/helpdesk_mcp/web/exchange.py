"""One JSON-RPC request, one answer, on one HTTP exchange that its client may leave at any time.

An answer that comes soon is a JSON document. One that takes long becomes a stream with a comment
every 15 seconds, so that no proxy takes the silence for death; so the SDK does it, and so do we.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import anyio
from mcp.shared.exceptions import MCPError
from pydantic_core import to_json
from starlette.types import Receive, Send

PATIENCE = 15.0
"""Seconds of silence before the answer becomes a stream, and between its comments."""
STREAM = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


async def answered(
    receive: Receive, send: Send, request_id: Any, work: Coroutine[Any, Any, bytes]
) -> None:
    """Send the result that `work` returns, or the MCPError it raises.

    A client that goes away cancels it (MCP, cancellation).

    Nothing is sent after the client has gone.
    """
    loop = asyncio.get_running_loop()
    stream = _Stream(send)
    with anyio.CancelScope() as scope:
        watcher = loop.create_task(_watch(receive, scope))
        timer = loop.call_later(PATIENCE, stream.open)
        try:
            said = b'"result":%b' % await work
        except MCPError as error:
            said = b'"error":%b' % to_json(error.error.model_dump(exclude_none=True))
        finally:
            timer.cancel()
            watcher.cancel()
            opened = await stream.close()
        body = b'{"jsonrpc":"2.0","id":%b,%b}' % (to_json(request_id), said)
        if opened:
            await send(_part(b"event: message\r\ndata: %b\r\n\r\n" % body, more=False))
        else:
            await _send_document(send, body)


async def _watch(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _send_document(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


class _Stream:
    """The stream of a slow answer: opened by a timer, closed before the answer is written."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._pinging: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._pinging = asyncio.get_running_loop().create_task(self._ping())

    async def close(self) -> bool:
        """Stop the comments and return whether the stream was opened."""
        if self._pinging is None:
            return False
        self._pinging.cancel()
        await asyncio.wait([self._pinging])
        return True

    async def _ping(self) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": STREAM})
        while True:
            await self._send(_part(b": ping\r\n\r\n", more=True))
            await asyncio.sleep(PATIENCE)
