"""A load generator: keep-alive connections, a fixed number of requests, every answer checked."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CONNECTIONS = 16
PATIENCE = 60.0
"""Seconds after which a run that does not end has failed."""
FIRST_ID = 100_000_000
"""Ids of one width: the length of a request does not depend on its number."""

Check = Callable[[Any], bool]


class WrongAnswer(Exception):
    """The server did not answer as it must; what it said is in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to repeat. `body` holds `%d` where its id belongs; `check` judges the answer."""

    path: str
    headers: dict[str, str]
    body: str
    check: Check

    def template(self, port: int) -> bytes:
        """Return the bytes to send, but for the id."""
        length = len(self.body.replace("%d", str(FIRST_ID)))
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", self.body]).encode("ascii")


@dataclass(slots=True, kw_only=True)
class Load:
    """What one run of requests came to."""

    seconds: float = 0.0
    latencies: list[int] = field(default_factory=list[int])
    """Nanoseconds from the request's last byte out to the answer's last byte in."""
    answer_bytes: int = 0


async def drive(port: int, request: Request, count: int) -> Load:
    """Send `count` requests over all connections. Raises WrongAnswer, TimeoutError."""
    run = _Run(request.template(port), request.check, count)
    loop = asyncio.get_running_loop()
    transports: list[asyncio.BaseTransport] = []
    try:
        for _ in range(min(CONNECTIONS, count)):
            transport, _ = await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
            transports.append(transport)
        async with asyncio.timeout(PATIENCE):
            return await run.finished
    finally:
        for transport in transports:
            transport.close()


class _Run:
    """The shared state of one run's connections."""

    def __init__(self, template: bytes, check: Check, count: int) -> None:
        self._template = template
        self._check = check
        self._count = count
        self._sent = 0
        self._began = time.perf_counter()
        self._load = Load()
        self.finished: asyncio.Future[Load] = asyncio.get_running_loop().create_future()

    def next(self) -> bytes | None:
        """Return the next request, or None when all are on their way."""
        if self._sent == self._count:
            return None
        self._sent += 1
        return self._template % (FIRST_ID + self._sent)

    def answered(self, answer: "Answer", nanoseconds: int) -> None:
        if self.finished.done():
            return
        try:
            good = answer.status == b"200" and self._check(answer.document())
        except (ValueError, LookupError, TypeError):
            good = False
        if not good:
            self.failed(answer.status.decode() + " " + answer.body[:2000].decode(errors="replace"))
            return
        self._load.latencies.append(nanoseconds)
        self._load.answer_bytes = len(answer.body)
        if len(self._load.latencies) == self._count:
            self._load.seconds = time.perf_counter() - self._began
            self.finished.set_result(self._load)

    def failed(self, what: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(WrongAnswer(what))


@dataclass(frozen=True, slots=True)
class Answer:
    status: bytes
    body: bytes

    def document(self) -> Any:
        """Return the JSON of the body, be it plain or the one event of a stream."""
        if self.body.startswith(b"event:") or self.body.startswith(b"data:"):
            data = next(s[6:] for s in self.body.splitlines() if s.startswith(b"data: "))
            return json.loads(data)
        return json.loads(self.body)


class _Connection(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection with one request at a time."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._sent_at = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- what TCP connections have
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answer = whole_answer(self._buffer)
        if answer is None:
            return
        self._buffer = b""
        self._run.answered(answer, time.perf_counter_ns() - self._sent_at)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._run.failed("the connection was closed")

    def _send(self) -> None:
        request = self._run.next()
        if request is not None and self._transport is not None:
            self._transport.write(request)
            self._sent_at = time.perf_counter_ns()


def whole_answer(buffer: bytes) -> Answer | None:
    """Return the answer in the buffer, or None while it is incomplete."""
    head, end, rest = buffer.partition(b"\r\n\r\n")
    if not end:
        return None
    status = head[9:12]
    if (length := _LENGTH.search(head)) is not None:
        return Answer(status, rest) if len(rest) >= int(length[1]) else None
    if not rest.endswith(b"0\r\n\r\n"):
        return None
    return Answer(status, _unchunked(rest))


def _unchunked(rest: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return b"".join(parts)
        parts.append(rest[:length])
        rest = rest[length + 2 :]


_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
