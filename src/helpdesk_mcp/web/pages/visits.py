"""Who stands before a page: the browser, its session, the person and their place in a tenant."""

import secrets
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_mcp.domain.sessions import PASSWORD, Membership, Person, Session
from helpdesk_mcp.web.pages.cookies import Cookies
from helpdesk_mcp.web.pages.parts import Parts
from helpdesk_mcp.web.pages.texts import CATALOGUES, LANGUAGES, Texts, preferred

TOUCHED_EVERY = 60.0
"""Seconds between two notes in the store that a session is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A live session and whose it is. `place` is None while a choice of tenant is due."""

    secret: str
    session: Session
    person: Person
    places: tuple[Membership, ...]

    @property
    def place(self) -> Membership | None:
        if len(self.places) == 1:
            return self.places[0]
        chosen = (p for p in self.places if p.tenant.id == self.session.tenant)
        return next(chosen, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request for a page: `here` is its path and query.

    `browser` is a secret of this browser, made at its first visit.
    """

    texts: Texts
    now: float
    here: str
    browser: str
    is_new_browser: bool
    signed_in: SignedIn | None = None

    @property
    def owner(self) -> str:
        """The secret that this visit's forms are bound to."""
        return self.signed_in.secret if self.signed_in else self.browser


@dataclass(frozen=True, slots=True)
class Visits:
    """From a request to a visit, and from a visit to cookies."""

    parts: Parts
    cookies: Cookies

    async def begin(self, request: Request) -> Visit:
        """Return the visit. Raises Unavailable when sessions cannot be looked up."""
        stranger = self.stranger(request)
        signed_in = await self._signed_in(self.cookies.session(request), stranger.now)
        if signed_in is None:
            return stranger
        texts = CATALOGUES[self._language(request, signed_in.person.locale)]
        return replace(stranger, texts=texts, signed_in=signed_in)

    def stranger(self, request: Request) -> Visit:
        """Return the visit of somebody who has not signed in, without asking any store."""
        browser = self.cookies.browser(request)
        query: bytes = request.scope["query_string"]
        return Visit(
            texts=CATALOGUES[self._language(request, "")],
            now=self.parts.clock(),
            here=request.scope["path"] + (f"?{query.decode('latin-1')}" if query else ""),
            browser=browser or new_secret(),
            is_new_browser=not browser,
        )

    def finish(self, visit: Visit, response: Response) -> Response:
        if visit.is_new_browser:
            self.cookies.keep_browser(response, visit.browser)
        return response

    async def sign_in(self, visit: Visit, session: Session, response: Response) -> None:
        """Begin a session under a new secret; one that this browser had is over (A31)."""
        if visit.signed_in is not None:
            await self.parts.sessions.remove(visit.signed_in.secret)
        secret = new_secret()
        await self.parts.sessions.add(secret, session)
        self.cookies.keep_session(response, secret)

    async def choose(self, visit: SignedIn, tenant: str, response: Response) -> None:
        """Act in a tenant from now on, under a new secret: other rights, another session."""
        secret = new_secret()
        await self.parts.sessions.add(secret, replace(visit.session, tenant=tenant))
        await self.parts.sessions.remove(visit.secret)
        self.cookies.keep_session(response, secret)

    async def sign_out(self, visit: SignedIn, response: Response, *, everywhere: bool) -> None:
        if everywhere:
            await self.parts.sessions.remove_all(visit.person.id)
        await self.parts.sessions.remove(visit.secret)
        self.cookies.drop_session(response)

    async def _signed_in(self, secret: str, now: float) -> SignedIn | None:
        if not secret or (session := await self.parts.sessions.find(secret)) is None:
            return None
        person = await self.parts.people.by_id(session.person)
        if person is None or not session.alive(person, now):
            await self.parts.sessions.remove(secret)
            return None
        if now - session.seen_at > TOUCHED_EVERY:
            await self.parts.sessions.touch(secret, now)
        places = await self.parts.people.memberships(person.id)
        if session.via != PASSWORD:  # a provider vouches in its own organisation only
            places = tuple(place for place in places if place.tenant.id == session.tenant)
        return SignedIn(secret=secret, session=session, person=person, places=places)

    def _language(self, request: Request, of_person: str) -> str:
        for chosen in (self.cookies.language(request), of_person):
            if chosen in LANGUAGES:
                return chosen
        return preferred(request.headers.get("accept-language", ""))


def new_secret() -> str:
    """Return 256 random bits, marked so that no log or trail keeps what it takes for text."""
    return f"hdw_{secrets.token_urlsafe(32)}"
