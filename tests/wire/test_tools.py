"""Each listed tool on the wire is pinned in a file: a change to it is seen in review.

`ACCEPT=1 pytest tests/wire` writes the files anew.
"""

import json
import os
from pathlib import Path
from typing import Final

import pytest

from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.web.tools import tool_for

PINNED: Final = Path(__file__).parent / "tools"
LISTED = tuple(tool for tool in TOOLS if tool.listed)


@pytest.mark.parametrize("tool", LISTED, ids=lambda tool: tool.name)
def test_a_tool_is_what_its_pinned_definition_says(tool: AnyOperation) -> None:
    definition = tool_for(tool).model_dump(by_alias=True, exclude_none=True, mode="json")
    text = json.dumps(definition, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    pinned = PINNED / f"{tool.name}.json"
    if os.getenv("ACCEPT"):
        pinned.write_text(text, "utf-8")
    assert pinned.read_text("utf-8") == text, "a tool changed: look, then run with ACCEPT=1"


def test_no_definition_is_pinned_of_a_tool_that_is_gone() -> None:
    assert {path.stem for path in PINNED.glob("*.json")} == {tool.name for tool in LISTED}
