"""tools/list and tools/call over the pipeline, and their wire forms."""

from collections.abc import Mapping
from typing import Any, cast

import mcp_types as types
from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp_types import CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic_core import to_json

from helpdesk_mcp.domain.errors import Code, HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation, Effect, input_schema, output_schema
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Answer, Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import Context, Whoami, refuse_state
from helpdesk_mcp.web.envelopes import is_plain

PLAIN_PARAMS = frozenset({"name", "arguments", "_meta"})
"""What an ordinary tools/call carries; anything else takes the SDK's longer way."""


class Tools:
    """The tools as the protocol shows them to a caller."""

    def __init__(self, pipeline: Pipeline, whoami: Whoami) -> None:
        self._pipeline = pipeline
        self._whoami = whoami
        self._lists: dict[tuple[str, ...], types.ListToolsResult] = {}

    async def list(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        if params is not None and params.cursor is not None:
            raise MCPError(types.INVALID_PARAMS, "This cursor is not one of ours.")
        return self.visible_to(self._whoami(ctx))

    def visible_to(self, principal: Principal) -> types.ListToolsResult:
        """Return what this principal may call; the same object for the same set of tools."""
        visible = self._pipeline.visible_to(principal)
        key = tuple(operation.name for operation in visible)
        if (known := self._lists.get(key)) is None:
            known = types.ListToolsResult(tools=[tool_for(o) for o in visible])
            self._lists[key] = known
        return known

    async def call(self, ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        refuse_state(params.request_state)
        wire = await self._run(ctx, params.name, params.arguments or {})
        return types.CallToolResult.model_validate(wire)

    async def directly(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """Answer an ordinary call of a tool of ours, on 2026-07-28, with its wire form.

        SDK middleware (provisional in mcp 2.3, hence pinned). The SDK would parse the params and
        the result into models and dump them again; both are ours and checked already.
        """
        params = ctx.params
        if (
            ctx.method != "tools/call"
            or ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS
            or params is None
            or not PLAIN_PARAMS.issuperset(params)
        ):
            return await call_next(ctx)
        name: Any = params.get("name")
        arguments: Any = params.get("arguments")
        if (
            not isinstance(name, str)
            or self._pipeline.operation(name) is None
            or not (arguments is None or isinstance(arguments, dict))
            or not _has_plain_envelope(params.get("_meta"))  # the SDK says what is wrong with it
        ):
            return await call_next(ctx)
        wire = await self._run(ctx, name, cast("dict[str, Any]", arguments or {}))
        wire["resultType"] = "complete"
        return wire

    async def _run(self, ctx: Context, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        call = Call(
            principal=self._whoami(ctx),
            operation=name,
            arguments=arguments,
            origin="mcp" if ctx.request is not None else "stdio",
            traceparent=str((ctx.meta or {}).get("traceparent", "")),
        )
        try:
            await _progress(ctx, 0, "Asking the help desk")
            answer = await self._pipeline.run(call)
            await _progress(ctx, 1, "Done")
        except HelpdeskError as error:
            if self._pipeline.operation(name) is None:
                message = "Unknown tool; see tools/list."
                raise MCPError(types.INVALID_PARAMS, message) from error
            return failed(error)
        return succeeded(answer)


def _has_plain_envelope(meta: Any) -> bool:
    if not isinstance(meta, dict):
        return False
    told = cast("dict[str, Any]", meta)
    return is_plain(told.get(CLIENT_INFO_META_KEY), told.get(CLIENT_CAPABILITIES_META_KEY))


async def _progress(ctx: Context, done: float, message: str) -> None:
    """Say how far a call is, to a client that asked by a progress token."""
    if ctx.meta and "progress_token" in ctx.meta:
        await ctx.session.report_progress(done, 1, message)


def tool_for(operation: AnyOperation) -> types.Tool:
    """Return a tool's definition. All four hints are stated: their defaults alarm clients."""
    return types.Tool(
        name=operation.name,
        title=operation.title,
        description=operation.summary,
        input_schema=input_schema(operation),
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
