"""Calls to a tool that runs other tools, turned into the calls they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.pipeline.arguments import parse
from helpdesk_mcp.pipeline.calls import Call

Operations = Mapping[str, AnyOperation]


@dataclass(frozen=True, slots=True)
class Meant:
    """The tool that is really asked for, its arguments, and why they cannot be turned into ours."""

    name: str
    arguments: dict[str, Any]
    refused: Invalid | None = None


def meant(operations: Operations, name: str, given: Mapping[str, Any]) -> Meant:
    """Return the tool that is really asked for, and its arguments.

    A proxy that is called wrongly, or is asked to run a proxy, stands for itself: it refuses then.
    """
    proxy = operations.get(name)
    if proxy is None or not proxy.proxy:
        return spelled(operations, name, given)
    try:
        asked = dict(parse(proxy, given))
    except Invalid:
        return Meant(name, dict(given))
    inner: str = asked["name"]
    if inner in operations and operations[inner].proxy:
        return Meant(name, dict(given))
    return spelled(operations, inner, asked["arguments"] or {})


def spelled(operations: Operations, name: str, given: Mapping[str, Any]) -> Meant:
    """Return our name and arguments for a documented name of another server."""
    known = operations.get(name)
    for operation in operations.values() if known is None else (known,):
        if (alias := operation.aliases.get(name)) is not None:
            alias = alias.meant(given)
            try:
                return Meant(alias.tool, alias.arguments(given))
            except Invalid as error:
                return Meant(alias.tool, dict(given), error)
    return Meant(name, dict(given))


def unwrapped(operations: Operations, call: Call) -> Call:
    """Return the call that a call stands for, which says through which tool it came."""
    found = meant(operations, call.operation, call.arguments)
    through = operations.get(call.operation)
    proxied = through is not None and through.proxy and through.name != found.name
    return replace(
        call,
        operation=found.name,
        arguments=found.arguments,
        via=call.operation if proxied else "",
        refused=found.refused,
    )
