"""Tools that find, describe and run any other tool, so that the list of tools stays small."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound
from helpdesk_mcp.domain.operations import (
    AnyOperation,
    Effect,
    Holds,
    operation,
    output_schema,
)
from helpdesk_mcp.domain.pages import Listing
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.examples import example_of
from helpdesk_mcp.tools.params import Word
from helpdesk_mcp.tools.ranking import ranked

MOST_FOUND = 10
ASK_MORE = "describe_tool says how a tool is called, run_tool runs it."


def _as_object(value: Any) -> Any:
    """Accept arguments that a model wrote as JSON in a text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


ToolName = Annotated[str, Field(min_length=1, max_length=64)]
ToolArguments = Annotated[dict[str, Any], BeforeValidator(_as_object)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTool:
    """`takes` names its arguments; those with `?` can be left out."""

    name: str
    does: str
    takes: str
    effect: str
    scopes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTools(Listing):
    tools: tuple[FoundTool, ...]
    toolsets: dict[str, int] | None = None
    how: str = ASK_MORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    name: str
    title: str
    does: str
    toolset: str
    effect: str
    scopes: tuple[str, ...]
    scopes_if: dict[str, str]
    hints: dict[str, bool]
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    also_accepts: dict[str, str]
    example: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`missing` names the tools that each scope would give besides."""

    scopes: tuple[str, ...]
    tools: int
    missing: dict[str, tuple[str, ...]]


@operation((), Effect.READ, title="Find a tool", holds={"query": Holds.PROSE}, own_words=True)
async def search_tools(
    toolbox: Toolbox,
    query: Annotated[str, Field(max_length=200, description="What to do, in any words")] = "",
    toolset: Annotated[Word, Field(description="Only this topic")] | None = None,
) -> FoundTools:
    """Find more tools than are listed: bulk changes, statistics, tasks, assets and others.

    Without arguments: the topics. run_tool runs what is found.
    """
    every = [tool for tool in await toolbox.tools() if not tool.proxy]
    topics = Counter(tool.toolset for tool in every)
    if toolset is not None and toolset not in topics:
        raise Invalid(f"There is no such topic. Valid: {', '.join(topics)}.", reason="toolset")
    if not query.strip() and toolset is None:
        return FoundTools(tools=(), toolsets=dict(topics), shown=0, total=len(every))
    among = [tool for tool in every if toolset in {None, tool.toolset}]
    found = (
        ranked(among, query, {t.name: tuple(t.aliases) for t in among}) if query.strip() else among
    )
    shown = found[:MOST_FOUND] if query.strip() else found
    rows = tuple(_row(tool) for tool in shown)
    nothing = None if rows else dict(topics)
    return FoundTools(tools=rows, toolsets=nothing, shown=len(rows), total=len(found))


@operation(
    (), Effect.READ, title="Describe a tool", listed=False, renamed={"tool_name": "name"},
    own_words=True,
)  # fmt: skip
async def describe_tool(toolbox: Toolbox, name: ToolName) -> Described:
    """Say how a tool is called: its arguments, answer, scopes and hints, with an example."""
    for tool in await toolbox.tools():
        if name in {tool.name, *tool.aliases}:
            return _described(tool, await toolbox.input_schema(tool))
    if (why := (await toolbox.refused()).get(name)) is not None:
        raise Denied(
            f"You may not run this tool. {why.message}", reason=why.reason, scopes=why.scopes
        )
    raise NotFound("There is no such tool; search_tools finds them.", reason="unknown_tool")


@operation(
    (),
    Effect.DESTROY,
    title="Run any tool",
    holds={"arguments": Holds.PROSE},
    renamed={"tool_name": "name", "args": "arguments"},
    proxy=True,
)
async def run_tool(
    toolbox: Toolbox, name: ToolName, arguments: ToolArguments | None = None
) -> dict[str, Any]:
    """Run a tool that search_tools found. The tool's own rules hold: scopes, limits, audit."""
    del toolbox, arguments
    raise Invalid(
        f"run_tool does not run {name}: give the tool that does the work.", reason="proxy"
    )


@operation((), Effect.READ, title="List my scopes", listed=False, own_words=True)
async def list_scopes(toolbox: Toolbox) -> Access:
    """Say which scopes the caller holds, and which tools other scopes would give."""
    held = toolbox.scopes()
    missing: dict[str, list[str]] = {}
    for name, refused in (await toolbox.refused()).items():
        for scope in sorted({*refused.scopes} - held):
            missing.setdefault(scope, []).append(name)
    return Access(
        scopes=tuple(sorted(held)),
        tools=len(await toolbox.tools()),
        missing={scope: tuple(names) for scope, names in sorted(missing.items())},
    )


def _row(tool: AnyOperation) -> FoundTool:
    fields = tool.arguments.model_fields.items()
    return FoundTool(
        name=tool.name,
        does=tool.summary,
        takes=", ".join(name if field.is_required() else f"{name}?" for name, field in fields),
        effect=tool.effect.value,
        scopes=" ".join(sorted(tool.scopes)),
    )


def _described(tool: AnyOperation, schema: dict[str, Any]) -> Described:
    return Described(
        name=tool.name,
        title=tool.title,
        does=tool.summary,
        toolset=tool.toolset,
        effect=tool.effect.value,
        scopes=tuple(sorted(tool.scopes)),
        scopes_if={name: str(scope) for name, scope in tool.scopes_if.items()},
        hints={
            "read_only": tool.effect is Effect.READ,
            "destructive": tool.effect is Effect.DESTROY,
            "idempotent": tool.idempotent,
            "open_world": True,
        },
        input_schema=schema,
        output_schema=output_schema(tool)["anyOf"][0],
        also_accepts=dict(tool.renamed),
        example={"name": tool.name, "arguments": example_of(tool)},
    )


TOOLS = (search_tools, run_tool, describe_tool, list_scopes)
