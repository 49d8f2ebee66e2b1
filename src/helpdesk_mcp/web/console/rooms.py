"""What all rooms of the console share: a way in, a page in its frame, and actions with an end."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.web.console.counter import Counter, signed_in_at
from helpdesk_mcp.web.pages.door import Act, Door, Show
from helpdesk_mcp.web.pages.figures import zone_of
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.onward import go, onward
from helpdesk_mcp.web.pages.visits import Visit
from helpdesk_mcp.web.problems import status_of

PURPOSE = "console"
"""One token stands for all forms of a page: whichever is sent uses it up."""
Arguments = Callable[[Request, Form], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the action before this page ended: a problem with what was given, or fresh secrets."""

    problem: HelpdeskError | None = None
    given: Form | None = None
    fresh: dict[str, Any] = field(default_factory=dict[str, Any])


NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class Room(ABC):
    """One section of the console."""

    door: Door
    counter: Counter
    section = ""

    @abstractmethod
    def routes(self) -> list[Route]: ...

    @abstractmethod
    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        """Show the room, with the outcome of what was just tried in it."""
        ...

    def tenant(self, visit: Visit) -> str:
        return signed_in_at(visit)[1].tenant.id

    def zone(self, visit: Visit) -> tzinfo:
        return zone_of(signed_in_at(visit)[1].tenant)

    async def people(self, visit: Visit) -> dict[str, str]:
        """Return addresses by id, for those who may know them; ids stand for themselves else."""
        if not self.counter.may(visit, "list_people"):
            return {}
        found = (await self.counter.ask(visit, "list_people"))["people"]
        return {person["id"]: person["email"] for person in found}

    def shown(self, path: str, handler: Show | None = None) -> Route:
        """Return the route of a page for people who have signed in and chosen a tenant."""
        show = handler or self.page

        async def inside(visit: Visit, request: Request) -> Response:
            return await _let_in(visit, lambda: show(visit, request))

        return self.door.show(path, inside)

    def done(self, path: str, operation: str, arguments: Arguments, then: str = "") -> Route:
        """Return the route of a button: run an operation, then go on to `then` or the section.

        A failure comes back as this room's page with the problem on it.
        """

        async def act(visit: Visit, request: Request, form: Form) -> Response:
            try:
                await self.counter.ask(visit, operation, **arguments(request, form))
            except HelpdeskError as error:
                return await self.page(visit, request, Outcome(problem=error, given=form))
            there = then.format(**request.path_params)
            return go(f"{there}?{urlencode({'done': operation})}")

        return self.acted(path, act)

    def told(self, path: str, operation: str, arguments: Arguments) -> Route:
        """Return the route of a button whose answer is shown at once, and only this once."""

        async def act(visit: Visit, request: Request, form: Form) -> Response:
            try:
                fresh = await self.counter.ask(visit, operation, **arguments(request, form))
            except HelpdeskError as error:
                return await self.page(visit, request, Outcome(problem=error, given=form))
            return await self.page(visit, request, Outcome(fresh=fresh))

        return self.acted(path, act)

    def acted(self, path: str, handler: Act) -> Route:
        """Return the route of a button for people who have signed in and chosen a tenant."""

        async def inside(visit: Visit, request: Request, form: Form) -> Response:
            return await _let_in(visit, lambda: handler(visit, request, form))

        return self.door.act(path, PURPOSE, inside)

    def framed(
        self, visit: Visit, request: Request, template: str, outcome: Outcome, **values: Any
    ) -> Response:
        """Render a page in the console's frame."""
        _, place = signed_in_at(visit)
        done = request.query_params.get("done", "")
        problem = outcome.problem
        response = self.door.look.page(
            visit,
            template,
            status=status_of(problem) if problem else HTTPStatus.OK,
            sections=self.counter.sections(visit),
            section=self.section,
            place=place,
            problem=problem,
            done=f"done.{done}" if f"done.{done}" in visit.texts else "",
            given=outcome.given or Form({}),
            fresh=outcome.fresh,
            token_value=self.door.look.token(visit, PURPOSE),
            **values,
        )
        if problem is not None and problem.retry_after is not None:
            response.headers["Retry-After"] = str(int(problem.retry_after) + 1)
        return response


async def _let_in(visit: Visit, answer: Callable[[], Awaitable[Response]]) -> Response:
    to = onward("", visit.here.partition("?")[0])
    if visit.signed_in is None:
        return go(to.via("/sign-in"))
    if visit.signed_in.place is None:
        return go(to.via("/choose"))
    return await answer()
