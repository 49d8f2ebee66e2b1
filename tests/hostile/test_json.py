"""M12-M17: bodies that are not one JSON-RPC message with one meaning."""

import json
import time

import pytest
from tests.hostile.messages import OLD, REVISIONS, Json, call, headers_for, message
from tests.hostile.stack import CANARY, SEED, Case

PARSE, REQUEST, PARAMS = -32700, -32600, -32602
PATHS = ("/mcp", "/mcp/messages")


def body_with(text: str, revision: str) -> bytes:
    """Return a call whose subject is this JSON text, quotes and all."""
    document = call("create_ticket", {**SEED, "subject": "@@"}, revision=revision)
    return json.dumps(document).replace('"@@"', text).encode()


async def refused(case: Case, body: bytes, revision: str, path: str = "/mcp") -> int | None:
    """Send it as a well-behaved client's headers would; return the code of the refusal."""
    like = call("create_ticket", SEED, revision=revision)
    reply = await case.ask(
        body, revision=revision, path=path, headers=dict(headers_for(like, revision))
    )
    assert reply.status == 400
    assert reply.header("content-type") == "application/json"
    return reply.code


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("[" * 65 + "]" * 65, id="65 deep"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, id="100,000 objects deep"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="100,000 lists deep"),
        pytest.param("[" * 500_000, id="500,000 openings"),
        pytest.param("{" + ",".join(f'"{n}":1' for n in range(80_000)) + "}", id="80,000 names"),
        pytest.param("[" + "1," * 500_000 + "1]", id="500,000 values"),
        pytest.param('["' + '","' * 300_000 + '"]', id="300,000 texts"),
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m12_deep_or_crowded_bodies_cost_little_and_are_refused(
    case: Case, value: str, revision: str
) -> None:
    began = time.process_time()
    assert await refused(case, body_with(value, revision), revision) in {PARSE, REQUEST}
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"a","method":"tools/list"', id="in the arguments"),
        pytest.param('"a","subject":"b"', id="an argument"),
        pytest.param('{"deep":[{"x":1,"x":1}]}', id="deep"),
        pytest.param('"a","\\u0073ubject":"b"', id="an escaped twin"),
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m13_a_name_twice_in_an_argument_is_refused(
    case: Case, text: str, revision: str
) -> None:
    twin = body_with('"a","queue":"clientes"', revision)
    assert await refused(case, twin, revision) == REQUEST
    if "method" not in text:
        assert await refused(case, body_with(text, revision), revision) == REQUEST


@pytest.mark.parametrize("name", ["jsonrpc", "id", "method", "params", "name", "arguments"])
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m13_a_name_twice_in_the_message_is_refused(
    case: Case, name: str, revision: str
) -> None:
    document = json.dumps(call("create_ticket", SEED, revision=revision))
    value = {"jsonrpc": '"2.0"', "id": "2", "method": '"tools/list"', "name": '"get_queues"'}
    twin = document.replace(f'"{name}":', f'"{name}": {value.get(name, "{}")}, "{name}":', 1)
    assert twin != document
    assert await refused(case, twin.encode(), revision) == REQUEST


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", PARSE, id="empty"),
        pytest.param(b"{", PARSE, id="half"),
        pytest.param(b'{"jsonrpc": "2.0",}', PARSE, id="a comma too many"),
        pytest.param(b"{'jsonrpc': '2.0'}", PARSE, id="single quotes"),
        pytest.param(b'{"jsonrpc":"2.0"} {}', PARSE, id="more behind it"),
        pytest.param(b'{"a": 01}', PARSE, id="a leading zero"),
        pytest.param(b'{"a": 1e999}', PARSE, id="too large a number"),
        pytest.param(b'{"a": "\x01"}', PARSE, id="a control character"),
        pytest.param(b'{"a": "\\x41"}', PARSE, id="an unknown escape"),
        pytest.param(b"// hello\n{}", PARSE, id="a comment"),
        pytest.param(b"<?xml version='1.0'?>", PARSE, id="XML"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbf{}", PARSE, id="two marks"),
        pytest.param("{}".encode("utf-16"), PARSE, id="UTF-16"),
        pytest.param(b'"\xc0\xaf"', PARSE, id="an overlong slash"),
        pytest.param(b'"\xed\xa0\x80"', PARSE, id="an encoded surrogate"),
        pytest.param(b"\0", PARSE, id="NUL"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m14_what_is_not_json_is_refused(
    case: Case, body: bytes, code: int, path: str, revision: str
) -> None:
    assert await refused(case, body, revision, path) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param('"\\ud800"', PARAMS, id="half a surrogate pair"),
        pytest.param('"\\udc00\\ud800"', PARAMS, id="a pair the wrong way round"),
        pytest.param('"a\\u0000b"', PARAMS, id="NUL"),
        pytest.param('"a","\\u0000":1', PARAMS, id="NUL in a name"),
        pytest.param("NaN", PARSE, id="NaN"),
        pytest.param("-Infinity", PARSE, id="Infinity"),
        pytest.param("9" * 5_000, PARSE, id="5,000 digits"),
        pytest.param("1e" + "9" * 5_000, PARSE, id="5,000 digits of exponent"),
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m14_texts_and_numbers_nobody_can_store_are_refused(
    case: Case, text: str, code: int, revision: str
) -> None:
    assert await refused(case, body_with(text, revision), revision) == code


@pytest.mark.parametrize("revision", REVISIONS)
async def test_m14_one_byte_order_mark_is_forgiven(case: Case, revision: str) -> None:
    document = call("get_queues", revision=revision)
    body = b"\xef\xbb\xbf" + json.dumps(document).encode()
    named: dict[str, str | None] = dict(headers_for(document, revision))
    reply = await case.ask(body, revision=revision, headers=named)
    case.attempts("get_queues", "ok")
    assert reply.result["isError"] is False


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([], id="an empty batch"),
        pytest.param([call("create_ticket", SEED, revision=OLD)], id="a batch of one"),
        pytest.param([message("ping", revision=OLD)] * 20, id="a batch of twenty"),
        pytest.param("x", id="a text"),
        pytest.param(1, id="a number"),
        pytest.param(None, id="null"),
        pytest.param({}, id="an empty object"),
        pytest.param({"jsonrpc": "2.0", "id": 1, "result": {}}, id="a response"),
        pytest.param({"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}, id="an error"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m15_what_is_not_one_request_is_refused(
    case: Case, document: Json, path: str, revision: str
) -> None:
    assert await refused(case, json.dumps(document).encode(), revision, path) == REQUEST


@pytest.mark.parametrize(
    "id_",
    [
        pytest.param(None, id="null"),
        pytest.param(1.5, id="a fraction"),
        pytest.param({}, id="an object"),
        pytest.param([1], id="a list"),
        pytest.param(True, id="a truth value"),
        pytest.param(2**53 + 1, id="beyond 2^53"),
        pytest.param("x" * 257, id="257 characters"),
        pytest.param(CANARY + "x" * 1_000_000, id="a megabyte"),
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m16_an_id_no_client_can_match_is_refused(
    case: Case, id_: Json, revision: str
) -> None:
    document = call("create_ticket", SEED, revision=revision) | {"id": id_}
    assert await refused(case, json.dumps(document).encode(), revision) == REQUEST


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        pytest.param({"jsonrpc": "1.0"}, {REQUEST}, id="JSON-RPC 1.0"),
        pytest.param({"jsonrpc": 2.0}, {REQUEST}, id="a number"),
        pytest.param({"jsonrpc": None}, {REQUEST}, id="no version"),
        pytest.param({"method": 7}, {REQUEST}, id="a method of digits"),
        pytest.param({"method": None}, {REQUEST}, id="a method of null"),
        pytest.param({"method": ["tools/call"]}, {REQUEST}, id="a list of methods"),
        pytest.param({"params": []}, {REQUEST, PARAMS}, id="a list of params"),
        pytest.param({"params": "x"}, {REQUEST, PARAMS}, id="a text for params"),
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m17_an_envelope_of_another_shape_is_refused(
    case: Case, change: dict[str, Json], codes: set[int], revision: str
) -> None:
    document = call("create_ticket", SEED, revision=revision) | change
    assert await refused(case, json.dumps(document).encode(), revision) in codes
