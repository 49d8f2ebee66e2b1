"""HTTP/1.1 as uvicorn speaks it with httptools, plus the deadline for headers that it lacks.

An ASGI application never sees a request whose headers have not all come, so this one timeout can
only live in the protocol class (security case M37).
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""Seconds for all headers of a request, from its first byte or from the connection's opening."""
TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"content-type: application/problem+json\r\ncontent-length: 61\r\nconnection: close\r\n\r\n"
    b'{"type":"about:blank","title":"Request Timeout","status":408}'
)


class PunctualProtocol(HttpToolsProtocol):
    """Closes connections whose request headers do not come in time."""

    _deadline: asyncio.TimerHandle | None = None
    header_seconds = HEADER_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- as uvicorn's own
        super().connection_made(transport)
        self._arm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._arm()

    def on_headers_complete(self) -> None:
        self._disarm()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        cycle: Any = self.cycle
        if self.transport.is_closing():
            return
        if cycle is None or cycle.response_complete:
            self.transport.write(TOO_SLOW)
        self.transport.close()
