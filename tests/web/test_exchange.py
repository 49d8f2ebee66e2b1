"""One request, one answer: at once as a document, late as a stream, to nobody who has left."""

import anyio
import pytest
from starlette.types import Message

from helpdesk_mcp.web import exchange
from helpdesk_mcp.web.exchange import answered


class Client:
    """The other end of an exchange, which leaves when it is told to."""

    def __init__(self) -> None:
        self.left = anyio.Event()
        self.got: list[Message] = []

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.got.append(message)


async def soon() -> bytes:
    return b'{"done":true}'


async def test_an_answer_that_comes_soon_is_one_document() -> None:
    client = Client()
    await answered(client.receive, client.send, 'a"b', soon())
    start, body = client.got
    assert dict(start["headers"])[b"content-type"] == b"application/json"
    assert body["body"] == b'{"jsonrpc":"2.0","id":"a\\"b","result":{"done":true}}'


async def test_a_late_answer_comes_on_a_stream_that_was_kept_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.01)
    client = Client()

    async def late() -> bytes:
        while len(client.got) < 4:  # noqa: ASYNC110 -- the comments tell that time has passed
            await anyio.sleep(0.005)
        return b"{}"

    await answered(client.receive, client.send, 7, late())
    start, *parts, last = client.got
    assert dict(start["headers"])[b"content-type"] == b"text/event-stream"
    assert {part["body"] for part in parts} == {b": ping\r\n\r\n"}
    assert last["body"] == b'event: message\r\ndata: {"jsonrpc":"2.0","id":7,"result":{}}\r\n\r\n'
    assert not last["more_body"]


async def test_a_client_that_leaves_cancels_the_work_and_gets_nothing() -> None:
    client = Client()
    cancelled = anyio.Event()

    async def endless() -> bytes:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        return b""

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answered, client.receive, client.send, 1, endless())
        await anyio.lowlevel.checkpoint()
        client.left.set()
    assert cancelled.is_set()
    assert client.got == []


async def test_an_error_of_the_work_comes_out_as_it_is() -> None:
    client = Client()

    async def broken() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        await answered(client.receive, client.send, 1, broken())
    assert client.got == []
