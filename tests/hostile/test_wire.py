"""M36, M37: bytes that are hardly HTTP, and clients that never finish."""

import re
import time
from contextlib import AsyncExitStack

import anyio
import pytest
from tests.hostile.messages import call, http
from tests.hostile.stack import HEADER_SECONDS, SEED, Case, Stack, together

CREATE = call("create_ticket", SEED)
HALF_OPEN = 300


def create(stack: Stack, *, extra: bytes = b"", start: bytes = b"POST /mcp HTTP/1.1") -> bytes:
    hosts = (f"127.0.0.1:{stack.port}",)
    return http(CREATE, token=stack.token, hosts=hosts, extra=extra, start=start)


def without_length(whole: bytes) -> bytes:
    return re.sub(rb"Content-Length: \d+\r\n", b"", whole)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n", id="a length and chunks"),
        pytest.param(b"Transfer-Encoding: xchunked\r\n", id="an unknown coding"),
        pytest.param(b"Transfer-Encoding : chunked\r\n", id="a blank before the colon"),
        pytest.param(b"Transfer-Encoding: chunked, identity\r\n", id="chunked is not last"),
        pytest.param(b"Content-Length: 3\r\n", id="another length"),
        pytest.param(b"Content-Length: +5\r\n", id="a signed length"),
        pytest.param(b"X-A: a\r\n b\r\n", id="a folded header"),
        pytest.param(b"X-A: a\nX-B: b\r\n", id="a bare line feed"),
        pytest.param(b"X-A: a\0b\r\n", id="NUL in a header"),
        pytest.param(b"X A: a\r\n", id="a blank in a name"),
        pytest.param(b"X-A: " + b"x" * 65_536 + b"\r\n", id="a header of 64 KiB"),
        pytest.param(b"X-A: " + b"x" * 1_048_576 + b"\r\n", id="a header of 1 MiB"),
        pytest.param(b"".join(b"X-%d: 1\r\n" % n for n in range(2_000)), id="2,000 headers"),
    ],
)
async def test_m36_a_request_that_can_be_read_in_two_ways_is_not_run_nor_is_what_follows(
    case: Case, extra: bytes
) -> None:
    first = create(case.stack, extra=extra).replace(b"Connection: close\r\n", b"")
    assert await case.raw(first, create(case.stack)) in {400, 431}
    assert len(case.statuses) == 1


@pytest.mark.parametrize(
    "start",
    [
        b"POST /mcp HTTP/9.9",
        b"POST /mcp HTTP/1.2",
        b"P\0ST /mcp HTTP/1.1",
        b"FOO /mcp HTTP/1.1",
        b"POST /mcp\0 HTTP/1.1",
        b"POST /mcp?\xff HTTP/1.1",
        b"POST /mcp?" + b"x" * 100_000 + b" HTTP/1.1",
        b"POST /" + b"x" * 10_000 + b" HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01",
        b"PRI * HTTP/2.0",
    ],
    ids=lambda start: repr(start[:24]),
)
async def test_m36_a_malformed_request_line_is_refused(case: Case, start: bytes) -> None:
    first = create(case.stack, start=start).replace(b"Connection: close\r\n", b"")
    assert await case.raw(first, create(case.stack)) in {400, 414}
    assert len(case.statuses) == 1


@pytest.mark.parametrize("size", [b"zz", b"-5", b"5 ", b"0x5", b"f" * 20])
async def test_m36_a_chunk_of_no_size_is_refused(case: Case, size: bytes) -> None:
    head, _, body = without_length(create(case.stack)).partition(b"\r\n\r\n")
    head = head.replace(b"Connection: close", b"Transfer-Encoding: chunked")
    chunks = size + b"\r\n" + body + b"\r\n0\r\n\r\n"
    assert await case.raw(head + b"\r\n\r\n" + chunks, create(case.stack)) in {400, 413}
    assert len(case.statuses) == 1


async def test_m36_an_absolute_address_does_not_stand_in_for_the_host(case: Case) -> None:
    start = f"POST http://127.0.0.1:{case.stack.port}/mcp HTTP/1.1".encode()
    whole = http(CREATE, token=case.stack.token, hosts=("evil.test",), start=start)
    assert await case.raw(whole) == 421


async def test_m36_an_upgrade_is_not_followed(case: Case) -> None:
    lines = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    start = b"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % case.stack.port
    key = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    assert await case.raw(start + lines + key) in {400, 401, 403, 405, 426}


async def test_m37_slow_clients_are_let_go_and_others_hardly_notice(case: Case) -> None:
    """All at once: half a header, a header byte by byte, a body that stops, nothing at all."""
    head = create(case.stack).split(b"\r\n\r\n")[0]
    whole = head.replace(b"Connection: close\r\n", b"") + b"\r\n\r\n{"
    silent = b""
    began = time.monotonic()
    usual = await _typical(case)

    async def slowly(sent: bytes) -> tuple[int, float]:
        status = await case.raw(sent)
        return status, time.monotonic() - began

    ends: list[tuple[int, float]] = []
    async with anyio.create_task_group() as tasks:

        async def slow() -> None:
            ends.extend(await together(*(lambda s=s: slowly(s) for s in (head, whole, silent))))

        tasks.start_soon(slow)
        async with AsyncExitStack() as crowd:
            for _ in range(HALF_OPEN):
                wire = await anyio.connect_tcp("127.0.0.1", case.stack.port)
                await crowd.enter_async_context(wire)
                await wire.send(b"POST /mcp HTTP/1.1\r\nHo")
            assert await _typical(case) < max(10 * usual, 0.5)
    (half, half_at), (stalled, stalled_at), (nothing, nothing_at) = ends
    assert half == stalled == nothing == 408
    assert max(half_at, nothing_at) < HEADER_SECONDS + 8
    assert stalled_at < 12


async def _typical(case: Case) -> float:
    """Return the median seconds of a good read."""
    took: list[float] = []
    for _ in range(9):
        before = time.monotonic()
        reply = await case.ask(call("get_queues"))
        took.append(time.monotonic() - before)
        assert reply.status == 200
        case.attempts("get_queues", "ok")
    return sorted(took)[4]
