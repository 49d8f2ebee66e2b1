"""What the pipeline stands on: who opens desks, who writes down, how much a caller may do."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from helpdesk_mcp.domain.desks import Desks
from helpdesk_mcp.domain.limits import Limiter, Rate
from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Record
from helpdesk_mcp.pipeline.failures import too_often

Watcher = Callable[[str, str], AbstractContextManager[None]]
"""Sees a call while it runs: given the tool's name and the caller's `traceparent`."""
Policies = Callable[[Principal], Awaitable[Policy]]
"""Returns what the principal's tenant allows. Kept for some seconds; then it does not suspend."""


class Opener(Protocol):
    """Opens the principal's desks."""

    async def desks(self, principal: Principal) -> Desks:
        """Return the desks this principal may use. Raises Denied for a suspended tenant.

        Asked several times a call: kept for some seconds, and then it does not suspend.
        """
        ...

    def open(
        self, principal: Principal, desk: str | None = None
    ) -> AbstractAsyncContextManager[Any]:
        """Open one of the principal's desks, by its name; the default one without. May raise."""
        ...


class Recorder(Protocol):
    """Writes down what calls did: audit, metrics, logs."""

    async def begin(self, record: Record) -> None:
        """Make the beginning of a write durable. Raises Unavailable: then nothing is tried."""
        ...

    async def end(self, record: Record, error: BaseException | None) -> None:
        """Write a call down. Durable on return if the call wrote; soon if it only read."""
        ...

    async def masked(self, record: Record) -> dict[str, Any]:
        """Return the call's arguments as the audit trail shows them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one principal may call, and how long one call may take (seconds)."""

    reads: Rate = field(default_factory=lambda: Rate(burst=60, per_second=10))
    writes: Rate = field(default_factory=lambda: Rate(burst=20, per_second=2))
    seconds: float = 50.0

    def rate(self, effect: Effect, share: float = 1.0) -> Rate:
        """Return the rate of calls of this kind, so many times as its tenant has it."""
        return (self.reads if effect is Effect.READ else self.writes).times(share)


class Purses:
    """What callers may still spend. A share is how many times the rate a caller's tenant has."""

    def __init__(self, limiter: Limiter, limits: Limits) -> None:
        self._limiter = limiter
        self._limits = limits
        self._shares: dict[str, float] = {}

    async def spend(self, principal: Principal, operation: AnyOperation, share: float) -> None:
        """Take one call. Raises RateLimited."""
        self._shares[principal.tenant] = share
        rate = self._limits.rate(operation.effect, share)
        if (wait := await self._limiter.take(bucket(principal, operation), rate)) > 0:
            raise too_often(wait)

    def wait(
        self, principal: Principal, operation: AnyOperation, share: float | None = None
    ) -> float:
        """Return the seconds until `spend` succeeds; by the last share without one. A hint."""
        known = self._shares.get(principal.tenant, 1.0) if share is None else share
        rate = self._limits.rate(operation.effect, known)
        return self._limiter.wait(bucket(principal, operation), rate)


def bucket(principal: Principal, operation: AnyOperation) -> str:
    """Return the key under which a principal's calls of this kind are counted."""
    kind = "read" if operation.effect is Effect.READ else "write"
    return f"{principal.tenant}\x00{principal.subject}\x00{principal.client}\x00{kind}"


def unseen(name: str, traceparent: str) -> AbstractContextManager[None]:
    """Watch nothing."""
    del name, traceparent
    return nullcontext()
