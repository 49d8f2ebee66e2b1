"""An authorization server on a real database, with a town of people and a clock to set."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import opened

from helpdesk_mcp.domain.principals import EVERY_SCOPE, Role, Scope
from helpdesk_mcp.oauth.asking import Asking
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.finding import StoredClients
from helpdesk_mcp.oauth.flow import Consent, Leave, Question
from helpdesk_mcp.oauth.models import Client, Source, Standing
from helpdesk_mcp.oauth.ports import Members, Remark
from helpdesk_mcp.oauth.scopes import Resources
from helpdesk_mcp.stores.ledger import SqlLedger

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


@dataclass(slots=True, kw_only=True)
class Laboratory:
    database: AsyncEngine
    town: Town
    clock: Clock
    ledger: SqlLedger
    flow: Asking
    remarks: list[Remark]

    async def add(self, client: Client) -> Client:
        await self.ledger.run(lambda records: records.clients.put(client))
        return client

    def events(self) -> list[str]:
        return [remark.event for remark in self.remarks]

    async def asked(self, **changes: str | None) -> Question:
        question = await self.flow.begin(request(**changes), browser=BROWSER)
        assert isinstance(question, Question), question
        return question

    async def code(self, *, scopes: frozenset[Scope] = EVERY_SCOPE, **changes: str | None) -> str:
        """Ask, consent, and return the code."""
        question = await self.asked(**changes)
        left = await self.flow.approve(question.id, consent(scopes), browser=BROWSER)
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


@asynccontextmanager
async def laboratory(kind: str, directory: Path) -> AsyncGenerator[Laboratory]:
    async with opened(kind, directory) as database:
        remarks: list[Remark] = []

        async def witness(remark: Remark) -> None:
            remarks.append(remark)

        town, clock = Town(), Clock()
        ledger = SqlLedger(database, town.open, witness)
        flow = Asking(clients=StoredClients(ledger=ledger), ledger=ledger, rules=RULES, clock=clock)
        lab = Laboratory(
            database=database,
            town=town,
            clock=clock,
            ledger=ledger,
            flow=flow,
            remarks=remarks,
        )
        await lab.add(CLIENT)
        yield lab
