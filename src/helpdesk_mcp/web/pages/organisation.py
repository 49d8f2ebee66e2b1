"""Signing in through an organisation's own OpenID provider: the way there, and the way back."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import Denied, NotFound
from helpdesk_mcp.domain.sessions import Session
from helpdesk_mcp.oauth.flow import Question
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.freshness import is_fresh, longest_age
from helpdesk_mcp.web.pages.onward import QUESTION, Onward, go
from helpdesk_mcp.web.pages.pacing import SIGN_IN, TRIES, pace
from helpdesk_mcp.web.pages.parts import Happening, Upstream, Vouched
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import Visit

CALLBACK: Final = "/sign-in/callback"
SKEW: Final = 30.0
"""Seconds by which a provider's clock may differ from ours."""
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")


@dataclass(frozen=True, slots=True)
class OrganisationPages:
    door: Door
    upstream: Upstream

    def routes(self) -> list[Route]:
        return [
            self.door.act("/sign-in/organisation", "organisation", self.start),
            self.door.show(CALLBACK, self.finish),
        ]

    async def start(self, visit: Visit, request: Request, form: Form) -> Response:
        """Begin at a person's own press of a button, never at a link (security case A40)."""
        parts = self.door.parts
        await pace(parts, request, SIGN_IN, TRIES)
        asked = form.one("slug").strip().casefold()
        slug = asked if _SLUG.fullmatch(asked) else ""  # which no organisation has
        question = form.one("for") if QUESTION.fullmatch(form.one("for")) else ""
        asked = await self._question(visit, question)
        age = longest_age(asked) if asked else None
        try:
            provider = await self.upstream.start(
                slug, browser=visit.browser, question=question, max_age=age
            )
        except NotFound:
            raise Refusal(
                HTTPStatus.NOT_FOUND, "organisation", again=Onward(question).via("/sign-in")
            ) from None
        return self.door.look.page(visit, "provider.html", provider=provider)

    async def finish(self, visit: Visit, request: Request) -> Response:
        """Take the provider's answer, once, in the browser that asked (security case A41)."""
        pairs = request.query_params.multi_items()
        answer = dict(pairs) if len(pairs) == len(dict(pairs)) else {}
        try:
            vouched = await self.upstream.finish(answer, browser=visit.browser)
        except Denied as error:
            happening = Happening(name="auth.upstream", outcome="denied", reason=error.reason)
            await self.door.parts.diary.keep(happening)
            raise Refusal(
                HTTPStatus.BAD_REQUEST, "upstream", problem=error, again="/sign-in"
            ) from error
        await self._check_fresh(visit, vouched)
        await self.door.parts.diary.keep(
            Happening(
                name="auth.login",
                outcome="ok",
                person=vouched.person.id,
                tenant=vouched.tenant,
                facts={"issuer": vouched.issuer},
            )
        )
        session = Session(
            person=vouched.person.id,
            auth_time=visit.now,
            seen_at=visit.now,
            tenant=vouched.tenant,
            via=vouched.issuer,
        )
        response = go(Onward(vouched.question).address)
        await self.door.visits.sign_in(visit, session, response)
        return response

    async def _check_fresh(self, visit: Visit, vouched: Vouched) -> None:
        """Refuse a sign-in that the provider itself calls older than the client wants (A20)."""
        asked = await self._question(visit, vouched.question)
        if asked is None or vouched.auth_time is None:
            return
        if not is_fresh(asked, vouched.auth_time + SKEW):
            await self.door.parts.diary.keep(
                Happening(name="auth.upstream", outcome="denied", reason="auth_time")
            )
            stale = Denied(
                "The application wants you to sign in again, and your organisation's provider "
                "did not ask you to. Sign out there, then begin again.",
                reason="auth_time",
            )
            again = Onward(vouched.question).via("/sign-in")
            raise Refusal(HTTPStatus.BAD_REQUEST, "upstream", problem=stale, again=again)

    async def _question(self, visit: Visit, question: str) -> Question | None:
        if not question:
            return None
        found = await self.door.parts.flow.question(question, browser=visit.browser)
        return found if isinstance(found, Question) else None
