"""`doctor`: what is set, what works, and how to fix what does not."""

import sys
from functools import partial

import anyio

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import tenant_id
from helpdesk_mcp.cli.examining import IN_SETTINGS, Finding, attempt, in_store, looked_at
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.desks.kinds import KINDS, opening, within
from helpdesk_mcp.desks.opener import Sources
from helpdesk_mcp.desks.servicedeskplus.zoho import REVOKED
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.tenants import Connection, Status, Tenant
from helpdesk_mcp.environment import configured, keyring_of, sources_of
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.database import open_database, pending
from helpdesk_mcp.stores.readiness import NOTHING, check_ready
from helpdesk_mcp.stores.tenants import Gate, SqlTenants
from helpdesk_mcp.telemetry import logs
from helpdesk_mcp.telemetry.metrics import Metrics

AT_ONCE = 8
"""Desks that are examined at a time."""


def doctor(*, tenant: str = "") -> None:
    """Look at everything and say what was found.

    Parameters
    ----------
    tenant
        Look at the desks of this organisation only; else at those of all.

    """
    logs.configure("CRITICAL", sys.stderr)  # the findings say it
    findings = anyio.run(_examine, tenant)
    for good, what, found in findings:
        say(f"{'ok  ' if good else 'FAIL'}  {what:10} {found}")
    if not all(good for good, _, _ in findings):
        raise SystemExit(1)


async def _examine(tenant: str) -> list[Finding]:
    try:
        found = settings.load()
    except HelpdeskError as error:
        return [(False, "settings", error.message)]
    address = f"will listen on {found.host}:{found.mcp_port}"
    findings: list[Finding] = [(True, "settings", address)]
    findings.append(await attempt("database", partial(_database, found)))
    try:
        desks = configured(found)
        keys = await _ready(found, desks=bool(desks))
    except HelpdeskError as error:
        return [*findings, (False, "help desk", error.message)]
    findings += [(True, "keys", keys)] if keys else []
    for one in () if tenant else desks:
        label = "help desk" if len(desks) == 1 else one.connection.name
        opened = opening(one.connection, one.credential, Metrics())
        findings += await looked_at(label, opened, IN_SETTINGS[one.connection.kind])
    return findings + await _organisations(found, tenant)


async def _organisations(found: Settings, only: str) -> list[Finding]:
    """Examine the desks that organisations connected. Raises nothing: it says what it finds."""
    keyring = keyring_of(found)
    database = open_database(found.database_url)
    try:
        if keyring is None or await pending(database):
            return []
        tenants = await SqlTenants(database).every()
        wanted = await tenant_id(database, only) if only else ""
        sources = sources_of((), Gate(database), database, keyring)
        chosen = [t for t in tenants if wanted in {"", t.id} and t.status is Status.ACTIVE]
        return await _desks_of(sources, chosen, found)
    except HelpdeskError as error:
        return [(False, "help desks", error.message)]
    finally:
        await database.dispose()


async def _desks_of(sources: Sources, tenants: list[Tenant], found: Settings) -> list[Finding]:
    """Examine desks, several at a time; the findings come in the order of the desks."""
    every = [(t, c) for t in tenants for c in await sources.connections(t.id).every()]
    findings: list[list[Finding]] = [[] for _ in every]
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def look(at: int) -> None:
        async with limit:
            findings[at] = await _connected(sources, *every[at], found)

    async with anyio.create_task_group() as group:
        for at in range(len(every)):
            group.start_soon(look, at)
    return [one for part in findings for one in part]


async def _connected(
    sources: Sources, tenant: Tenant, connection: Connection, found: Settings
) -> list[Finding]:
    """Examine a desk with its sealed credential and the access token that all processes share."""
    label = f"{tenant.slug}/{connection.name}"
    named = in_store(connection.name, tenant.slug, connection.kind)
    if connection.status is not Status.ACTIVE:
        again = f"`helpdesk-mcp desks resume {connection.name} --tenant {tenant.slug}` ends that."
        renew = f" Renew {named.login}." if connection.reason in REVOKED.values() else ""
        return [(False, label, f"It is suspended: {connection.reason}{renew} {again}")]
    try:
        credential = await sources.connections(tenant.id).credential(connection.id)
    except HelpdeskError as error:
        return [(False, label, f"{error.message} Check {named.login}.")]
    kind = within(KINDS, found.desk_networks)[connection.kind]
    tokens = sources.tokens(tenant.id, connection) if sources.tokens is not None else None
    return await looked_at(label, kind.opens(connection, credential, Metrics(), tokens), named)


async def _database(found: Settings) -> str:
    database = open_database(found.database_url)
    try:
        old = await pending(database)
    finally:
        await database.dispose()
    state = "will be brought up to date at start" if old else "is up to date"
    return f"works; its schema {state}"


async def _ready(found: Settings, *, desks: bool) -> str:
    """Return what there is to say of the keys. Raises Invalid that says what a start lacks."""
    keyring = keyring_of(found)
    database = open_database(found.database_url)
    try:
        if not await pending(database):
            await check_ready(database, keyring, desks=desks)
        elif not desks:
            raise Invalid(NOTHING, reason="settings")
    finally:
        await database.dispose()
    return "" if keyring is None else _versions(keyring)


def _versions(keyring: Keyring) -> str:
    return f"master keys are good: version {', '.join(str(one) for one in keyring.versions)}"
