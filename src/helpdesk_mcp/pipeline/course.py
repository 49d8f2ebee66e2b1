"""One call's way to its desks and back: whom it asks, from where, and how the answer is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk_mcp.domain.desks import Desks, GrantedDesk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.pages import Listing, Summary, cursor_at, start_of
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.pipeline.aiming import DESK, Aim, aim
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.cursors import Cursors, Place, parted
from helpdesk_mcp.pipeline.merging import After, Answers, merged, qualified, summed, unable

CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A result and how it is told. `desk` is whose it is; `after` makes cursors for a list."""

    result: Any
    desk: str = ""
    after: After | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """`starts` holds the cursor of each desk that goes on, where several are asked.

    `inner` is the desk meant by the calls inside this one, where it works with other tools.
    """

    aim: Aim
    place: Place
    cursors: Cursors
    starts: Mapping[str, str] = field(default_factory=dict[str, str])
    inner: str | None = None

    @property
    def desks(self) -> tuple[GrantedDesk, ...]:
        """The desks to ask now: when a list goes on, those that have more."""
        if not self.starts:
            return self.aim.desks
        return tuple(desk for desk in self.aim.desks if desk.name in self.starts)

    @property
    def spreads(self) -> bool:
        return self.aim.spreads

    @property
    def name(self) -> str | None:
        """The one desk that is asked; None where the caller has no other."""
        return self.aim.desks[0].name if self.aim.marked and self.aim.desks else None

    def only(self, desk: GrantedDesk) -> "Course":
        """Return the course to one of these desks."""
        return replace(self, aim=replace(self.aim, desks=(desk,)))

    def kept(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments as they are written down: with the desk, where there are several."""
        if (desk := self.inner or self.name) is None or self.spreads:
            return dict(arguments)
        return {**arguments, DESK: desk}

    def target(self, arguments: Mapping[str, Any], name: str) -> str:
        """Return what is acted on, with its desk where there are several."""
        target = str(arguments.get(name, ""))
        return f"{self.name}:{target}" if target and self.name is not None else target

    def given_to(self, desk: GrantedDesk, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments for one of several desks."""
        start = self.starts.get(desk.name)
        return {**arguments} if start is None else {**arguments, CURSOR: start}

    def told(self, result: Any) -> Told:
        """Return the answer of the one desk, with its name where there are several."""
        if desk := self.name or "":
            result = qualified(result, desk)
        if not isinstance(result, Listing):
            return Told(result=result, desk=desk)
        start = result.start

        def after(count: int) -> str:
            return self.cursors.seal(self.place, cursor_at(start + count))

        if (following := result.next_cursor) is not None:
            result = replace(result, next_cursor=self.cursors.seal(self.place, following))
        return Told(result=result, desk=desk, after=after)

    def told_together(self, answers: Answers, arguments: Mapping[str, Any]) -> Told:
        """Return the answers of several desks as one. Raises the first error if none answered."""
        others = () if self.starts else tuple(unable(desk) for desk in self.aim.unable)
        if any(isinstance(answer, Summary) for answer in answers.values()):
            whole = summed(answers)
            return Told(result=replace(whole, failed=(*whole.failed, *others)))
        starts = {desk: start_of(cursor) for desk, cursor in self.starts.items()}
        numbers = {desk.name: number for number, desk in enumerate(self.aim.desks)}
        whole, more = merged(answers, starts, numbers, arguments.get("page_size"))

        def after(count: int) -> str | None:
            inner = more(count)
            return None if inner is None else self.cursors.seal(self.place, inner)

        told = replace(whole, next_cursor=after(whole.shown), failed=(*whole.failed, *others))
        return Told(result=told, after=after)


def plotted(operation: AnyOperation, desks: Desks, call: Call, cursors: Cursors) -> Course:
    """Return the course of a call. Raises what `aim` does, and Invalid for a foreign cursor."""
    if operation.needs is Toolbox:
        return _of_tools(operation, desks, call, cursors)
    aimed = aim(operation, desks, call.arguments)
    connections = (desk.connection for desk in aimed.desks)
    course = Course(
        aim=aimed, place=(call.principal.tenant, operation.name, *connections), cursors=cursors
    )
    if course.spreads and aimed.given.get("page") not in {None, 1, "1"}:
        raise Invalid(
            "Several desks are asked at once: go on with `cursor`, or give `desk`.",
            reason="cursor",
        )
    cursor = aimed.given.get(CURSOR)
    if not isinstance(cursor, str) or CURSOR not in operation.arguments.model_fields:
        return course
    inner = cursors.open(course.place, cursor)
    if not course.spreads:
        return replace(course, aim=replace(aimed, given={**aimed.given, CURSOR: inner}))
    rest = {name: value for name, value in aimed.given.items() if name != CURSOR}
    starts = {aimed.desks[number].name: start for number, start in parted(inner).items()}
    return replace(course, aim=replace(aimed, given=rest), starts=starts)


def _of_tools(operation: AnyOperation, desks: Desks, call: Call, cursors: Cursors) -> Course:
    """Return the course of a call that runs on no desk, but whose inner calls may."""
    given, inner = dict(call.arguments), None
    if operation.takes_desk and (named := given.pop(DESK, None)) is not None:
        chosen = desks.named(str(named)).name
        inner = chosen if desks.several else None
    place = (call.principal.tenant, operation.name)
    return Course(aim=Aim(desks=(), given=given), place=place, cursors=cursors, inner=inner)
