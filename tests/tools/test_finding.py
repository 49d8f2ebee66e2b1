"""Any tool is found by its own words, described, and run as if it had been called itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from tests.tools.asking import ANA, Asking

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation, Effect, input_schema
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.pipeline.calls import Call, Record
from helpdesk_mcp.tools.catalog import TOOLS, TOOLSETS
from helpdesk_mcp.tools.examples import example_of
from helpdesk_mcp.tools.finding import MOST_FOUND
from helpdesk_mcp.tools.ranking import ranked

REAL = tuple(tool for tool in TOOLS if not tool.proxy)
of_each = pytest.mark.parametrize("tool", REAL, ids=lambda tool: tool.name)
NOBODY = replace(ANA, scopes=frozenset())
READER = replace(ANA, scopes=frozenset({Scope.TICKETS_READ}))


async def ended(
    ask: Asking, principal: Principal, tool: str, arguments: Mapping[str, Any]
) -> tuple[Record, dict[str, Any]]:
    """Return the record of a call, and its answer or the facts of its refusal."""
    call = Call(principal=principal, operation=tool, arguments=arguments, origin="rest")
    try:
        answer = (await ask.pipeline.run(call)).data
    except HelpdeskError as error:
        answer = error.facts()
    return ask.kept.records[-1], answer


def of_record(record: Record) -> dict[str, Any]:
    return {
        "tool": record.tool,
        "effect": record.effect,
        "arguments": record.arguments,
        "target": record.target,
        "outcome": record.outcome,
        "reason": record.reason,
        "written": record.written,
    }


async def both_ways(
    principal: Principal, tool: AnyOperation, arguments: Mapping[str, Any]
) -> tuple[Record, Record]:
    """Run one call directly and through `run_tool`, each on a fresh desk, and compare the ends."""
    direct, answer = await ended(Asking(), principal, tool.name, arguments)
    wrapped = {"name": tool.name, "arguments": dict(arguments)}
    through, same = await ended(Asking(), principal, "run_tool", wrapped)
    assert of_record(through) == of_record(direct)
    assert set(same) == set(answer)
    assert (direct.call.via, through.call.via) == ("", "run_tool")
    return direct, through


@of_each
async def test_a_tool_runs_through_run_tool_as_it_runs_itself(tool: AnyOperation) -> None:
    await both_ways(ANA, tool, example_of(tool))


@of_each
async def test_a_tool_is_refused_through_run_tool_as_it_is_refused_itself(
    tool: AnyOperation,
) -> None:
    for principal in (NOBODY, READER):
        await both_ways(principal, tool, example_of(tool))
    direct, _ = await both_ways(ANA, tool, {"no_such_argument": "canary-7261"})
    assert direct.reason in {"arguments", "capability"}


@of_each
def test_an_example_of_a_tool_is_one_that_its_schema_accepts(tool: AnyOperation) -> None:
    jsonschema.validate(example_of(tool), input_schema(tool))
    tool.arguments.model_validate(example_of(tool))


@of_each
async def test_a_tool_is_found_by_its_own_words(tool: AnyOperation) -> None:
    if tool.needs not in {*type(Asking().desk).__mro__, *_ON_TOOLS}:
        pytest.skip("the desk in memory does not offer it")
    for words in (tool.name, tool.title, f"{tool.title} {tool.name.replace('_', ' ')}"):
        found = await Asking()("search_tools", query=words)
        assert tool.name in [row["name"] for row in found["tools"]], words
    assert (await Asking()("search_tools", query=tool.name))["tools"][0]["name"] == tool.name


@of_each
async def test_a_description_says_what_the_tool_is(tool: AnyOperation) -> None:
    if tool.needs not in {*type(Asking().desk).__mro__, *_ON_TOOLS}:
        pytest.skip("the desk in memory does not offer it")
    said = await Asking()("describe_tool", name=tool.name)
    assert said["input_schema"] == input_schema(tool)
    assert said["does"] == tool.summary
    assert said["scopes"] == sorted(tool.scopes)
    assert said["hints"]["read_only"] is (tool.effect is Effect.READ)
    assert said["example"] == {"name": tool.name, "arguments": example_of(tool)}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("cerrar una incidencia", "close_ticket"),
        ("crear ticket", "create_ticket"),
        ("Crear una petición nueva", "create_ticket"),
        ("asignar a un técnico", "assign_ticket"),
        ("nota interna", "add_note"),
        ("responder al solicitante", "reply_to_requester"),
        ("buscar en la base de conocimiento", "search_knowledge_base"),
        ("adjuntar un archivo", "add_attachment"),
        ("ver la conversación", "get_conversation"),
        ("colas", "get_queues"),
        ("¿qué permisos tengo?", "list_scopes"),
        ("knowledge article", "search_knowledge_base"),
        ("upload a file", "add_attachment"),
        ("who can tickets be assigned to", "get_users"),
    ],
)
async def test_words_of_either_language_find_the_tool(words: str, name: str) -> None:
    found = await Asking()("search_tools", query=words)
    assert name in [row["name"] for row in found["tools"][:3]]


def test_the_order_of_what_is_found_never_changes() -> None:
    once = [tool.name for tool in ranked(REAL, "ticket", {})]
    assert once == [tool.name for tool in ranked(REAL, "ticket", {})]
    assert ranked(REAL, "xyzzy", {}) == []
    assert ranked((), "ticket", {}) == []


def test_a_tool_is_found_under_another_name_it_has() -> None:
    others = {"get_ticket": ("get_request_details",)}
    assert ranked(REAL, "get_request_details", others)[0].name == "get_ticket"


async def test_a_search_shows_only_what_the_caller_may_run() -> None:
    ask = Asking()
    call = Call(
        principal=READER, operation="search_tools", arguments={"query": "ticket"}, origin="mcp"
    )
    rows = (await ask.pipeline.run(call)).data["tools"]
    assert rows
    assert {row["effect"] for row in rows} == {"read"}


async def test_a_search_without_words_names_the_topics() -> None:
    found = await Asking()("search_tools")
    assert found["tools"] == []
    assert set(found["toolsets"]) <= set(TOOLSETS)
    assert sum(found["toolsets"].values()) == found["total"]


async def test_a_topic_lists_all_its_tools() -> None:
    found = await Asking()("search_tools", toolset="tickets")
    assert "close_ticket" in [row["name"] for row in found["tools"]]
    assert found["shown"] == found["total"] == len(found["tools"])


async def test_a_topic_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(HelpdeskError, match="Valid: tickets, "):
        await Asking()("search_tools", toolset="weather")


async def test_a_search_answers_in_our_own_words_without_a_boundary() -> None:
    answer = await Asking().answer("search_tools", query="ticket")
    assert len(answer.data["tools"]) <= MOST_FOUND
    assert "untrusted" not in answer.text
    assert "close_ticket" in answer.text


async def test_a_search_that_finds_nothing_names_the_topics() -> None:
    found = await Asking()("search_tools", query="xyzzy")
    assert (found["shown"], found["tools"]) == (0, [])
    assert "tickets" in found["toolsets"]


async def test_the_first_thing_found_says_what_it_takes() -> None:
    found = await Asking()("search_tools", query="add_note")
    assert found["tools"][0]["takes"] == "ticket_id, text, time_spent?"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": "no_such_tool"}, "unknown_tool"),
        ({"name": "run_tool", "arguments": {"name": "get_queues"}}, "proxy"),
        ({}, "arguments"),
        ({"name": "get_queues", "arguments": []}, "arguments"),
        ({"name": "get_queues", "arguments": "[1]"}, "arguments"),
        ({"name": "get_queues", "arguments": "{"}, "arguments"),
        ({"name": "get_queues", "more": 1}, "arguments"),
    ],
)
async def test_run_tool_refuses_what_it_cannot_run(arguments: dict[str, Any], reason: str) -> None:
    _, said = await ended(Asking(), ANA, "run_tool", arguments)
    assert said["reason"] == reason


async def test_run_tool_takes_arguments_that_a_model_wrote_as_a_text() -> None:
    wrapped = {"tool_name": "list_tickets", "args": '{"status": "Open"}'}
    record, said = await ended(Asking(), ANA, "run_tool", wrapped)
    assert said["shown"] == 0
    assert (record.tool, record.arguments["status"]) == ("list_tickets", "Open")


async def test_a_tool_that_may_not_run_is_described_as_such() -> None:
    record, said = await ended(Asking(), READER, "describe_tool", {"tool_name": "close_ticket"})
    assert (record.outcome, said["reason"]) == ("denied", "scope")
    _, said = await ended(Asking(), READER, "describe_tool", {"name": "canary-7261"})
    assert said["reason"] == "unknown_tool"


async def test_scopes_are_listed_with_what_others_would_give() -> None:
    _, said = await ended(Asking(), READER, "list_scopes", {})
    assert said["scopes"] == ["tickets:read"]
    assert "close_ticket" in said["missing"]["tickets:write"]
    assert "tickets:read" not in said["missing"]


_ON_TOOLS = {tool.needs for tool in TOOLS if tool.own_words}
