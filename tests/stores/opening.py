"""Databases to test on: SQLite in memory and in a file; a server's where one is named."""

import os
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.stores.database import migrate, open_database

SERVER = os.getenv("TEST_POSTGRES_URL", "")
KINDS = ("memory", "file", *(("server",) if SERVER else ()))


@asynccontextmanager
async def opened(kind: str, directory: Path) -> AsyncGenerator[AsyncEngine]:
    """Open a database with its schema. A server's is shared: take a tenant of your own."""
    urls = {
        "memory": "sqlite+aiosqlite://",
        "file": f"sqlite+aiosqlite:///{directory}/store.sqlite3",
        "server": SERVER,
    }
    database = open_database(urls[kind])
    try:
        await migrate(database)
        yield database
    finally:
        await database.dispose()


def tenant() -> str:
    """Return a tenant nobody else uses."""
    return f"t{uuid.uuid4().hex[:12]}"


def event(number: int = 1, **values: Any) -> AuditEvent:
    usual: dict[str, Any] = {
        "id": f"{number:032x}",
        "at": datetime.fromtimestamp(1_800_000_000 + number, UTC),
        "tenant": "ignored",
        "user": "ana",
        "client": "tests",
        "origin": "mcp",
        "tool_name": "get_ticket",
        "effect": "read",
    }
    return AuditEvent(**usual | values)
