"""The database itself: schema, durability, its own secrets, and refusals that name the setting."""

import threading
from pathlib import Path

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.services import postgres
from tests.stores.opening import opened

from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.stores.database import alive, migrate, open_database, pending, secret
from helpdesk_mcp.stores.tables import metadata


async def test_the_migrations_make_the_schema_that_the_program_uses(database: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.connect() as reader:
        assert await reader.run_sync(differences) == []


async def test_a_new_database_is_pending_until_it_is_migrated(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/new.sqlite3")
    assert await pending(database)
    await migrate(database)
    await migrate(database)
    assert not await pending(database)
    assert (tmp_path / "new.sqlite3").stat().st_mode & 0o077 == 0
    await alive(database)
    await database.dispose()


async def test_a_commit_to_a_file_survives_a_power_cut(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database, database.connect() as reader:
        journal = (await reader.execute(text("PRAGMA journal_mode"))).scalar_one()
        synchronous = (await reader.execute(text("PRAGMA synchronous"))).scalar_one()
    assert (journal, synchronous) == ("wal", 2)


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}")
    for ask in (migrate, pending, alive):
        with pytest.raises(Unavailable) as caught:
            await ask(database)
        assert caught.value.reason == "store"

    with anyio.fail_after(5):
        while any("_connection_worker" in thread.name for thread in threading.enumerate()):  # noqa: ASYNC110 -- a thread of the driver that says no goodbye
            await anyio.sleep(0.01)


def test_a_directory_that_does_not_exist_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        open_database(f"sqlite+aiosqlite:///{tmp_path}/missing/store.sqlite3")
    assert caught.value.reason == "store"


@pytest.mark.parametrize(
    "url",
    [
        "canary-7261",
        "oracle://ana:canary-7261@db/x",
        "sqlite:///canary-7261",
        "http://canary-7261",
        "a://b:canary-7261",
    ],
    ids=["word", "driver", "sync", "web", "port"],
)
def test_a_bad_url_is_refused_by_its_setting_and_never_shown(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        open_database(url)
    assert "DATABASE_URL" in caught.value.message
    assert "canary" not in caught.value.message


async def test_a_failed_statement_does_not_show_its_values(database: AsyncEngine) -> None:
    async with database.connect() as reader:
        with pytest.raises(Exception, match=r"no such table|does not exist") as caught:
            await reader.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "canary-7261"})
    assert "canary-7261" not in str(caught.value)


async def test_a_secret_is_made_once_and_stays(database: AsyncEngine) -> None:
    made = await secret(database, "test")
    assert len(made) == 32
    assert await secret(database, "test") == made
    assert await secret(database, "other") != made


async def test_two_that_make_a_secret_at_once_get_the_same(tmp_path: Path) -> None:
    found: set[bytes] = set()
    async with opened("file", tmp_path) as database:

        async def make() -> None:
            found.add(await secret(database, "race"))

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(make)
    assert len(found) == 1


async def test_connections_that_died_in_a_pause_are_replaced_unseen(
    postgresql: postgres.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(postgresql.application)
    await alive(database)
    with postgresql.admin() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    monkeypatch.setattr("helpdesk_mcp.stores.database.PAUSE", 0.0)
    await alive(database)
    await database.dispose()
