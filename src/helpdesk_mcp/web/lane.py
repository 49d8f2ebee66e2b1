"""A short way for tools/list of 2026-07-28: the answer is known, so its bytes are kept.

Clients ask for the list at every start and the SDK validates all of it each time. Only a request
that the SDK would accept takes this way; whatever is unusual about it, the SDK answers.
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

from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import PRINCIPAL, from_scope
from helpdesk_mcp.web.envelopes import is_plain
from helpdesk_mcp.web.jsonrpc import MESSAGE_KEY
from helpdesk_mcp.web.tools import Tools


class ListLane:
    """ASGI middleware before the SDK."""

    def __init__(self, app: ASGIApp, server: Server[Any], pipeline: Pipeline) -> None:
        self._app = app
        self._server = server
        self._tools = Tools(pipeline, from_scope)
        self._known: dict[int, tuple[object, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message: Any = scope.get(MESSAGE_KEY)
        if message is None or message.get("method") != "tools/list" or "id" not in message:
            await self._app(scope, receive, send)
            return
        if not _is_ordinary(scope, message):
            await self._app(scope, receive, send)
            return
        result = self._result(scope)
        body = b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (to_json(message["id"]), result)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _result(self, scope: Scope) -> bytes:
        listed = self._tools.visible_to(scope[PRINCIPAL])
        known = self._known.get(id(listed))
        if known is None:
            known = self._known[id(listed)] = (listed, self._wire(listed))
        return known[1]

    def _wire(self, listed: Any) -> bytes:
        hint = self._server.cache_hints["tools/list"]
        dumped = listed.model_dump(by_alias=True, mode="json", exclude_none=True)
        dumped = {**dumped, "ttlMs": hint.ttl_ms, "cacheScope": hint.scope}
        wire = serialize_server_result("tools/list", LATEST_MODERN_VERSION, dumped)
        wire["_meta"] = {SERVER_INFO_META_KEY: self._server.server_info_stamp}
        return to_json(wire)


def _is_ordinary(scope: Scope, message: Mapping[str, Any]) -> bool:
    """Whether the SDK would answer this request with the whole list."""
    params = cast("dict[str, Any]", message.get("params") or {})
    pairs = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
    headers = dict(pairs)
    accept = headers.get("accept", "")
    if (
        set(params) != {"_meta"}
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
