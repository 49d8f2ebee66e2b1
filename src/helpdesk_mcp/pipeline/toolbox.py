"""The caller's own tools, for a tool that works with other tools."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.toolbox import Refused, Toolbox
from helpdesk_mcp.pipeline.calls import Call

RESERVE = 2.0
"""Seconds kept back from what is run inside a call, so that the call itself ends in time."""


class Road(Protocol):
    """What a toolbox needs of the pipeline."""

    async def judged(self, principal: Principal) -> list[tuple[AnyOperation, Refused | None]]: ...

    async def checked(self, call: Call) -> Mapping[str, Any]: ...

    def pause(self, principal: Principal, name: str) -> float: ...

    async def run_inside(self, call: Call) -> Any: ...


class CallersToolbox(Toolbox):
    """Runs tools for the caller of `call`, in the time that is left of it."""

    def __init__(self, road: Road, call: Call, name: str, seconds: float) -> None:
        self._road = road
        self._call = replace(call, via=name)
        self._until = time.monotonic() + seconds - RESERVE

    async def tools(self) -> tuple[AnyOperation, ...]:
        judged = await self._road.judged(self._call.principal)
        return tuple(operation for operation, refused in judged if refused is None)

    async def refused(self) -> Mapping[str, Refused]:
        judged = await self._road.judged(self._call.principal)
        return {operation.name: refused for operation, refused in judged if refused}

    def scopes(self) -> frozenset[str]:
        return frozenset(self._call.principal.scopes)

    async def check(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self._road.checked(replace(self._call, operation=name, arguments=arguments))

    def wait(self, name: str) -> float:
        return self._road.pause(self._call.principal, name)

    def left(self) -> float:
        return self._until - time.monotonic()

    async def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        inner = replace(
            self._call, operation=name, arguments=arguments, seconds=max(self.left(), 0)
        )
        return await self._road.run_inside(inner)
