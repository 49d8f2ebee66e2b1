"""The authorization server and the pages where it meets people, put together on one database."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.desks.fetching import GuardedFetch, anywhere, opened
from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.errors import Denied, NotFound
from helpdesk_mcp.domain.limits import Limiter
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.tenants import Connections, Status
from helpdesk_mcp.environment import External
from helpdesk_mcp.oauth.asking import Asking
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.client_documents import DocumentClients
from helpdesk_mcp.oauth.external import ExternalDoor
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.oauth.ports import Remark
from helpdesk_mcp.oauth.provider import Provider
from helpdesk_mcp.oauth.scopes import Resources
from helpdesk_mcp.oauth.server import OAuthServer
from helpdesk_mcp.oauth.upstream import UpstreamSignIn
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.database import Database, secret
from helpdesk_mcp.stores.grant_book import SqlGrantBook
from helpdesk_mcp.stores.ledger import SqlLedger
from helpdesk_mcp.stores.members import SqlMembers
from helpdesk_mcp.stores.providers import SqlUpstreamClients, SqlUpstreamStates
from helpdesk_mcp.stores.sessions import SqlSessions, SqlSignInAttempts
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.web.pages import parts as pages
from helpdesk_mcp.web.pages.diary import AuditDiary
from helpdesk_mcp.web.pages.parts import Parts, ToolInfo


@dataclass(frozen=True, slots=True)
class Diary:
    """Takes down what people and programs do at the authorization server, in their tenant's trail.

    What belongs to no tenant, such as a failed sign-in, stands in the deployment's own.
    """

    trail: SqlAuditTrail

    async def remark(self, remark: Remark) -> None:
        """Keep what happened at an endpoint; it is stored within a second."""
        self.trail.note(
            _event(
                remark.event,
                remark.outcome,
                remark.tenant,
                remark.user,
                client=remark.client,
                target=remark.target,
                reason=remark.reason,
            )
        )


def _event(name: str, outcome: str, tenant: str, user: str, **more: str) -> AuditEvent:
    values: dict[str, Any] = {"client": "", "effect": "write", **more}
    return AuditEvent(
        id=uuid.uuid4().hex,
        at=datetime.now(UTC),
        tenant=tenant or DEPLOYMENT,
        user=user,
        origin="web",
        tool_name=name,
        outcome=outcome,
        **values,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What both stand on, before it is known at which address they are served."""

    database: Database
    trail: SqlAuditTrail
    limiter: Limiter
    passwords: Passwords
    connections: Callable[[str], Connections]
    administration: Pipeline
    tools: Sequence[AnyOperation]
    keyring: Keyring
    networks: tuple[str, ...] = ()
    """Private networks where organisations' providers may be."""
    forms_key: bytes = field(repr=False)

    @classmethod
    async def founded(cls, database: Database, keyring: Keyring, **others: Any) -> "Authority":
        """Return an authority whose own keys are sealed by the key ring."""
        return cls(
            database=database,
            passwords=Passwords(),
            keyring=keyring,
            forms_key=await secret(database, "forms"),
            **others,
        )

    def at(self, url: str, proxies: tuple[str, ...] = ()) -> tuple[OAuthServer, Parts]:
        """Return the server whose issuer is this address, and what its pages need."""
        rules = Rules(issuer=url, resources=Resources(mcp=f"{url}/mcp", admin=f"{url}/admin"))
        ledger = SqlLedger(self.database, SqlMembers, Diary(self.trail).remark)
        keys = signing_keys(self.database, self.keyring)
        fetch = GuardedFetch()
        clients = DocumentClients(ledger, fetch, self.limiter)
        flow = Asking(clients=clients, ledger=ledger, rules=rules)
        server = OAuthServer(ledger, keys, rules, self.limiter, fetch)
        return server, self._parts(url, flow, proxies)

    def _parts(self, url: str, flow: Asking, proxies: tuple[str, ...]) -> Parts:
        accounts = SqlAccounts(self.database, self.passwords)
        sign_in = UpstreamSignIn(
            public_url=url,
            clients=SqlUpstreamClients(self.database, self.keyring),
            states=SqlUpstreamStates(self.database),
            fetch=GuardedFetch(permit=opened(self.networks)),
        )
        return Parts(
            public_url=url,
            people=accounts,
            passwords=self.passwords,
            sessions=SqlSessions(self.database),
            attempts=SqlSignInAttempts(self.database),
            limiter=self.limiter,
            forms_key=self.forms_key,
            diary=AuditDiary(self.trail, accounts, DEPLOYMENT),
            flow=flow,
            desks=lambda tenant: self.connections(tenant).every(),
            invitations=accounts,
            own_passwords=accounts,
            alarms=lambda tenant, person: SqlGrantBook(self.database, tenant).alarms(person),
            upstream=Elsewhere(sign_in=sign_in, accounts=accounts),
            administration=self.administration,
            trusted_proxies=proxies,
            tools=tuple(map(ToolInfo.of, self.tools)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Signing in at an organisation's own provider, for people who have an account here."""

    sign_in: UpstreamSignIn
    accounts: SqlAccounts

    async def start(
        self, slug: str, *, browser: str, question: str, max_age: int | None
    ) -> pages.Provider:
        begun = await self.sign_in.start(slug, browser=browser, question=question, max_age=max_age)
        return pages.Provider(name=begun.name, address=begun.address)

    async def finish(self, answer: Mapping[str, str], *, browser: str) -> pages.Vouched:
        found = await self.sign_in.finish(answer, browser=browser)
        person = await self.accounts.vouched_for(
            found.issuer, found.subject, tenant=found.tenant, email=found.email
        )
        if person is None and not found.email:
            raise Denied(
                "Your organisation's provider did not say that it verified your e-mail address, "
                "by which your account here is found. Whoever looks after the provider can let "
                "it say so.",
                reason="unverified",
            )
        if person is None or person.status is not Status.ACTIVE:
            raise Denied(
                "The organisation's provider knows you, but you have no account here. Ask an "
                "administrator to add you with the address that the provider has.",
                reason="no_account",
            )
        return pages.Vouched(
            person=person,
            tenant=found.tenant,
            issuer=found.issuer,
            question=found.question,
            auth_time=found.auth_time,
        )


def signing_keys(database: Database, keyring: Keyring) -> KeyRing:
    return KeyRing(SqlSigningKeys(database), SqlSeals(database, DEPLOYMENT, keyring))


def external_door(
    database: Database, external: External
) -> Callable[[str], Awaitable[Principal | None]]:
    """Return the door for tokens of another authorization server, which the operator named."""

    async def find_tenant(said: str) -> str | None:
        try:
            return (await SqlTenants(database).get(said)).id
        except NotFound:
            return None

    provider = Provider(external.issuer, GuardedFetch(permit=anywhere))
    return ExternalDoor(provider, external.rules, find_tenant).principal
