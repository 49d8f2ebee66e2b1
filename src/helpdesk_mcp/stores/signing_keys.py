"""The signing keys of the deployment in SQL: public halves plain, private ones sealed."""

from dataclasses import asdict

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.oauth.ports import StoredKey
from helpdesk_mcp.stores.oauth_tables import signing_keys

c = signing_keys.c


class SqlSigningKeys:
    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def every(self) -> list[StoredKey]:
        wanted = select(signing_keys).order_by(c.created_at.desc(), c.kid)
        try:
            async with self._database.connect() as reader:
                rows = (await reader.execute(wanted)).mappings().all()
        except (SQLAlchemyError, OSError) as error:
            raise Unavailable("The signing keys cannot be read.", reason="store") from error
        return [StoredKey(**dict(row)) for row in rows]

    async def start(self, key: StoredKey) -> None:
        # Two replicas that start at once both add one: the newer signs, and both are known.
        live = select(c.kid).where(c.purpose == key.purpose, c.retired_at.is_(None))
        async with self._database.begin() as transaction:
            if (await transaction.execute(live)).first() is None:
                await transaction.execute(insert(signing_keys).values(asdict(key)))

    async def rotate(self, key: StoredKey, now: float) -> None:
        live = (c.purpose == key.purpose) & c.retired_at.is_(None)
        async with self._database.begin() as transaction:
            await transaction.execute(update(signing_keys).where(live).values(retired_at=now))
            await transaction.execute(insert(signing_keys).values(asdict(key)))

    async def forget(self, retired_before: float) -> int:
        old = c.retired_at < retired_before
        async with self._database.begin() as transaction:
            return (await transaction.execute(delete(signing_keys).where(old))).rowcount
