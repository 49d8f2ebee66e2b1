"""The authorization endpoint: a client's question, the person's answer, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.administration import Alarm
from helpdesk_mcp.domain.sessions import Membership
from helpdesk_mcp.domain.tenants import Connection, Status
from helpdesk_mcp.oauth.flow import Consent, Leave, Question, Stop
from helpdesk_mcp.web.pages import forms
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.freshness import is_fresh
from helpdesk_mcp.web.pages.onward import QUESTION, Onward, address_of, go, source_of
from helpdesk_mcp.web.pages.pacing import REQUESTS, pace
from helpdesk_mcp.web.pages.parts import Happening
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.rights import grouped, offered, shown_name
from helpdesk_mcp.web.pages.texts import asked_language
from helpdesk_mcp.web.pages.visits import SignedIn, Visit

MOST_PARAMETERS: Final = 100


@dataclass(frozen=True, slots=True)
class ConsentPages:
    door: Door

    def routes(self) -> list[Route]:
        door = self.door
        return [
            door.show("/oauth/authorize", self.begin),
            door.open_act("/oauth/authorize", self.begin_posted),
            door.show("/consent/{question}", self.ask),
            door.act("/consent/{question}/answer", _purpose, self.answer),
        ]

    async def begin(self, visit: Visit, request: Request) -> Response:
        """Judge a client's request and lead to the question, or straight back."""
        query: bytes = request.scope["query_string"]
        try:
            pairs = parse_qsl(
                query.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError:
            raise Refusal(HTTPStatus.BAD_REQUEST, "request") from None
        return await self._begun(visit, request, pairs)

    async def begin_posted(self, visit: Visit, request: Request) -> Response:
        """Do the same for a form that the client's page sent (OpenID Connect Core §3.1.2.1)."""
        form = await forms.read(request)
        pairs = [(name, value) for name, values in form.fields.items() for value in values]
        return await self._begun(visit, request, pairs)

    async def _begun(
        self, visit: Visit, request: Request, pairs: list[tuple[str, str]]
    ) -> Response:
        await pace(self.door.parts, request, "authorize", REQUESTS)
        found = await self.door.parts.flow.begin(pairs, browser=visit.browser)
        if not isinstance(found, Question):
            return self._ended(visit, found)
        if "none" in found.prompt:
            return await self._silent(visit, found)
        response = go(Onward(found.id).address)
        cookies, wanted = self.door.visits.cookies, asked_language(dict(pairs).get("ui_locales"))
        if wanted and not cookies.language(request):  # what the person chose goes first
            cookies.keep_language(response, wanted, chosen=False)
        return response

    async def ask(self, visit: Visit, request: Request) -> Response:
        """Show the question; before it, whatever is missing: signing in, choosing a tenant."""
        found = await self._find(visit, request)
        if isinstance(found, Stop):
            return self._ended(visit, found)
        signed_in = visit.signed_in
        if signed_in is None or not _fresh(found, signed_in):
            return go(Onward(found.id).via("/sign-in"))
        if (place := signed_in.place) is None:
            if not signed_in.places:
                raise Refusal(HTTPStatus.FORBIDDEN, "no_place")
            return go(Onward(found.id).via("/choose"))
        if (earlier := await self._remembered(visit, found)) is not None:
            return await self._approved(visit, found, earlier)
        return await self._page(visit, found, place)

    async def answer(self, visit: Visit, request: Request, form: Form) -> Response:
        """Grant what was ticked and may be granted, or refuse. Once (security case A39)."""
        found = await self._find(visit, request)
        if isinstance(found, Stop):
            return self._ended(visit, found)
        if form.one("answer") != "allow":
            return await self._refused(visit, found)
        signed_in = visit.signed_in
        place = signed_in.place if signed_in else None
        if signed_in is None or place is None or not _fresh(found, signed_in):
            return go(Onward(found.id).address)
        desks = {desk.id for desk in await self._usable_desks(place)}
        consent = Consent(
            user=signed_in.person.id,
            tenant=place.tenant.id,
            desks=frozenset(form.every("desk")) & desks,
            scopes=frozenset(
                scope for scope in offered(found, place.role) if scope in form.every("scope")
            ),
            auth_time=signed_in.session.auth_time,
        )
        if found.scopes and not (consent.desks and consent.scopes):
            return await self._page(visit, found, place, incomplete=True)
        return await self._approved(visit, found, consent)

    async def _find(self, visit: Visit, request: Request) -> Question | Stop:
        question = request.path_params["question"]
        if not QUESTION.fullmatch(question):
            raise Refusal(HTTPStatus.NOT_FOUND, "not_found")
        return await self.door.parts.flow.question(question, browser=visit.browser)

    async def _silent(self, visit: Visit, question: Question) -> Response:
        """Answer `prompt=none` without a page: an earlier consent, or an error for the client."""
        signed_in = visit.signed_in
        error = "consent_required"
        if signed_in is None or not _fresh(question, signed_in):
            error = "login_required"
        elif (earlier := await self._remembered(visit, question)) is not None:
            return await self._approved(visit, question, earlier)
        elif signed_in.place is None:
            error = "account_selection_required"
        left = await self.door.parts.flow.refuse(question.id, browser=visit.browser, error=error)
        return self._ended(visit, left)

    async def _remembered(self, visit: Visit, question: Question) -> Consent | None:
        """Return an earlier consent to exactly this that still holds, if none need be asked.

        Any program on a computer can listen on localhost: there, people are always asked
        (RFC 8252 §8.6).
        """
        signed_in = visit.signed_in
        place = signed_in.place if signed_in else None
        if signed_in is None or place is None:
            return None
        if question.redirect_is_local or "consent" in question.prompt:
            return None
        earlier = await self.door.parts.flow.remembered(
            question.id, browser=visit.browser, user=signed_in.person.id
        )
        if earlier is None or earlier.tenant != place.tenant.id:
            return None
        desks = earlier.desks & {desk.id for desk in await self._usable_desks(place)}
        scopes = earlier.scopes & offered(question, place.role)
        if (desks, scopes) != (earlier.desks, earlier.scopes):
            return None
        return Consent(
            user=signed_in.person.id,
            tenant=place.tenant.id,
            desks=desks,
            scopes=scopes,
            auth_time=signed_in.session.auth_time,
        )

    async def _approved(self, visit: Visit, question: Question, consent: Consent) -> Response:
        facts = {
            "client": question.client_id,
            "desks": sorted(consent.desks),
            "scopes": sorted(consent.scopes),
        }
        await self._keep("ok", consent.user, consent.tenant, facts)
        left = await self.door.parts.flow.approve(question.id, consent, browser=visit.browser)
        return self._ended(visit, left)

    async def _refused(self, visit: Visit, question: Question) -> Response:
        signed_in = visit.signed_in
        place = signed_in.place if signed_in else None
        await self._keep(
            "denied",
            signed_in.person.id if signed_in else "",
            place.tenant.id if place else "",
            {"client": question.client_id},
        )
        left = await self.door.parts.flow.refuse(question.id, browser=visit.browser)
        return self._ended(visit, left)

    async def _keep(
        self, outcome: str, person: str, tenant: str, facts: Mapping[str, str | Sequence[str]]
    ) -> None:
        happening = Happening(
            name="auth.consent", outcome=outcome, person=person, tenant=tenant, facts=facts
        )
        await self.door.parts.diary.keep(happening)

    async def _usable_desks(self, place: Membership) -> list[Connection]:
        desks = await self.door.parts.desks(place.tenant.id)
        return [desk for desk in desks if desk.status is Status.ACTIVE]

    async def _page(
        self, visit: Visit, question: Question, place: Membership, *, incomplete: bool = False
    ) -> Response:
        may = offered(question, place.role)
        return self.door.look.page(
            visit,
            "consent.html",
            alarms=await self._alarms(visit, place),
            status=HTTPStatus.BAD_REQUEST if incomplete else HTTPStatus.OK,
            form_action=source_of(question.redirect_uri),
            question=question,
            name=shown_name(question.client_name),
            place=place,
            desks=await self._usable_desks(place),
            groups=grouped(may),
            withheld=len(set(question.scopes) - may),
            incomplete=incomplete,
        )

    async def _alarms(self, visit: Visit, place: Membership) -> Sequence[Alarm]:
        """Return the last thing to hear before anything is connected again (case A68)."""
        alarms, signed_in = self.door.parts.alarms, visit.signed_in
        if alarms is None or signed_in is None:
            return ()
        return (await alarms(place.tenant.id, signed_in.person.id))[:1]

    def _ended(self, visit: Visit, end: Leave | Stop) -> Response:
        if isinstance(end, Stop):
            return self.door.look.page(visit, "stopped.html", status=end.status, stop=end)
        if not end.form_post:
            return go(address_of(end))
        return self.door.look.page(
            visit,
            "form_post.html",
            form_action=source_of(end.redirect_uri),
            script=True,
            leave=end,
        )


def _purpose(request: Request) -> str:
    return f"consent:{request.path_params['question']}"


def _fresh(question: Question, signed_in: SignedIn) -> bool:
    return is_fresh(question, signed_in.session.auth_time)
