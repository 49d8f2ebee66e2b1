"""The signing keys of the deployment in SQL: public halves plain, private ones sealed."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.oauth.ports import StoredKey
from helpdesk_mcp.stores.oauth_tables import signing_keys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT
from helpdesk_mcp.stores.transactions import tenant_transaction

c = signing_keys.c


class SqlSigningKeys:
    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def every(self) -> list[StoredKey]:
        wanted = select(signing_keys).order_by(c.created_at.desc(), c.kid)
        async with tenant_transaction(self._database, DEPLOYMENT) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return [_key(dict(row)) for row in rows]

    async def start(self, key: StoredKey) -> None:
        # Two replicas that start at once both add one: the newer signs, and both are known.
        live = select(c.kid).where(c.purpose == key.purpose, c.retired_at.is_(None))
        async with tenant_transaction(self._database, DEPLOYMENT) as transaction:
            if (await transaction.execute(live)).first() is None:
                await transaction.execute(insert(signing_keys).values(_row(key)))

    async def rotate(self, key: StoredKey, now: float) -> None:
        live = (c.purpose == key.purpose) & c.retired_at.is_(None)
        async with tenant_transaction(self._database, DEPLOYMENT) as transaction:
            await transaction.execute(update(signing_keys).where(live).values(retired_at=now))
            await transaction.execute(insert(signing_keys).values(_row(key)))

    async def forget(self, retired_before: float) -> int:
        old = c.retired_at < retired_before
        async with tenant_transaction(self._database, DEPLOYMENT) as transaction:
            return (await transaction.execute(delete(signing_keys).where(old))).rowcount


def _row(key: StoredKey) -> dict[str, Any]:
    return asdict(key) | {"tenant": DEPLOYMENT}


def _key(row: dict[str, Any]) -> StoredKey:
    row.pop("tenant")
    return StoredKey(**row)
