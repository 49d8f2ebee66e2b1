"""What a tool that works with other tools is given: the caller's own tools, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from helpdesk_mcp.domain.operations import AnyOperation


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an operation may not run: a stable word, a sentence, the scopes it needs."""

    reason: str
    message: str
    scopes: tuple[str, ...] = ()


class Toolbox(Protocol):
    """The tools of whoever is calling. An operation that needs one runs on no desk of its own.

    What is run through it takes the whole road as if the caller had asked for it: the caller's
    scopes, its own audit event, its share of the caller's rate.
    """

    async def tools(self) -> tuple[AnyOperation, ...]:
        """Return every operation the caller may run, listed or not, in catalogue order."""
        ...

    async def refused(self) -> Mapping[str, Refused]:
        """Return why the caller may not run the other operations, by name."""
        ...

    async def input_schema(self, operation: AnyOperation) -> dict[str, Any]:
        """Return an operation's arguments as the caller may give them: with `desk`, if several."""
        ...

    async def desks(self) -> tuple[str, ...]:
        """Return the names of the caller's desks, the default one first."""
        ...

    def scopes(self) -> frozenset[str]:
        """Return the scopes the caller holds."""
        ...

    async def check(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments of a call, validated and under our names, and run nothing.

        Raises what the call would meet before it reached a desk: NotFound, Denied or Invalid.
        """
        ...

    def wait(self, name: str) -> float:
        """Return the seconds until the caller's rate allows this call; zero means now."""
        ...

    def left(self) -> float:
        """Return the seconds that are left of the call that holds this toolbox."""
        ...

    async def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run an operation and return its result as it came, before it is cleaned for an agent.

        Raises HelpdeskError.
        """
        ...
