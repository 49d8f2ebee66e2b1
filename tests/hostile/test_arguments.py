"""M25: arguments that are not what a tool's schema asks for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hostile.arguments import ADDRESSES, ODD_IDS, RIGHT, right, wrong
from tests.hostile.messages import OLD, REVISIONS, Document, Json, Reply, call, message
from tests.hostile.old_stream import OLDEST, old_stream
from tests.hostile.stack import CANARY, Case, Stack

from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.tools.catalog import TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}
DIRECT = [tool for tool in TOOLS if not tool.proxy]
"""All but `run_tool` and its like: those become calls of another tool before they are judged."""
EVERY_TOOL = pytest.mark.parametrize("name", [tool.name for tool in DIRECT])
EVERY_CALL = pytest.mark.parametrize(
    ("name", "revision"),
    [
        (tool.name, revision)
        for tool in DIRECT
        for revision in (REVISIONS if tool.listed else REVISIONS[:1])
    ],
)
"""The road of a call is the same for each tool, so that of both revisions is walked by some."""
EVERY_AIM = pytest.mark.parametrize(
    ("name", "revision"),
    [
        (tool.name, revision)
        for tool in TOOLS
        if "ticket_id" in tool.arguments.model_fields
        for revision in (REVISIONS if tool.listed else REVISIONS[:1])
    ],
)
BOTH = pytest.mark.parametrize("revision", REVISIONS)
LISTED = [tool for tool in TOOLS if tool.listed and not tool.proxy]
WRITING = [tool for tool in TOOLS if tool.effect is not Effect.READ]


async def called(case: Case, tool: AnyOperation, arguments: Json, revision: str) -> Reply:
    params: Document = {"name": tool.name, "arguments": arguments}
    asked = message("tools/call", params, revision=revision)
    return await case.ask(asked, revision=revision)


@EVERY_CALL
async def test_m25_an_argument_of_another_type_or_size_is_refused_by_name_and_not_repeated(
    case: Case, name: str, revision: str
) -> None:
    tool = BY_NAME[name]
    for argument, value in wrong(tool):
        reply = await called(case, tool, {**right(tool), argument: value}, revision)
        case.attempts(name, "invalid")
        assert reply.status == 200
        assert reply.failure["code"] == "invalid", (argument, value)
        assert argument in reply.failure["message"], (argument, value)


@EVERY_CALL
async def test_m25_missing_and_unknown_arguments_are_refused(
    case: Case, name: str, revision: str
) -> None:
    tool = BY_NAME[name]
    extra: list[Document] = [
        {CANARY.lower(): 1},
        {"__class__": "x"},
        {"tenant": "acme"},
        {"path": "/etc/passwd"},
    ]
    case.forbidden.add("/etc/passwd")
    for more in extra:
        reply = await called(case, tool, {**right(tool), **more}, revision)
        assert reply.failure["code"] == "invalid"
        case.attempts(name, "invalid")
    for needed in right(tool):
        left = {key: value for key, value in right(tool).items() if key != needed}
        reply = await called(case, tool, left, revision)
        assert reply.failure["code"] == "invalid"
        case.attempts(name, "invalid")


@BOTH
async def test_m25_arguments_that_are_no_object_are_refused(case: Case, revision: str) -> None:
    for tool in TOOLS:
        for arguments in ([], [1], CANARY, 7, True):
            reply = await called(case, tool, arguments, revision)
            assert reply.code == -32602


@EVERY_AIM
async def test_m25_an_id_of_another_kind_reaches_no_ticket(
    case: Case, name: str, revision: str
) -> None:
    tool = BY_NAME[name]
    for odd in ODD_IDS:
        reply = await called(case, tool, {**right(tool), "ticket_id": odd}, revision)
        assert reply.failure["code"] == "invalid", odd
        case.attempts(name, "invalid")


@EVERY_AIM
async def test_m25_an_id_that_no_ticket_has_is_not_found(
    case: Case, name: str, revision: str
) -> None:
    tool = BY_NAME[name]
    for unknown in ("987654321", 987654321, "0", "IT-987654321", "9" * 40, "-1", "abc"):
        reply = await called(case, tool, {**right(tool), "ticket_id": unknown}, revision)
        assert reply.failure["code"] == "not_found", unknown
        case.attempts(name, "not_found")


@BOTH
async def test_m25_an_argument_under_two_of_its_names_is_refused(case: Case, revision: str) -> None:
    for tool in DIRECT:
        for other, ours in tool.renamed.items():
            both = {**right(tool), ours: RIGHT.get(ours, "1"), other: RIGHT.get(ours, "1")}
            reply = await called(case, tool, both, revision)
            assert reply.failure["code"] == "invalid"
            case.attempts(tool.name, "invalid")


@BOTH
async def test_m25_an_address_of_no_resource_is_refused(case: Case, revision: str) -> None:
    for uri, event in ADDRESSES:
        asked = message("resources/read", {"uri": uri}, revision=revision)
        reply = await case.ask(asked, revision=revision)
        assert reply.code in {-32602, -32020}, uri
        if event is not None:
            case.attempts(*event)


@pytest.mark.parametrize("value", [7, None, [CANARY], {"a": CANARY}])
@BOTH
async def test_m25_prompts_and_completions_refuse_what_is_no_text(
    case: Case, value: Json, revision: str
) -> None:
    asked: list[tuple[str, Document]] = [
        ("prompts/get", {"name": "triage_queue", "arguments": {"queue": value}}),
        ("prompts/get", {"name": value, "arguments": {}}),
        (
            "completion/complete",
            {
                "ref": {"type": "ref/prompt", "name": "triage_queue"},
                "argument": {"name": "queue", "value": value},
            },
        ),
        ("completion/complete", {"ref": value, "argument": {"name": "queue", "value": "a"}}),
        ("resources/read", {"uri": value}),
        ("resources/list", {"cursor": value if value is not None else CANARY}),
    ]
    for method, params in asked:
        reply = await case.ask(message(method, params, revision=revision), revision=revision)
        assert reply.code in {-32602, -32020}, (method, params)


async def test_m25_the_old_stream_refuses_wrong_arguments_too(case: Case) -> None:
    async with old_stream(case) as stream:
        for tool in LISTED:  # the others were judged above: this is about the stream
            for argument, value in wrong(tool):
                bad = {**right(tool), argument: value}
                posted = await stream.post(call(tool.name, bad, revision=OLDEST))
                assert posted.status == 202
                answer = await stream.answer()
                assert answer["result"]["structuredContent"]["error"]["code"] == "invalid"
                case.attempts(tool.name, "invalid")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
    | st.sampled_from(["1", "me", "none", "Open", "it", "2026-01-01", "High", "é\u202e<script>"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@EVERY_TOOL
@given(data=st.data())
async def test_m25_no_arguments_whatever_make_a_tool_break(
    stack: Stack, name: str, data: st.DataObject
) -> None:
    tool = BY_NAME[name]
    names = st.sampled_from([*tool.arguments.model_fields, *tool.renamed, "other"])
    for _ in range(10):
        arguments = data.draw(st.dictionaries(names, JSON, max_size=4))
        if any(_unstorable(value) for value in arguments.values()):
            continue
        mixed = {**right(tool), **arguments} if data.draw(st.booleans()) else arguments
        reply = await stack.ask(call(name, mixed, revision=OLD), revision=OLD)
        assert reply.status == 200
        if reply.result["isError"]:
            expected = {"invalid", "not_found", "conflict"}
            if name in {"set_agent_intent", "finish_agent_session"}:  # no desk has sessions yet
                expected.add("denied")
            assert reply.failure["code"] in expected


def _unstorable(value: Json) -> bool:
    text = repr(value)
    return "\\x00" in text or "\\ud" in text
