"""One tenant's connections to desks, and their credentials, sealed as they are written."""

import json
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.sealing import Unreadable
from helpdesk_mcp.domain.errors import Conflict, NotFound, Unavailable
from helpdesk_mcp.domain.tenants import Connection, Status
from helpdesk_mcp.stores.master_keys import row_name
from helpdesk_mcp.stores.tenancy_tables import connections
from helpdesk_mcp.stores.tenant_keys import SqlSeals
from helpdesk_mcp.stores.transactions import Row, tenant_transaction

UNREADABLE = "Its credential cannot be read; replace it."
c = connections.c


class SqlConnections:
    """The port `Connections`, and what an administrator does with them. Unknown ids: NotFound."""

    def __init__(
        self,
        database: AsyncEngine,
        tenant: str,
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._seals = SqlSeals(database, tenant, keyring, clock)
        self._clock = clock

    async def every(self) -> tuple[Connection, ...]:
        wanted = select(connections).where(self._mine()).order_by(c.is_default.desc(), c.name)
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return tuple(_connection(row) for row in rows)

    async def get(self, name: str) -> Connection:
        """Return a connection by its id or its name."""
        return _connection(await self._row(self._mine((c.id == name) | (c.name == name))))

    async def credential(self, connection_id: str) -> Mapping[str, str]:
        """Return the credential, unsealed. One that cannot be read suspends its connection."""
        row = await self._row(self._mine(c.id == connection_id))
        sealer = await self._seals.sealer()
        try:
            secret = sealer.unseal("connections", "credential", _place(row), row["credential"])
        except Unreadable:
            await self.suspend(connection_id, UNREADABLE)
            raise Unavailable(
                "The credential of this desk cannot be read; an administrator must replace it.",
                reason="credential_unreadable",
            ) from None
        credential: dict[str, str] = json.loads(secret)
        return credential

    async def suspend(self, connection_id: str, reason: str) -> None:
        await self._change(connection_id, status=Status.SUSPENDED.value, reason=reason)

    async def resume(self, connection_id: str) -> None:
        await self._change(connection_id, status=Status.ACTIVE.value, reason="")

    async def add(self, draft: Connection, credential: Mapping[str, str]) -> Connection:
        """Add a connection; id and tenant are ours. The tenant's first one is its default.

        Raises Conflict if the name is taken.
        """
        first = not await self.every()
        made = replace(
            draft,
            id=uuid.uuid4().hex,
            tenant=self._tenant,
            is_default=draft.is_default or first,
            version=1,
        )
        row: dict[str, Any] = {
            "tenant": self._tenant,
            "id": made.id,
            "status": made.status.value,
            "reason": made.reason,
            "version": 1,
            "credentials": 1,
            "created_at": self._clock(),
            "updated_at": self._clock(),
            **_described(made),
        }
        row["credential"] = await self._sealed(row, credential)
        async with self._naming() as transaction:
            if made.is_default:
                await self._no_default(transaction)
            await transaction.execute(insert(connections).values(row))
        return made

    async def update(
        self, changed: Connection, credential: Mapping[str, str] | None = None
    ) -> Connection:
        """Store name, kind, address, settings and default of a connection as they are given.

        With a credential all of it changes in one statement: neither goes out with the other's
        predecessor.
        """
        mine = self._mine(c.id == changed.id)
        values = _described(changed) | {"version": c.version + 1, "updated_at": self._clock()}
        if credential is not None:
            counted, more = await self._another(changed.id, credential)
            mine, values = mine & counted, values | more
        async with self._naming() as transaction:
            if changed.is_default:
                await self._no_default(transaction)
            done = await transaction.execute(update(connections).where(mine).values(values))
            if done.rowcount == 0:
                raise unknown()
        return await self.get(changed.id)

    async def replace_credential(self, connection_id: str, credential: Mapping[str, str]) -> None:
        """Put another credential in the place of the old one. Neither can be read back."""
        counted, values = await self._another(connection_id, credential)
        values |= {"version": c.version + 1, "updated_at": self._clock()}
        mine = self._mine((c.id == connection_id) & counted)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(update(connections).where(mine).values(values))
        if done.rowcount == 0:
            raise Conflict("Somebody else has just replaced it.", reason="stale")

    async def _another(
        self, connection_id: str, credential: Mapping[str, str]
    ) -> tuple[ColumnElement[bool], dict[str, Any]]:
        """Return another credential as it is stored, and what holds while nobody else was first."""
        row = dict(await self._row(self._mine(c.id == connection_id)))
        before = row["credentials"]
        row["credentials"] = before + 1
        sealed = await self._sealed(row, credential)
        return c.credentials == before, {"credential": sealed, "credentials": before + 1}

    async def remove(self, connection_id: str) -> None:
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(
                delete(connections).where(self._mine(c.id == connection_id))
            )
        if done.rowcount == 0:
            raise unknown()

    def _mine(self, condition: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
        own = c.tenant == self._tenant
        return own if condition is None else own & condition

    async def _row(self, which: ColumnElement[bool]) -> Row:
        async with tenant_transaction(self._database, self._tenant) as reader:
            found = await reader.execute(select(connections).where(which).limit(1))
            row = found.mappings().one_or_none()
        if row is None:
            raise unknown()
        return row

    async def _change(self, connection_id: str, **values: Any) -> None:
        values |= {"version": c.version + 1, "updated_at": self._clock()}
        mine = self._mine(c.id == connection_id)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(update(connections).where(mine).values(values))
        if done.rowcount == 0:
            raise unknown()

    async def _sealed(self, row: Row, credential: Mapping[str, str]) -> bytes:
        secret = json.dumps(dict(credential)).encode()
        sealer = await self._seals.sealer(seals=1)
        return sealer.seal("connections", "credential", _place(row), secret)

    @asynccontextmanager
    async def _naming(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction in which a name may turn out to be taken: Conflict."""
        try:
            async with tenant_transaction(self._database, self._tenant) as transaction:
                yield transaction
        except IntegrityError:
            raise Conflict("A desk of this name exists.", reason="taken") from None

    async def _no_default(self, transaction: AsyncConnection) -> None:
        was = self._mine(c.is_default.is_(True))
        await transaction.execute(update(connections).where(was).values(is_default=False))


def unknown() -> NotFound:
    return NotFound("There is no such desk.", reason="unknown_desk")


def _described(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "kind": connection.kind,
        "address": connection.address,
        "settings": dict(connection.settings),
        "is_default": connection.is_default,
    }


def _connection(row: Row) -> Connection:
    return Connection(
        id=row["id"],
        tenant=row["tenant"],
        name=row["name"],
        kind=row["kind"],
        address=row["address"],
        settings=row["settings"],
        is_default=row["is_default"],
        status=Status(row["status"]),
        reason=row["reason"],
        version=row["version"],
    )


def _place(row: Row) -> str:
    return row_name((row["id"], row["credentials"]))
