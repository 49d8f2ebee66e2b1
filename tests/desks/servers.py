"""A server on loopback that says exactly these bytes, whatever it is asked."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """What was asked so far, and what is said next: the last answer is repeated."""

    answers: list[Say]
    asked: list[bytes] = field(default_factory=list[bytes])
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    url: str = ""
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self(reader, writer)))

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            self.busy.set()
            say = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            try:
                await say(writer)
            finally:
                writer.close()


@asynccontextmanager
async def saying(*answers: Say) -> AsyncGenerator[RawServer]:
    made = RawServer(list(answers))
    async with listening(made) as origin:
        made.url = f"{origin}/"
        yield made


class Accepting(Protocol):
    """Whoever takes connections, and keeps the tasks that serve them."""

    tasks: set[asyncio.Task[None]]

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


@asynccontextmanager
async def listening(made: Accepting) -> AsyncGenerator[str]:
    """Let somebody take connections, and yield the origin; in the end stop what still serves."""
    server = await asyncio.start_server(made.accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)


def said(
    status: int = 200, body: bytes = b"ok", *, length: int | None = None, more: str = ""
) -> Say:
    """Say a status and a body; `length` may promise more than comes."""
    promised = len(body) if length is None else length
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {promised}\r\n{more}\r\n"
    return raw(head.encode() + body)


def raw(data: bytes) -> Say:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return say


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def half_then_silence(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nhalf")
    await writer.drain()
    await asyncio.Event().wait()
