"""One tenant's data keys: random, wrapped under a master key, destroyed with the tenant."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.keyring import BadKey, Keyring
from helpdesk_mcp.crypto.sealing import MOST_SEALS, Sealer, SecretKey, Unreadable, new_key
from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.stores.tenancy_tables import master_keys, tenant_keys, tenants
from helpdesk_mcp.stores.transactions import tenant_transaction

DEPLOYMENT = "deployment"
"""Seals what belongs to no tenant: the keys that sign tokens. Also its operators' trail."""
ENVIRONMENT = "default"
"""The tenant of a server that is configured by its environment; it has no row of its own."""
ROWLESS = frozenset({DEPLOYMENT, ENVIRONMENT})
Row = Mapping[str, Any]


class SqlSeals:
    """Gives sealers for one tenant."""

    def __init__(
        self,
        database: AsyncEngine,
        tenant: str,
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._keyring = keyring
        self._clock = clock

    async def sealer(self, *, seals: int = 0) -> Sealer:
        """Return what opens the tenant's records, and seals as many as are asked for.

        The seals are counted in advance; a key that has made 2^31 gets a successor. Raises
        Unavailable if a key cannot be opened, NotFound for a tenant that is not there.
        """
        async with tenant_transaction(self._database, self._tenant) as transaction:
            if seals and not await self._counted(transaction, seals):
                await self._add_key(transaction, seals)
            rows = (await transaction.execute(self._mine())).mappings().all()
        return Sealer(self._tenant, self._opened(rows), seals)

    def _mine(self) -> Any:
        return select(tenant_keys).where(tenant_keys.c.tenant == self._tenant)

    async def _counted(self, transaction: AsyncConnection, seals: int) -> bool:
        """Count seals against the newest key: one statement. False: there is none with room."""
        c = tenant_keys.c
        newest = select(func.max(c.version)).where(c.tenant == self._tenant).scalar_subquery()
        room = (c.tenant == self._tenant) & (c.version == newest) & (c.seals <= MOST_SEALS - seals)
        counted = await transaction.execute(
            update(tenant_keys).where(room).values(seals=c.seals + seals)
        )
        return counted.rowcount == 1

    async def _add_key(self, transaction: AsyncConnection, seals: int) -> None:
        if self._tenant not in ROWLESS:
            there = select(tenants.c.id).where(tenants.c.id == self._tenant)
            if (await transaction.execute(there)).one_or_none() is None:
                raise NotFound("There is no such organisation.", reason="unknown_tenant")
        last = select(func.max(tenant_keys.c.version)).where(tenant_keys.c.tenant == self._tenant)
        version = ((await transaction.execute(last)).scalar_one() or 0) + 1
        master = await sealing_version(transaction, self._keyring, self._clock())
        row = {
            "tenant": self._tenant,
            "version": version,
            "master": master,
            "wrapped": self._wrapped(master, new_key(version)),
            "seals": seals,
            "created_at": self._clock(),
        }
        try:
            async with transaction.begin_nested():
                await transaction.execute(insert(tenant_keys).values(row))
        except IntegrityError:  # another replica made it first
            await self._counted(transaction, seals)

    def _wrapped(self, master: int, key: SecretKey) -> bytes:
        try:
            return self._keyring.wrap(master, self._tenant, key)
        except BadKey as error:
            raise Unavailable(str(error), reason="keys") from None

    def _opened(self, rows: Any) -> dict[int, SecretKey]:
        """Unwrap the keys. Raises Unavailable if none of them can be opened."""
        keys: dict[int, SecretKey] = {}
        for row in rows:
            try:
                keys[row["version"]] = self._keyring.unwrap(
                    row["master"], self._tenant, row["version"], row["wrapped"]
                )
            except BadKey as error:
                raise Unavailable(str(error), reason="keys") from None
            except Unreadable:
                continue  # what it sealed is unreadable too, and says so row by row
        return keys


async def sealing_version(transaction: AsyncConnection, keyring: Keyring, now: float) -> int:
    """Return the master version that seals; the first time, the newest we have."""
    c = master_keys.c
    found = select(func.max(c.version)).where(c.seals_since.is_not(None))
    if (version := (await transaction.execute(found)).scalar_one()) is not None:
        return version
    row = {"version": keyring.newest, "check_value": keyring.check(keyring.newest)}
    try:
        async with transaction.begin_nested():
            await transaction.execute(
                insert(master_keys).values(row | {"seals_since": now, "created_at": now})
            )
    except IntegrityError:
        pass  # another replica was first
    return (await transaction.execute(found)).scalar_one()
