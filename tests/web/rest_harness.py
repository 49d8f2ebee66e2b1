"""The whole site over a desk in memory, with real tokens: in this process, or on a real port."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import jsonschema
import uvicorn

from helpdesk_mcp.app import App, opened, tokens
from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.settings import Settings, load
from helpdesk_mcp.web.problems import problem_schema

PORT = 8001
VPN = {"subject": "VPN down", "queue": "it", "requester": "eva@example.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A site and a client with a token. `app` is there to look behind it."""

    app: App
    http: httpx2.AsyncClient

    async def ticket(self, **more: Any) -> str:
        """Create a ticket and return its id."""
        answer = await self.http.post("/tickets", json={**VPN, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["ticket_id"]

    async def recorded(self, outcome: str) -> AuditEvent:
        """Return the newest event with this outcome; events are stored within a second."""
        query = AuditQuery(outcome=outcome, limit=1)
        with anyio.fail_after(10):
            while True:
                async for event in self.app.trail.search(query):
                    return event
                await anyio.sleep(0.01)


@asynccontextmanager
async def rest(
    *, scopes: frozenset[Scope] = EVERY_SCOPE, desk: Desk | None = None, **options: Any
) -> AsyncGenerator[Rest]:
    async with opened(_settings(**options), desk or MemoryDesk()) as app:
        transport = httpx2.ASGITransport(app.site(PORT))
        headers = {"Authorization": f"Bearer {await _token(app, scopes)}"}
        base = f"http://127.0.0.1:{PORT}"
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as http:
            yield Rest(app=app, http=http)


@contextmanager
def serving(
    desk: Desk | None,
    scopes: frozenset[Scope] = EVERY_SCOPE,
    desks: Sequence[Configured] = (),
    **options: Any,
) -> Generator[tuple[str, str]]:
    """Serve the site by uvicorn in a thread of its own; yield its address and a token."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ready = threading.Event()
        secret: list[str] = []
        stop: list[uvicorn.Server] = []

        async def serve() -> None:
            try:
                await opened_and_served()
            finally:
                ready.set()

        async def opened_and_served() -> None:
            async with opened(_settings(**options), desk, desks) as app:
                secret.append(await _token(app, scopes))
                config = uvicorn.Config(app.site(port), log_config=None, lifespan="on")
                stop.append(uvicorn.Server(config))
                ready.set()
                await stop[0].serve(sockets=[listener])

        thread = threading.Thread(target=asyncio.run, args=(serve(),))
        thread.start()
        try:
            assert ready.wait(timeout=30)
            assert stop, "The server did not start."
            yield f"http://127.0.0.1:{port}", secret[0]
        finally:
            for server in stop:
                server.should_exit = True
            thread.join(timeout=30)


def _settings(**options: Any) -> Settings:
    often = {"reads_per_minute": 10_000_000, "writes_per_minute": 10_000_000}
    return load(None, **{"database_url": "sqlite+aiosqlite://", **often, **options})


async def _token(app: App, scopes: frozenset[Scope]) -> str:
    _, secret = await tokens(app.database).create(
        name="test", subject="ana", client="tests", scopes=scopes, expires_at=None
    )
    return secret


def refused(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Return the problem document, checked against what we document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    jsonschema.validate(document, problem_schema())
    assert document["status"] == status
    return document
