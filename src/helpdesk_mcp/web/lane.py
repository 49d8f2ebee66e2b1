"""A short way for what clients of 2026-07-28 do all day: tools/list and an ordinary tools/call.

The SDK's own rules decide whether a request's headers and envelope are right; whatever is unusual
about it, or asks for progress or logs, the SDK serves whole. What the short way leaves out is the
SDK's re-parsing of results that are ours already, and a stream that nobody needs for one answer.
"""

from collections.abc import Mapping
from typing import Any, cast

from mcp.server.lowlevel.server import Server
from mcp.shared.inbound import (
    InboundModernRoute,
    classify_inbound_request,
    find_duplicated_routing_header,
)
from mcp_types import SERVER_INFO_META_KEY
from mcp_types.methods import serialize_server_result
from mcp_types.version import LATEST_MODERN_VERSION
from pydantic_core import to_json
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import PRINCIPAL, from_scope
from helpdesk_mcp.web.envelopes import is_plain
from helpdesk_mcp.web.exchange import answered
from helpdesk_mcp.web.jsonrpc import MESSAGE_KEY
from helpdesk_mcp.web.tools import MOST_LISTS, Tools, outcome

PLAIN_PARAMS = {
    "tools/list": frozenset({"_meta"}),
    "tools/call": frozenset({"name", "arguments", "_meta"}),
}
ASKS_FOR_MORE = frozenset({"progressToken", "io.modelcontextprotocol/logLevel"})
Pairs = dict[str, Any]


class Lane:
    """ASGI middleware before the SDK. `lists` says whether tools/list may take it too."""

    def __init__(
        self, app: ASGIApp, server: Server[Any], pipeline: Pipeline, *, lists: bool = True
    ) -> None:
        self._app = app
        self._server = server
        self._pipeline = pipeline
        self._tools = Tools(pipeline, from_scope)
        self._lists = lists
        self._stamp = {SERVER_INFO_META_KEY: server.server_info_stamp}
        self._known: dict[int, tuple[object, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message: Any = scope.get(MESSAGE_KEY)
        if message is not None and is_ordinary(scope, message):
            if message["method"] == "tools/list" and self._lists:
                await answered(receive, send, message["id"], self._list(scope))
                return
            if message["method"] == "tools/call" and self._knows(message["params"]):
                await answered(receive, send, message["id"], self._call(scope, message["params"]))
                return
        await self._app(scope, receive, send)

    def _knows(self, params: Mapping[str, Any]) -> bool:
        name = params.get("name")
        return isinstance(name, str) and self._pipeline.operation(name) is not None

    async def _call(self, scope: Scope, params: Mapping[str, Any]) -> bytes:
        call = Call(
            principal=scope[PRINCIPAL],
            operation=params["name"],
            arguments=params.get("arguments") or {},
            origin="mcp",
            traceparent=str(params["_meta"].get("traceparent", "")),
        )
        wire = await outcome(self._pipeline, call)
        wire["resultType"], wire["_meta"] = "complete", self._stamp
        return to_json(wire)

    async def _list(self, scope: Scope) -> bytes:
        listed = await self._tools.visible_to(scope[PRINCIPAL])
        if (known := self._known.get(id(listed))) is None:
            if len(self._known) >= MOST_LISTS:
                self._known.clear()
            known = self._known[id(listed)] = (listed, self._wire(listed))
        return known[1]

    def _wire(self, listed: Any) -> bytes:
        hint = self._server.cache_hints["tools/list"]
        dumped = listed.model_dump(by_alias=True, mode="json", exclude_none=True)
        dumped = {**dumped, "ttlMs": hint.ttl_ms, "cacheScope": hint.scope}
        wire = serialize_server_result("tools/list", LATEST_MODERN_VERSION, dumped)
        return to_json({**wire, "_meta": self._stamp})


def is_ordinary(scope: Scope, message: Mapping[str, Any]) -> bool:
    """Whether the SDK would serve this request, and answer it with one JSON document."""
    plain = PLAIN_PARAMS.get(message.get("method", ""))  # an answer of a client has none
    params: Any = message.get("params")
    if plain is None or "id" not in message or not isinstance(params, dict):
        return False
    given = cast("Pairs", params)
    arguments: Any = given.get("arguments")
    meta: Any = given.get("_meta")
    return (
        given.keys() <= plain
        and (arguments is None or isinstance(arguments, dict))
        and isinstance(meta, dict)
        and ASKS_FOR_MORE.isdisjoint(cast("Pairs", meta))
        and _is_rightly_addressed(scope, message)
    )


def _is_rightly_addressed(scope: Scope, message: Mapping[str, Any]) -> bool:
    pairs = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
    headers = dict(pairs)
    accept = headers.get("accept", "")
    if (
        scope["method"] != "POST"
        or headers.get("mcp-protocol-version") != LATEST_MODERN_VERSION
        or "application/json" not in accept
        or "text/event-stream" not in accept
        or find_duplicated_routing_header(pairs) is not None
    ):
        return False
    route = classify_inbound_request(message, headers=headers)
    return isinstance(route, InboundModernRoute) and is_plain(
        route.client_info, route.client_capabilities
    )
