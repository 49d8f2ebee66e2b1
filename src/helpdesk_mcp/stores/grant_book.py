"""The living grants of one tenant's people: which agents are connected, and ending that."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, select, true, update
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.administration import Alarm, GrantInfo
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.stores.grants import SqlGrants
from helpdesk_mcp.stores.oauth_tables import clients, grants
from helpdesk_mcp.stores.transactions import Row, door_transaction, tenant_transaction

g = grants.c
ALARMING = ("reuse", "replay")
"""Why grants end when two hold what one should."""
TOLD = ", told"
"""Behind a reason: its person has taken note."""
MOST_ALARMS = 20


class SqlGrantBook:
    """The port `Grants` of administration, born for one tenant."""

    def __init__(
        self, database: AsyncEngine, tenant: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def every(self, user: str | None = None) -> tuple[GrantInfo, ...]:
        """Return the grants people made, the latest used first; with `user` only theirs."""
        wanted = select(grants).where(self._living(user), g.user != "").order_by(g.used_at.desc())
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        names = await self._names({row["client_id"] for row in rows})
        return tuple(_info(row, names.get(row["client_id"], "")) for row in rows)

    async def revoke(self, grant_id: str, user: str | None = None) -> None:
        now = self._clock()
        mine = select(g.id).where(self._living(user), g.id == grant_id)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            if (await transaction.execute(mine)).one_or_none() is None:
                raise NotFound("There is no such connected agent.", reason="unknown_grant")
            await transaction.run_sync(lambda c: SqlGrants(c).revoke(grant_id, now, "withdrawn"))

    async def alarms(self, user: str) -> tuple[Alarm, ...]:
        wanted = select(grants).where(self._alarming(user)).order_by(g.revoked_at.desc())
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted.limit(MOST_ALARMS))).mappings().all()
        names = await self._names({row["client_id"] for row in rows})
        return tuple(_alarm(row, names.get(row["client_id"], "")) for row in rows)

    async def dismiss(self, grant_id: str, user: str) -> None:
        mine = self._alarming(user) & (g.id == grant_id)
        told = update(grants).where(mine).values(revoked_for=g.revoked_for + TOLD)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            if (await transaction.execute(told)).rowcount == 0:
                raise NotFound("There is no such alarm.", reason="unknown_alarm")

    def _alarming(self, user: str) -> ColumnElement[bool]:
        return and_(g.tenant == self._tenant, g.user == user, g.revoked_for.in_(ALARMING))

    async def _names(self, ids: set[str]) -> dict[str, str]:
        """Return the names of clients: most belong to no tenant, so it is by their ids."""
        wanted = select(clients.c.id, clients.c.name).where(clients.c.id.in_(sorted(ids)))
        async with door_transaction(self._database) as reader:
            return {row.id: row.name for row in (await reader.execute(wanted)).all()}

    def _living(self, user: str | None) -> ColumnElement[bool]:
        own = g.user == user if user is not None else true()
        live = g.revoked_at.is_(None) & (g.expires_at > self._clock())
        return and_(g.tenant == self._tenant, live, own)


def _alarm(row: Row, name: str) -> Alarm:
    return Alarm(
        id=row["id"],
        client=row["client_id"],
        client_name=name,
        reason=row["revoked_for"],
        ended_at=datetime.fromtimestamp(row["revoked_at"], UTC),
    )


def _info(row: Row, name: str) -> GrantInfo:
    return GrantInfo(
        id=row["id"],
        user=row["user"],
        client=row["client_id"],
        client_name=name,
        scopes=tuple(row["scopes"]),
        desks=tuple(row["desks"]),
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        used_at=datetime.fromtimestamp(row["used_at"], UTC),
    )
