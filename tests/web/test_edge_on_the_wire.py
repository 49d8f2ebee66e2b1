"""The edge behind a real uvicorn with httptools, spoken to by raw socket.

By itself uvicorn 0.54 with httptools 0.9 lets through: two hosts or none, a header of 1 MiB,
2,000 headers, two transfer codings, an address of 10 kB, bodies without end. The other cases it
refuses; they are here so that a version or another server that does not is noticed.
"""

import contextlib
import logging
import socket
import time
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from tests.web.harness import Echo, spoken, uvicorn_serving

from helpdesk_mcp.web.bodies import BodyLimits
from helpdesk_mcp.web.edge import Edge, EdgeLimits

LIMITS = EdgeLimits(
    body=BodyLimits(max_bytes=100_000, seconds=2, grace_seconds=0.3, min_bytes_per_second=100_000)
)
GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SECOND = b"GET /second HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CLOSE


@dataclass(slots=True, kw_only=True)
class Wire:
    """The edge with an echo behind it, served on a port."""

    port: int
    echo: Echo

    def outcome(self, *parts: bytes) -> tuple[int, list[str]]:
        """Return the first status and the paths of the requests that got behind the edge."""
        self.echo.scopes.clear()
        answer = spoken(self.port, *parts)
        assert answer.startswith(b"HTTP/1.1 ")
        return int(answer[9:12]), [scope["path"] for scope in self.echo.scopes]


@pytest.fixture(scope="module")
def wire() -> Generator[Wire]:
    echo = Echo()
    with uvicorn_serving(Edge(echo, allowed_hosts=["127.0.0.1:*"], limits=LIMITS)) as port:
        yield Wire(port=port, echo=echo)


def test_an_ordinary_request_gets_through(wire: Wire) -> None:
    assert wire.outcome(GET + CLOSE) == (200, ["/"])


def test_the_same_connection_serves_the_next_request(wire: Wire) -> None:
    assert wire.outcome(GET + b"\r\n" + SECOND) == (200, ["/", "/second"])


def test_m06_two_host_headers_are_refused(wire: Wire) -> None:
    assert wire.outcome(GET + b"Host: 127.0.0.1\r\n" + CLOSE) == (400, [])
    assert wire.outcome(GET + b"Host: evil\r\n" + CLOSE) == (400, [])


def test_m06_a_request_without_a_host_is_refused(wire: Wire) -> None:
    assert wire.outcome(b"GET / HTTP/1.1\r\n" + CLOSE) == (400, [])
    assert wire.outcome(b"GET / HTTP/1.0\r\n\r\n") == (400, [])


@pytest.mark.parametrize("host", [b"evil", b"127.0.0.1:80@evil.test", b"127.0.0.1:8080.evil.test"])
def test_m06_a_host_that_is_not_ours_is_misdirected(wire: Wire, host: bytes) -> None:
    assert wire.outcome(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n" + CLOSE) == (421, [])


def test_m02_a_token_in_the_address_is_not_in_the_access_log(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="uvicorn.access"):
        wire.outcome(b"GET /?access_token=s3cret&a=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CLOSE)
    lines = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert [line.partition(" - ")[2] for line in lines] == ['"GET /?a=1 HTTP/1.1" 200']


def test_m11_a_long_body_is_refused_by_its_declared_length(wire: Wire) -> None:
    status, reached = wire.outcome(POST + b"Content-Length: 100001\r\n\r\n", b"x" * 1000)
    assert (status, reached) == (413, [])


def test_m11_a_long_body_in_chunks_is_refused_and_the_connection_closed(wire: Wire) -> None:
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert wire.outcome(head, *[chunk] * 11) == (413, [])


def test_m11_a_body_within_the_limit_arrives_whole(wire: Wire) -> None:
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    head = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert wire.outcome(head, *[chunk] * 10, b"0\r\n\r\n") == (200, ["/"])
    assert wire.echo.bodies[-1] == b"x" * 100_000


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", id="length, chunks"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", id="chunks, length"),
        pytest.param(b"Transfer-Encoding: xchunked\r\n", id="xchunked"),
        pytest.param(b"Transfer-Encoding: chunked, identity\r\n", id="chunked is not last"),
        pytest.param(b"Transfer-Encoding : chunked\r\n", id="a blank before the colon"),
        pytest.param(b"Transfer-Encoding:\x0bchunked\r\n", id="a vertical tab"),
        pytest.param(b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", id="codings"),
        pytest.param(b"Content-Length: 5\r\nContent-Length: 6\r\n", id="two lengths"),
        pytest.param(b"Content-Length: 5\r\nContent-Length: 5\r\n", id="equal lengths"),
        pytest.param(b"Content-Length: 5, 5\r\n", id="a list of lengths"),
        pytest.param(b"Content-Length: +5\r\n", id="a signed length"),
        pytest.param(b"Content-Length: 0x5\r\n", id="a hexadecimal length"),
        pytest.param(b"Content-Length: -1\r\n", id="a negative length"),
        pytest.param(b"Content-Length: \r\n", id="an empty length"),
        pytest.param(b"Content-Length: 99999999999999999999999\r\n", id="an overflowing length"),
        pytest.param(b"X-A: a\r\n b\r\nContent-Length: 5\r\n", id="a folded header"),
        pytest.param(b"X-A: a\nContent-Length: 5\r\n", id="a bare line feed"),
        pytest.param(b"X-A: a\rContent-Length: 5\r\n", id="a bare carriage return"),
        pytest.param(b"X-A: a\0b\r\nContent-Length: 5\r\n", id="NUL in a value"),
        pytest.param(b"X-\0A: a\r\nContent-Length: 5\r\n", id="NUL in a name"),
        pytest.param(b": a\r\nContent-Length: 5\r\n", id="no name"),
    ],
)
def test_m36_a_request_of_two_meanings_is_refused_with_all_that_follows(
    wire: Wire, head: bytes
) -> None:
    body = b"0\r\n\r\n" if b"chunked" in head else b"12345"
    assert wire.outcome(POST + head + b"\r\n" + body + SECOND) == (400, [])


@pytest.mark.parametrize(
    "body", [b"zz\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n"]
)
def test_m36_a_chunk_of_no_size_is_refused(wire: Wire, body: bytes) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert wire.outcome(head + body + SECOND) == (400, [])


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/9.9",
        b"GET / HTTP/1.2",
        b"G\0T / HTTP/1.1",
        b"GET /\0 HTTP/1.1",
        b"GET /?\xff HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"\x16\x03\x01",
        b"PRI * HTTP/2.0",
    ],
)
def test_m36_a_malformed_request_line_is_refused(wire: Wire, line: bytes) -> None:
    assert wire.outcome(line + b"\r\nHost: 127.0.0.1\r\n\r\n" + SECOND) == (400, [])


@pytest.mark.parametrize("size", [65_536, 1_048_576])
def test_m36_a_huge_header_is_refused(wire: Wire, size: int) -> None:
    assert wire.outcome(GET, b"X-A: " + b"x" * size + b"\r\n", b"\r\n", SECOND) == (431, [])


def test_m36_two_thousand_headers_are_refused(wire: Wire) -> None:
    lines = b"".join(b"X-%d: 1\r\n" % number for number in range(2_000))
    assert wire.outcome(GET + lines + b"\r\n" + SECOND) == (431, [])


@pytest.mark.parametrize(("size", "statuses"), [(10_000, {414}), (100_000, {400, 414})])
def test_m36_a_huge_address_is_refused(wire: Wire, size: int, statuses: set[int]) -> None:
    for mark in (b"/", b"/?"):
        line = b"GET " + mark + b"x" * size + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        status, reached = wire.outcome(line + SECOND)
        assert status in statuses
        assert reached == []


def test_m36_an_absolute_address_does_not_stand_in_for_the_host(wire: Wire) -> None:
    line = b"GET http://127.0.0.1/x HTTP/1.1\r\n"
    assert wire.outcome(line + b"Host: evil\r\n" + CLOSE) == (421, [])
    assert wire.outcome(b"GET http://evil/x HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CLOSE) == (
        200,
        ["/x"],
    )


def test_m37_a_body_that_stops_is_refused_and_the_connection_closed(wire: Wire) -> None:
    started = time.monotonic()
    assert wire.outcome(POST + b"Content-Length: 10\r\n\r\nabc") == (408, [])
    assert time.monotonic() - started < 5


def test_m37_a_body_that_trickles_is_refused_while_others_are_served(wire: Wire) -> None:
    with socket.create_connection(("127.0.0.1", wire.port), timeout=0.05) as slow:
        slow.sendall(POST + b"Content-Length: 100000\r\n\r\n")
        assert wire.outcome(GET + CLOSE) == (200, ["/"])
        answer = b""
        for _ in range(100):
            with contextlib.suppress(TimeoutError, ConnectionError):
                slow.sendall(b"x")
                answer += slow.recv(65_536)
            if answer:
                break
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert len(wire.echo.scopes) == 1
