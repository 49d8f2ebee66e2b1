"""tools/list and tools/call over the pipeline, and their wire forms."""

from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError
from pydantic_core import to_json

from helpdesk_mcp.domain.desks import Desks
from helpdesk_mcp.domain.errors import Code, HelpdeskError
from helpdesk_mcp.domain.operations import (
    AnyOperation,
    Effect,
    input_schema,
    output_schema,
    taking_desk,
)
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Answer, Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import Context, Whoami, refuse_state, refused

MOST_LISTS = 256
"""Different lists that are kept ready."""
ONE_DESK = Desks()


class Tools:
    """The tools as the protocol shows them to a caller."""

    def __init__(self, pipeline: Pipeline, whoami: Whoami) -> None:
        self._pipeline = pipeline
        self._whoami = whoami
        self._lists: dict[Any, types.ListToolsResult] = {}

    async def list(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        if params is not None and params.cursor is not None:
            raise MCPError(types.INVALID_PARAMS, "This cursor is not one of ours.")
        return await self.visible_to(self._whoami(ctx))

    async def visible_to(self, principal: Principal) -> types.ListToolsResult:
        """Return what this principal may call; the same object for the same set of tools."""
        try:
            visible = await self._pipeline.visible_to(principal)
            desks = await self._pipeline.desks(principal)
        except HelpdeskError as error:
            raise refused(error) from error
        key = (tuple(o.name for o in visible), desks.every if desks.several else ())
        if (known := self._lists.get(key)) is None:
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            known = types.ListToolsResult(tools=[tool_for(o, desks) for o in visible])
            self._lists[key] = known
        return known

    async def call(self, ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        refuse_state(params.request_state)
        call = Call(
            principal=self._whoami(ctx),
            operation=params.name,
            arguments=params.arguments or {},
            origin="mcp" if ctx.request is not None else "stdio",
            traceparent=str((ctx.meta or {}).get("traceparent", "")),
        )
        await _progress(ctx, 0, "Asking the help desk")
        wire = await outcome(self._pipeline, call)
        await _progress(ctx, 1, "Done")
        return types.CallToolResult.model_validate(wire)


async def outcome(pipeline: Pipeline, call: Call) -> dict[str, Any]:
    """Run a call and return its tools/call result. Raises MCPError for a tool there is not."""
    try:
        return succeeded(await pipeline.run(call))
    except HelpdeskError as error:
        if pipeline.operation(call.operation) is None:
            raise MCPError(types.INVALID_PARAMS, "Unknown tool; see tools/list.") from error
        return failed(error)


async def _progress(ctx: Context, done: float, message: str) -> None:
    """Say how far a call is, to a client that asked by a progress token."""
    if ctx.meta and "progress_token" in ctx.meta:
        await ctx.session.report_progress(done, 1, message)


def tool_for(operation: AnyOperation, desks: Desks = ONE_DESK) -> types.Tool:
    """Return a tool's definition. All four hints are stated: their defaults alarm clients."""
    return types.Tool(
        name=operation.name,
        title=operation.title,
        description=operation.summary,
        input_schema=taking_desk(input_schema(operation), operation, desks),
        output_schema=output_schema(operation),
        annotations=types.ToolAnnotations(
            read_only_hint=operation.effect is Effect.READ,
            destructive_hint=operation.effect is Effect.DESTROY,
            idempotent_hint=operation.idempotent,
            open_world_hint=True,
        ),
    )


def succeeded(answer: Answer) -> dict[str, Any]:
    return {
        "content": [{"type": "text", "text": answer.text}],
        "structuredContent": answer.data,
        "isError": False,
    }


def failed(error: HelpdeskError) -> dict[str, Any]:
    """Return an error as a tool result: the words for a reader, the facts for a program."""
    text = error.message if error.code is not Code.UNAVAILABLE else _with_facts(error)
    return {
        "content": [{"type": "text", "text": text}],
        "structuredContent": {"error": error.facts()},
        "isError": True,
    }


def _with_facts(error: HelpdeskError) -> str:
    return f"{error.message} {to_json({'error': error.reason, 'written': error.written}).decode()}"
