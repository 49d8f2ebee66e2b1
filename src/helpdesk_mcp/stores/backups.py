"""One tenant's rows in a file, and back: nothing of another tenant is read or changed.

A backup holds settings, people and sealed credentials. It does not hold the audit trail, which a
restoration never rewinds, nor what lets agents in: whoever had access then may have lost it since.
Tables say so by `info={"backup": False}`.
"""

import base64
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.backup import Label, packed
from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.backups import Backup, Restored
from helpdesk_mcp.domain.errors import Conflict, Invalid
from helpdesk_mcp.domain.tenants import Tenant
from helpdesk_mcp.stores.backup_files import opened, write_new
from helpdesk_mcp.stores.oauth_tables import consents, grants
from helpdesk_mcp.stores.schema import EVERY_TABLE
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenancy_tables import (
    audit_keys,
    connections,
    memberships,
    people,
    tenant_keys,
    tenants,
)
from helpdesk_mcp.stores.transactions import enter_operator, enter_tenant, operator_transaction
from helpdesk_mcp.stores.upstream_tokens import upstream_tokens

Rows = list[dict[str, Any]]
HELD = tuple(
    table
    for table in EVERY_TABLE
    if "tenant" in table.c and table is not audit and table.info.get("backup", True)
)
STALE = (consents, upstream_tokens)
"""What stands on what is replaced."""
KEYS = (tenant_keys, audit_keys)
"""Never taken away: what was sealed since needs them. A restoration adds those that are gone."""
ENDINGS = ("revoked_at", "disabled_at")
"""What ended since the backup stays ended."""
RESTORED = "restored"


class SqlBackups:
    """The port `Backups`."""

    def __init__(
        self, database: AsyncEngine, keyring: Keyring, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def write(self, tenant: Tenant, file: Path) -> Backup:
        rows = await self._rows(tenant.id)
        label = Label(tenant=tenant.id, slug=tenant.slug, made_at=self._clock())
        await write_new(file, packed(self._keyring, label, rows))
        return Backup(tenant=tenant.id, slug=tenant.slug, rows=sum(map(len, rows.values())))

    async def restore(self, file: Path, by: str) -> Restored:
        label, held = await opened(file, self._keyring)
        rows = {name: [_row(name, row) for row in found] for name, found in held.items()}
        try:
            async with operator_transaction(self._database) as transaction:
                await transaction.run_sync(enter_tenant, label.tenant)
                left_out = await _restored(transaction, label, rows, self._clock())
                event = _event(label, by, self._clock())
                await transaction.execute(insert(audit).values(event))
        except IntegrityError:
            raise Conflict(
                f"Another organisation is called {label.slug} now, or has what this one had. "
                "Nothing was restored.",
                reason="taken",
            ) from None
        return Restored(tenant=label.tenant, slug=label.slug, left_out=left_out)

    async def _rows(self, tenant: str) -> dict[str, Rows]:
        """Return the tenant's rows by table, all as they are at one moment."""
        async with self._database.connect() as reader:
            if reader.dialect.name == "postgresql":
                await reader.execution_options(isolation_level="REPEATABLE READ")
            else:
                await reader.exec_driver_sql("BEGIN")
            await reader.run_sync(enter_operator)
            await reader.run_sync(enter_tenant, tenant)
            members = select(memberships.c.person).where(memberships.c.tenant == tenant)
            wanted = {
                tenants: tenants.c.id == tenant,
                people: people.c.id.in_(members),
                **{table: table.c.tenant == tenant for table in HELD},
            }
            return {
                table.name: [_plain(row) for row in await _found(reader, table, condition)]
                for table, condition in wanted.items()
            }


async def _found(reader: AsyncConnection, table: Table, condition: Any) -> Rows:
    found = await reader.execute(select(table).where(condition))
    return [dict(row) for row in found.mappings()]


async def _restored(
    transaction: AsyncConnection, label: Label, rows: dict[str, Rows], now: float
) -> int:
    """Put the rows in the place of the tenant's own; return how many people were left out."""
    tenant, before = label.tenant, dict[str, Rows]()
    for table in HELD:
        before[table.name] = await _found(transaction, table, table.c.tenant == tenant)
    still = (grants.c.tenant == tenant) & grants.c.revoked_at.is_(None)
    ended = {"revoked_at": now, "revoked_for": RESTORED}
    await transaction.execute(update(grants).where(still).values(ended))
    await _emptied(transaction, tenant)
    await transaction.execute(delete(tenants).where(tenants.c.id == tenant))
    there = await _accounts(transaction, tenant, rows["people"])
    left_out = [row for row in rows["memberships"] if row["person"] not in there]
    rows["memberships"] = [row for row in rows["memberships"] if row["person"] in there]
    for table in (tenants, *HELD):
        known = before.get(table.name, [])
        if made := [_merged(table, row, known) for row in _wanted(table, rows, known)]:
            await transaction.execute(insert(table), made)
    return len(left_out)


async def _emptied(transaction: AsyncConnection, tenant: str) -> None:
    for table in (*STALE, *reversed(HELD)):
        if table not in KEYS:
            await transaction.execute(delete(table).where(table.c.tenant == tenant))


async def _accounts(transaction: AsyncConnection, tenant: str, held: Rows) -> set[str]:
    """Return which people have an account, made again where it was this tenant's and is gone.

    An account that is there stays as it is: it may be another organisation's too.
    """
    ids, emails = [row["id"] for row in held], [row["email"] for row in held]
    either = people.c.id.in_(ids) | people.c.email.in_(emails)
    now = await _found(transaction, people, either)
    there = {row["id"] for row in now}
    taken = {row["email"] for row in now}
    gone = [
        row
        for row in held
        if row["id"] not in there and row["email"] not in taken and row["home"] == tenant
    ]
    if gone:
        await transaction.execute(insert(people), gone)
    return there | {row["id"] for row in gone}


def _wanted(table: Table, rows: dict[str, Rows], known: Rows) -> Rows:
    """Return which rows of the backup are put in: of keys those that are gone, else all."""
    held = rows.get(table.name, [])
    if table not in KEYS:
        return held
    there = {_key(table, row) for row in known}
    return [row for row in held if _key(table, row) not in there]


def _merged(table: Table, row: dict[str, Any], known: Rows) -> dict[str, Any]:
    """Return a row of the backup that forgets nothing which ended since."""
    now = next((one for one in known if _key(table, one) == _key(table, row)), None)
    if table is connections:  # opened under this number, it must not pass for what is open
        row = {**row, "version": max(row["version"], now["version"] if now else 0) + 1}
    if now is None:
        return row
    return row | {name: now[name] for name in ENDINGS if now.get(name) is not None}


def _key(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in row.items()
    }


def _row(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as its table takes it. Raises Invalid for one of a later version of ours."""
    table = next((one for one in (tenants, people, *HELD) if one.name == name), None)
    if table is None or not row.keys() <= set(table.c.keys()):
        raise Invalid(
            "This backup was made by a later version of helpdesk-mcp: upgrade, then restore.",
            reason="backup",
        )
    sealed = {c.name for c in table.c if isinstance(c.type, LargeBinary)}
    return {
        key: base64.b64decode(value) if key in sealed and value is not None else value
        for key, value in row.items()
    }


def _event(label: Label, by: str, now: float) -> dict[str, Any]:
    """Return what the tenant's own trail says of it, in the same transaction."""
    event = AuditEvent(
        id=uuid.uuid4().hex,
        at=datetime.fromtimestamp(now, UTC),
        tenant=label.tenant,
        user=by,
        client="cli",
        origin="cli",
        tool_name="restore_tenant",
        effect="destroy",
        arguments={"made_at": datetime.fromtimestamp(label.made_at, UTC).isoformat()},
        target=label.slug,
    )
    return asdict(event) | {"at": now}
