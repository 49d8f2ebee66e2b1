"""A client of the transport of 2024-11-05: answers come on a stream, messages go elsewhere."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
from tests.hostile.messages import Document, Json, Reply
from tests.hostile.stack import Case

OLDEST = "2024-11-05"
PLAIN = {"MCP-Protocol-Version": None, "Mcp-Method": None, "Mcp-Name": None}
HELLO: list[Document] = [
    {
        "jsonrpc": "2.0",
        "id": "hello",
        "method": "initialize",
        "params": {
            "protocolVersion": OLDEST,
            "capabilities": {},
            "clientInfo": {"name": "old", "version": "1"},
        },
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
]


@dataclass(slots=True, kw_only=True)
class OldStream:
    case: Case
    path: str
    token: str
    lines: AsyncIterator[str]

    async def post(self, document: Json, *, token: str | None = None) -> Reply:
        return await self.case.ask(
            document, path=self.path, revision=OLDEST, headers=PLAIN, token=token or self.token
        )

    async def answer(self) -> Document:
        """Return the next message on the stream."""
        with anyio.fail_after(10):
            said = await _data(self.lines)
        self.case.seen.append(said.encode())
        return json.loads(said)


@asynccontextmanager
async def old_stream(case: Case, token: str | None = None) -> AsyncGenerator[OldStream]:
    """Open a stream and shake hands on it."""
    token = token or case.stack.token
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    async with case.stack.http.stream("GET", "/mcp", headers=headers, timeout=30) as response:
        assert response.status_code == 200
        lines = response.aiter_lines()
        stream = OldStream(case=case, path=await _data(lines), token=token, lines=lines)
        for document in HELLO:
            assert (await stream.post(document)).status == 202
        assert (await stream.answer())["result"]["protocolVersion"] == OLDEST
        yield stream


async def _data(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("data: "):
            return line.removeprefix("data: ")
    raise EOFError
