"""Every id that a tool of the catalogue takes may name its desk: generated from the schemas."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.desks.tenants import Town
from tests.pipeline.several import Several

from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation, Effect, input_schema
from helpdesk_mcp.pipeline.aiming import is_id
from helpdesk_mcp.tools.catalog import TOOLS

Given = dict[str, Any]
Write = Callable[[str], str]
SCHEMAS = {tool.name: input_schema(tool) for tool in TOOLS}
ANYTHING = ("title", "subject", "name", "description", "symptoms")
"""What is changed where something must be."""
NESTED: dict[str, Callable[[Write], Given]] = {
    "bulk_update_tickets": lambda of: {"updates": [{"ticket_id": of("7"), "priority": "High"}]},
    "bulk_close_tickets": lambda of: {"closings": [{"ticket_id": of("7"), "resolution": "x"}]},
    "bulk_assign_assets": lambda of: {"assignments": [{"asset_id": of("7"), "user": "me"}]},
    "search_tickets_advanced": lambda of: {
        "where": [{"field": "id", "operator": "is", "value": of("7")}]
    },
}
"""Ids that no schema shows as such: they stand inside an item or a condition."""
BESIDE: dict[str, Given] = {
    "add_attachment": {"text": "x"},
    "bulk_update_tickets": {"change": {"priority": "High"}},
    "bulk_close_tickets": {"resolution": "x"},
    "schedule_change": {"start": "2030-01-01T08:00:00Z", "end": "2030-01-02T08:00:00Z"},
    "bulk_create_project_tasks": {"tasks": [{"title": "Boxes"}]},
}
"""What makes sense only together with an id."""


class NotedDesk(WholeMemoryDesk):
    """A desk that knows whether a tool did anything with it."""

    def __init__(self) -> None:
        super().__init__()
        self.worked = False

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name not in {"capabilities", "lacking", "worked"}:
            self.worked = True
        return super().__getattribute__(name)


def sample(schema: Given) -> Any:
    """Return a small value of a schema."""
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "array", "items": items}:
            return [sample(items)]
        case _:
            return "2"


def ids_of(tool: AnyOperation) -> Iterator[str]:
    return (name for name in SCHEMAS[tool.name]["properties"] if takes_id(tool, name))


def takes_id(tool: AnyOperation, name: str) -> bool:
    return is_id(name) and (tool.name, name) != ("bulk_create_tickets", "tickets")


def written(tool: AnyOperation, name: str, of: Write) -> Given:
    """Return arguments for a tool in which one id is written in this way, the others plain."""
    schema = SCHEMAS[tool.name]
    known, wanted = schema["properties"], [*schema.get("required", ())]
    wanted += [part for part in ANYTHING if part in known and tool.idempotent][:1]
    whole = {part: sample(known[part]) for part in wanted}
    value = [of("7")] if known[name]["type"] == "array" else of("7")
    return {**whole, **BESIDE.get(tool.name, {}), name: value}


CASES: list[tuple[AnyOperation, Callable[[Write], Given]]] = [
    *(
        (tool, lambda of, tool=tool, name=name: written(tool, name, of))
        for tool in TOOLS
        for name in ids_of(tool)
    ),
    *((tool, NESTED[tool.name]) for tool in TOOLS if tool.name in NESTED),
]


def town(*names: str) -> Several:
    desks: dict[str, Desk] = {name: NotedDesk() for name in names}
    return Several(Town(desks={"acme": desks}))


def asked(ask: Several) -> list[str]:
    """Return the desks that tools did anything with since the last look."""
    worked: list[str] = []
    for name, desk in ask.town.desks["acme"].items():
        if isinstance(desk, NotedDesk) and desk.worked:
            worked.append(name)
            desk.worked = False
    return worked


async def outcome(ask: Several, tool: AnyOperation, given: Given) -> tuple[set[str], str]:
    """Return why a call was refused, whole or by item, and the texts that said so."""
    try:
        answer = (await ask.answer(tool.name, **given)).data
    except HelpdeskError as error:
        return {error.reason}, error.message
    errors = [item["error"] for item in answer.get("items", ()) if "error" in item]
    return {error["reason"] for error in errors}, str([error["message"] for error in errors])


async def test_an_id_leads_to_the_desk_that_it_names(subtests: pytest.Subtests) -> None:
    ask = town("it", "hr")
    for tool, given in CASES:
        with subtests.test(tool.name):
            by_id = await outcome(ask, tool, given(lambda number: f"hr:{number}"))
            assert asked(ask) == ["hr"]
            assert by_id == await outcome(ask, tool, {**given(str), "desk": "hr"})
            assert asked(ask) == ["hr"]
            assert by_id[0] <= {"not_found", "criteria"}


async def test_an_id_without_a_desk_is_read_at_the_default_desk_and_written_nowhere(
    subtests: pytest.Subtests,
) -> None:
    ask = town("it", "hr")
    for tool, given in CASES:
        with subtests.test(tool.name):
            reasons, said = await outcome(ask, tool, given(str))
            if tool.effect is Effect.READ:
                spread = tool.name == "search_tickets_advanced"
                assert asked(ask) == (["it", "hr"] if spread else ["it"])
            else:
                assert reasons == {"ambiguous_desk"}
                assert "`it:17`" in said
                assert asked(ask) == []


async def test_an_id_of_a_desk_that_is_not_ones_own_is_refused_and_names_those_that_are(
    subtests: pytest.Subtests,
) -> None:
    towns = ((town("it", "hr"), "Yours: it, hr."), (town("it"), "Yours: it."))
    for tool, given in CASES:
        for ask, yours in towns:
            with subtests.test(tool.name):
                reasons, said = await outcome(ask, tool, given(lambda number: f"nowhere:{number}"))
                assert reasons == {"unknown_desk"}
                assert yours in said
                assert asked(ask) == []


async def test_with_one_desk_an_id_may_name_it(subtests: pytest.Subtests) -> None:
    ask = town("it")
    for tool, given in CASES:
        with subtests.test(tool.name):
            by_id = await outcome(ask, tool, given(lambda number: f"IT:{number}"))
            assert asked(ask) == ["it"]
            assert by_id == await outcome(ask, tool, given(str))
            assert asked(ask) == ["it"]


def test_no_tool_that_takes_an_id_is_left_out() -> None:
    taking = {tool.name for tool in TOOLS if any(map(is_id, SCHEMAS[tool.name]["properties"]))}
    assert taking - {tool.name for tool, _ in CASES} == {"bulk_create_tickets"}
    assert len(CASES) >= 90
