"""The guard before the MCP SDK: which messages have one meaning, and what the others are told."""

import json

import mcp_types
import pytest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from tests.web.harness import HOST, Echo, Reply, chunks, exchange, replied, request

from helpdesk_mcp.web.jsonrpc import (
    HANDSHAKE_VERSIONS,
    HEADER_MISMATCH,
    MESSAGE_KEY,
    VERSION_META_KEY,
    JsonRpcGuard,
)
from helpdesk_mcp.web.strict_json import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR

MODERN = "2026-07-28"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


async def posted(
    document: object, version: str | None = None, **headers: str
) -> tuple[Reply, Echo]:
    """Post this document (bytes as they are) through a guard that has an echo behind it."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    named = {"content-type": "application/json"} | headers
    if version is not None:
        named["mcp-protocol-version"] = version
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    echo = Echo()
    scope = request(headers=[*HOST, *lines])
    return await replied(JsonRpcGuard(echo), scope, chunks(body)), echo


def error(reply: Reply) -> tuple[int, object]:
    """Return the error's code and the id, of an answer that is a JSON-RPC error in a 400."""
    assert reply.status == 400
    assert reply.header(b"content-type") == b"application/json"
    document = json.loads(reply.body)
    assert document["jsonrpc"] == "2.0"
    return document["error"]["code"], document["id"]


def modern(version: object = MODERN) -> dict[str, object]:
    return {**PING, "params": {"_meta": {VERSION_META_KEY: version}}}


def test_our_constants_are_the_sdks() -> None:
    assert frozenset(HANDSHAKE_PROTOCOL_VERSIONS) == HANDSHAKE_VERSIONS
    assert mcp_types.PROTOCOL_VERSION_META_KEY == VERSION_META_KEY
    assert mcp_types.HEADER_MISMATCH == HEADER_MISMATCH


async def test_a_good_message_passes_unchanged_and_is_left_in_the_scope() -> None:
    reply, echo = await posted(PING)
    assert reply.body == json.dumps(PING).encode()
    assert echo.scopes[0][MESSAGE_KEY] == PING


async def test_a_body_in_pieces_arrives_whole() -> None:
    echo = Echo()
    scope = request(headers=[*HOST, (b"content-type", b"application/json")])
    body = json.dumps(PING).encode()
    await replied(JsonRpcGuard(echo), scope, chunks(body[:5], b"", body[5:]))
    assert echo.bodies == [body]


async def test_the_application_still_sees_the_client_leave() -> None:
    echo = Echo(wait_for_disconnect=True)
    scope = request(headers=[*HOST, (b"content-type", b"application/json")])
    await exchange(JsonRpcGuard(echo), scope, chunks(json.dumps(PING).encode()))
    assert echo.after == ["http.disconnect"]


async def test_a_client_that_leaves_early_reaches_nothing() -> None:
    echo = Echo()
    scope = request(headers=[*HOST, (b"content-type", b"application/json")])
    assert await exchange(JsonRpcGuard(echo), scope, chunks(b"{", b"")[:1]) is None
    assert echo.scopes == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_other_methods_are_not_the_guards_matter(method: str) -> None:
    assert (await replied(JsonRpcGuard(Echo()), request(method))).status == 200


async def test_a_body_over_the_limit_is_refused() -> None:
    scope = request(headers=[*HOST, (b"content-type", b"application/json")])
    guard = JsonRpcGuard(Echo(), max_bytes=10)
    assert (await replied(guard, scope, chunks(b"x" * 11))).status == 413


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json ; charset="UTF-8"',
    ],
)
async def test_m08_json_in_utf8_is_taken(value: str) -> None:
    reply, _ = await posted(PING, content_type=value)
    assert reply.status == 200


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text/plain",
        "application/jsonx",
        "application/json-rpc",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; a=b",
        "application/json, text/plain",
    ],
)
async def test_m08_any_other_content_type_is_refused(value: str) -> None:
    reply, echo = await posted(PING, content_type=value)
    assert (reply.status, echo.scopes) == (415, [])


async def test_m08_a_missing_content_type_is_refused() -> None:
    assert (await replied(JsonRpcGuard(Echo()), request())).status == 415


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"', PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}', PARSE_ERROR),
        (b"[" * 65, INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}', INVALID_REQUEST),
    ],
)
async def test_m12_m13_m14_bad_json_is_answered_without_an_id(body: bytes, code: int) -> None:
    reply, echo = await posted(body)
    assert error(reply) == (code, None)
    assert echo.scopes == []


async def test_m14_a_byte_order_mark_is_taken_off_for_those_behind() -> None:
    reply, echo = await posted(b"\xef\xbb\xbf" + json.dumps(PING).encode())
    assert reply.status == 200
    assert echo.bodies == [json.dumps(PING).encode()]


@pytest.mark.parametrize("text", ["\0", "\ud800"])
async def test_m14_a_text_that_cannot_be_stored_is_invalid_params(text: str) -> None:
    reply, _ = await posted({**PING, "id": "a", "params": {"x": [text]}})
    assert error(reply) == (INVALID_PARAMS, "a")


@pytest.mark.parametrize("text", ["\0", "\ud800"])
async def test_m14_an_id_that_cannot_be_stored_is_not_repeated(text: str) -> None:
    reply, _ = await posted({**PING, "id": text})
    assert error(reply) == (INVALID_PARAMS, None)


@pytest.mark.parametrize("document", [[], [PING], [PING, PING], "x", None, 1, True])
@pytest.mark.parametrize("version", [None, "2025-03-26", MODERN])
async def test_m15_batches_and_other_values_are_refused(
    document: object, version: str | None
) -> None:
    reply, _ = await posted(document, version)
    assert error(reply) == (INVALID_REQUEST, None)


@pytest.mark.parametrize("answer", [{"result": {}}, {"error": {"code": 1, "message": "no"}}])
@pytest.mark.parametrize("version", [None, "2025-11-25", MODERN])
async def test_m15_a_response_without_a_session_is_refused(
    answer: dict[str, object], version: str | None
) -> None:
    reply, _ = await posted({"jsonrpc": "2.0", "id": 5, **answer}, version)
    assert error(reply) == (INVALID_REQUEST, 5)


async def test_m15_a_response_within_a_handshake_session_passes() -> None:
    response = b'{"jsonrpc":"2.0","id":5,"result":{}}'
    reply, _ = await posted(response, "2025-11-25", mcp_session_id="abc")
    assert reply.status == 200
    reply, _ = await posted(response, MODERN, mcp_session_id="abc")
    assert error(reply) == (INVALID_REQUEST, 5)


async def test_m15_a_response_within_an_sse_session_passes() -> None:
    scope = request(
        query=b"session_id=abc", headers=[*HOST, (b"content-type", b"application/json")]
    )
    body = b'{"jsonrpc":"2.0","id":5,"result":{}}'
    assert (await replied(JsonRpcGuard(Echo()), scope, chunks(body))).status == 200


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1, "result": {}, "method": "ping"},
        {"id": 1, "result": {}, "error": {}},
        {"result": {}},
    ],
)
async def test_m15_what_could_be_two_things_is_refused(message: dict[str, object]) -> None:
    reply, _ = await posted({"jsonrpc": "2.0", **message}, mcp_session_id="abc")
    assert error(reply)[0] == INVALID_REQUEST


@pytest.mark.parametrize(
    "request_id", [None, 1.5, 1.0, True, {}, [], "x" * 257, "x" * 1_000_000, 2**53 + 1, -(2**60)]
)
async def test_m16_an_id_that_is_no_id_is_refused_and_not_repeated(request_id: object) -> None:
    reply, _ = await posted({**PING, "id": request_id})
    assert error(reply) == (INVALID_REQUEST, None)


@pytest.mark.parametrize("request_id", [0, -1, 2**53, "", "x" * 256, "é"])
async def test_m16_a_text_or_exact_whole_number_is_an_id(request_id: object) -> None:
    reply, _ = await posted({**PING, "id": request_id})
    assert reply.status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"jsonrpc": "1.0"},
        {"jsonrpc": None},
        {"jsonrpc": 2.0},
        {"method": 1},
        {"method": None},
        {"method": ["ping"]},
        {"params": []},
        {"params": "x"},
        {"params": 0},
    ],
)
async def test_m17_a_malformed_envelope_is_refused_with_its_id(change: dict[str, object]) -> None:
    reply, _ = await posted({**PING, **change})
    assert error(reply) == (INVALID_REQUEST, 1)


async def test_m17_a_missing_member_is_refused() -> None:
    for document in ({"id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": 1}):
        reply, _ = await posted(document)
        assert error(reply) == (INVALID_REQUEST, 1)


async def test_a_notification_and_null_params_pass() -> None:
    for document in (
        {"jsonrpc": "2.0", "method": "notifications/cancelled"},
        PING | {"params": None},
    ):
        reply, _ = await posted(document)
        assert reply.status == 200


@pytest.mark.parametrize("version", [None, "2025-11-25", "2025-03-26", "2099-01-01", ""])
async def test_m21_a_modern_body_whose_header_disagrees_is_refused(version: str | None) -> None:
    reply, echo = await posted(modern(), version)
    assert error(reply) == (HEADER_MISMATCH, 1)
    assert echo.scopes == []


@pytest.mark.parametrize("named", ["2025-11-25", 1, None, {}])
async def test_m21_a_body_that_names_no_modern_version_is_refused(named: object) -> None:
    reply, _ = await posted(modern(named), "2025-11-25")
    assert error(reply) == (HEADER_MISMATCH, 1)


async def test_m21_two_version_headers_are_refused() -> None:
    two = [(b"mcp-protocol-version", b"2025-11-25"), (b"mcp-protocol-version", MODERN.encode())]
    scope = request(headers=[*HOST, (b"content-type", b"application/json"), *two])
    reply = await replied(JsonRpcGuard(Echo()), scope, chunks(json.dumps(modern()).encode()))
    assert error(reply) == (HEADER_MISMATCH, None)


@pytest.mark.parametrize(
    ("document", "version"),
    [
        (modern(), MODERN),
        (modern("2099-01-01"), "2099-01-01"),  # M22: the SDK lists what is supported
        (PING, MODERN),  # M23: the SDK names the missing member
        ({**PING, "params": {"_meta": 1}}, MODERN),
        ({**PING, "params": {"_meta": {"progressToken": 1}}}, "2025-11-25"),
        (PING, None),
    ],
)
async def test_m21_what_the_sdk_answers_well_is_left_to_it(
    document: object, version: str | None
) -> None:
    reply, _ = await posted(document, version)
    assert reply.status == 200
