"""One ASGI exchange in memory, and a real uvicorn on a free loopback port spoken to by socket."""

import contextlib
import json
import socket
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk_mcp.web.edge import Edge, EdgeLimits

Headers = tuple[tuple[bytes, bytes], ...]
HOSTS = ("desk.example", "desk.example:8443", "127.0.0.1:*", "[::1]:*")
ORIGINS = ("https://app.example", "http://127.0.0.1:*")
HOST: Headers = ((b"host", b"desk.example"),)


@dataclass(slots=True)
class Echo:
    """An application that remembers what reached it and answers 200 with the body."""

    scopes: list[Scope] = field(default_factory=list[Scope])
    bodies: list[bytes] = field(default_factory=list[bytes])
    after: list[str] = field(default_factory=list[str])
    headers: Headers = ((b"content-type", b"text/plain"),)
    wait_for_disconnect: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        if self.wait_for_disconnect:
            self.after.append((await receive())["type"])
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": body})


@dataclass(slots=True, kw_only=True)
class Reply:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    taken: int
    """How many messages of the request were asked for."""

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


def request(
    method: str = "POST",
    path: str = "/mcp",
    *,
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = HOST,
) -> Scope:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": list(headers),
    }


def chunks(*parts: bytes) -> list[Message]:
    last = len(parts) - 1
    return [
        {"type": "http.request", "body": part, "more_body": number < last}
        for number, part in enumerate(parts)
    ]


async def exchange(app: ASGIApp, scope: Scope, incoming: Iterable[Message] = ()) -> Reply | None:
    """Run one request; after `incoming` the client is gone. None means nothing was answered."""
    waiting = list(incoming) or chunks(b"")
    sent: list[Message] = []
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    return Reply(
        status=sent[0]["status"],
        headers=list(sent[0]["headers"]),
        body=b"".join(message.get("body", b"") for message in sent[1:]),
        taken=taken,
    )


async def replied(app: ASGIApp, scope: Scope, incoming: Iterable[Message] = ()) -> Reply:
    reply = await exchange(app, scope, incoming)
    assert reply is not None
    return reply


def edge(app: ASGIApp, limits: EdgeLimits | None = None) -> Edge:
    return Edge(app, allowed_hosts=HOSTS, allowed_origins=ORIGINS, limits=limits)


async def asked(scope: Scope, *body: bytes, limits: EdgeLimits | None = None) -> Reply:
    """Send one request to an edge with an echo behind it; a refusal must not reach the echo."""
    echo = Echo()
    reply = await replied(edge(echo, limits), scope, chunks(*body) if body else ())
    assert (reply.status in {200, 204}) or echo.scopes == []
    return reply


def problem(reply: Reply) -> dict[str, object]:
    assert reply.header(b"content-type") == b"application/problem+json"
    assert reply.header(b"connection") == b"close"
    document = json.loads(reply.body)
    assert document["status"] == reply.status
    return document


@contextlib.contextmanager
def uvicorn_serving(app: ASGIApp, tls: tuple[Path, Path] | None = None) -> Generator[int]:
    """Serve with httptools and uvloop on 127.0.0.1; the port takes connections at once.

    `tls` is a certificate and its key.
    """
    certificate, key = tls or (None, None)
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        log_level="info",
        proxy_headers=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def spoken(port: int, *parts: bytes) -> bytes:
    """Send these bytes and return all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        with contextlib.suppress(ConnectionError):  # a refusal may come before we are done
            for part in parts:
                wire.sendall(part)
        received = b""
        with contextlib.suppress(ConnectionError):
            while data := wire.recv(65_536):
                received += data
        return received
