"""The caller's own tools, for a tool that works with other tools."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from helpdesk_mcp.domain.desks import Desks
from helpdesk_mcp.domain.operations import AnyOperation, input_schema, taking_desk
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.toolbox import Refused, Toolbox
from helpdesk_mcp.pipeline.calls import Call

RESERVE = 2.0
"""Seconds kept back from what is run inside a call, so that the call itself ends in time."""


class Road(Protocol):
    """What a toolbox needs of the pipeline."""

    async def desks(self, principal: Principal) -> Desks: ...

    async def judged(self, principal: Principal) -> list[tuple[AnyOperation, Refused | None]]: ...

    async def checked(self, call: Call) -> Mapping[str, Any]: ...

    def pause(self, principal: Principal, name: str) -> float: ...

    async def run_inside(self, call: Call) -> Any: ...


class CallersToolbox(Toolbox):
    """Runs tools for the caller of `call`, in the time that is left of it."""

    def __init__(
        self, road: Road, call: Call, name: str, seconds: float, *, desk: str | None = None
    ) -> None:
        self._road = road
        self._call = replace(call, via=name)
        self._desk = desk
        self._until = time.monotonic() + seconds - RESERVE

    async def tools(self) -> tuple[AnyOperation, ...]:
        judged = await self._road.judged(self._call.principal)
        return tuple(operation for operation, refused in judged if refused is None)

    async def refused(self) -> Mapping[str, Refused]:
        judged = await self._road.judged(self._call.principal)
        return {operation.name: refused for operation, refused in judged if refused}

    async def input_schema(self, operation: AnyOperation) -> dict[str, Any]:
        desks = await self._road.desks(self._call.principal)
        return taking_desk(input_schema(operation), operation, desks)

    async def desks(self) -> tuple[str, ...]:
        return (await self._road.desks(self._call.principal)).names

    def scopes(self) -> frozenset[str]:
        return frozenset(self._call.principal.scopes)

    async def check(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self._road.checked(self._inner(name, arguments))

    def wait(self, name: str) -> float:
        return self._road.pause(self._call.principal, name)

    def left(self) -> float:
        return self._until - time.monotonic()

    async def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        inner = self._inner(name, arguments)
        return await self._road.run_inside(replace(inner, seconds=max(self.left(), 0)))

    def _inner(self, name: str, arguments: Mapping[str, Any]) -> Call:
        """Return a call inside this one. It means the desk that this one means."""
        if self._desk is not None:
            arguments = {"desk": self._desk, **arguments}
        return replace(self._call, operation=name, arguments=arguments)
