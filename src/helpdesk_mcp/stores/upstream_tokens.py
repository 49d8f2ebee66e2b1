"""Access tokens that desks gave us: sealed, shared by all processes, refreshed by one of them."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.crypto.sealing import Sealer, Unreadable
from helpdesk_mcp.domain.tenants import UpstreamToken
from helpdesk_mcp.domain.upstream import pause, recent
from helpdesk_mcp.stores.tables import metadata
from helpdesk_mcp.stores.transactions import Row, tenant_transaction

upstream_tokens = Table(
    "upstream_tokens",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("connection", String(64), primary_key=True),
    Column("token", LargeBinary, info={"sealed": ("connection",)}),
    Column("expires_at", Float, nullable=False),
    Column("issued_at", Float, nullable=False),
    Column("address", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("claimed_by", String(32), nullable=False),
    Column("claimed_until", Float, nullable=False),
    Column("retry_at", Float, nullable=False),
    Column("refreshed", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    info={"backup": False},
)
"""`refreshed` holds when tokens were asked for; `version` grows with every change."""
c = upstream_tokens.c
NOBODY = ""
EMPTY: dict[str, Any] = {
    "token": None,
    "expires_at": 0.0,
    "issued_at": 0.0,
    "address": "",
    "scopes": "",
    "claimed_by": NOBODY,
    "claimed_until": 0.0,
    "retry_at": 0.0,
    "refreshed": [],
    "version": 0,
}


class Seals(Protocol):
    """What gives sealers of the tenant: `stores.tenant_keys.SqlSeals`."""

    async def sealer(self, *, seals: int = 0) -> Sealer: ...


class SqlUpstreamTokens:
    """The port `UpstreamTokens` of one connection of one tenant.

    The claim is a compare-and-swap on the row's version, so of all processes one gets it; it ends
    by itself, and only who holds it may store. `suspended` is told when we were revoked.
    """

    def __init__(
        self,
        database: AsyncEngine,
        tenant: str,
        connection: str,
        seals: Seals,
        suspended: Callable[[str], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._connection = connection
        self._seals = seals
        self._suspended = suspended
        self._clock = clock
        self._name = secrets.token_hex(8)

    async def current(self) -> UpstreamToken | None:
        row = await self._row()
        if row is None or row["token"] is None:
            return None
        try:
            sealer = await self._seals.sealer()
            value = sealer.unseal("upstream_tokens", "token", self._connection, row["token"])
        except Unreadable:
            return None  # a lost key costs one refresh, nothing else
        return UpstreamToken(
            value=value.decode(),
            expires_at=row["expires_at"],
            address=row["address"],
            issued_at=row["issued_at"],
            scopes=row["scopes"],
        )

    async def claim(self, seconds: float) -> bool:
        row = await self._row() or await self._made()
        now = self._clock()
        if now < row["claimed_until"] or _pause(row, now):
            return False
        values = {
            "claimed_by": self._name,
            "claimed_until": now + seconds,
            "refreshed": [*recent(row["refreshed"], now), now],
        }
        return await self._set(values, c.version == row["version"])

    async def store(self, token: UpstreamToken) -> None:
        sealer = await self._seals.sealer(seals=1)
        sealed = sealer.seal("upstream_tokens", "token", self._connection, token.value.encode())
        values = {
            "token": sealed,
            "expires_at": token.expires_at,
            "issued_at": token.issued_at,
            "address": token.address,
            "scopes": token.scopes,
            "claimed_by": NOBODY,
            "claimed_until": 0.0,
        }
        await self._set(values, c.claimed_by == self._name)

    async def release(self, *, retry_at: float = 0.0) -> None:
        values = {"claimed_by": NOBODY, "claimed_until": 0.0, "retry_at": retry_at}
        await self._set(values, c.claimed_by == self._name)

    async def pause(self) -> float:
        row = await self._row()
        return _pause(row, self._clock()) if row is not None else 0.0

    async def suspend(self, reason: str) -> None:
        await self._suspended(reason)

    async def forget(self) -> None:
        """Drop the token, when its credential is replaced."""
        await self._set({"token": None, "expires_at": 0.0, "retry_at": 0.0}, c.version >= 0)

    def _mine(self) -> Any:
        return (c.tenant == self._tenant) & (c.connection == self._connection)

    async def _row(self) -> Row | None:
        async with tenant_transaction(self._database, self._tenant) as reader:
            found = await reader.execute(select(upstream_tokens).where(self._mine()))
            return found.mappings().one_or_none()

    async def _made(self) -> Row:
        """Put the connection's row there, unless another process has just done so."""
        keys = {"tenant": self._tenant, "connection": self._connection}
        try:
            async with tenant_transaction(self._database, self._tenant) as writer:
                await writer.execute(insert(upstream_tokens).values(keys | EMPTY))
        except IntegrityError:
            pass
        return await self._row() or EMPTY

    async def _set(self, values: dict[str, Any], condition: Any) -> bool:
        changed = values | {"version": c.version + 1}
        async with tenant_transaction(self._database, self._tenant) as writer:
            done = await writer.execute(
                update(upstream_tokens).where(self._mine() & condition).values(changed)
            )
        return done.rowcount == 1


def _pause(row: Row, now: float) -> float:
    return max(row["retry_at"] - now, pause(row["refreshed"], now), 0.0)
