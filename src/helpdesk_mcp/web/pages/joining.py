"""Accepting an invitation: with a password of one's own, or as the person already signed in."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.onward import go
from helpdesk_mcp.web.pages.pacing import TRIES, pace
from helpdesk_mcp.web.pages.parts import Happening, Invitations
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import Visit
from helpdesk_mcp.web.problems import status_of

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{20,128}")


@dataclass(frozen=True, slots=True)
class JoinPages:
    door: Door
    invitations: Invitations

    def routes(self) -> list[Route]:
        return [
            self.door.show("/join/{secret}", self.show),
            self.door.act("/join/{secret}", "join", self.join),
        ]

    async def show(self, visit: Visit, request: Request) -> Response:
        return await self._page(visit, request)

    async def join(self, visit: Visit, request: Request, form: Form) -> Response:
        """Accept, once. Somebody signed in joins as themselves; anybody else makes an account."""
        secret = self._secret(request)
        person = visit.signed_in.person.id if visit.signed_in else ""
        if not person and form.one("password") != form.one("again"):
            return await self._page(visit, request, different=True)
        try:
            joined = await self.invitations.accept(
                secret, password="" if person else form.one("password"), person=person
            )
        except HelpdeskError as error:
            return await self._page(visit, request, problem=error)
        await self.door.parts.diary.keep(Happening(name="auth.joined", outcome="ok", person=joined))
        return go("/console")

    async def _page(
        self,
        visit: Visit,
        request: Request,
        *,
        problem: HelpdeskError | None = None,
        different: bool = False,
    ) -> Response:
        await pace(self.door.parts, request, "join", TRIES)
        email = await self.invitations.invitation(self._secret(request))
        if email is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "invitation")
        status = HTTPStatus.BAD_REQUEST if different else HTTPStatus.OK
        return self.door.look.page(
            visit,
            "join.html",
            status=status_of(problem) if problem else status,
            email=email,
            problem=problem,
            different=different,
        )

    def _secret(self, request: Request) -> str:
        secret: str = request.path_params["secret"]
        if not _SECRET.fullmatch(secret):
            raise Refusal(HTTPStatus.NOT_FOUND, "invitation")
        return secret
