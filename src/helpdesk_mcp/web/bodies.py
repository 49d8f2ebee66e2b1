"""Reading a request body within its limits, and handing it on as if it had just arrived."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Message, Receive

from helpdesk_mcp.web.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How large a body may be and how slowly it may come; durations in seconds."""

    max_bytes: int = 1_048_576
    seconds: float = 30.0
    grace_seconds: float = 5.0
    min_bytes_per_second: float = 1024.0

    def time_for(self, received: int) -> float:
        """Return how long after its start a body of which this much is here may go on."""
        return min(self.seconds, self.grace_seconds + received / self.min_bytes_per_second)


class Disconnected(Exception):
    """The client left before its request was complete."""


async def read_in_time(receive: Receive, limits: BodyLimits) -> bytes:
    """Return the whole body; raise `Refused` (408, 413) or `Disconnected`."""
    started = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(started + limits.time_for(0)) as deadline:
            return await read(
                receive,
                limits.max_bytes,
                lambda received: deadline.reschedule(started + limits.time_for(received)),
            )
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly.") from None


async def read(
    receive: Receive, max_bytes: int, progress: Callable[[int], None] | None = None
) -> bytes:
    """Return the whole body; raise `Refused` (413) or `Disconnected`. Keeps `max_bytes` at most."""
    body, more = await _next(receive)
    if not more and len(body) <= max_bytes:
        return body
    parts = bytearray()
    while True:
        if len(parts) + len(body) > max_bytes:
            raise too_large(max_bytes)
        parts += body
        if not more:
            return bytes(parts)
        if progress is not None:
            progress(len(parts))
        body, more = await _next(receive)


def too_large(max_bytes: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may hold at most {max_bytes} bytes."
    )


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, then whatever really comes: the disconnect."""
    pending = True

    async def replay() -> Message:
        nonlocal pending
        if pending:
            pending = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)
