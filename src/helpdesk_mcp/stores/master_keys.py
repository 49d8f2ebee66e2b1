"""The master keys as the database knows them: checked at start, rotated, counted, verified."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.keyring import BadKey, Keyring
from helpdesk_mcp.crypto.sealing import Sealer, Unreadable
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.stores.schema import EVERY_TABLE
from helpdesk_mcp.stores.tenancy_tables import master_keys, tenant_keys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals
from helpdesk_mcp.stores.transactions import operator_transaction, tenant_transaction

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStatus:
    """A master key: whether we have it, whether it seals, and how many data keys it wraps."""

    version: int
    here: bool
    seals: bool
    wraps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a look at every sealed value found. `unreadable` names places, never content."""

    readable: int
    unreadable: tuple[str, ...] = ()


class MasterKeys:
    """An operator's work on the keys of all tenants."""

    def __init__(
        self, database: AsyncEngine, keyring: Keyring, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def admit(self) -> None:
        """Check our keys against the database before anything is written with them.

        Raises Invalid for a key that is missing or is not the one that was used before.
        """
        async with operator_transaction(self._database) as reader:
            rows = (await reader.execute(select(master_keys))).mappings().all()
            wrapping = await self._wrapping(reader)
        for row in rows:
            version = row["version"]
            if not self._keyring.has(version):
                if version in wrapping:
                    raise Invalid(_missing(version), reason="keys")
                continue
            if self._keyring.check(version) != row["check_value"]:
                raise Invalid(
                    f"Version {version} of the master key is not the one this database was "
                    "sealed with. Put the right one back; `helpdesk-mcp keys status` shows the "
                    "versions.",
                    reason="keys",
                )

    async def status(self) -> tuple[VersionStatus, ...]:
        async with operator_transaction(self._database) as reader:
            rows = (await reader.execute(select(master_keys))).mappings().all()
            wrapping = await self._wrapping(reader)
        sealing = max((r["version"] for r in rows if r["seals_since"] is not None), default=None)
        known = {row["version"] for row in rows} | set(self._keyring.versions) | set(wrapping)
        return tuple(
            VersionStatus(
                version=version,
                here=self._keyring.has(version),
                seals=version == sealing,
                wraps=wrapping.get(version, 0),
            )
            for version in sorted(known)
        )

    async def rotate(self) -> int:
        """Let the newest master key seal, and wrap every data key anew under it.

        May be killed and begun again, and run twice at once: each data key is exchanged by one
        statement if it is still as it was read. Returns how many this run exchanged.
        """
        newest = self._keyring.newest
        await self._begin_sealing(newest)
        exchanged = 0
        async for row in self._wrapped_by_others(newest):
            exchanged += await self._exchange(row, newest)
        return exchanged

    async def verify(self) -> Verified:
        """Open every sealed value and say which cannot be."""
        readable, unreadable = 0, list[str]()
        async with operator_transaction(self._database) as reader:
            found = await reader.execute(select(tenant_keys.c.tenant).distinct())
            tenants = sorted(found.scalars())
        for tenant in tenants:
            try:
                sealer = await SqlSeals(self._database, tenant, self._keyring).sealer()
            except Unavailable:
                unreadable.append(f"tenant_keys of {tenant}")
                continue
            for table, column, row in sealed_columns():
                good, bad = await self._opened(tenant, sealer, table, column, row)
                readable += good
                unreadable += bad
        return Verified(readable=readable, unreadable=tuple(unreadable))

    async def _wrapping(self, reader: AsyncConnection) -> dict[int, int]:
        c = tenant_keys.c
        counted = await reader.execute(select(c.master, func.count()).group_by(c.master))
        return {row[0]: row[1] for row in counted}

    async def _begin_sealing(self, version: int) -> None:
        now = self._clock()
        row = {"version": version, "check_value": self._keyring.check(version)}
        async with operator_transaction(self._database) as transaction:
            known = (master_keys.c.version == version) & master_keys.c.seals_since.is_(None)
            await transaction.execute(update(master_keys).where(known).values(seals_since=now))
            try:
                async with transaction.begin_nested():
                    await transaction.execute(
                        insert(master_keys).values(row | {"seals_since": now, "created_at": now})
                    )
            except IntegrityError:
                return  # it has met this database before

    async def _wrapped_by_others(self, newest: int) -> AsyncIterator[dict[str, Any]]:
        c = tenant_keys.c
        last = ("", 0)
        while True:
            after = (c.tenant > last[0]) | ((c.tenant == last[0]) & (c.version > last[1]))
            wanted = select(tenant_keys).where(c.master != newest, after)
            async with operator_transaction(self._database) as reader:
                found = await reader.execute(wanted.order_by(c.tenant, c.version).limit(BATCH))
                rows = [dict(row) for row in found.mappings()]
            for row in rows:
                yield row
            if len(rows) < BATCH:
                return
            last = (rows[-1]["tenant"], rows[-1]["version"])

    async def _exchange(self, row: dict[str, Any], newest: int) -> int:
        tenant, version = row["tenant"], row["version"]
        try:
            key = self._keyring.unwrap(row["master"], tenant, version, row["wrapped"])
            wrapped = self._keyring.wrap(newest, tenant, key)
        except BadKey as error:
            raise Invalid(str(error), reason="keys") from None
        except Unreadable:
            return 0  # `keys verify` names it
        c = tenant_keys.c
        unchanged = (c.tenant == tenant) & (c.version == version) & (c.wrapped == row["wrapped"])
        async with operator_transaction(self._database) as transaction:
            done = await transaction.execute(
                update(tenant_keys).where(unchanged).values(wrapped=wrapped, master=newest)
            )
        return done.rowcount

    async def _opened(
        self, tenant: str, sealer: Sealer, table: Table, column: str, row: tuple[str, ...]
    ) -> tuple[int, list[str]]:
        wanted = select(table).where(table.c[column].is_not(None))
        if "tenant" in table.c:
            wanted = wanted.where(table.c.tenant == tenant)
        elif tenant != DEPLOYMENT:
            return 0, []
        async with tenant_transaction(self._database, tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        bad: list[str] = []
        for found in rows:
            name = row_name(found[part] for part in row)
            try:
                sealer.unseal(table.name, column, name, found[column])
            except Unreadable:
                bad.append(f"{table.name}.{column} of {tenant} {name}")
        return len(rows) - len(bad), bad


def sealed_columns() -> list[tuple[Table, str, tuple[str, ...]]]:
    """Return each sealed column with the columns that name its row: `info={"sealed": (…)}`."""
    return [
        (table, column.name, column.info["sealed"])
        for table in EVERY_TABLE
        for column in table.c
        if "sealed" in column.info
    ]


def row_name(parts: Any) -> str:
    """Return how a sealed record names its row."""
    return "/".join(str(part) for part in parts)


def _missing(version: int) -> str:
    return (
        f"Version {version} of the master key is missing, and it still seals data. Put it back; "
        "`helpdesk-mcp keys rotate` moves everything to the newest version first."
    )
