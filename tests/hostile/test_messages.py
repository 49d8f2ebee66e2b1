"""M18-M24, M31, M32, M34: methods, headers and names that are not what they say."""

import base64

import pytest
from tests.hostile.messages import (
    META,
    MODERN,
    OLD,
    REVISIONS,
    Document,
    Json,
    call,
    headers_for,
    message,
    meta,
)
from tests.hostile.stack import CANARY, SEED, Case

METHOD, PARAMS, MISMATCH, VERSION = -32601, -32602, -32020, -32022
CREATE = call("create_ticket", SEED)
SURPRISES = (
    "__proto__",
    "constructor",
    "tools/call ",
    "TOOLS/CALL",
    "../tools/call",
    "",
    "x" * 500,
)


@pytest.mark.parametrize("method", [*SURPRISES, "ping", "initialize", "logging/setLevel"])
async def test_m18_an_unknown_method_is_not_found(case: Case, method: str) -> None:
    reply = await case.ask(message(method, id_="the id"))
    assert (reply.status, reply.code) in {(404, METHOD), (400, MISMATCH)}
    assert reply.document["id"] == "the id"


@pytest.mark.parametrize("method", SURPRISES)
async def test_m18_an_unknown_method_is_an_error_on_older_wires(case: Case, method: str) -> None:
    reply = await case.ask(message(method, revision=OLD, id_="the id"), revision=OLD)
    assert (reply.status, reply.code) == (200, METHOD)
    assert reply.document["id"] == "the id"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Mcp-Method": "tools/list"}, id="another method"),
        pytest.param({"Mcp-Method": None}, id="no method"),
        pytest.param({"Mcp-Method": "TOOLS/CALL"}, id="the method in capitals"),
        pytest.param({"Mcp-Name": "get_queues"}, id="another tool"),
        pytest.param({"Mcp-Name": None}, id="no tool"),
        pytest.param({"Mcp-Name": "create_ticket, get_queues"}, id="two tools"),
        pytest.param({"Mcp-Name": "=?base64?!!!?="}, id="bad base64"),
        pytest.param(
            {"Mcp-Name": "=?base64?" + base64.b64encode(b"get_queues").decode() + "?="},
            id="another tool in base64",
        ),
    ],
)
async def test_m19_headers_that_do_not_repeat_the_body_are_refused(
    case: Case, headers: dict[str, str | None]
) -> None:
    reply = await case.ask(CREATE, headers=headers)
    assert (reply.status, reply.code) == (400, MISMATCH)


@pytest.mark.parametrize("twin", ["Mcp-Method", "Mcp-Name", "MCP-Protocol-Version"])
async def test_m19_a_routing_header_twice_is_refused(case: Case, twin: str) -> None:
    lines = [("Authorization", f"Bearer {case.stack.token}"), *headers_for(CREATE).items()]
    lines.append((twin, dict(headers_for(CREATE))[twin]))
    body = case.stack.http.build_request("POST", "/mcp", json=CREATE).content
    reply = await case.send("POST", "/mcp", lines, body)
    assert (reply.status, reply.code) == (400, MISMATCH)


async def test_m20_no_argument_of_ours_travels_in_a_header_and_none_is_taken_from_one(
    case: Case,
) -> None:
    tools = (await case.ask(message("tools/list"))).result["tools"]
    assert "x-mcp-header" not in repr(tools)
    lie = {"Mcp-Param-Ticket-Id": "1", "Mcp-Param-ticket_id": "1"}
    reply = await case.ask(call("get_ticket", {"ticket_id": "987654"}), headers=lie)
    case.attempts("get_ticket", "not_found")
    assert reply.failure["code"] == "not_found"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param("2025-11-25", MODERN, id="an older header"),
        pytest.param(None, MODERN, id="no header"),
        pytest.param("", MODERN, id="an empty header"),
        pytest.param(MODERN, "2025-11-25", id="an older body"),
        pytest.param(MODERN, 20260728, id="a number in the body"),
        pytest.param("2025-11-25", "2025-11-25", id="a member that older bodies do not have"),
    ],
)
async def test_m21_a_version_that_header_and_body_do_not_agree_on_is_refused(
    case: Case, header: str | None, body: Json
) -> None:
    params = {"name": "create_ticket", "arguments": SEED}
    params["_meta"] = meta(**{META + "protocolVersion": body})
    document = message("tools/call", params)
    reply = await case.ask(document, headers={"MCP-Protocol-Version": header})
    assert (reply.status, reply.code) == (400, MISMATCH)


@pytest.mark.parametrize("version", ["2099-01-01", "1.0", "latest", "2026-07-28 "[:-1] + "x"])
async def test_m22_a_version_nobody_knows_is_answered_with_those_we_know(
    case: Case, version: str
) -> None:
    params = {"name": "create_ticket", "arguments": SEED}
    params["_meta"] = meta(**{META + "protocolVersion": version})
    document = message("tools/call", params)
    reply = await case.ask(document, headers={"MCP-Protocol-Version": version})
    assert (reply.status, reply.code) == (400, VERSION)
    assert MODERN in reply.document["error"]["data"]["supported"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        pytest.param(None, {PARAMS}, id="no _meta"),
        pytest.param("x", {PARAMS}, id="a text"),
        pytest.param([], {PARAMS}, id="a list"),
        pytest.param({}, {PARAMS}, id="empty"),
        pytest.param(meta(**{META + "clientCapabilities": []}), {PARAMS}, id="a list of them"),
        pytest.param(meta(**{META + "clientCapabilities": None}), {PARAMS}, id="null"),
        pytest.param(meta(**{META + "clientCapabilities": CANARY}), {PARAMS}, id="a word"),
        pytest.param(meta(**{META + "clientInfo": CANARY}), {PARAMS}, id="a name for a client"),
    ],
)
async def test_m23_a_request_without_its_envelope_is_refused(
    case: Case, given: Json, codes: set[int]
) -> None:
    params: Document = {"name": "create_ticket", "arguments": SEED, "_meta": given}
    if given is None:
        del params["_meta"]
    document = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    reply = await case.ask(document)
    assert reply.status == 400
    assert reply.code in codes


@pytest.mark.parametrize(
    "name",
    [CANARY, "__proto__", "list_tickets ", "LIST_TICKETS", "../list_tickets", "a" * 10_000, "ö"],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m24_an_unknown_tool_is_a_protocol_error(
    case: Case, name: str, revision: str
) -> None:
    reply = await case.ask(call(name, SEED, revision=revision), revision=revision)
    case.attempts("unknown", "not_found")
    assert (reply.status, reply.code) == (400 if revision == MODERN else 200, PARAMS)


@pytest.mark.parametrize("name", [None, 7, {}, ["list_tickets"], True])
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m24_a_tool_whose_name_is_no_text_is_refused(
    case: Case, name: Json, revision: str
) -> None:
    document = message("tools/call", {"name": name, "arguments": SEED}, revision=revision)
    reply = await case.ask(document, revision=revision)
    assert reply.code in {PARAMS, MISMATCH}


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH", "HEAD", "TRACE"])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_m31_other_methods_are_answered_at_once_with_those_allowed(
    case: Case, method: str, accept: str
) -> None:
    lines = [("Authorization", f"Bearer {case.stack.token}"), ("Accept", accept)]
    reply = await case.send(method, "/mcp", [*lines, ("MCP-Protocol-Version", MODERN)])
    assert reply.status == 405
    assert "POST" in (reply.header("allow") or "")


@pytest.mark.parametrize("state", ["", "x", CANARY, "eyJ0b29sIjoiY2xvc2VfdGlja2V0In0", "A" * 9_000])
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/call", {"name": "create_ticket", "arguments": SEED}),
        ("prompts/get", {"name": "triage_queue", "arguments": {"queue": "it"}}),
        ("resources/read", {"uri": "ticket://1"}),
    ],
)
async def test_m32_a_request_state_is_always_forged_since_none_is_ever_given(
    case: Case, method: str, params: Document, state: str
) -> None:
    reply = await case.ask(message(method, {**params, "requestState": state}))
    assert (reply.status, reply.code) == (400, PARAMS)


@pytest.mark.parametrize(
    "method",
    [
        "subscriptions/listen",
        "resources/subscribe",
        "tasks/get",
        "tasks/result",
        "tasks/cancel",
        "sampling/createMessage",
        "elicitation/create",
        "roots/list",
    ],
)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m34_nothing_that_stays_open_or_keeps_state_is_offered(
    case: Case, method: str, revision: str
) -> None:
    params = {"uri": "ticket://1", "taskId": "1", "notifications": {"toolsListChanged": True}}
    reply = await case.ask(message(method, params, revision=revision), revision=revision)
    assert (reply.status, reply.code) == (404 if revision == MODERN else 200, METHOD)
