"""The administrators' half of the product: their road, with or without a server around it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from helpdesk_mcp.admin.catalog import AT_THE_SHELL
from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.desks.fetching import GuardedFetch, opened
from helpdesk_mcp.desks.kinds import KINDS, within
from helpdesk_mcp.desks.prober import KindProber
from helpdesk_mcp.domain.audit import AuditKeys
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.environment import TENANT, desks_of, keyring_of
from helpdesk_mcp.oauth.provider import IssuerProber
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.pipeline.redaction import Fingerprints
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.backups import SqlBackups
from helpdesk_mcp.stores.client_book import SqlClientBook
from helpdesk_mcp.stores.database import Database, migrate, open_database, prepare
from helpdesk_mcp.stores.grant_book import SqlGrantBook
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.offices import Offices
from helpdesk_mcp.stores.providers import SqlSignInProvider
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, ROWLESS
from helpdesk_mcp.stores.tenants import Gate, SqlTenants
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS

OPERATORS = DEPLOYMENT
"""In whose trail an operator's work on organisations is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """The administrators' road for commands, and what only an operator's shell may do."""

    pipeline: Pipeline
    database: Database

    async def slugs(self) -> tuple[str, ...]:
        return tuple(tenant.slug for tenant in await SqlTenants(self.database).every())

    async def make_operator(self, email: str) -> None:
        """Make the owner of an account an operator. Raises NotFound."""
        accounts = SqlAccounts(self.database, Passwords())
        if (person := await accounts.by_email(email)) is None:
            raise NotFound("There is no account with this address.", reason="unknown_person")
        await accounts.make_operator(person.id)


@asynccontextmanager
async def administration(settings: Settings) -> AsyncGenerator[Administration]:
    """Open what administrators' commands need: no help desk, and no server."""
    keyring = keyring_of(settings)
    async with open_store(settings) as database:
        if keyring is not None:
            await MasterKeys(database, keyring).admit()
        trail, metrics = SqlAuditTrail(database, OPERATORS), Metrics()
        keys = SqlAuditKeys(database, keyring)
        prober = KindProber(metrics, within(KINDS, settings.desk_networks))
        office = offices(database, Gate(database), keyring, prober, keys)
        office = replace(
            office,
            provider=sign_in_providers(database, keyring, settings.desk_networks),
            backups=SqlBackups(database, keyring) if keyring else None,
        )
        pipeline = Pipeline(
            AT_THE_SHELL,
            opener=office,
            limiter=MemoryLimiter(),
            recorder=CallRecorder(AT_THE_SHELL, trail=trail, keys=keys, metrics=metrics),
        )
        async with trail.running():
            yield Administration(pipeline=pipeline, database=database)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database with its schema up to date, made so by its owner if one is named."""
    if settings.database_owner_url:
        await prepare(settings.database_owner_url, settings.database_url)
    database = open_database(settings.database_url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.dispose()


async def tenant_id(database: Database, name: str) -> str:
    """Return the id of an organisation by slug or id. Raises NotFound."""
    return name if name in ROWLESS else (await SqlTenants(database).get(name)).id


async def own_tenant(settings: Settings, database: Database, name: str) -> str:
    """Return the id of an organisation by slug or id.

    Without a name it is the only one there is, or `default` where the environment has a desk.
    """
    if name:
        return await tenant_id(database, name)
    there = () if desks_of(settings) else await SqlTenants(database).every()
    return there[0].id if len(there) == 1 else TENANT


def offices(
    database: Database,
    gate: Gate,
    keyring: Keyring | None,
    prober: KindProber,
    keys: AuditKeys,
    tools: Sequence[str] = (),
) -> Offices:
    """Return where administrators work."""
    return Offices(
        database=database,
        gate=gate,
        passwords=Passwords(),
        tools=tuple(tools) or tuple(tool.name for tool in TOOLS),
        fingerprints=lambda tenant: Fingerprints(keys=keys, tenant=tenant),
        keyring=keyring,
        prober=prober,
        clients=partial(SqlClientBook, database) if keyring else None,
        grants=partial(SqlGrantBook, database) if keyring else None,
    )


def sign_in_providers(
    database: Database, keyring: Keyring | None, networks: Sequence[str]
) -> Callable[[str], SqlSignInProvider] | None:
    """Return organisations' own providers; `networks` are private ones where they may be."""
    if keyring is None:
        return None
    prober = IssuerProber(GuardedFetch(permit=opened(networks)))
    return lambda tenant: SqlSignInProvider(database, tenant, keyring, prober)
