"""Signing in with a password or through one's organisation, and signing out."""

import hashlib
import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.crypto.passwords import Busy, Verdict
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.sessions import Person, Session
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.oauth.flow import Question
from helpdesk_mcp.web.pages.addresses import client_of
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.onward import Onward, go, onward, source_of
from helpdesk_mcp.web.pages.parts import Happening
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import Visit

MOST_BYTES: Final = 1_024
LONGEST_EMAIL: Final = 254
PER_ADDRESS: Final = Rate(burst=20, per_second=20 / 60)
"""Passwords that one address may try (security case A27)."""


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
        await self._spend(request)
        person, wait = await self._judged(visit, email, password)
        if person is None:
            return await self._page(visit, to, email=form.one("email"), failed=True, wait=wait)
        await self._keep("auth.login", person)
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
            await self._keep("auth.logout", visit.signed_in.person)
        return response

    async def signed_out(self, visit: Visit, _: Request) -> Response:
        return self.door.look.page(visit, "signed_out.html")

    async def _judged(self, visit: Visit, email: str, password: str) -> tuple[Person | None, float]:
        parts = self.door.parts
        person = await parts.people.by_email(email)
        account = hashlib.sha256(email.encode()).hexdigest()
        if (wait := await parts.attempts.attempt(account, visit.now)) > 0:
            await self._keep("auth.login.throttled", person, outcome="denied")
            return None, wait
        usable = person is not None and person.status is Status.ACTIVE
        stored = person.password if person is not None and usable else ""
        verdict = await self._verdict(stored or None, password)
        if not verdict.right or person is None:
            await self._keep("auth.login", person, outcome="denied")
            return None, 0.0
        if verdict.rehashed:
            await parts.people.rehash(person.id, verdict.rehashed)
        await parts.attempts.clear(account)
        return person, 0.0

    async def _verdict(self, stored: str | None, password: str) -> Verdict:
        try:
            return await self.door.parts.passwords.verify(stored, password)
        except Busy:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", retry_after=2, again="/sign-in"
            ) from None

    async def _spend(self, request: Request) -> None:
        parts = self.door.parts
        address = client_of(request, parts.trusted_proxies)
        if (wait := await parts.limiter.take(f"sign-in\0{address}", PER_ADDRESS)) > 0:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_often", retry_after=wait)

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

    async def _keep(self, name: str, person: Person | None, outcome: str = "ok") -> None:
        await self.door.parts.diary.keep(
            Happening(name=name, outcome=outcome, person=person.id if person else "")
        )


def _status(*, failed: bool, wait: float) -> HTTPStatus:
    if wait > 0:
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNAUTHORIZED if failed else HTTPStatus.OK


def _checked(form: Form) -> tuple[str, str]:
    """Return e-mail address and password, normalised; refuse what no one can have (A29)."""
    email, password = form.one("email"), form.one("password")
    if len(password.encode()) > MOST_BYTES or len(email) > LONGEST_EMAIL:
        raise Refusal(HTTPStatus.BAD_REQUEST, "too_long", again="/sign-in")
    plain_email = unicodedata.normalize("NFC", email).strip().casefold()
    return plain_email, unicodedata.normalize("NFC", password)
