"""Signing in with a password or through one's organisation, and signing out."""

import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.sessions import Session
from helpdesk_mcp.oauth.flow import Question
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.judging import PasswordJudge, plain
from helpdesk_mcp.web.pages.onward import Onward, go, onward, source_of
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import Visit

LONGEST_EMAIL: Final = 254


@dataclass(frozen=True, slots=True)
class SignInPages:
    door: Door

    def routes(self) -> list[Route]:
        door = self.door
        return [
            door.show("/sign-in", self.show),
            door.act("/sign-in", "sign-in", self.sign_in),
            door.show("/sign-out", self.ask_to_sign_out),
            door.show("/oauth/logout", self.ask_to_sign_out),
            door.act("/sign-out", "sign-out", self.sign_out),
            door.show("/signed-out", self.signed_out),
        ]

    async def show(self, visit: Visit, request: Request) -> Response:
        query = request.query_params
        to = onward(query.get("for", ""), query.get("next", ""))
        return await self._page(visit, to)

    async def sign_in(self, visit: Visit, request: Request, form: Form) -> Response:
        """Judge a password. Whatever is wrong, the answer is the same (security case A28)."""
        to = onward(form.one("for"), form.one("next"))
        email, password = _checked(form)
        judge = PasswordJudge(self.door.parts)
        await judge.spend(request)
        person, wait = await judge.judged(email, password, visit.now)
        if person is None:
            return await self._page(visit, to, email=form.one("email"), failed=True, wait=wait)
        await judge.keep("auth.login", person)
        session = Session(person=person.id, auth_time=visit.now, seen_at=visit.now)
        response = go(to.address)
        await self.door.visits.sign_in(visit, session, response)
        return response

    async def ask_to_sign_out(self, visit: Visit, _: Request) -> Response:
        """Ask first, and never lead anywhere else (security case A43)."""
        if visit.signed_in is None:
            return go("/signed-out")
        return self.door.look.page(visit, "sign_out.html")

    async def sign_out(self, visit: Visit, _: Request, form: Form) -> Response:
        response = go("/signed-out")
        if visit.signed_in is not None:
            everywhere = form.one("everywhere") == "yes"
            await self.door.visits.sign_out(visit.signed_in, response, everywhere=everywhere)
            await PasswordJudge(self.door.parts).keep("auth.logout", visit.signed_in.person)
        return response

    async def signed_out(self, visit: Visit, _: Request) -> Response:
        return self.door.look.page(visit, "signed_out.html")

    async def _page(
        self,
        visit: Visit,
        to: Onward,
        *,
        email: str = "",
        failed: bool = False,
        wait: float = 0.0,
    ) -> Response:
        question = await self._question(visit, to)
        response = self.door.look.page(
            visit,
            "sign_in.html",
            status=_status(failed=failed, wait=wait),
            form_action=source_of(question.redirect_uri) if question else "",
            to=to,
            question=question,
            email=email,
            failed=failed,
            upstream=self.door.parts.upstream is not None,
        )
        if wait > 0:
            response.headers["Retry-After"] = str(int(wait) + 1)
        return response

    async def _question(self, visit: Visit, to: Onward) -> Question | None:
        if not to.question:
            return None
        found = await self.door.parts.flow.question(to.question, browser=visit.browser)
        return found if isinstance(found, Question) else None


def _status(*, failed: bool, wait: float) -> HTTPStatus:
    if wait > 0:
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNAUTHORIZED if failed else HTTPStatus.OK


def _checked(form: Form) -> tuple[str, str]:
    """Return e-mail address and password, normalised; refuse what no one can have (A29)."""
    email, password = form.one("email"), plain(form.one("password"))
    if len(email) > LONGEST_EMAIL:
        raise Refusal(HTTPStatus.BAD_REQUEST, "too_long", again="/sign-in")
    return unicodedata.normalize("NFC", email).strip().casefold(), password
