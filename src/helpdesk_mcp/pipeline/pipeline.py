"""The one road every operation takes, whoever calls it."""

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio
import anyio.lowlevel
from pydantic import ValidationError

from helpdesk_mcp.domain.errors import (
    Denied,
    HelpdeskError,
    Internal,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    Written,
)
from helpdesk_mcp.domain.limits import Limiter, Rate
from helpdesk_mcp.domain.operations import AnyOperation, Arguments, Effect
from helpdesk_mcp.domain.policy import Policy, Refused, lacking, refusal
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Answer, Call, Record
from helpdesk_mcp.pipeline.characters import is_storable
from helpdesk_mcp.pipeline.shaping import shape


class Opener(Protocol):
    """Opens the principal's desk."""

    def offers(self, principal: Principal) -> Collection[type]:
        """Return the capabilities of the principal's desk."""
        ...

    def open(self, principal: Principal) -> AbstractAsyncContextManager[Any]:
        """Open the principal's desk. Raises Unavailable."""
        ...


class Recorder(Protocol):
    """Writes down what calls did: audit, metrics, logs."""

    async def begin(self, record: Record) -> None:
        """Make the beginning of a write durable. Raises Unavailable: then nothing is tried."""
        ...

    async def end(self, record: Record, error: BaseException | None) -> None:
        """Write a call down. Durable on return if the call wrote; soon if it only read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one principal may call, and how long one call may take (seconds)."""

    reads: Rate = field(default_factory=lambda: Rate(burst=60, per_second=10))
    writes: Rate = field(default_factory=lambda: Rate(burst=20, per_second=2))
    seconds: float = 50.0

    def rate(self, effect: Effect) -> Rate:
        return self.reads if effect is Effect.READ else self.writes


Watcher = Callable[[str, str], AbstractContextManager[None]]
"""Sees a call while it runs: given the tool's name and the caller's `traceparent`."""


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
        watch: Watcher | None = None,
    ) -> None:
        self._operations = {operation.name: operation for operation in operations}
        self._opener = opener
        self._limiter = limiter
        self._recorder = recorder
        self._limits = limits or Limits()
        self._policy = policy or Policy()
        self._watch = watch or _unseen

    async def run(self, call: Call) -> Answer:
        """Authorize, validate, limit, run, shape and record one call, in that order.

        Raises HelpdeskError with a message safe to show; anything unexpected becomes Internal.
        """
        with self._watch(call.operation, call.traceparent):
            return await self._run(call)

    async def _run(self, call: Call) -> Answer:
        async with self._recorded(call) as record:
            operation = self._find(call)
            record.tool, record.effect = operation.name, operation.effect.value
            self._authorize(call.principal, operation)
            arguments = _parse(operation, call.arguments)
            record.arguments = dict(arguments)
            _permit(lacking(call.principal, operation, record.arguments))
            record.target = str(record.arguments.get(operation.target, ""))
            await self._spend(call.principal, operation)
            async with self._opener.open(call.principal) as target:
                if operation.effect is not Effect.READ:
                    await self._begin(record)
                with anyio.fail_after(self._limits.seconds):
                    result = await operation(target, **record.arguments)
            full = bool(record.arguments.get("full"))
            return shape(operation, result, full=full, fenced=call.origin in {"mcp", "stdio"})

    def visible_to(self, principal: Principal) -> list[AnyOperation]:
        """Return the listed operations this principal may run, in catalogue order."""
        offered = self._opener.offers(principal)
        return [
            operation
            for operation in self._operations.values()
            if operation.listed and refusal(principal, operation, self._policy, offered) is None
        ]

    def operation(self, name: str) -> AnyOperation | None:
        return self._operations.get(name)

    def forecast(
        self, principal: Principal, name: str, arguments: Mapping[str, Any] | None = None
    ) -> HelpdeskError | None:
        """Return the refusal a call would meet now: missing scope, or its rate used up.

        For transports that must answer a refusal in their own terms (HTTP 403 or 429) before
        the call begins. Takes nothing and records nothing; see `refuse`.
        """
        if (operation := self._operations.get(name)) is None:
            return None
        refused = self._refused(principal, operation)
        refused = refused or lacking(principal, operation, _ours(operation, arguments or {}))
        if refused is not None and refused.scopes:
            return Denied(refused.message, reason=refused.reason, scopes=refused.scopes)
        rate = self._limits.rate(operation.effect)
        wait = self._limiter.wait(_bucket(principal, operation), rate)
        return _too_often(wait) if wait > 0 else None

    async def refuse(self, call: Call, error: HelpdeskError) -> None:
        """Record a call that its transport refused with this error."""
        try:
            async with self._recorded(call) as record:
                operation = self._find(call)
                record.tool, record.effect = operation.name, operation.effect.value
                raise error
        except HelpdeskError:
            return

    def _find(self, call: Call) -> AnyOperation:
        try:
            return self._operations[call.operation]
        except KeyError:
            raise NotFound("There is no such tool.", reason="unknown_tool") from None

    def _refused(self, principal: Principal, operation: AnyOperation) -> Refused | None:
        return refusal(principal, operation, self._policy, self._opener.offers(principal))

    def _authorize(self, principal: Principal, operation: AnyOperation) -> None:
        _permit(self._refused(principal, operation))

    async def _spend(self, principal: Principal, operation: AnyOperation) -> None:
        rate = self._limits.rate(operation.effect)
        if (wait := await self._limiter.take(_bucket(principal, operation), rate)) > 0:
            raise _too_often(wait)

    async def _begin(self, record: Record) -> None:
        with anyio.CancelScope(shield=True):  # else nobody knows whether the trail holds it
            await self._recorder.begin(record)
            record.begun = True
        await anyio.lowlevel.checkpoint_if_cancelled()

    @asynccontextmanager
    async def _recorded(self, call: Call) -> AsyncGenerator[Record]:
        record = Record(
            call,
            id=uuid.uuid4().hex,
            at=time.time(),
            began=time.monotonic(),
            arguments=dict(call.arguments),
        )
        failure: BaseException | None = None
        try:
            yield record
        except HelpdeskError as error:
            failure = error
            raise
        except TimeoutError as error:
            failure = _timed_out(record)
            raise failure from error
        except Exception as error:
            failure = error
            raise _unexpected(record) from error
        except BaseException as error:
            failure = error
            raise
        finally:
            record.seconds = time.monotonic() - record.began
            _conclude(record, failure)
            with anyio.CancelScope(shield=True):
                await self._recorder.end(record, failure)


def _unseen(name: str, traceparent: str) -> AbstractContextManager[None]:
    del name, traceparent
    return nullcontext()


def _permit(refused: Refused | None) -> None:
    if refused is not None:
        raise Denied(refused.message, reason=refused.reason, scopes=refused.scopes)


def _ours(operation: AnyOperation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments under our names, whatever they were given under."""
    return {operation.renamed.get(name, name): value for name, value in given.items()}


def _conclude(record: Record, failure: BaseException | None) -> None:
    """Say in the record how the call ended."""
    if failure is None:
        return
    if isinstance(failure, HelpdeskError):
        record.outcome, record.reason = failure.code.value, failure.reason
        record.written = failure.written.value
        return
    record.outcome = "internal" if isinstance(failure, Exception) else "cancelled"
    record.written = (Written.UNKNOWN if record.begun else Written.NO).value


def _unexpected(record: Record) -> Internal:
    written = Written.UNKNOWN if record.begun else Written.NO
    advice = " Look at the ticket before you repeat this." if record.begun else ""
    return Internal(
        f"Something went wrong in helpdesk-mcp; reference {record.id[:12]}.{advice}",
        written=written,
    )


def _timed_out(record: Record) -> HelpdeskError:
    written = Written.UNKNOWN if record.begun else Written.NO
    advice = "Look at the ticket before you repeat this." if record.begun else "Try again later."
    return Unavailable(f"The help desk took too long. {advice}", reason="timeout", written=written)


def _too_often(wait: float) -> RateLimited:
    message = f"Too many calls; wait {wait:.1f} seconds."
    return RateLimited(message, retry_after=max(wait, 0.1))


def _bucket(principal: Principal, operation: AnyOperation) -> str:
    kind = "read" if operation.effect is Effect.READ else "write"
    return f"{principal.tenant}\x00{principal.subject}\x00{principal.client}\x00{kind}"


def _parse(operation: AnyOperation, given: Mapping[str, Any]) -> Arguments:
    """Validate arguments. Raises Invalid that names each bad field and never repeats its value."""
    if not is_storable(given):  # JSON over HTTP was checked; stdio and addresses come here first
        raise Invalid(
            "An argument holds a NUL character or half a surrogate pair.", reason="arguments"
        )
    renamed: dict[str, Any] = {}
    for name, value in given.items():
        ours = operation.renamed.get(name, name)
        if ours in renamed:
            raise Invalid(f"`{ours}` is given twice, once under another name.")
        renamed[ours] = value
    try:
        return operation.arguments.model_validate(renamed)
    except ValidationError as error:
        raise Invalid(_problems(operation, error), reason="arguments") from error


def _problems(operation: AnyOperation, error: ValidationError) -> str:
    known = ", ".join(operation.arguments.model_fields)
    problems: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"][:3])[:60] or "arguments"
        unknown = problem["type"] == "extra_forbidden"
        problems[where] = f"unknown (known: {known})" if unknown else problem["msg"]
    return "Bad arguments. " + "; ".join(f"{k}: {v}" for k, v in list(problems.items())[:8])
