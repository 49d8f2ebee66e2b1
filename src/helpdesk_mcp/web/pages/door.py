"""What every page stands behind: the visit before it, and any refusal as a page after it."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.web.pages import forms
from helpdesk_mcp.web.pages.forms import Form, FormTokens
from helpdesk_mcp.web.pages.look import Look
from helpdesk_mcp.web.pages.parts import Parts
from helpdesk_mcp.web.pages.refusing import Refusal, from_error
from helpdesk_mcp.web.pages.visits import Visit, Visits

Show = Callable[[Visit, Request], Awaitable[Response]]
Act = Callable[[Visit, Request, Form], Awaitable[Response]]
Purpose = Callable[[Request], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Makes routes of handlers: `show` answers GET, `act` a form with a token, both as a visit."""

    parts: Parts
    visits: Visits
    look: Look
    tokens: FormTokens

    def show(self, path: str, handler: Show) -> Route:
        async def handle(request: Request) -> Response:
            return await self._guarded(request, lambda visit: handler(visit, request))

        return Route(path, handle, methods=["GET"])

    def act(self, path: str, purpose: str | Purpose, handler: Act) -> Route:
        """`purpose` is what the form's token must have been made for."""

        async def handle(request: Request) -> Response:
            async def answer(visit: Visit) -> Response:
                form = await self.form(visit, request, purpose)
                return await handler(visit, request, form)

            return await self._guarded(request, answer)

        return Route(path, handle, methods=["POST"])

    def open_act(self, path: str, handler: Show) -> Route:
        """Answer POST without a token: the handler reads the form and changes nothing of worth."""

        async def handle(request: Request) -> Response:
            return await self._guarded(request, lambda visit: handler(visit, request))

        return Route(path, handle, methods=["POST"])

    async def form(self, visit: Visit, request: Request, purpose: str | Purpose) -> Form:
        """Return a form of our own page, whose token is thereby used up."""
        forms.check_sender(request, self.parts.public_url)
        form = await forms.read(request)
        wanted = purpose if isinstance(purpose, str) else purpose(request)
        await self.tokens.use(form.one("token"), owner=visit.owner, purpose=wanted, now=visit.now)
        return form

    async def _guarded(
        self, request: Request, answer: Callable[[Visit], Awaitable[Response]]
    ) -> Response:
        visit = self.visits.stranger(request)
        try:
            visit = await self.visits.begin(request)
            response = await answer(visit)
        except Refusal as refusal:
            response = self.refused(visit, refusal)
        except HelpdeskError as error:
            response = self.refused(visit, from_error(error))
        return self.visits.finish(visit, response)

    def refused(self, visit: Visit, refusal: Refusal) -> Response:
        error = refusal.problem
        response = self.look.page(
            visit,
            "refused.html",
            status=refusal.status,
            title=visit.texts(f"refused.{refusal.text}.title"),
            say=visit.texts(f"refused.{refusal.text}.say"),
            detail=refusal.detail,
            problem=visit.texts.problem(error.reason, error.message) if error else None,
            again=refusal.again,
        )
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after)))
        return response
