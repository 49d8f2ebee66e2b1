"""The database: engine, schema, and what an operator wants to know about it."""

import secrets as random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, InvalidatePoolError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.stores import sqlite
from helpdesk_mcp.stores.row_security import grant
from helpdesk_mcp.stores.tables import secrets

Database = AsyncEngine
"""An open database, for those who only hand it on."""

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATING = 5_205_911_640
"""The advisory lock of PostgreSQL under which one replica migrates and the others wait."""
PAUSE = 1.0
"""Seconds for which a connection that just worked is believed to work still."""
PATIENCE = "-c statement_timeout=5000 -c lock_timeout=2000"


def open_database(url: str) -> AsyncEngine:
    """Return an engine for a SQLAlchemy URL. SQLite gets WAL and full durability.

    Nothing is read or written yet. Raises Invalid for a URL that is not one or needs a driver
    that is not installed, Unavailable for a file in a directory that does not exist.
    """
    try:
        engine = create_async_engine(url, hide_parameters=True, **_pool(url))
    except (SQLAlchemyError, ImportError, ValueError):
        raise Invalid(
            "DATABASE_URL is not the SQLAlchemy URL of a database with an installed async driver, "
            "such as sqlite+aiosqlite:///file.sqlite3 or postgresql+psycopg://user@host/name.",
            reason="settings",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "do_connect", _make_private)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    else:
        _ping_after_a_pause(engine)
    return engine


def _pool(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return {"pool_timeout": 2, "connect_args": {"options": PATIENCE}}
    driver = {"connect_args": {"async_creator_fn": sqlite.connection}}
    if parsed.database in {None, "", ":memory:"}:  # one connection, held by one task at a time
        return driver | {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    if not Path(str(parsed.database)).parent.is_dir():
        raise Unavailable("The directory of the database does not exist.", reason="store")
    return driver


def _ping_after_a_pause(database: AsyncEngine) -> None:
    """Try a pooled connection before it is used, as `pool_pre_ping` does, but not a busy one."""

    def checked_in(_: Any, record: Any) -> None:
        record.info["worked_at"] = time.monotonic()

    def checked_out(connection: Any, record: Any, _: Any) -> None:
        worked_at = record.info.get("worked_at")
        if worked_at is None or time.monotonic() < worked_at + PAUSE:
            return
        try:
            database.dialect.do_ping(connection)
        except database.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(database.sync_engine, "checkin", checked_in)
    event.listen(database.sync_engine, "checkout", checked_out)


def _make_private(_: Any, __: Any, where: list[str], ___: Any) -> None:
    """Make a new database file so that nobody else on the machine can read it."""
    if where[0] != ":memory:":
        with suppress(OSError):  # what is wrong with it, the connection says
            Path(where[0]).touch(mode=0o600)


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


async def migrate(database: AsyncEngine) -> None:
    """Bring the schema to the newest version. Raises Unavailable if the database is not there.

    Replicas that start at once take turns; who may not change the schema only needs it current.
    """
    if not await pending(database):
        return
    try:
        async with database.begin() as transaction:
            await transaction.run_sync(_upgrade)
    except ProgrammingError as error:
        raise Unavailable(
            "This role may not change the schema. Set DATABASE_OWNER_URL to the owner's and run "
            "`helpdesk-mcp database prepare`.",
            reason="store",
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable("The database cannot be reached or changed.", reason="store") from error


async def prepare(owner_url: str, url: str) -> None:
    """As the schema's owner: migrate, and let the role of the other URL work with the tables."""
    role, owner = make_url(url).username, open_database(owner_url)
    try:
        await migrate(owner)
        if role is not None and role != make_url(owner_url).username:
            async with owner.begin() as transaction:
                await transaction.run_sync(grant, role)
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(
            "The owner's database cannot be reached, or the role of DATABASE_URL is not there.",
            reason="store",
        ) from error
    finally:
        await owner.dispose()


async def pending(database: AsyncEngine) -> bool:
    """Return whether the schema is older than this program. Raises Unavailable."""
    try:
        async with database.connect() as reader:
            return await reader.run_sync(_is_old)
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable("The database cannot be reached.", reason="store") from error


async def alive(database: AsyncEngine) -> None:
    """Return when the database answers. Raises Unavailable."""
    try:
        async with database.connect() as reader:
            await reader.execute(select(1))
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable("The database cannot be reached.", reason="store") from error


async def secret(database: AsyncEngine, name: str) -> bytes:
    """Return the 32 random bytes kept under this name, made on first use."""
    wanted = select(secrets.c.value).where(secrets.c.name == name)
    async with database.begin() as transaction:
        if (value := (await transaction.execute(wanted)).scalar_one_or_none()) is not None:
            return value
    try:
        async with database.begin() as transaction:
            made = random.token_bytes(32)
            await transaction.execute(insert(secrets).values(name=name, value=made))
            return made
    except IntegrityError:
        async with database.connect() as reader:  # another replica made it first
            return (await reader.execute(wanted)).scalar_one()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_old(connection: Connection) -> bool:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() != newest
