"""M26-M28, M33, M35: what happens inside a call stays inside, and ends when its client goes."""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import anyio
import pytest
from tests.hostile.messages import MODERN, OLD, REVISIONS, Json, call, http, message
from tests.hostile.old_stream import OLDEST, old_stream
from tests.hostile.stack import CANARY, SEED, Case, Stack, WatchedDesk, until

from helpdesk_mcp.desks.pool import MOST_AT_ONCE
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.tools.catalog import TOOLS

READ = {"ticket_id": "1"}
FAILURES = [
    pytest.param(RuntimeError(f"{CANARY} in /srv/app.py"), "internal", id="a bug"),
    pytest.param(KeyError(CANARY), "internal", id="a missing key"),
    pytest.param(UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY), "internal", id="a bad text"),
    pytest.param(ExceptionGroup(CANARY, [ValueError(CANARY)]), "internal", id="a group"),
    pytest.param(RecursionError(CANARY), "internal", id="too deep"),
    pytest.param(TimeoutError(CANARY), "unavailable", id="a time-out"),
]


@asynccontextmanager
async def failing(desk: WatchedDesk, failure: Exception) -> AsyncGenerator[None]:
    desk.failure = failure
    try:
        yield
    finally:
        desk.failure = None


@asynccontextmanager
async def held(desk: WatchedDesk) -> AsyncGenerator[anyio.Event]:
    """Make reading a ticket wait for this event."""
    desk.gate, desk.entered, desk.cancelled = anyio.Event(), 0, 0
    try:
        yield desk.gate
    finally:
        desk.gate.set()
        desk.gate = None


@pytest.mark.parametrize(("failure", "outcome"), FAILURES)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_m26_the_text_of_an_unexpected_error_is_seen_nowhere(
    case: Case, desk: WatchedDesk, failure: Exception, outcome: str, revision: str
) -> None:
    async with failing(desk, failure):
        reply = await case.ask(call("get_ticket", READ, revision=revision), revision=revision)
    case.attempts("get_ticket", outcome)
    assert reply.status == 200
    assert reply.failure["code"] == outcome
    if outcome == "internal":
        reference = re.search(r"reference ([0-9a-f]{12})", reply.failure["message"])
        assert reference is not None
        assert reference[1] in case.stack.log.getvalue()


@pytest.mark.parametrize(("failure", "outcome"), FAILURES)
async def test_m26_a_resource_hides_it_too(
    case: Case, desk: WatchedDesk, failure: Exception, outcome: str
) -> None:
    async with failing(desk, failure):
        reply = await case.ask(message("resources/read", {"uri": "ticket://1"}))
    case.attempts("get_ticket", outcome)
    assert reply.code == -32603


@pytest.mark.parametrize(("failure", "outcome"), FAILURES)
async def test_m26_rest_hides_it_too(
    case: Case, desk: WatchedDesk, failure: Exception, outcome: str
) -> None:
    line = ("Authorization", f"Bearer {case.stack.token}")
    async with failing(desk, failure):
        reply = await case.send("GET", "/tickets/1", [line])
    case.attempts("get_ticket", outcome)
    case.statuses.clear()  # a broken dependency: here a 5xx is the right answer
    assert reply.status in {500, 503, 504}
    assert reply.header("content-type") == "application/problem+json"


async def test_m26_our_own_errors_are_told_as_they_are(case: Case, desk: WatchedDesk) -> None:
    async with failing(desk, Unavailable("The help desk rests.", reason="breaker_open")):
        reply = await case.ask(call("get_ticket", READ))
    case.attempts("get_ticket", "unavailable")
    assert (reply.failure["reason"], reply.failure["written"]) == ("breaker_open", "no")


@pytest.mark.parametrize("revision", REVISIONS)
async def test_m27_a_client_that_leaves_ends_its_call(
    case: Case, desk: WatchedDesk, revision: str
) -> None:
    case.attempts("get_ticket", "cancelled")
    async with held(desk):
        with anyio.fail_after(5):
            async with await anyio.connect_tcp("127.0.0.1", case.stack.port) as wire:
                await wire.send(_bytes(case.stack, call("get_ticket", READ, revision=revision)))
                await until(lambda: desk.entered == 1)
        with anyio.fail_after(1):
            await until(lambda: desk.cancelled == 1)
        await _settled(case, 1)


async def test_m27_many_that_leave_hold_no_place(case: Case, desk: WatchedDesk) -> None:
    many = MOST_AT_ONCE
    case.attempts("get_ticket", "cancelled", 3 * many)
    async with held(desk):
        for come in (many, 2 * many, 3 * many):  # those before had filled every place of the desk
            wires = [await anyio.connect_tcp("127.0.0.1", case.stack.port) for _ in range(many)]
            for wire in wires:
                await wire.send(_bytes(case.stack, call("get_ticket", READ)))
            await until(lambda come=come: desk.entered == come)
            for wire in wires:
                await wire.aclose()
            await until(lambda come=come: desk.cancelled == come)
        await _settled(case, 3 * many)


async def test_m27_a_client_of_the_old_stream_that_leaves_ends_its_calls(
    case: Case, desk: WatchedDesk
) -> None:
    case.attempts("get_ticket", "cancelled")
    async with held(desk):
        async with old_stream(case) as stream:
            assert (await stream.post(call("get_ticket", READ, revision=OLDEST))).status == 202
            await until(lambda: desk.entered == 1)
        await until(lambda: desk.cancelled == 1)
        await _settled(case, 1)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_m28_a_cancellation_by_another_connection_has_no_effect(
    case: Case, desk: WatchedDesk, revision: str
) -> None:
    case.attempts("get_ticket", "not_found")
    other = await case.stack.token_for(subject="eve")
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    answered: list[Json] = []
    async with held(desk) as gate, anyio.create_task_group() as tasks:

        async def wait() -> None:
            asked = call("get_ticket", {"ticket_id": "9999999"}, revision=revision)
            answered.append((await case.ask(asked, revision=revision)).failure["code"])

        tasks.start_soon(wait)
        await until(lambda: desk.entered == 1)
        for token in (other, case.stack.token):
            reply = await case.ask(cancel, token=token, revision=revision)
            assert (reply.status, reply.body) == (202, b"")
        assert desk.cancelled == 0
        gate.set()
    assert answered == ["not_found"]


@pytest.mark.parametrize(
    "cursor", ["0", "-1", "99999999999", "o:1", CANARY, "eyJvIjoxfQ==", "' or 1=1"]
)
async def test_m33_a_cursor_holds_nothing_that_could_be_forged(case: Case, cursor: str) -> None:
    for tool in ("list_tickets", "get_users"):
        reply = await case.ask(call(tool, {"cursor": cursor}))
        outcome = "invalid" if reply.result["isError"] else "ok"
        case.attempts(tool, outcome)
        assert outcome == "invalid" or reply.result["structuredContent"]["shown"] == 0
    listed = await case.ask(message("tools/list", {"cursor": cursor}))
    assert (listed.status, listed.code) == (400, -32602)


async def test_m33_a_file_of_another_ticket_is_answered_as_one_that_is_not_there(
    case: Case,
) -> None:
    case.may_write = True
    case.forbidden.clear()  # the names are our own here
    case.attempts("create_ticket", "ok", 2)
    case.attempts("add_attachment", "ok")
    case.attempts("get_attachment", "not_found", 2)
    ids = [
        (await case.ask(call("create_ticket", SEED))).result["structuredContent"]["ticket_id"]
        for _ in range(2)
    ]
    file = {"ticket_id": ids[0], "filename": "a.txt", "text": "hello"}
    receipt = (await case.ask(call("add_attachment", file))).result["structuredContent"]
    wrong = [
        (
            await case.ask(call("get_attachment", {"ticket_id": ids[1], "attachment_id": one}))
        ).failure
        for one in (receipt["attachment_id"], "99999999")
    ]
    assert wrong[0] == wrong[1]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_m35_our_own_schemas_are_bounded_and_fetch_nothing(case: Case, tool: object) -> None:
    operation = next(known for known in TOOLS if known is tool)
    listed = (await case.ask(message("tools/list"))).result["tools"]
    shown = next((one for one in listed if one["name"] == operation.name), None)
    assert (shown is not None) is operation.listed
    for schema in () if shown is None else (shown["inputSchema"], shown["outputSchema"]):
        assert len(json.dumps(schema)) < 20_000
        parts = list(_parts(schema, 0))
        assert max(depth for depth, _ in parts) <= 16
        for _, part in parts:
            assert str(part.get("$ref", "#")).startswith("#")
            assert "allOf" not in part
            assert "$schema" not in part
            if "pattern" in part:
                assert part["maxLength"] <= 200
                assert not re.search(r"[*+}][^)]*\)[*+{]", part["pattern"])  # no nested repeats


def _parts(schema: Json, depth: int) -> Iterator[tuple[int, dict[str, Json]]]:
    if isinstance(schema, dict):
        yield depth, schema  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- any JSON
    if isinstance(schema, dict | list):
        inner: list[Json] = list(schema.values()) if isinstance(schema, dict) else schema  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType] -- any JSON
        for part in inner:
            yield from _parts(part, depth + 1)


def _bytes(stack: Stack, document: Json) -> bytes:
    revision = MODERN if "_meta" in document["params"] else OLD
    whole = http(document, token=stack.token, hosts=(f"127.0.0.1:{stack.port}",))
    if revision == OLD:
        whole = whole.replace(
            f"MCP-Protocol-Version: {MODERN}".encode(), f"MCP-Protocol-Version: {OLD}".encode()
        )
    return whole


async def _settled(case: Case, times: int) -> None:
    """Wait until this many events of calls of ours are stored."""
    await until(lambda: len(case.stack.events(case.mark)) >= times)
