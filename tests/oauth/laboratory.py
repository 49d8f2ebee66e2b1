"""An authorization server on a real database, with a town of people and a clock to set."""

import base64
import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx2
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from tests.stores.opening import opened

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.fetching import Fetched
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Role, Scope
from helpdesk_mcp.oauth.asking import Asking
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.client_documents import DocumentClients
from helpdesk_mcp.oauth.flow import Consent, Leave, Question
from helpdesk_mcp.oauth.keys import KeyRing, Purpose, generated
from helpdesk_mcp.oauth.models import Client, Source, Standing
from helpdesk_mcp.oauth.ports import Members, Remark
from helpdesk_mcp.oauth.scopes import Resources
from helpdesk_mcp.oauth.server import OAuthServer
from helpdesk_mcp.stores.ledger import SqlLedger
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals
from helpdesk_mcp.web.edge import Edge
from helpdesk_mcp.web.oauth import OAuthEndpoints
from helpdesk_mcp.web.oauth_documents import routes as documents
from helpdesk_mcp.web.site import open_to_all

ISSUER = "https://desk.example"
MCP = f"{ISSUER}/mcp"
RULES = Rules(issuer=ISSUER, resources=Resources(mcp=MCP, admin=f"{ISSUER}/admin"))
REDIRECT = "https://app.example/callback"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
BROWSER = "the-secret-of-one-browser"
TENANT = "acme"
ANA = "ana"
DESKS = frozenset({"it"})
CLIENT = Client(
    id="app", name="An app", source=Source.REGISTERED, redirect_uris=(REDIRECT,), created_at=1.0
)


@dataclass(slots=True)
class Town:
    """Who belongs where. Changing it is what an administrator would do."""

    people: dict[tuple[str, str], Standing] = field(
        default_factory=lambda: {(TENANT, ANA): Standing(role=Role.SUPERVISOR, email="ana@acme")}
    )
    suspended: set[str] = field(default_factory=set[str])

    def standing(self, tenant: str, user: str) -> Standing | None:
        return None if tenant in self.suspended else self.people.get((tenant, user))

    def serves(self, tenant: str) -> bool:
        return tenant not in self.suspended

    def open(self, connection: Connection) -> Members:
        del connection
        return self


@dataclass(slots=True)
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Internet:
    """What answers when a client's document is fetched. Nothing of it is on a network."""

    pages: dict[str, Fetched | None] = field(default_factory=dict[str, Fetched | None])
    asked: list[str] = field(default_factory=list[str])

    async def get(self, url: str, *, max_bytes: int, bearer: str = "") -> Fetched:
        del max_bytes, bearer
        self.asked.append(url)
        if (found := self.pages.get(url)) is None:
            raise Unavailable("It does not answer.", reason="unreachable")
        return found

    async def post(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> Fetched:
        del form
        return await self.get(url, max_bytes=max_bytes)


@dataclass(slots=True, kw_only=True)
class Laboratory:
    database: AsyncEngine
    town: Town
    clock: Clock
    ledger: SqlLedger
    flow: Asking
    remarks: list[Remark]
    keys: KeyRing
    server: OAuthServer
    internet: Internet
    http: httpx2.AsyncClient

    async def add(self, client: Client) -> Client:
        await self.ledger.run(lambda records: records.clients.put(client))
        return client

    def events(self) -> list[str]:
        return [remark.event for remark in self.remarks]

    async def asked(self, **changes: str | None) -> Question:
        question = await self.flow.begin(request(**changes), browser=BROWSER)
        assert isinstance(question, Question), question
        return question

    async def post(self, path: str, form: Mapping[str, str | None]) -> httpx2.Response:
        data = {name: value for name, value in form.items() if value is not None}
        return await self.http.post(path, data=data)

    async def redeem(self, code: str, **changes: str | None) -> httpx2.Response:
        usual: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": CLIENT.id,
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return await self.post("/oauth/token", usual | changes)

    async def refresh(self, token: str, **changes: str | None) -> httpx2.Response:
        usual: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "client_id": CLIENT.id,
            "refresh_token": token,
        }
        return await self.post("/oauth/token", usual | changes)

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Go the whole way, and return the answer of the token endpoint."""
        question = await self.asked(**changes)
        left = await self.flow.approve(question.id, consent(), browser=BROWSER)
        assert isinstance(left, Leave), left
        answer = await self.redeem(dict(left.parameters)["code"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def works(self, token: str) -> bool:
        """Whether an access token opens the door, once nothing is remembered any more."""
        self.clock.now += 5
        return await self.server.door.principal(token) is not None

    async def code(self, *, allowed: frozenset[Scope] = EVERY_SCOPE, **changes: str | None) -> str:
        """Ask, consent, and return the code."""
        question = await self.asked(**changes)
        left = await self.flow.approve(question.id, consent(allowed), browser=BROWSER)
        assert isinstance(left, Leave), left
        return dict(left.parameters)["code"]


def request(**changes: str | None) -> list[tuple[str, str]]:
    """Return a good authorization request, with changes; None leaves a parameter out."""
    usual: dict[str, str | None] = {
        "response_type": "code",
        "client_id": CLIENT.id,
        "redirect_uri": REDIRECT,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "scope": "tickets:read tickets:write",
        "state": "st",
        "resource": MCP,
    }
    return [(name, value) for name, value in (usual | changes).items() if value is not None]


def consent(scopes: frozenset[Scope] = EVERY_SCOPE, *, user: str = ANA) -> Consent:
    return Consent(user=user, tenant=TENANT, desks=DESKS, scopes=scopes, auth_time=1_799_999_990.0)


class Drawer:
    """Keys for one laboratory, real and different, that others have used: an RSA key takes long."""

    _made: ClassVar[dict[Purpose, list[ECKey | RSAKey]]] = {purpose: [] for purpose in Purpose}

    def __init__(self) -> None:
        self._taken = dict.fromkeys(Purpose, 0)

    def draw(self, purpose: Purpose) -> ECKey | RSAKey:
        made, place = self._made[purpose], self._taken[purpose]
        self._taken[purpose] += 1
        while place >= len(made):  # several threads draw at once
            made.append(generated(purpose))
        return made[place]


@asynccontextmanager
async def laboratory(kind: str, directory: Path) -> AsyncGenerator[Laboratory]:
    async with opened(kind, directory) as database:
        remarks: list[Remark] = []

        async def witness(remark: Remark) -> None:
            remarks.append(remark)

        town, clock, internet = Town(), Clock(), Internet()
        ledger = SqlLedger(database, town.open, witness)
        limiter = MemoryLimiter(clock)
        seals = SqlSeals(database, DEPLOYMENT, parse_keys(new_line(1)))
        keys = KeyRing(SqlSigningKeys(database), seals, clock, Drawer().draw)
        server = OAuthServer(ledger, keys, RULES, limiter, internet, clock)
        clients = DocumentClients(ledger, internet, limiter, clock)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=site(server)), base_url=ISSUER
        ) as http:
            lab = Laboratory(
                database=database,
                town=town,
                clock=clock,
                ledger=ledger,
                flow=Asking(clients=clients, ledger=ledger, rules=RULES, clock=clock),
                remarks=remarks,
                keys=keys,
                server=server,
                internet=internet,
                http=http,
            )
            await lab.add(CLIENT)
            yield lab


def site(server: OAuthServer) -> Edge:
    """Return the endpoints for programs behind the edge, as the whole site has them."""
    routes = [*documents(ISSUER, server, (ISSUER,)), *OAuthEndpoints(server).routes()]
    return Edge(
        Starlette(routes=routes),
        allowed_hosts=["desk.example"],
        allowed_origins=[ISSUER],
        open_to_all=open_to_all,
    )
