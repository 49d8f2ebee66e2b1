"""Completion of arguments: queues, people, statuses, priorities, languages."""

from typing import Any

import mcp_types as types

from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline

MOST = 100
"""Values a completion may hold (MCP, completion)."""


async def complete(
    pipeline: Pipeline, principal: Principal, params: types.CompleteRequestParams
) -> types.CompleteResult:
    """Return values that begin with what was typed. Nothing the caller may not list is shown."""
    name, typed = params.argument.name, folded(params.argument.value)
    values = [v for v in await _values(pipeline, principal, name) if _begins(v, typed)]
    return types.CompleteResult(
        completion=types.Completion(
            values=values[:MOST], total=len(values), has_more=len(values) > MOST
        )
    )


def _begins(value: str, typed: str) -> bool:
    return any(word.startswith(typed) for word in (folded(value), *folded(value).split()))


async def _values(pipeline: Pipeline, principal: Principal, name: str) -> list[str]:
    if name == "language":
        return ["en", "es"]
    if name == "queue":
        queues = await _ask(pipeline, principal, "get_queues")
        return [queue.get("slug", queue["name"]) for queue in queues.get("queues", [])]
    if name == "assignee":
        people = await _ask(pipeline, principal, "get_users")
        return [person["username"] for person in people.get("people", []) if "username" in person]
    if name in {"status", "priority"}:
        fields = await _ask(pipeline, principal, "get_ticket_fields")
        return list(fields.get("statuses" if name == "status" else "priorities", []))
    if name == "ticket_id":
        recent = await _ask(pipeline, principal, "list_tickets")
        return [ticket["id"] for ticket in recent.get("tickets", [])]
    return []


async def _ask(pipeline: Pipeline, principal: Principal, name: str) -> dict[str, Any]:
    """Run a read for its values. A caller who may not run it gets no values, and no error."""
    call = Call(principal=principal, operation=name, arguments={}, origin="mcp")
    try:
        return (await pipeline.run(call)).data
    except HelpdeskError:
        return {}
