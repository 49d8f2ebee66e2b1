"""The one road every operation takes, whoever calls it."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    nullcontext,
)
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio
import anyio.lowlevel

from helpdesk_mcp.domain.approvals import Approvals
from helpdesk_mcp.domain.desks import Desks
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, NotFound
from helpdesk_mcp.domain.limits import Limiter, Rate
from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.policy import Policy, Refused, lacking, refusal
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline import consent
from helpdesk_mcp.pipeline.arguments import ours, parse
from helpdesk_mcp.pipeline.calls import Answer, Call, Record
from helpdesk_mcp.pipeline.failures import conclude, timed_out, too_often, unexpected
from helpdesk_mcp.pipeline.shaping import shape


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

    def masked(self, record: Record) -> dict[str, Any]:
        """Return the call's arguments as the audit trail shows them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one principal may call, and how long one call may take (seconds)."""

    reads: Rate = field(default_factory=lambda: Rate(burst=60, per_second=10))
    writes: Rate = field(default_factory=lambda: Rate(burst=20, per_second=2))
    seconds: float = 50.0

    def rate(self, effect: Effect) -> Rate:
        return self.reads if effect is Effect.READ else self.writes


FENCED = frozenset({"mcp", "stdio"})
"""Origins whose answers a model reads: there, outsiders' text stands behind a boundary."""
Watcher = Callable[[str, str], AbstractContextManager[None]]
"""Sees a call while it runs: given the tool's name and the caller's `traceparent`."""
Policies = Callable[[Principal], Awaitable[Policy]]
"""Returns what the principal's tenant allows. Kept for some seconds; then it does not suspend."""


class Pipeline:
    def __init__(  # noqa: PLR0913 -- the parts of the road, by keyword
        self,
        operations: tuple[AnyOperation, ...],
        *,
        opener: Opener,
        limiter: Limiter,
        recorder: Recorder,
        limits: Limits | None = None,
        policy: Policy | None = None,
        policies: Policies | None = None,
        approvals: Approvals | None = None,
        watch: Watcher | None = None,
    ) -> None:
        self._operations = {operation.name: operation for operation in operations}
        self._opener = opener
        self._limiter = limiter
        self._recorder = recorder
        self._limits = limits or Limits()
        self._policy = policy or Policy()
        self._policies = policies
        self._approvals = approvals
        self._watch = watch or _unseen

    async def run(self, call: Call) -> Answer:
        """Authorize, validate, limit, run, shape and record one call, in that order.

        Raises HelpdeskError with a message safe to show; anything unexpected becomes Internal.
        """
        name = call.operation if call.operation in self._operations else "unknown"
        with self._watch(name, call.traceparent):
            return await self._recorded(call)

    async def _recorded(self, call: Call) -> Answer:
        """Run the steps and write down how they ended, whatever happens."""
        record = _record(call)
        failure: BaseException | None = None
        try:
            return await self._steps(call, record)
        except HelpdeskError as error:
            failure = error
            raise
        except TimeoutError as error:
            failure = timed_out(record)
            raise failure from error
        except Exception as error:
            failure = error
            raise unexpected(record) from error
        except BaseException as error:
            failure = error
            raise
        finally:
            await self._end(record, failure)

    async def _steps(self, call: Call, record: Record) -> Answer:
        operation = self._find(call, record)
        policy = await self._policy_of(call.principal)
        _permit(await self._refused(call.principal, operation, policy))
        arguments = record.arguments = dict(parse(operation, call.arguments))
        _permit(lacking(call.principal, operation, arguments))
        record.target = str(arguments.get(operation.target, ""))
        await self._spend(call.principal, operation)
        if operation.name in policy.needs_approval:
            await consent.ask(self._approvals, record, self._recorder.masked(record))
        async with self._opener.open(call.principal) as target:
            if operation.effect is not Effect.READ:
                await self._begin(record)
            async with asyncio.timeout(self._limits.seconds):
                result = await operation(target, **arguments)
        full = bool(arguments.get("full"))
        return shape(operation, result, full=full, fenced=call.origin in FENCED)

    async def visible_to(self, principal: Principal) -> list[AnyOperation]:
        """Return the listed operations this principal may run, in catalogue order.

        Raises Denied for a suspended tenant.
        """
        desks = await self._opener.desks(principal)
        policy = await self._policy_of(principal)
        return [
            operation
            for operation in self._operations.values()
            if operation.listed and refusal(principal, operation, policy, desks.offered) is None
        ]

    async def desks(self, principal: Principal) -> Desks:
        """Return the desks this principal may use. Raises Denied for a suspended tenant."""
        return await self._opener.desks(principal)

    def operation(self, name: str) -> AnyOperation | None:
        return self._operations.get(name)

    async def forecast(
        self, principal: Principal, name: str, arguments: Mapping[str, Any] | None = None
    ) -> HelpdeskError | None:
        """Return the refusal a call would meet now: missing scope, or its rate used up.

        For transports that must answer a refusal in their own terms (HTTP 403 or 429) before
        the call begins. Takes nothing and records nothing; see `refuse`.
        """
        if (operation := self._operations.get(name)) is None:
            return None
        try:
            refused = await self._refused(principal, operation, await self._policy_of(principal))
        except HelpdeskError:  # `run` meets it again, tells it and records it
            return None
        refused = refused or lacking(principal, operation, ours(operation, arguments or {}))
        if refused is not None and refused.scopes:
            return Denied(refused.message, reason=refused.reason, scopes=refused.scopes)
        rate = self._limits.rate(operation.effect)
        wait = self._limiter.wait(_bucket(principal, operation), rate)
        return too_often(wait) if wait > 0 else None

    async def refuse(self, call: Call, error: HelpdeskError) -> None:
        """Record a call that its transport refused with this error."""
        record = _record(call)
        try:
            self._find(call, record)
        except NotFound as unknown:
            error = unknown
        await self._end(record, error)

    def _find(self, call: Call, record: Record) -> AnyOperation:
        try:
            operation = self._operations[call.operation]
        except KeyError:
            raise NotFound("There is no such tool.", reason="unknown_tool") from None
        record.tool, record.effect = operation.name, operation.effect.value
        return operation

    async def _policy_of(self, principal: Principal) -> Policy:
        if self._policies is None:
            return self._policy
        return self._policy | await self._policies(principal)

    async def _refused(
        self, principal: Principal, operation: AnyOperation, policy: Policy
    ) -> Refused | None:
        desks = await self._opener.desks(principal)
        return refusal(principal, operation, policy, desks.offered)

    async def _spend(self, principal: Principal, operation: AnyOperation) -> None:
        rate = self._limits.rate(operation.effect)
        if (wait := await self._limiter.take(_bucket(principal, operation), rate)) > 0:
            raise too_often(wait)

    async def _begin(self, record: Record) -> None:
        with anyio.CancelScope(shield=True):  # else nobody knows whether the trail holds it
            await self._recorder.begin(record)
            record.begun = True
        await anyio.lowlevel.checkpoint_if_cancelled()

    async def _end(self, record: Record, failure: BaseException | None) -> None:
        record.seconds = time.monotonic() - record.began
        conclude(record, failure)
        if not record.begun:
            await self._recorder.end(record, failure)
            return
        with anyio.CancelScope(shield=True):
            await self._recorder.end(record, failure)


def _record(call: Call) -> Record:
    return Record(
        call,
        id=uuid.uuid4().hex,
        at=time.time(),
        began=time.monotonic(),
        arguments=dict(call.arguments),
    )


def _unseen(name: str, traceparent: str) -> AbstractContextManager[None]:
    del name, traceparent
    return nullcontext()


def _permit(refused: Refused | None) -> None:
    if refused is not None:
        raise Denied(refused.message, reason=refused.reason, scopes=refused.scopes)


def _bucket(principal: Principal, operation: AnyOperation) -> str:
    kind = "read" if operation.effect is Effect.READ else "write"
    return f"{principal.tenant}\x00{principal.subject}\x00{principal.client}\x00{kind}"
