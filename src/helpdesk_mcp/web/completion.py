"""Completion of arguments: queues, people, statuses, priorities, languages."""

from collections.abc import Callable, Mapping
from typing import Any

import mcp_types as types

from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline

Answers = dict[str, Any]
MOST = 100
"""Values a completion may hold (MCP, completion)."""


async def complete(
    pipeline: Pipeline, principal: Principal, params: types.CompleteRequestParams
) -> types.CompleteResult:
    """Return values that begin with what was typed. Nothing the caller may not list is shown."""
    name, typed = params.argument.name, folded(params.argument.value)
    chosen = (params.context.arguments or {}).get("desk") if params.context else None
    found = await _values(pipeline, principal, name, chosen)
    values = [value for value in dict.fromkeys(found) if _begins(value, typed)]
    return types.CompleteResult(
        completion=types.Completion(
            values=values[:MOST], total=len(values), has_more=len(values) > MOST
        )
    )


def _begins(value: str, typed: str) -> bool:
    return any(word.startswith(typed) for word in (folded(value), *folded(value).split()))


async def _values(
    pipeline: Pipeline, principal: Principal, name: str, desk: str | None
) -> list[str]:
    """Return the values of an argument: those of the desk that was chosen before it, if one was."""
    if name == "language":
        return ["en", "es"]
    if name == "desk":
        return await _desks(pipeline, principal)
    if name not in SOURCES:
        return []
    operation, values = SOURCES[name]
    found = values(await _ask(pipeline, principal, operation, {"desk": desk} if desk else {}))
    return [value.removeprefix(f"{desk}:") for value in found]


def _queues(answer: Answers) -> list[str]:
    return [queue.get("slug", queue["name"]) for queue in answer.get("queues", [])]


def _people(answer: Answers) -> list[str]:
    return [person["username"] for person in answer.get("people", []) if "username" in person]


def _tickets(answer: Answers) -> list[str]:
    return [ticket["id"] for ticket in answer.get("tickets", [])]


SOURCES: Mapping[str, tuple[str, Callable[[Answers], list[str]]]] = {
    "queue": ("get_queues", _queues),
    "assignee": ("get_users", _people),
    "status": ("get_ticket_fields", lambda answer: list(answer.get("statuses", []))),
    "priority": ("get_ticket_fields", lambda answer: list(answer.get("priorities", []))),
    "ticket_id": ("list_tickets", _tickets),
}
"""Which operation knows the values of an argument, and where they are in its answer."""


async def _desks(pipeline: Pipeline, principal: Principal) -> list[str]:
    try:
        return list((await pipeline.desks(principal)).names)
    except HelpdeskError:
        return []


async def _ask(
    pipeline: Pipeline, principal: Principal, name: str, arguments: dict[str, Any]
) -> dict[str, Any]:
    """Run a read for its values. A caller who may not run it gets no values, and no error."""
    call = Call(principal=principal, operation=name, arguments=arguments, origin="mcp")
    try:
        return (await pipeline.run(call)).data
    except HelpdeskError:
        return {}
