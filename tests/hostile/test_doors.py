"""M05-M11: addresses, media types and sizes, refused before anything is understood."""

import gzip
import json
from collections.abc import Iterator

import pytest
from tests.hostile.messages import REVISIONS, call, headers_for, http
from tests.hostile.stack import CANARY, SEED, Case

QUEUES = call("get_queues")
CREATE = call("create_ticket", SEED)
MIB = 1_048_576
PATHS = ("/mcp", "/mcp/messages", "/tickets")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "http://127.0.0.1:80.evil.test",
        "http://127.0.0.1.evil.test",
        "http://127.0.0.1:{port}.evil.test",
        "http://127.0.0.1:{port}@evil.test",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://127.0.0.1:{port}/",
        "",
    ],
)
@pytest.mark.parametrize("path", PATHS)
async def test_m05_pages_of_other_origins_may_not_call(case: Case, origin: str, path: str) -> None:
    given = origin.format(port=case.stack.port)
    reply = await case.ask(CREATE, headers={"Origin": given}, path=path)
    assert reply.status == 403
    assert reply.header("access-control-allow-origin") is None


async def test_m05_two_origins_are_a_bad_request(case: Case) -> None:
    own = f"http://127.0.0.1:{case.stack.port}"
    extra = f"Origin: {own}\r\nOrigin: https://evil.test\r\n".encode()
    assert await case.raw(_raw(case, CREATE, extra=extra)) == 400


async def test_m05_a_preflight_for_another_origin_is_refused(case: Case) -> None:
    lines = [("Origin", "https://evil.test"), ("Access-Control-Request-Method", "POST")]
    reply = await case.send("OPTIONS", "/mcp", lines)
    assert reply.status == 403
    assert reply.header("access-control-allow-methods") is None


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        pytest.param(("evil.test",), 421, id="another"),
        pytest.param(("evil.test:{port}",), 421, id="another with our port"),
        pytest.param(("127.0.0.1:{port}@evil.test",), 421, id="ours as a user name"),
        pytest.param(("127.0.0.1:{port}.evil.test",), 421, id="ours as a beginning"),
        pytest.param(("127.0.0.1:1",), 421, id="another port"),
        pytest.param(("127.0.0.1",), 421, id="no port"),
        pytest.param(("127.0.0.1:{port}, evil.test",), 421, id="a list"),
        pytest.param(("0x7f.1:{port}",), 421, id="another spelling"),
        pytest.param(("127.0.0.1:{port}", "evil.test"), 400, id="two"),
        pytest.param(("127.0.0.1:{port}", "127.0.0.1:{port}"), 400, id="ours twice"),
        pytest.param((), 400, id="none"),
        pytest.param(("",), 400, id="empty"),
    ],
)
async def test_m06_a_request_for_another_host_is_misdirected(
    case: Case, hosts: tuple[str, ...], status: int
) -> None:
    assert await case.raw(_raw(case, CREATE, hosts=hosts)) == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_m06_open_pages_guard_their_host_too(case: Case, path: str) -> None:
    start = f"GET {path} HTTP/1.1".encode()
    assert await case.raw(_raw(case, b"", hosts=("evil.test",), start=start)) == 421


async def test_m07_forwarded_headers_change_no_address_of_ours(case: Case) -> None:
    lies = {
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Prefix": "/evil",
        "X-Original-URL": "/evil",
        "Forwarded": "for=6.6.6.6;host=evil.test;proto=https",
    }
    refused = await case.ask(QUEUES, headers={**lies, "Authorization": None})
    metadata = await case.send("GET", "/.well-known/oauth-protected-resource", list(lies.items()))
    made = await case.ask(SEED, headers=dict(lies), path="/tickets")
    case.attempts("create_ticket", "ok")
    case.may_write = True
    assert made.status == 201
    assert (made.header("location") or "").startswith(f"http://127.0.0.1:{case.stack.port}/")
    for reply in (refused, metadata, made):
        assert b"evil" not in reply.body
        assert "evil" not in repr(reply.headers)


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "application/jsonx",
        "application/json-patch+json",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m08_a_body_that_does_not_say_it_is_json_is_not_read(
    case: Case, media_type: str | None, revision: str
) -> None:
    document = call("create_ticket", SEED, revision=revision)
    reply = await case.ask(document, headers={"Content-Type": media_type}, revision=revision)
    assert reply.status == 415


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "x"])
@pytest.mark.parametrize("path", PATHS)
async def test_m09_a_compressed_body_is_never_unpacked(case: Case, coding: str, path: str) -> None:
    body = gzip.compress(json.dumps(CREATE).encode())
    lines = {**headers_for(CREATE), "Content-Encoding": coding}
    lines["Authorization"] = f"Bearer {case.stack.token}"
    assert (await case.send("POST", path, list(lines.items()), body)).status == 415


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "text/html", "x"])
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m10_a_client_takes_both_kinds_of_answer(
    case: Case, accept: str, revision: str
) -> None:
    document = call("create_ticket", SEED, revision=revision)
    reply = await case.ask(document, headers={"Accept": accept}, revision=revision)
    assert reply.status == 406


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [MIB + 1, 5 * MIB])
async def test_m11_a_body_over_the_limit_is_refused_by_its_length(
    case: Case, size: int, path: str
) -> None:
    subject = CANARY + "x" * size
    start = f"POST {path} HTTP/1.1".encode()
    whole = _raw(case, call("create_ticket", {**SEED, "subject": subject}), start=start)
    assert await case.raw(whole) == 413


@pytest.mark.parametrize("path", PATHS)
async def test_m11_a_body_over_the_limit_is_refused_by_its_chunks(case: Case, path: str) -> None:
    start = f"POST {path} HTTP/1.1".encode()
    head, _, body = _raw(case, CREATE, start=start).partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    lines.append(b"Transfer-Encoding: chunked")
    chunks = (b"%x\r\n%b\r\n" % (len(part), part) for part in _padded(body))
    assert await case.raw(b"\r\n".join(lines) + b"\r\n\r\n", *chunks) == 413


async def test_m11_a_large_body_within_the_limit_is_served(case: Case) -> None:
    document = call("create_ticket", {**SEED, "description": "x" * 90_000})
    case.attempts("create_ticket", "ok")
    case.may_write = True
    assert (await case.ask(document)).result["isError"] is False


def _raw(
    case: Case,
    document: object,
    *,
    hosts: tuple[str, ...] = ("127.0.0.1:{port}",),
    extra: bytes = b"",
    start: bytes = b"POST /mcp HTTP/1.1",
) -> bytes:
    named = tuple(host.format(port=case.stack.port) for host in hosts)
    return http(document, token=case.stack.token, hosts=named, extra=extra, start=start)


def _padded(body: bytes) -> Iterator[bytes]:
    yield body
    for _ in range(20):
        yield b" " * 65_536
