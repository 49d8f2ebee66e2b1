"""A person's own account: who they are, and a new password."""

import math
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.sessions import PASSWORD, Session
from helpdesk_mcp.web.console.counter import signed_in_at
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.judging import PasswordJudge, plain
from helpdesk_mcp.web.pages.onward import go
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import SignedIn, Visit

HERE = "/console/account"


class AccountRoom(Room):
    section = "account"

    def routes(self) -> list[Route]:
        return [self.shown(HERE), self.acted(f"{HERE}/password", self.change)]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        return self._page(visit, request, outcome)

    def _page(
        self,
        visit: Visit,
        request: Request,
        outcome: Outcome = NOTHING,
        *,
        fault: str = "",
        wait: float = 0.0,
    ) -> Response:
        signed_in, _ = signed_in_at(visit)
        response = self.framed(
            visit, request, "account.html", outcome, fault=fault, may=_may(signed_in)
        )
        if fault:
            response.status_code = HTTPStatus.BAD_REQUEST
        if wait > 0:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response.headers["Retry-After"] = str(int(wait) + 1)
        return response

    async def change(self, visit: Visit, request: Request, form: Form) -> Response:
        """Set a new password for who knows the old one; all other sessions end (case A31)."""
        parts, (signed_in, _) = self.door.parts, signed_in_at(visit)
        passwords = parts.own_passwords
        if passwords is None or not _may(signed_in):
            raise Refusal(HTTPStatus.FORBIDDEN, "no_password", again=HERE)
        if form.one("password") != form.one("again"):
            return self._page(visit, request, fault="join.different")
        judge, person = PasswordJudge(parts), signed_in.person
        await judge.spend(request)
        old = plain(form.one("old"))
        known, wait = await judge.judged(person.email, old, visit.now, name="auth.password")
        if known is None:
            return self._page(visit, request, fault="account.wrong", wait=wait)
        agents = form.one("agents") == "yes"
        try:
            await passwords.set_password(person.id, form.one("password"), agents=agents)
        except HelpdeskError as error:
            return self._page(visit, request, Outcome(problem=error))
        await judge.keep("auth.password", person)
        return await self._signed_in_anew(visit, signed_in)

    async def _signed_in_anew(self, visit: Visit, signed_in: SignedIn) -> Response:
        parts, person = self.door.parts, signed_in.person
        await parts.sessions.remove_all(person.id)
        changed, now = await parts.people.by_id(person.id), parts.clock()
        session = Session(
            person=person.id,
            # This sign-in is later than the one moment up to which all are over.
            auth_time=max(now, math.nextafter(changed.signed_out_at, math.inf) if changed else now),
            seen_at=now,
            tenant=signed_in.session.tenant,
        )
        response = go(f"{HERE}?done=password")
        await self.door.visits.sign_in(visit, session, response)
        return response


def _may(signed_in: SignedIn) -> bool:
    """Whether there is a password to change, and who is here came in with it."""
    return bool(signed_in.person.password) and signed_in.session.via == PASSWORD
