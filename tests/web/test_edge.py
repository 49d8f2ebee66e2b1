"""The edge in memory: headers, bodies and addresses that go no further."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.web.harness import HOST, Echo, asked, chunks, edge, exchange, problem, replied, request

from helpdesk_mcp.web.bodies import BodyLimits
from helpdesk_mcp.web.edge import EdgeLimits

SMALL = EdgeLimits(body=BodyLimits(max_bytes=10))


async def test_m01_two_authorization_headers_are_refused() -> None:
    two = [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")]
    reply = await asked(request(headers=[*HOST, *two]))
    assert reply.status == 400
    assert reply.header(b"www-authenticate") == b'Bearer error="invalid_request"'


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (b"access_token=s3cret", b""),
        (b"a=1&token=s3cret&b=2", b"a=1&b=2"),
        (b"a=1&ACCESS_TOKEN=s3cret", b"a=1"),
        (b"access%5Ftoken=s3cret&%74oken=s3cret", b""),
        (b"token", b""),
        (b"a=1&b=%20token", b"a=1&b=%20token"),
        (b"next_token=x&q=token", b"next_token=x&q=token"),
        (b"session_id=1", b"session_id=1"),
    ],
)
async def test_m02_a_credential_in_the_address_is_dropped(query: bytes, left: bytes) -> None:
    scope = request("GET", query=query)
    assert (await asked(scope)).status == 200
    assert scope["query_string"] == left


async def test_m02_a_query_with_raw_bytes_is_refused() -> None:
    assert (await asked(request("GET", query=b"a=\xff"))).status == 400


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"identity, gzip"])
async def test_m09_an_encoded_body_is_refused(coding: bytes) -> None:
    assert (await asked(request(headers=[*HOST, (b"content-encoding", coding)]))).status == 415


async def test_m09_identity_is_no_encoding() -> None:
    scope = request(headers=[*HOST, (b"content-encoding", b"Identity")])
    assert (await asked(scope, b"x")).body == b"x"


@pytest.mark.parametrize("length", [b"11", b"9" * 20, b"9" * 5_000])
async def test_m11_a_body_declared_too_long_is_refused_unread(length: bytes) -> None:
    scope = request(headers=[*HOST, (b"content-length", length)])
    reply = await asked(scope, b"x" * 11, limits=SMALL)
    assert (reply.status, reply.taken) == (413, 0)
    assert problem(reply)["detail"] == "A body may hold at most 10 bytes."


async def test_m11_a_body_in_chunks_is_refused_where_it_passes_the_limit() -> None:
    scope = request(headers=[*HOST, (b"transfer-encoding", b"chunked")])
    reply = await asked(scope, *[b"x" * 4] * 100, limits=SMALL)
    assert (reply.status, reply.taken) == (413, 3)
    assert (await asked(scope, b"x" * 11, limits=SMALL)).status == 413


async def test_m11_a_body_of_just_the_limit_passes_whole() -> None:
    assert (await asked(request(), b"xxxx", b"", b"xxxxxx", limits=SMALL)).body == b"x" * 10


@pytest.mark.parametrize(
    "lines",
    [
        [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"xchunked")],
        [(b"content-length", b"+1")],
        [(b"content-length", b"1_0")],
        [(b"content-length", b"")],
    ],
)
async def test_m36_a_body_of_ambiguous_length_is_refused(lines: list[tuple[bytes, bytes]]) -> None:
    assert (await asked(request(headers=[*HOST, *lines]), b"x")).status == 400


async def test_m36_too_many_or_too_large_headers_are_refused() -> None:
    many = [(b"x-%d" % number, b"") for number in range(100)]
    assert (await asked(request(headers=[*HOST, *many]))).status == 431
    assert (await asked(request(headers=[*HOST, *many[:99]]))).status == 200
    assert (await asked(request(headers=[*HOST, (b"x-a", b"x" * 32_768)]))).status == 431


async def test_m36_too_long_an_address_is_refused() -> None:
    assert (await asked(request(path="/" + "x" * 8_192))).status == 414
    assert (await asked(request(query=b"x" * 8_193))).status == 414
    assert (await asked(request(path="/" + "x" * 8_191, query=b"x" * 8_192))).status == 200


async def test_the_blanks_round_a_header_value_are_taken_off() -> None:
    scope = request(headers=[(b"host", b"desk.example \t"), (b"mcp-method", b" tools/list\t")])
    assert (await asked(scope)).status == 200
    assert scope["headers"] == [(b"host", b"desk.example"), (b"mcp-method", b"tools/list")]


def test_m37_a_body_must_keep_the_pace() -> None:
    limits = BodyLimits(seconds=30, grace_seconds=5, min_bytes_per_second=1_000)
    assert limits.time_for(0) == 5
    assert limits.time_for(2_000) == 7
    assert limits.time_for(1_000_000) == 30


async def test_m37_a_body_that_does_not_come_is_refused() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    limits = EdgeLimits(body=BodyLimits(grace_seconds=0.01))
    await edge(Echo(), limits)(request(), receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_every_answer_is_hardened() -> None:
    for scope in (request(), request(headers=[])):
        reply = await asked(scope)
        assert reply.header(b"x-content-type-options") == b"nosniff"
        assert reply.header(b"cache-control") == b"no-store"


async def test_an_answer_may_choose_its_own_caching() -> None:
    reply = await replied(edge(Echo(headers=((b"Cache-Control", b"max-age=60"),))), request())
    names = [name.lower() for name, _ in reply.headers]
    assert names.count(b"cache-control") == 1


async def test_a_stream_is_passed_on_piece_by_piece() -> None:
    seen: list[Message] = []
    seen_after_each: list[int] = []

    async def send(message: Message) -> None:
        seen.append(message)

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"a", b"b"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            seen_after_each.append(len(seen))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await edge(stream)(request("GET"), receive, send)
    assert seen_after_each == [2, 3]


async def test_m27_the_application_sees_the_client_leave() -> None:
    for scope in (request("GET"), request("POST")):
        echo = Echo(wait_for_disconnect=True)
        await exchange(edge(echo), scope, chunks(b""))
        assert echo.after == ["http.disconnect"]


async def test_a_client_that_leaves_in_mid_body_reaches_nothing() -> None:
    echo = Echo()
    assert await exchange(edge(echo), request(), chunks(b"x", b"")[:1]) is None
    assert echo.scopes == []


async def test_an_answer_over_http2_names_no_connection() -> None:
    reply = await asked({**request(headers=[]), "http_version": "2"})
    assert (reply.status, reply.header(b"connection")) == (400, None)


async def test_a_websocket_is_turned_away() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await edge(Echo())({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_the_start_and_end_of_the_server_are_not_the_edges_matter() -> None:
    reached: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(scope["type"])

    assert await exchange(edge(app), {"type": "lifespan"}) is None
    assert reached == ["lifespan"]
