"""A proxy on loopback that goes wrong on purpose, between an adapter and a real help desk."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from urllib.parse import urlsplit

from tests.desks.servers import listening


class Fault(Enum):
    DROP = auto()
    """Close without passing the request on."""
    DROP_AFTER = auto()
    """Pass it on, and close without passing the answer back."""
    HALF = auto()
    """Pass it on, and close in the middle of the answer's body."""
    ERROR = auto()
    """Answer 500 without passing it on."""
    ERROR_AFTER = auto()
    """Pass it on, and answer 500."""
    HTML = auto()
    """Answer a page where data is expected."""
    HTML_AFTER = auto()
    """Pass it on, and answer a page where data is expected."""
    NONSENSE = auto()
    """Answer JSON of another shape."""
    MISSING = auto()
    """Answer 404 without passing it on."""
    NOTHING = auto()
    """Pass it on, run what comes after, and answer as if nothing were wrong."""
    SILENCE = auto()
    """Pass it on, and never answer."""


PASSED_ON = frozenset(
    {
        Fault.DROP_AFTER,
        Fault.HALF,
        Fault.ERROR_AFTER,
        Fault.HTML_AFTER,
        Fault.SILENCE,
        Fault.NOTHING,
    }
)
ANSWERS = {
    Fault.ERROR: (b"500 Oops", b"text/html", b"<h1>Server Error (500) secret-detail</h1>"),
    Fault.ERROR_AFTER: (b"500 Oops", b"text/html", b"<h1>Server Error (500) secret-detail</h1>"),
    Fault.HTML: (b"200 OK", b"text/html", b"<html>Maintenance secret-detail</html>"),
    Fault.HTML_AFTER: (b"200 OK", b"text/html", b"<html>Maintenance secret-detail</html>"),
    Fault.NONSENSE: (b"200 OK", b"application/json", b'{"secret-detail": [1]}'),
    Fault.MISSING: (b"404 Not Found", b"text/html", b"<h1>Not Found</h1>"),
}


@dataclass(slots=True)
class Proxy:
    url: str = ""
    target: tuple[str, int] = ("", 0)
    seen: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Method and path of every request, in order."""
    faults: list[tuple[str, str, Fault]] = field(default_factory=list[tuple[str, str, Fault]])
    """Method, start of the path, what goes wrong: each once."""
    always: list[tuple[str, str, Fault]] = field(default_factory=list[tuple[str, str, Fault]])
    after: Callable[[], Awaitable[None]] | None = None
    """Run once, between a request that was passed on with a fault and what is done then."""

    prefix: str = ""
    """A path the desk is served under, as behind a reverse proxy."""
    redirects: dict[str, str] = field(default_factory=dict[str, str])

    def redirect(self, path: str, location: str) -> None:
        """Send requests for exactly this path elsewhere."""
        self.redirects[path] = location

    def fail(self, method: str, path: str, fault: Fault) -> None:
        self.faults.append((method, path, fault))

    def count(self, method: str, path: str) -> int:
        return sum(1 for m, p in self.seen if m == method and p.startswith(path))

    def fault(self, method: str, path: str) -> Fault | None:
        for planned in (*self.faults, *self.always):
            if planned[0] == method and path.startswith(planned[1]):
                if planned in self.faults:
                    self.faults.remove(planned)
                return planned[2]
        return None


@asynccontextmanager
async def faulty(target: str) -> AsyncGenerator[Proxy]:
    """Serve a proxy to a help desk."""
    parts = urlsplit(target)
    proxy = Proxy(target=(parts.hostname or "", parts.port or 80))
    async with listening(partial(_serve, proxy)) as origin:
        proxy.url = f"{origin}/"
        yield proxy


async def _serve(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on one request and its answer, then close."""
    head = await reader.readuntil(b"\r\n\r\n")
    head = head.replace(b" " + proxy.prefix.encode() + b"/", b" /", 1)
    method, path = head.split(b" ", 2)[:2]
    body = await reader.readexactly(_length(head))
    proxy.seen.append((method.decode(), path.decode()))
    fault = proxy.fault(method.decode(), path.decode())
    if (location := proxy.redirects.get(path.decode())) is not None:
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            % location.encode()
        )
        await writer.drain()
        return
    answer = b""
    if fault is None or fault in PASSED_ON:
        answer = await _forward(proxy.target, head, body)
        if fault is not None and proxy.after is not None:
            after, proxy.after = proxy.after, None
            await after()
    if fault is Fault.SILENCE:
        await reader.read()  # until the client gives up
    elif fault in ANSWERS:
        status, kind, text = ANSWERS[fault]
        writer.write(
            b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
            % (status, kind, len(text), text)
        )
    elif fault is Fault.HALF:
        start = answer.index(b"\r\n\r\n") + 4
        writer.write(answer[: start + (len(answer) - start) // 2])
    elif fault in {None, Fault.NOTHING}:
        writer.write(answer)
    await writer.drain()


async def _forward(target: tuple[str, int], head: bytes, body: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    lines[1:1] = [b"Connection: close"]
    reader, writer = await asyncio.open_connection(*target)
    try:
        writer.write(b"\r\n".join(lines) + body)
        return await reader.read()
    finally:
        writer.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
