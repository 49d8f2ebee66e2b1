"""Transactions that belong to one tenant, and the two kinds that belong to none.

On PostgreSQL row-level security sees to it; on SQLite each store's own filter does.

* `tenant_transaction`: everything else. Only that tenant's rows exist.
* `door_transaction`: something secret is looked up by its digest, and yields the tenant.
* `operator_transaction`: work on tenants themselves, and on the keys of all of them.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.stores.row_security import DOOR, OPERATOR, TENANT

SET_LOCALLY = select(func.set_config(bindparam("name"), bindparam("value"), True))  # noqa: FBT003
Row = Mapping[Any, Any]
"""A row as SQLAlchemy gives it: values by the names of their columns."""


def tenant_transaction(
    database: AsyncEngine, tenant: str
) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin a transaction that sees the rows of one tenant only."""
    if not tenant:
        raise ValueError("a transaction of no tenant")
    return _entered(database, lambda connection: enter_tenant(connection, tenant))


def door_transaction(database: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin a transaction that may find rows by their digest before it knows their tenant."""
    return _entered(database, enter_door)


def operator_transaction(database: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin a transaction of an operator, who works on tenants and on their keys."""
    return _entered(database, enter_operator)


def enter_tenant(connection: Connection, tenant: str) -> None:
    """Make the running transaction the tenant's, until it ends. For synchronous stores too."""
    _set(connection, TENANT, tenant)


def enter_door(connection: Connection) -> None:
    _set(connection, DOOR, "on")


def enter_operator(connection: Connection) -> None:
    _set(connection, OPERATOR, "on")


def _set(connection: Connection, name: str, value: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(SET_LOCALLY, {"name": name, "value": value})


@asynccontextmanager
async def _entered(
    database: AsyncEngine, enter: Callable[[Connection], None]
) -> AsyncGenerator[AsyncConnection]:
    try:
        async with database.begin() as transaction:
            if database.dialect.name == "postgresql":
                await transaction.run_sync(enter)
            yield transaction
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise Unavailable("The database cannot be reached.", reason="store") from error
