"""Calls to a tool that runs other tools, turned into the calls they stand for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.pipeline.arguments import parse
from helpdesk_mcp.pipeline.calls import Call

Operations = Mapping[str, AnyOperation]


def meant(
    operations: Operations, name: str, given: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return the tool that is really asked for, and its arguments.

    A proxy that is called wrongly, or is asked to run a proxy, stands for itself: it refuses then.
    """
    proxy = operations.get(name)
    if proxy is None or not proxy.proxy:
        return spelled(operations, name, given)
    try:
        asked = dict(parse(proxy, given))
    except Invalid:
        return name, dict(given)
    inner: str = asked["name"]
    if inner in operations and operations[inner].proxy:
        return name, dict(given)
    return spelled(operations, inner, asked["arguments"] or {})


def spelled(
    operations: Operations, name: str, given: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return our name and arguments for a documented name of another server."""
    known = operations.get(name)
    for operation in operations.values() if known is None else (known,):
        if (alias := operation.aliases.get(name)) is not None:
            return operation.name, alias.arguments(given)
    return name, dict(given)


def unwrapped(operations: Operations, call: Call) -> Call:
    """Return the call that a call stands for, which says through which tool it came."""
    name, arguments = meant(operations, call.operation, call.arguments)
    through = operations.get(call.operation)
    via = call.operation if through is not None and through.proxy and through.name != name else ""
    return replace(call, operation=name, arguments=arguments, via=via)
