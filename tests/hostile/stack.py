"""The whole product on a real port, and what must be true after every hostile case."""

import json
import logging
import re
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx2
import structlog
import uvicorn
from tests.hostile.messages import MODERN, Json, Lines, Reply, call, headers_for

from helpdesk_mcp.app import App, opened, tokens
from helpdesk_mcp.cli.http import PunctualProtocol
from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter
from helpdesk_mcp.settings import load
from helpdesk_mcp.telemetry import logs

T = TypeVar("T")
SEED = {"subject": "Printer", "queue": "it", "requester": "eva@example.com"}
CANARY = "CANARY-5b1f"
"""Stands in every hostile text: it must not come back in an error, nor reach a log."""
PASSWORD = "desk-password-2f9c"
INTERNALS = re.compile(
    rb'Traceback|File "|site-packages|helpdesk_mcp/|/home/|/tmp/|/work/'
    rb"|SELECT |INSERT INTO|sqlalchemy|sqlite|pydantic|input_value|object at 0x"
)
HEADER_SECONDS = 1.0
PATIENCE = 15.0


class Hasty(PunctualProtocol):
    """The product's protocol, with less patience for slow headers than an operator would have."""

    header_seconds = HEADER_SECONDS


class WatchedDesk(WholeMemoryDesk):
    """The desk in memory, whose reading of a ticket a test can make slow or make fail."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.gate: anyio.Event | None = None
        self.entered = 0
        self.cancelled = 0

    async def ticket(self, ticket_id: str) -> Ticket:
        if self.failure is not None:
            raise self.failure
        if self.gate is not None:
            self.entered += 1
            try:
                await self.gate.wait()
            except anyio.get_cancelled_exc_class():
                self.cancelled += 1
                raise
        return await super().ticket(ticket_id)

    async def everything(self) -> Page[Ticket]:
        """All that is on the desk: comments and files count in their ticket."""
        return await self.tickets(TicketFilter(), Window(start=0, size=1_000_000))


@dataclass(slots=True, kw_only=True)
class Stack:
    """A running product. `secrets` must never be seen outside."""

    app: App
    port: int
    file: Path
    log: StringIO
    http: httpx2.AsyncClient = field(repr=False)
    secrets: set[str] = field(repr=False)
    token: str = field(repr=False)

    async def token_for(
        self,
        scopes: Iterable[Scope] = EVERY_SCOPE,
        *,
        subject: str = "mallory",
        expires_at: float | None = None,
    ) -> str:
        _, secret = await tokens(self.app.database).create(
            name="hostile",
            subject=subject,
            client="hostile",
            scopes=frozenset(scopes),
            expires_at=expires_at,
        )
        self.secrets.add(secret)
        return secret

    def mark(self) -> int:
        """Return the number of the last stored audit event."""
        return self._rows("select max(rowid) as mark from audit")[0]["mark"] or 0

    def events(self, after: int) -> list[dict[str, Any]]:
        """Return the audit events stored after this one, read past the product."""
        return self._rows("select * from audit where rowid > ? order by rowid", after)

    def _rows(self, statement: str, *values: int) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.file, timeout=10)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(statement, values)]

    async def ask(
        self,
        document: Json,
        *,
        revision: str = MODERN,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        path: str = "/mcp",
    ) -> Reply:
        """Post a document (bytes as they are). `headers` replace or, by None, leave out."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        named: dict[str, str | None] = dict(headers_for(document, revision))
        named["Authorization"] = f"Bearer {token or self.token}"
        named |= headers or {}
        lines = [(name, value) for name, value in named.items() if value is not None]
        return await self.send("POST", path, lines, body)

    async def send(
        self, method: str, path: str, headers: Lines | None = None, body: bytes = b""
    ) -> Reply:
        answer = await self.http.request(
            method, path, headers=headers or [], content=body or None, timeout=PATIENCE
        )
        return Reply(
            status=answer.status_code,
            headers=list(answer.headers.multi_items()),
            body=answer.content,
        )

    async def spoken(self, *parts: bytes) -> bytes:
        """Send bytes as they are and return all that comes until the server closes."""
        received = bytearray()
        async with await anyio.connect_tcp("127.0.0.1", self.port) as wire:

            async def listen() -> None:
                with anyio.move_on_after(PATIENCE):
                    while True:
                        try:
                            received.extend(await wire.receive())
                        except (anyio.EndOfStream, anyio.BrokenResourceError):
                            return

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listen)
                try:
                    for part in parts:
                        await wire.send(part)
                except anyio.BrokenResourceError:
                    pass  # a refusal may come before we are done
        return bytes(received)


@dataclass(slots=True, kw_only=True)
class Case:
    """One hostile case: sends through the stack, keeps what came back, and judges at its end."""

    stack: Stack
    desk: WatchedDesk
    mark: int
    before: Page[Ticket]
    logged: int
    seen: list[bytes] = field(default_factory=list[bytes])
    statuses: list[int] = field(default_factory=list[int])
    expected: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    may_write: bool = False
    forbidden: set[str] = field(default_factory=lambda: {CANARY}, repr=False)

    def attempts(self, tool: str, outcome: str, times: int = 1) -> None:
        """Say that this case attempts an action: exactly so many audit events must tell of it."""
        self.expected[tool, outcome] += times

    async def ask(
        self,
        document: Json,
        *,
        revision: str = MODERN,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        path: str = "/mcp",
    ) -> Reply:
        return self.kept(
            await self.stack.ask(
                document, revision=revision, token=token, headers=headers, path=path
            )
        )

    async def send(
        self, method: str, path: str, headers: Lines | None = None, body: bytes = b""
    ) -> Reply:
        return self.kept(await self.stack.send(method, path, headers, body))

    async def raw(self, *parts: bytes) -> int:
        """Return the first status of what the server says before it closes."""
        answer = await self.stack.spoken(*parts)
        self.seen.append(answer)
        statuses = [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
        self.statuses += statuses
        return statuses[0] if statuses else 0

    def kept(self, reply: Reply) -> Reply:
        self.statuses.append(reply.status)
        self.seen += [reply.body, repr(reply.headers).encode()]
        return reply

    async def judge(self) -> None:
        """The global assertions of every case (security.md §2)."""
        after = await self.desk.everything()
        assert max(self.statuses, default=200) < 500
        if not self.may_write:
            assert after == self.before, "something was written"
        await self._works_still()
        assert await self._attempted() == self.expected
        self._nothing_leaked()

    async def _works_still(self) -> None:
        """The next good request is served, on each kind of wire; its write stores all events."""
        answer = await self.stack.ask(call("create_ticket", SEED))
        assert answer.status == 200
        assert answer.result.get("isError", False) is False

    async def _attempted(self) -> Counter[tuple[str, str]]:
        """Return what was audited since the case began, without the good request after it."""
        events = self.stack.events(self.mark)
        assert (events[-1]["tool_name"], events[-1]["outcome"]) == ("create_ticket", "ok")
        return Counter((event["tool_name"], event["outcome"]) for event in events[:-1])

    def _nothing_leaked(self) -> None:
        said = b"\n".join(self.seen)
        found = INTERNALS.search(said)
        assert found is None, f"internals in an answer: {found}"
        self.stack.log.seek(self.logged)
        logged = self.stack.log.read()
        assert "Traceback" not in logged
        assert "site-packages" not in logged
        stored = repr(self.stack.events(self.mark))
        for secret in self.stack.secrets:
            assert secret not in stored, "a secret in the audit trail"
        for secret in self.stack.secrets | self.forbidden:
            assert secret not in logged, "a secret in the log"
            assert secret.encode() not in said, "a secret in an answer"


@asynccontextmanager
async def judged(stack: Stack, desk: WatchedDesk) -> AsyncGenerator[Case]:
    """One case. When its block ends without an error it is judged."""
    await stack.ask(call("create_ticket", SEED))  # stores what earlier calls left waiting
    case = Case(
        stack=stack,
        desk=desk,
        mark=stack.mark(),
        before=await desk.everything(),
        logged=stack.log.tell(),
    )
    yield case
    await case.judge()


@asynccontextmanager
async def running(folder: Path, desk: Desk | None, **options: Any) -> AsyncGenerator[Stack]:
    """Serve the whole product on a free port, over its own SQLite file."""
    often = {"reads_per_minute": 10_000_000, "writes_per_minute": 10_000_000}
    file = folder / "product.sqlite3"
    url = f"sqlite+aiosqlite:///{file}"
    settings = load(None, **{**often, "database_url": url, **options})
    with logging_to_memory() as log:
        async with opened(settings, desk) as app, served(app) as port:
            base = f"http://127.0.0.1:{port}"
            async with httpx2.AsyncClient(base_url=base, trust_env=False) as http:
                stack = Stack(
                    app=app, port=port, file=file, log=log, http=http, secrets={PASSWORD}, token=""
                )
                stack.token = await stack.token_for(subject="tester")
                yield stack


@asynccontextmanager
async def served(app: App) -> AsyncGenerator[int]:
    """Serve as `helpdesk-mcp serve` does."""
    door = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port: int = door.getsockname()[1]
    config = uvicorn.Config(
        app.site(port),
        http=Hasty,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        limit_concurrency=1_000,
    )
    server = uvicorn.Server(config)
    ended = anyio.Event()

    async def serve() -> None:
        await server.serve([door])
        ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        try:
            await until(lambda: server.started)
            yield port
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await ended.wait()


@contextmanager
def logging_to_memory() -> Generator[StringIO]:
    """Log all there is to log into a text, and leave logging as it was."""
    log = StringIO()
    root = logging.getLogger()
    before = list(root.handlers), root.level
    logs.configure("DEBUG", log)
    try:
        yield log
    finally:
        structlog.reset_defaults()
        root.handlers[:], level = before
        root.setLevel(level)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must soon be true."""
    with anyio.fail_after(PATIENCE):
        while not holds():  # noqa: ASYNC110 -- what is waited for is seen, not told
            await anyio.sleep(0.005)


async def together(*jobs: Callable[[], Awaitable[T]]) -> list[T]:
    """Run these at the same time and return their results in order."""
    results: dict[int, T] = {}

    async def run(number: int, job: Callable[[], Awaitable[T]]) -> None:
        results[number] = await job()

    async with anyio.create_task_group() as tasks:
        for number, job in enumerate(jobs):
            tasks.start_soon(run, number, job)
    return [results[number] for number in range(len(jobs))]
