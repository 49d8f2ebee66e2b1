"""The pages on a real store of sessions, with people and questions that live in memory."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from tests.stores.opening import opened

from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.principals import Role, Scope
from helpdesk_mcp.domain.sessions import Membership, Person
from helpdesk_mcp.domain.tenants import Connection, Status, Tenant
from helpdesk_mcp.oauth.flow import Consent, Leave, Question, Stop
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.sessions import SqlSessions, SqlSignInAttempts
from helpdesk_mcp.web.console.site import browser_routes
from helpdesk_mcp.web.edge import Edge
from helpdesk_mcp.web.pages.parts import Happening, Parts

URL = "https://desk.example"
START = 1_800_000_000.0
ACME = Tenant(id="a" * 32, slug="acme", name="Acme & Sons")
GLOBEX = Tenant(id="b" * 32, slug="globex", name="Globex")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
CALLBACK = "https://client.example/callback"


def desk(name: str, **values: Any) -> Connection:
    return Connection(
        id=f"id-{name}", tenant=ACME.id, name=name, kind="django_helpdesk", address="", **values
    )


@dataclass(slots=True)
class PeopleInMemory:
    """Everybody, by id, with their places."""

    everybody: dict[str, Person] = field(default_factory=dict[str, Person])
    places: dict[str, tuple[Membership, ...]] = field(
        default_factory=dict[str, tuple[Membership, ...]]
    )

    async def by_email(self, email: str) -> Person | None:
        return next((p for p in self.everybody.values() if p.email == email), None)

    async def by_id(self, person_id: str) -> Person | None:
        return self.everybody.get(person_id)

    async def memberships(self, person_id: str) -> tuple[Membership, ...]:
        return self.places.get(person_id, ())

    async def rehash(self, person_id: str, hashed: str) -> None:
        self.everybody[person_id] = replace(self.everybody[person_id], password=hashed)

    def add(self, name: str, password: str, *places: Membership) -> Person:
        email = f"{name}@acme.example"
        person = Person(id=name, email=email, name=name, password=QUICK.hash(password))
        self.everybody[name] = person
        self.places[name] = places
        return person


@dataclass(slots=True)
class Questions:
    """A `Flow` whose requests are all in order; it remembers what people answered."""

    clock: "Clock"
    asked: dict[str, tuple[Question, str]] = field(default_factory=dict[str, tuple[Question, str]])
    granted: dict[str, Consent] = field(default_factory=dict[str, Consent])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    earlier: Consent | None = None
    next: Question | Leave | Stop | None = None

    async def begin(
        self, parameters: Sequence[tuple[str, str]], *, browser: str
    ) -> Question | Leave | Stop:
        given = dict(parameters)
        if self.next is not None and not isinstance(self.next, Question):
            return self.next
        found = self.next or question()
        wanted = replace(
            found,
            id=f"q{len(self.asked)}",
            began_at=self.clock.now,
            prompt=frozenset(given.get("prompt", "").split()),
            max_age=int(given["max_age"]) if "max_age" in given else None,
        )
        self.asked[wanted.id] = (wanted, browser)
        return wanted

    async def question(self, question_id: str, *, browser: str) -> Question | Stop:
        found = self.asked.get(question_id)
        if found is None or found[1] != browser:
            return Stop(status=403, error="access_denied", message="Not this browser's question.")
        return found[0]

    async def remembered(self, question_id: str, *, browser: str, user: str) -> Consent | None:
        del question_id, browser
        return self.earlier if self.earlier and self.earlier.user == user else None

    async def approve(self, question_id: str, consent: Consent, *, browser: str) -> Leave | Stop:
        found = await self.question(question_id, browser=browser)
        if isinstance(found, Stop) or question_id in self.granted:
            return Stop(status=403, error="access_denied", message="Answered already.")
        self.granted[question_id] = consent
        return Leave(redirect_uri=found.redirect_uri, parameters=(("code", "c&1"), ("iss", URL)))

    async def refuse(
        self, question_id: str, *, browser: str, error: str = "access_denied"
    ) -> Leave | Stop:
        found = await self.question(question_id, browser=browser)
        if isinstance(found, Stop):
            return found
        self.refused[question_id] = error
        return Leave(redirect_uri=found.redirect_uri, parameters=(("error", error), ("iss", URL)))


def question(**values: Any) -> Question:
    usual = Question(
        id="",
        client_id="https://client.example/metadata.json",
        client_name="Claude",
        client_host="client.example",
        redirect_uri=CALLBACK,
        redirect_host="client.example",
        redirect_is_local=False,
        resource=f"{URL}/mcp",
        scopes=(Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.REPLIES_SEND),
        began_at=0.0,
    )
    return replace(usual, **values)


@dataclass(slots=True)
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class DiaryInMemory:
    kept: list[Happening] = field(default_factory=list[Happening])

    async def keep(self, happening: Happening) -> None:
        self.kept.append(happening)

    def named(self, name: str) -> list[Happening]:
        return [happening for happening in self.kept if happening.name == name]


@dataclass(slots=True, kw_only=True)
class House:
    """Everything behind the pages, and browsers to visit them with."""

    parts: Parts
    people: PeopleInMemory
    flow: Questions
    clock: Clock
    diary: DiaryInMemory
    desks: list[Connection]
    app: Edge = field(init=False)

    def __post_init__(self) -> None:
        host = urlsplit(self.parts.public_url).netloc
        site = Starlette(routes=browser_routes(self.parts))
        self.app = Edge(site, allowed_hosts=(host,), allowed_origins=(self.parts.public_url,))

    def browser(self, address: str = "192.0.2.1", **headers: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(
                self.app,
                client=(address, 1),
            ),
            base_url=self.parts.public_url,
            headers={"accept-language": "en", "sec-fetch-site": "same-origin", **headers},
        )


def token_in(page: httpx2.Response, action: str = "") -> str:
    """Return the form token of a page, of the form with this action if there are several."""
    start = page.text.find(f'action="{action}"') if action else 0
    found = re.compile(r'name="token" value="([^"]+)"').search(page.text, max(start, 0))
    assert found, page.text
    return found[1]


async def sign_in(
    browser: httpx2.AsyncClient, name: str = "ana", password: str = PASSWORD, **more: str
) -> httpx2.Response:
    page = await browser.get("/sign-in", params=more)
    fields = {"email": f"{name}@acme.example", "password": password, **more}
    return await browser.post("/sign-in", data={"token": token_in(page), **fields})


async def ask(browser: httpx2.AsyncClient, **more: str) -> str:
    """Begin an authorization request and return the path of its consent page."""
    begun = await browser.get("/oauth/authorize", params={"client_id": "x", **more})
    assert begun.status_code == 303, begun.text
    return begun.headers["location"]


async def answer(
    browser: httpx2.AsyncClient, path: str, page: httpx2.Response, **fields: Any
) -> httpx2.Response:
    given = {"token": token_in(page, f"{path}/answer"), "answer": "allow", **fields}
    return await browser.post(f"{path}/answer", data=given)


@asynccontextmanager
async def opened_house(tmp_path: Path, **values: Any) -> AsyncGenerator[House]:
    async with opened("memory", tmp_path) as database:
        yield house(database, **values)


def house(database: AsyncEngine, **values: Any) -> House:
    clock, people, diary = Clock(), PeopleInMemory(), DiaryInMemory()
    people.add("ana", "correct horse", Membership(tenant=ACME, role=Role.AGENT))
    people.add(
        "bea",
        "correct horse",
        Membership(tenant=ACME, role=Role.SUPERVISOR),
        Membership(tenant=GLOBEX, role=Role.AUDITOR),
    )
    people.add("eve", "correct horse")
    flow = Questions(clock)
    desks = [desk("IT"), desk("HR"), desk("old", status=Status.SUSPENDED)]

    async def desks_of(tenant: str) -> list[Connection]:
        return desks if tenant == ACME.id else []

    usual = Parts(
        public_url=URL,
        people=people,
        passwords=Passwords(hasher=QUICK),
        sessions=SqlSessions(database),
        attempts=SqlSignInAttempts(database),
        limiter=MemoryLimiter(clock),
        forms_key=b"k" * 32,
        diary=diary,
        flow=flow,
        desks=desks_of,
        clock=clock,
    )
    parts = replace(usual, **values)
    return House(parts=parts, people=people, flow=flow, clock=clock, diary=diary, desks=desks)
