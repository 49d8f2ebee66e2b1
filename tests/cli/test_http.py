"""Headers that do not come in time end their connection, and only that one."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from helpdesk_mcp.cli.http import TOO_SLOW, PunctualProtocol

DEADLINE = 0.3
REQUEST = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


class Impatient(PunctualProtocol):
    header_seconds = DEADLINE


class App:
    """Answers at once, or when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await self.go.wait()
        start = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def serving(app: App) -> AsyncGenerator[int]:
    config = uvicorn.Config(app, http=Impatient, lifespan="off", log_config=None, port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def everything(reader: asyncio.StreamReader) -> bytes:
    got = b""
    with anyio.fail_after(10), contextlib.suppress(ConnectionResetError):
        while part := await reader.read(4096):
            got += part
    return got


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize(
    "begun", [b"", b"G", b"GET / HTTP/1.1\r\nhost: a\r\n"], ids=["nothing", "one", "line"]
)
async def test_headers_that_do_not_come_are_answered_408(begun: bytes) -> None:
    """Security case M37."""
    async with serving(App()) as port, connected(port) as (reader, writer):
        writer.write(begun)
        assert await everything(reader) == TOO_SLOW


async def test_headers_that_trickle_are_answered_408() -> None:
    async with serving(App()) as port, connected(port) as (reader, writer):
        answer = asyncio.ensure_future(everything(reader))
        for byte in REQUEST * 100:
            writer.write(bytes([byte]))
            done, _ = await asyncio.wait([answer], timeout=0.02)
            if done:
                break
        # A byte that crosses the close resets the connection before the answer can be read.
        assert (await answer)[:13] in {b"HTTP/1.1 408 ", b""}


async def test_headers_in_time_are_served_however_long_the_answer_takes() -> None:
    app = App()
    app.go.clear()
    async with serving(app) as port, connected(port) as (reader, writer):
        writer.write(REQUEST)
        await asyncio.sleep(DEADLINE * 1.5)
        app.go.set()
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


async def test_a_second_request_on_a_connection_has_the_same_deadline() -> None:
    async with serving(App()) as port, connected(port) as (reader, writer):
        writer.write(REQUEST)
        await reader.readuntil(b"ok")
        writer.write(b"GET")
        assert await everything(reader) == TOO_SLOW


async def test_others_are_served_while_one_is_slow() -> None:
    async with serving(App()) as port, connected(port) as (_, slow):
        slow.write(b"GET")
        async with connected(port) as (reader, writer):
            writer.write(REQUEST)
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


async def test_a_connection_that_the_client_closes_leaves_nothing_behind() -> None:
    async with serving(App()) as port:
        async with connected(port):
            pass
        async with connected(port) as (reader, writer):
            writer.write(REQUEST)
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


def test_what_is_said_is_a_whole_answer() -> None:
    head, _, body = TOO_SLOW.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
