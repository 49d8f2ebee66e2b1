"""Everything the conformance suite asks a server for, laid over a server that keeps its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.context import HandlerResult
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, SubscriptionBus
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CompleteRequestParams,
    EmptyResult,
    GetPromptRequestParams,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    PromptReference,
    ReadResourceRequestParams,
    RequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from tests.conformance import fixture_content
from tests.conformance.fixture_asking import asking_tools
from tests.conformance.fixture_tools import Context, FixtureTool, plain_tools

Handler = Callable[[Context, Any], Awaitable[HandlerResult]]
Page = ListToolsResult | ListResourcesResult | ListResourceTemplatesResult | ListPromptsResult


def with_everything(server: Server[Any], *, bus: SubscriptionBus | None = None) -> Server[Any]:
    """Let the fixture answer for its own names; every other name reaches `server` as before.

    Give the product's own `bus` where it has one, and its `subscriptions/listen` is under test too.
    """
    overlay_tools(server, (*plain_tools((bus or own_bus(server)).publish), *asking_tools()))
    overlay_resources(server)
    overlay_prompts(server)
    add_what_only_old_revisions_have(server)
    if not any(isinstance(part, RequestStateBoundary) for part in server.middleware):
        sealing = RequestStateSecurity.ephemeral()
        server.middleware.append(RequestStateBoundary(sealing, default_audience="conformance"))
    return server


def own_bus(server: Server[Any]) -> SubscriptionBus:
    bus = InMemorySubscriptionBus()
    server.add_request_handler(
        "subscriptions/listen", SubscriptionsListenRequestParams, ListenHandler(bus)
    )
    return bus


def overlay_tools(server: Server[Any], tools: tuple[FixtureTool, ...]) -> None:
    by_name = {tool.name: tool for tool in tools}
    product = served_by(server, "tools/call")
    product_schema = server.get_tool_input_schema

    async def call(context: Context, params: CallToolRequestParams) -> HandlerResult:
        tool = by_name.get(params.name)
        return await (tool.run if tool else product)(context, params)

    def schema(name: str) -> Mapping[str, Any] | None:
        if name in by_name:
            return by_name[name].input_schema
        return product_schema(name) if product_schema else None

    server.add_request_handler("tools/call", CallToolRequestParams, call)
    server.get_tool_input_schema = schema
    overlay_list(server, "tools/list", [tool.listed() for tool in tools], ListToolsResult(tools=[]))


def overlay_resources(server: Server[Any]) -> None:
    product = served_by(server, "resources/read")

    async def read(context: Context, params: ReadResourceRequestParams) -> HandlerResult:
        return fixture_content.read(params.uri) or await product(context, params)

    server.add_request_handler("resources/read", ReadResourceRequestParams, read)
    resources, templates = fixture_content.RESOURCES, fixture_content.TEMPLATES
    overlay_list(server, "resources/list", resources, ListResourcesResult(resources=[]))
    no_templates = ListResourceTemplatesResult(resource_templates=[])
    overlay_list(server, "resources/templates/list", templates, no_templates)


def overlay_prompts(server: Server[Any]) -> None:
    product = served_by(server, "prompts/get")
    product_completion = served_by(server, "completion/complete")

    async def get(context: Context, params: GetPromptRequestParams) -> HandlerResult:
        return fixture_content.get_prompt(params) or await product(context, params)

    async def complete(context: Context, params: CompleteRequestParams) -> HandlerResult:
        if isinstance(params.ref, PromptReference) and params.ref.name.startswith("test_"):
            return fixture_content.complete(params.argument.value)
        return await product_completion(context, params)

    server.add_request_handler("prompts/get", GetPromptRequestParams, get)
    server.add_request_handler("completion/complete", CompleteRequestParams, complete)
    overlay_list(server, "prompts/list", fixture_content.PROMPTS, ListPromptsResult(prompts=[]))


def overlay_list(
    server: Server[Any], method: str, entries: Sequence[BaseModel], empty: Page
) -> None:
    """Put the fixture's entries before the product's first page, and its cache hints stay."""
    entry = server.get_request_handler(method)
    (field,) = empty.model_fields_set

    async def listed(context: Context, params: PaginatedRequestParams) -> HandlerResult:
        page = await entry.handler(context, params) if entry else empty
        return page if params.cursor is not None else with_entries(page, field, entries)

    server.add_request_handler(method, PaginatedRequestParams, listed)


def with_entries(page: HandlerResult, field: str, entries: Sequence[BaseModel]) -> HandlerResult:
    """A handler may answer with a model or, where it is cached, with what goes over the wire."""
    if isinstance(page, BaseModel):
        return page.model_copy(update={field: [*entries, *getattr(page, field)]})
    key = to_camel(field)
    return {**(page or {}), key: [*map(as_wire, entries), *(page or {}).get(key, [])]}


def as_wire(entry: BaseModel) -> dict[str, Any]:
    return entry.model_dump(by_alias=True, mode="json", exclude_none=True)


def served_by(server: Server[Any], method: str) -> Handler:
    """Return what the product does for `method`; without a handler it knows no names at all."""
    entry = server.get_request_handler(method)
    return entry.handler if entry else not_known


async def not_known(_: Context, params: RequestParams) -> HandlerResult:
    uri = getattr(params, "uri", None)
    raise MCPError(INVALID_PARAMS, "Not found.", {"uri": uri} if uri else None)


def add_what_only_old_revisions_have(server: Server[Any]) -> None:
    """Add `logging/setLevel` and resource subscriptions, which end with 2025-11-25."""

    async def accept(_: ServerRequestContext[Any, Any], __: RequestParams) -> EmptyResult:
        return EmptyResult()

    server.add_request_handler("logging/setLevel", SetLevelRequestParams, accept)
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, accept)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, accept)
