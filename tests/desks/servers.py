"""A server on loopback that says exactly these bytes, whatever it is asked."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """What was asked so far, and what is said next: the last answer is repeated."""

    answers: list[Say]
    asked: list[bytes] = field(default_factory=list[bytes])
    url: str = ""
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        self.busy.set()
        say = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await say(writer)


@asynccontextmanager
async def saying(*answers: Say) -> AsyncGenerator[RawServer]:
    made = RawServer(list(answers))
    async with listening(made) as origin:
        made.url = f"{origin}/"
        yield made


@asynccontextmanager
async def listening(serve: Serve) -> AsyncGenerator[str]:
    """Serve connections, each to its end, and yield the origin; stop at last what still serves."""
    tasks: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # the client went away
            await serve(reader, writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(task := asyncio.create_task(served(reader, writer)))
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
