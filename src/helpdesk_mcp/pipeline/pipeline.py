"""The one road every operation takes, whoever calls it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    nullcontext,
)
from secrets import token_bytes
from typing import Any, TypeVar

import anyio
import anyio.lowlevel

from helpdesk_mcp.domain.approvals import Approvals
from helpdesk_mcp.domain.desks import Desks, GrantedDesk
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, NotFound, Stopped
from helpdesk_mcp.domain.limits import Limiter
from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.pages import Gathered
from helpdesk_mcp.domain.policy import Policy, lacking, refusal
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.toolbox import Refused, Toolbox
from helpdesk_mcp.pipeline import consent
from helpdesk_mcp.pipeline.arguments import ours, parse
from helpdesk_mcp.pipeline.calls import Answer, Call, Record, record_of
from helpdesk_mcp.pipeline.course import Course, Told, plotted
from helpdesk_mcp.pipeline.cursors import Cursors
from helpdesk_mcp.pipeline.failures import (
    conclude,
    permit,
    stopped,
    timed_out,
    told_as_ours,
    too_often,
    unexpected,
)
from helpdesk_mcp.pipeline.merging import ask_all
from helpdesk_mcp.pipeline.neighbours import (
    Limits,
    Opener,
    Policies,
    Purses,
    Recorder,
    Watcher,
    unseen,
)
from helpdesk_mcp.pipeline.passing import meant, spelled, unwrapped
from helpdesk_mcp.pipeline.shaping import shape
from helpdesk_mcp.pipeline.toolbox import CallersToolbox

T = TypeVar("T")
Given = dict[str, Any]
Steps = Callable[[Call, Record], Awaitable[T]]
UNKNOWN_TOOL = "There is no such tool; search_tools finds the ones there are."
FENCED = frozenset({"mcp", "stdio"})
"""Origins whose answers a model reads: there, outsiders' text stands behind a boundary."""


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
        cursors: Cursors | None = None,
        watch: Watcher | None = None,
    ) -> None:
        self._operations = {operation.name: operation for operation in operations}
        self._opener = opener
        self._recorder = recorder
        self._limits = limits or Limits()
        self._purses = Purses(limiter, self._limits)
        self._policy = policy or Policy()
        self._policies = policies
        self._approvals = approvals
        self._cursors = cursors or Cursors(token_bytes(32))
        self._watch = watch or unseen

    async def run(self, call: Call) -> Answer:
        """Authorize, validate, limit, run, shape and record one call, in that order.

        Raises HelpdeskError with a message safe to show; anything unexpected becomes Internal.
        """
        return await self._watched(unwrapped(self._operations, call), self._steps)

    async def run_inside(self, call: Call) -> Any:
        """Run one call that another call asked for, and return its result as it came."""
        return (await self._watched(call, self._told))[2].result

    async def _watched(self, call: Call, steps: Steps[T]) -> T:
        name = call.operation if call.operation in self._operations else "unknown"
        with self._watch(name, call.traceparent):
            return await self._recorded(call, steps)

    async def _recorded(self, call: Call, steps: Steps[T]) -> T:
        """Run the steps and write down how they ended, whatever happens."""
        record = record_of(call)
        failure: BaseException | None = None
        try:
            return await steps(call, record)
        except HelpdeskError as error:
            failure = error
            raise
        except TimeoutError as error:
            failure = timed_out(record)
            raise failure from error
        except Stopped as error:
            failure = stopped(record)
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
        operation, arguments, told = await self._told(call, record)
        full = bool(arguments.get("full"))
        return shape(operation, told, full=full, fenced=call.origin in FENCED)

    async def _told(self, call: Call, record: Record) -> tuple[AnyOperation, Given, Told]:
        operation = self._find(call, record)
        policy = await self._policy_of(call.principal)
        course = await self._course(call, operation, policy)
        if call.refused is not None:
            raise call.refused
        arguments = dict(parse(operation, course.aim.given))
        record.arguments = course.kept(arguments)
        permit(lacking(call.principal, operation, arguments))
        record.target = course.target(arguments, operation.target)
        await self._purses.spend(call.principal, operation, policy.share)
        if operation.name in policy.needs_approval:
            masked = await self._recorder.masked(record)
            await consent.ask(self._approvals, record, masked)
        if course.spreads:
            return operation, arguments, await self._together(operation, course, arguments, record)
        result = await self._work(operation, course, arguments, record)
        return operation, arguments, course.told(result)

    async def _course(self, call: Call, operation: AnyOperation, policy: Policy) -> Course:
        """Return which desks the call goes to, if it may be made at all."""
        desks = await self._opener.desks(call.principal)
        if call.via:
            through = self._operations[call.via]
            permit(refusal(call.principal, through, policy, desks.offered, desks.lacking))
        permit(refusal(call.principal, operation, policy, desks.offered, desks.lacking))
        return plotted(operation, desks, call, self._cursors)

    async def _work(
        self, operation: AnyOperation, course: Course, arguments: Given, record: Record
    ) -> Any:
        """Run an operation on a desk, or on the caller's tools, and return what it returns."""
        async with self._target(record.call, operation, course) as target:
            if operation.effect is not Effect.READ:
                await self._begin(record)
            async with asyncio.timeout(min(self._limits.seconds, record.call.seconds)):
                return await operation(target, **arguments)

    async def _together(
        self, operation: AnyOperation, course: Course, arguments: Given, record: Record
    ) -> Told:
        """Run a reading operation on several desks at once; those that fail are told as such."""

        async def ask(desk: GrantedDesk) -> Gathered:
            with told_as_ours(record):
                given = course.given_to(desk, arguments)
                found: Gathered = await self._work(operation, course.only(desk), given, record)
            return found

        return course.told_together(await ask_all(course.desks, ask), arguments)

    def _target(
        self, call: Call, operation: AnyOperation, course: Course
    ) -> AbstractAsyncContextManager[Any]:
        """Return what the operation works on: the principal's desk, or the principal's tools."""
        if operation.needs is Toolbox:
            seconds = self._limits.seconds
            tools = CallersToolbox(self, call, operation.name, seconds, desk=course.inner)
            return nullcontext(tools)
        return self._opener.open(call.principal, course.name)

    async def checked(self, call: Call) -> Given:
        """Return the arguments of a call as it would run, and run nothing. Raises as it would."""
        operation = self._find(call, record_of(call))
        course = await self._course(call, operation, await self._policy_of(call.principal))
        arguments = dict(parse(operation, course.aim.given))
        permit(lacking(call.principal, operation, arguments))
        return course.kept(arguments)

    async def judged(self, principal: Principal) -> list[tuple[AnyOperation, Refused | None]]:
        """Return every operation, with why this principal may not run it, in catalogue order."""
        desks = await self._opener.desks(principal)
        policy = await self._policy_of(principal)
        return [
            (operation, refusal(principal, operation, policy, desks.offered, desks.lacking))
            for operation in self._operations.values()
        ]

    async def visible_to(self, principal: Principal) -> list[AnyOperation]:
        """Return the listed operations this principal may run, in catalogue order.

        Raises Denied for a suspended tenant.
        """
        desks = await self._opener.desks(principal)
        policy = await self._policy_of(principal)
        return [
            operation
            for operation in self._operations.values()
            if operation.listed
            and refusal(principal, operation, policy, desks.offered, desks.lacking) is None
        ]

    async def desks(self, principal: Principal) -> Desks:
        """Return the desks this principal may use. Raises Denied for a suspended tenant."""
        return await self._opener.desks(principal)

    def pause(self, principal: Principal, name: str) -> float:
        """Return the seconds until the principal's rate allows this operation. A hint."""
        return self._purses.wait(principal, self._operations[name])

    def operation(self, name: str) -> AnyOperation | None:
        return self._operations.get(spelled(self._operations, name, {}).name)

    async def forecast(
        self, principal: Principal, name: str, arguments: Mapping[str, Any] | None = None
    ) -> HelpdeskError | None:
        """Return the refusal a call would meet now: missing scope, or its rate used up.

        For transports that must answer a refusal in their own terms (HTTP 403 or 429) before
        the call begins. Takes nothing and records nothing; see `refuse`.
        """
        found = meant(self._operations, name, arguments or {})
        name, given = found.name, found.arguments
        if (operation := self._operations.get(name)) is None:
            return None
        try:
            desks = await self._opener.desks(principal)
            policy = await self._policy_of(principal)
        except HelpdeskError:  # `run` meets it again, tells it and records it
            return None
        refused = refusal(principal, operation, policy, desks.offered, desks.lacking)
        refused = refused or lacking(principal, operation, ours(operation, given))
        if refused is not None and refused.scopes:
            return Denied(refused.message, reason=refused.reason, scopes=refused.scopes)
        wait = self._purses.wait(principal, operation, policy.share)
        return too_often(wait) if wait > 0 else None

    async def refuse(self, call: Call, error: HelpdeskError) -> None:
        """Record a call that its transport refused with this error."""
        call = unwrapped(self._operations, call)
        record = record_of(call)
        try:
            self._find(call, record)
        except NotFound as unknown:
            error = unknown
        await self._end(record, error)

    def _find(self, call: Call, record: Record) -> AnyOperation:
        try:
            operation = self._operations[call.operation]
        except KeyError:
            raise NotFound(UNKNOWN_TOOL, reason="unknown_tool") from None
        record.tool, record.effect = operation.name, operation.effect.value
        return operation

    async def _policy_of(self, principal: Principal) -> Policy:
        if self._policies is None:
            return self._policy
        return self._policy | await self._policies(principal)

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
