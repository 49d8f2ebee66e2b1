"""A client for the tour, and what it makes of the answers."""

from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

SHOWN_LINES = 9


class StepFailed(Exception):
    """A step did not do what it says; the message tells what came instead."""


@dataclass(slots=True)
class Count:
    done: int = 0
    failed: int = 0


CLOSE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "close_ticket", "arguments": {"ticket_id": "1", "resolution": "no"}},
}


def headers_for(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }


def client_for(url: str, token: str) -> Client:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return Client(streamable_http_client(url, http_client=http), mode="auto")


def expect(true: bool, otherwise: str) -> None:  # noqa: FBT001 -- a condition
    if not true:
        raise StepFailed(otherwise)


def text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")


def data_of(result: CallToolResult) -> dict[str, Any]:
    return result.structured_content or {}


def first_of(result: CallToolResult, where: str, most: int = SHOWN_LINES) -> str:
    """Return the first lines of a result without the standing notice, and where to look."""
    lines = text_of(result).splitlines()[1:]
    more = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more, *filter(None, [where])])
