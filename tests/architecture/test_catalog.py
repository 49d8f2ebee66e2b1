"""The laws of the catalogue: small, ordered, honest about effects, faithful to documented names."""

import json
import re

import pytest
from tests.tools.asking import Asking

from helpdesk_mcp.domain.operations import AnyOperation, Effect, Holds, input_schema, output_schema
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.web.tools import tool_for

LISTED = tuple(tool for tool in TOOLS if tool.listed)
WRITE_SCOPES = frozenset(scope for scope in EVERY_SCOPE if not scope.endswith(":read"))
REPEATABLE = frozenset(
    {
        *("analyze", "assign", "close", "complete", "delete", "link", "pick", "publish"),
        *("reopen", "restore", "schedule", "set", "trash", "unlink", "update"),
    }
)
"""First words of writes that may say that a second time changes nothing more."""
PATH_WORDS = frozenset({"path", "file", "directory", "folder", "url"})


def of_each(tools: tuple[AnyOperation, ...] = TOOLS) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("tool", tools, ids=lambda tool: tool.name)


def test_the_default_list_has_at_most_eighteen_tools() -> None:
    assert len(LISTED) <= 18


def test_the_default_list_costs_at_most_four_thousand_tokens() -> None:
    sizes = {tool.name: _size(tool) / 4 for tool in LISTED}
    assert sum(sizes.values()) <= 4_000, sizes


async def test_names_are_unique_and_in_a_fixed_order() -> None:
    names = [tool.name for tool in TOOLS]
    assert len(set(names)) == len(names)
    everything = Principal(tenant="acme", subject="a", client="c", scopes=EVERY_SCOPE)
    visible = await Asking().pipeline.visible_to(everything)
    assert [tool.name for tool in visible] == [name for name in names if _is_listed(name)]


@of_each()
def test_a_name_is_one_that_every_client_takes(tool: AnyOperation) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", tool.name)


@of_each()
def test_a_tool_has_a_title_and_says_what_it_does(tool: AnyOperation) -> None:
    assert tool.title
    assert tool.summary.endswith(".")


@of_each()
def test_a_tool_that_writes_needs_a_scope_to_write_and_a_reader_none(tool: AnyOperation) -> None:
    if tool.proxy or tool.own_words:
        assert tool.scopes == frozenset(), "it speaks of tools only"
        return
    assert tool.scopes
    assert bool(tool.scopes & WRITE_SCOPES) == (tool.effect is not Effect.READ)


@of_each()
def test_a_tool_whose_name_reads_only_reads(tool: AnyOperation) -> None:
    reads = tool.name.startswith(("get_", "list_", "search_", "describe_", "diagnose_"))
    assert (tool.effect is Effect.READ) == reads


def test_a_proxy_says_the_worst_of_itself() -> None:
    [proxy] = [tool for tool in TOOLS if tool.proxy]
    assert (proxy.name, proxy.effect, proxy.idempotent) == ("run_tool", Effect.DESTROY, False)


@of_each()
def test_only_reads_and_writes_that_say_so_are_idempotent(tool: AnyOperation) -> None:
    word = tool.name.partition("_")[0]
    assert tool.idempotent or (tool.effect is not Effect.READ and word != "update")
    assert word in REPEATABLE or not tool.idempotent or tool.effect is Effect.READ


@of_each()
def test_no_tool_takes_a_path(tool: AnyOperation) -> None:
    for name in (*tool.arguments.model_fields, *tool.renamed):
        assert not PATH_WORDS & set(name.split("_"))


@of_each()
def test_every_other_name_of_an_argument_leads_to_an_argument(tool: AnyOperation) -> None:
    known = set(tool.arguments.model_fields)
    assert set(tool.renamed.values()) <= known
    assert not set(tool.renamed) & known


@of_each()
def test_what_an_argument_holds_is_said_of_arguments_that_exist(tool: AnyOperation) -> None:
    assert set(tool.holds) <= set(tool.arguments.model_fields)


@of_each()
def test_free_text_is_never_kept_as_it_is(tool: AnyOperation) -> None:
    free = {"subject", "description", "comment", "text", "resolution", "query", "title", "base64"}
    for name in free & set(tool.arguments.model_fields):
        assert tool.holds.get(name, Holds.PLAIN) is not Holds.PLAIN, name


@of_each()
def test_schemas_are_closed_objects_without_noise(tool: AnyOperation) -> None:
    schema = input_schema(tool)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert '"title":"' not in json.dumps(schema["properties"], separators=(",", ":"))
    assert output_schema(tool)["type"] == "object"


@of_each()
def test_all_four_hints_are_explicit_on_the_wire(tool: AnyOperation) -> None:
    hints = tool_for(tool).model_dump(by_alias=True, exclude_none=True)["annotations"]
    assert hints == {
        "readOnlyHint": tool.effect is Effect.READ,
        "destructiveHint": tool.effect is Effect.DESTROY,
        "idempotentHint": tool.idempotent,
        "openWorldHint": True,
    }


def _is_listed(name: str) -> bool:
    return name in {tool.name for tool in LISTED}


def _size(tool: AnyOperation) -> int:
    schema = json.dumps(input_schema(tool), separators=(",", ":"), ensure_ascii=False)
    return len(tool.name + tool.summary + schema)
