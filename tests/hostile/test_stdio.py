"""Bad input on standard input: the server lives on, and standard output carries protocol only."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from tests.hostile.messages import Document, call, message
from tests.hostile.stack import CANARY, PASSWORD

REVISION = "2025-11-25"
HELLO = {
    "protocolVersion": REVISION,
    "capabilities": {},
    "clientInfo": {"name": "hostile", "version": "1"},
}
PING = message("ping", revision=REVISION, id_="ping")
GARBAGE = [
    pytest.param(b"garbage", id="garbage"),
    pytest.param(b"", id="an empty line"),
    pytest.param(b"{", id="half an object"),
    pytest.param(b"[]", id="an empty batch"),
    pytest.param(b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', id="a batch"),
    pytest.param(b"null", id="null"),
    pytest.param(b"NaN", id="NaN"),
    pytest.param(b'"\\ud800"', id="half a surrogate pair"),
    pytest.param(b"\xff\xfe\xfd", id="no UTF-8"),
    pytest.param(b"\0\0\0", id="NUL"),
    pytest.param(b"\x1b[31m\x07", id="terminal codes"),
    pytest.param(b"Content-Length: 10\r\n\r", id="another framing"),
    pytest.param(b"[" * 100_000, id="deep"),
    pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="deep and whole"),
    pytest.param(b'"' + CANARY.encode() + b"x" * 5_000_000 + b'"', id="5 MB"),
    pytest.param(b'{"jsonrpc":"1.0","id":1,"method":"ping"}', id="another JSON-RPC"),
    pytest.param(b'{"jsonrpc":"2.0","id":{},"method":"ping"}', id="an object for an id"),
    pytest.param(b'{"jsonrpc":"2.0","id":null,"method":"ping"}', id="null for an id"),
    pytest.param(b'{"jsonrpc":"2.0","id":1,"method":7}', id="a number for a method"),
    pytest.param(b'{"jsonrpc":"2.0","id":1,"method":"__proto__"}', id="an unknown method"),
    pytest.param(b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}', id="no params"),
    pytest.param(b'{"jsonrpc":"2.0","id":99,"result":{}}', id="a response nobody asked for"),
    pytest.param(b'{"jsonrpc":"2.0","method":"notifications/cancelled"}', id="no request id"),
]
ARGUMENTS = [
    pytest.param('{"ticket_id": "1\\u0000"}', id="NUL"),
    pytest.param('{"ticket_id": {"$ne": 1}}', id="an object"),
    pytest.param('{"ticket_id": NaN}', id="NaN"),
    pytest.param('{"ticket_id": ' + "9" * 4_000 + "}", id="4,000 digits"),
]
DROPPED = [
    pytest.param('{"ticket_id": "\\ud800"}', id="half a surrogate pair"),
    pytest.param('{"ticket_id": "1", "\\udfff": 1}', id="half a pair in a name"),
    pytest.param('{"ticket_id": ' + "[" * 500 + "]" * 500 + "}", id="500 deep"),
]
"""What the SDK does not take for a message: it leaves the line unanswered."""


@dataclass(slots=True, kw_only=True)
class Talk:
    """A running server of the command line, spoken to line by line."""

    process: Process
    lines: BufferedByteReceiveStream
    said: list[bytes]

    async def say(self, line: bytes) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(line + b"\n")

    async def answer_to(self, id_: object) -> Document:
        """Return the answer to this id; every line on the way must be protocol."""
        with anyio.fail_after(20):
            while True:
                line = await self.lines.receive_until(b"\n", 1_000_000)
                self.said.append(line)
                document = json.loads(line)
                assert document["jsonrpc"] == "2.0"
                if document.get("id") == id_:
                    return document

    async def lives(self) -> None:
        await self.say(json.dumps(PING).encode())
        assert (await self.answer_to("ping"))["result"] == {}


@asynccontextmanager
async def talking(folder: Path) -> AsyncGenerator[Talk]:
    environment = {
        "PATH": os.defpath,
        "HELPDESK_BASE_URL": "http://127.0.0.1:9/",
        "HELPDESK_USERNAME": "agent",
        "HELPDESK_PASSWORD": PASSWORD,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'stdio.sqlite3'}",
        "MCP_DEBUG": "1",
    }
    log = folder / "stderr.log"
    with log.open("wb") as errors:
        process = await anyio.open_process(
            [sys.executable, "-m", "helpdesk_mcp", "stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=folder,
        )
        async with process:
            assert process.stdout is not None
            lines = BufferedByteReceiveStream(process.stdout)
            talk = Talk(process=process, lines=lines, said=[])
            try:
                await talk.say(json.dumps(message("initialize", HELLO, revision=REVISION)).encode())
                assert (await talk.answer_to(1))["result"]["protocolVersion"] == REVISION
                await talk.say(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
                yield talk
                await talk.lives()
                assert process.stdin is not None
                await process.stdin.aclose()
                with anyio.fail_after(20):
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
    logged = log.read_bytes()
    for said in (logged, b"".join(talk.said)):
        assert b"Traceback" not in said
        assert PASSWORD.encode() not in said
        assert CANARY.encode() not in said


@pytest.fixture(scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Talk]:
    async with talking(tmp_path_factory.mktemp("stdio")) as it:
        yield it


@pytest.mark.parametrize("line", GARBAGE)
async def test_stdio_a_line_that_is_no_message_does_not_end_the_server(
    talk: Talk, line: bytes
) -> None:
    await talk.say(line)
    await talk.lives()


def asking(arguments: str) -> bytes:
    document = call("get_ticket", "@@", revision=REVISION) | {"id": "odd"}
    return json.dumps(document).replace('"@@"', arguments).encode()


@pytest.mark.parametrize("arguments", ARGUMENTS)
async def test_stdio_arguments_that_are_wrong_are_refused(talk: Talk, arguments: str) -> None:
    await talk.say(asking(arguments))
    answer = await talk.answer_to("odd")
    assert answer["result"]["structuredContent"]["error"]["code"] == "invalid"


@pytest.mark.parametrize("arguments", DROPPED)
async def test_stdio_what_is_no_message_is_not_run(talk: Talk, arguments: str) -> None:
    before = len(talk.said)
    await talk.say(asking(arguments))
    await talk.lives()
    assert [json.loads(line)["id"] for line in talk.said[before:]] == ["ping"]


async def test_stdio_a_desk_that_is_down_is_an_error_of_the_call_only(talk: Talk) -> None:
    await talk.say(json.dumps(call("get_queues", revision=REVISION)).encode())
    answer = await talk.answer_to(1)
    failure = answer["result"]["structuredContent"]["error"]
    assert (failure["code"], failure["reason"]) == ("unavailable", "unreachable")
    assert failure["written"] == "no"
