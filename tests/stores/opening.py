"""Databases to test on: SQLite in memory and in a file, and a PostgreSQL of their own."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.services import postgres

from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.stores.database import migrate, open_database

SCHEMA: list[str] = []
KINDS = ("memory", "file", "postgresql")


@asynccontextmanager
async def opened(kind: str, directory: Path) -> AsyncGenerator[AsyncEngine]:
    """Open a database with its schema, which nobody else uses."""
    with ExitStack() as stack:
        database = open_database(_url(kind, directory, stack))
        try:
            if kind != "postgresql":  # its template has the schema
                await _prepare(database)
            yield database
        finally:
            await database.dispose()


async def _prepare(database: AsyncEngine) -> None:
    """Give a new SQLite database the schema, as the migrations made it once in this process."""
    if not SCHEMA:
        template = open_database("sqlite+aiosqlite://")
        await migrate(template)
        async with template.connect() as reader:
            driver = (await reader.get_raw_connection()).driver_connection
            assert driver is not None
            SCHEMA.extend([line async for line in driver.iterdump()])
        await template.dispose()
    async with database.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        there = await driver.execute_fetchall("SELECT 1 FROM sqlite_master LIMIT 1")
        if there:  # the file is opened again
            return
        await driver.executescript("\n".join(SCHEMA))


def _url(kind: str, directory: Path, stack: ExitStack) -> str:
    match kind:
        case "memory":
            return "sqlite+aiosqlite://"
        case "file":
            return f"sqlite+aiosqlite:///{directory}/store.sqlite3"
        case _:
            return stack.enter_context(postgres.fresh()).owner


def tenant() -> str:
    """Return a tenant nobody else uses."""
    return f"t{uuid.uuid4().hex[:12]}"


def event(number: int = 1, **values: Any) -> AuditEvent:
    usual: dict[str, Any] = {
        "id": f"{number:032x}",
        "at": datetime.fromtimestamp(1_800_000_000 + number, UTC),
        "tenant": "acme",
        "user": "ana",
        "client": "tests",
        "origin": "mcp",
        "tool_name": "get_ticket",
        "effect": "read",
    }
    return AuditEvent(**usual | values)
