"""What is asked of which server, and what it must answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.load import Check, Request

MODERN = "2026-07-28"
LEGACY = "2025-11-25"
ECHO = {"text": "The printer prints twice"}
SMALL, USUAL = "1", "2"
"""Tickets of `benchmarks.desk`: a short one, and one of the usual length."""
LISTED = 18
"""Tools that ours lists; checked, so that a listing that grows is measured knowingly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table. `share` of the usual number of requests is enough for slow ones."""

    name: str
    server: str
    title: str
    request: Request
    share: float = 1.0


def scenarios(tokens: Mapping[str, str]) -> tuple[Scenario, ...]:
    """Return the rows, in the order in which they alternate. `tokens` by server."""
    ours = _bearer(tokens, "guarded")
    echo = modern("tools/call", {"name": "echo", "arguments": ECHO}, _echoes)
    small, usual = _get(SMALL, ours), _get(USUAL, ours)
    table = modern("tools/call", {"name": "list_tickets", "arguments": {}}, _is_list, ours)
    listing = modern("tools/list", {}, _lists, ours)
    old = legacy({"name": "echo", "arguments": ECHO}, _echoes)
    return (
        Scenario(name="guarded_call", server="guarded", title="**guarded call**", request=small),
        Scenario(
            name="guarded_call_oauth",
            server="guarded-oauth",
            title="**guarded call, OAuth access token**",
            request=_get(SMALL, _bearer(tokens, "guarded-oauth")),
        ),
        Scenario(name="sdk_echo", server="sdk", title="SDK echo", request=echo),
        Scenario(name="fastmcp_echo", server="fastmcp", title="FastMCP echo", request=echo),
        Scenario(
            name="starlette_echo",
            server="starlette",
            title="Starlette JSON echo",
            request=_with(echo, _echoes_json),
        ),
        Scenario(
            name="tools_list", server="guarded", title="**`tools/list`**, 18 tools", request=listing
        ),
        Scenario(
            name="sdk_list",
            server="sdk-list",
            title="SDK `tools/list`, the same 18 tools",
            request=listing,
            share=0.3,
        ),
        Scenario(
            name="sdk_echo_json", server="sdk-json", title="SDK echo, JSON mode", request=echo
        ),
        Scenario(
            name="fastmcp_echo_json",
            server="fastmcp-json",
            title="FastMCP echo, JSON mode",
            request=echo,
        ),
        Scenario(
            name="guarded_call_quiet",
            server="guarded-quiet",
            title="guarded call, LOG_LEVEL=WARNING",
            request=_get(SMALL, _bearer(tokens, "guarded-quiet")),
        ),
        Scenario(
            name="guarded_ticket",
            server="guarded",
            title="guarded call, ticket of 900 characters",
            request=usual,
            share=0.5,
        ),
        Scenario(
            name="guarded_table",
            server="guarded",
            title="guarded call, list of 20 tickets",
            request=table,
            share=0.5,
        ),
        Scenario(
            name="guarded_call_legacy",
            server="guarded",
            title=f"guarded call, {LEGACY}",
            request=legacy(_get_ticket(SMALL), _is_ticket(SMALL), ours),
            share=0.5,
        ),
        Scenario(
            name="sdk_echo_legacy",
            server="sdk",
            title=f"SDK echo, {LEGACY}",
            request=old,
            share=0.5,
        ),
        Scenario(
            name="fastmcp_echo_legacy",
            server="fastmcp",
            title=f"FastMCP echo, {LEGACY}",
            request=old,
            share=0.5,
        ),
    )


def modern(
    method: str, params: dict[str, Any], check: Check, headers: dict[str, str] | None = None
) -> Request:
    """Return a request of 2026-07-28, with its routing headers and its envelope."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "benchmark", "version": "1"},
    }
    named = {"Mcp-Name": str(params["name"])} if "name" in params else {}
    return Request(
        path="/mcp",
        headers={**_headers(MODERN), "Mcp-Method": method, **named, **(headers or {})},
        body=_body(method, {**params, "_meta": meta}),
        check=check,
    )


def legacy(params: dict[str, Any], check: Check, headers: dict[str, str] | None = None) -> Request:
    """Return a tools/call of 2025-11-25, without a session."""
    return Request(
        path="/mcp",
        headers={**_headers(LEGACY), **(headers or {})},
        body=_body("tools/call", params),
        check=check,
    )


def _headers(version: str) -> dict[str, str]:
    return {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": version}


def _body(method: str, params: dict[str, Any]) -> str:
    message = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
    return json.dumps(message, separators=(",", ":")).replace('"id":0', '"id":%d', 1)


def _bearer(tokens: Mapping[str, str], server: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.get(server, '')}"}


def _get(ticket_id: str, headers: dict[str, str]) -> Request:
    return modern("tools/call", _get_ticket(ticket_id), _is_ticket(ticket_id), headers)


def _with(request: Request, check: Check) -> Request:
    return Request(path=request.path, headers=request.headers, body=request.body, check=check)


def _get_ticket(ticket_id: str) -> dict[str, Any]:
    return {"name": "get_ticket", "arguments": {"ticket_id": ticket_id}}


def _succeeded(document: Any) -> bool:
    return not document["result"].get("isError")


def _echoes(document: Any) -> bool:
    return _succeeded(document) and document["result"]["content"][0]["text"] == ECHO["text"]


def _echoes_json(document: Any) -> bool:
    return document["result"] == ECHO


def _is_ticket(ticket_id: str) -> Check:
    def check(document: Any) -> bool:
        result = document["result"]
        text = result["content"][0]["text"]
        return (
            _succeeded(document)
            and result["structuredContent"]["id"] == ticket_id
            and "<untrusted-" in text
            and "The printer prints twice" in text
        )

    return check


def _is_list(document: Any) -> bool:
    return _succeeded(document) and document["result"]["structuredContent"]["shown"] == 20  # noqa: PLR2004 -- a page


def _lists(document: Any) -> bool:
    return len(document["result"]["tools"]) == LISTED
