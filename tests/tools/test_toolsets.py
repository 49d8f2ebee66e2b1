"""A toolset that is switched on is listed as it is; tools behind the small list keep all limits."""

from dataclasses import replace
from typing import Any

import pytest
from tests.desks.tenants import Town, principal
from tests.pipeline.several import Several

from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.tools.catalog import TOOLS, TOOLSETS, catalogue
from helpdesk_mcp.web.tools import tool_for

WRAPPED: dict[str, Any] = {"name": "list_problems", "arguments": {}}


@pytest.mark.parametrize("topic", TOOLSETS)
def test_a_toolset_that_is_switched_on_is_listed_and_nothing_else_of_it_changes(topic: str) -> None:
    for before, after in zip(TOOLS, catalogue([topic]), strict=True):
        assert after == replace(before, listed=before.listed or before.toolset == topic)


def test_a_tool_says_the_same_of_itself_listed_or_not() -> None:
    for before, after in zip(TOOLS, catalogue(["all"]), strict=True):
        assert tool_for(after) == tool_for(before)


def test_everything_can_be_switched_on_at_once() -> None:
    assert all(tool.listed for tool in catalogue(["all"]))
    assert catalogue() == TOOLS


def test_a_toolset_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid, match=r"names what there is not: nonsense\. Valid: tickets, "):
        catalogue(["problems", "nonsense"])


async def test_a_tool_behind_run_tool_takes_from_the_same_share_as_a_listed_one() -> None:
    ask = Several(
        Town(desks={"acme": {"it": WholeMemoryDesk()}}), reads=Rate(burst=3, per_second=0.001)
    )
    await ask("list_tickets")
    await ask("list_problems")
    await ask("run_tool", **WRAPPED)
    assert (await ask.error("run_tool", **WRAPPED)).reason == "rate_limited"
    for tool in ("list_problems", "list_tickets"):
        assert (await ask.error(tool)).reason == "rate_limited"
    bob = principal("acme", subject="bob")
    assert (await ask("run_tool", bob, **WRAPPED))["problems"] == []
