"""A whole server on a database of its own, with tenants, people and desks, seen from outside."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Float, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.conformance.harness import served
from tests.hostile.stack import logging_to_memory
from tests.oauth.harness import World, world_at
from tests.outside.town import Ground

from helpdesk_mcp.app import App, opened
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.settings import load
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.tables import metadata
from helpdesk_mcp.stores.tenants import SqlTenants

KEEPS_ITS_AGE = {"oauth_signing_keys", "audit", "master_keys", "tenant_keys"}
AN_EPOCH = 1_000_000_000
"""Numbers above it are moments, those below are durations."""
OFTEN = 10_000_000


class Unlimited:
    """Limits have their own tests: here many tests come from one address."""

    async def take(self, key: str, rate: Rate) -> float:
        del key, rate
        return 0.0

    def wait(self, key: str, rate: Rate) -> float:
        del key, rate
        return 0.0


@asynccontextmanager
async def running(ground: Ground, **options: Any) -> AsyncGenerator[World]:
    """Serve the ground on a free port, the same after a restart, and look at it from outside."""
    door = socket.create_server(("127.0.0.1", ground.port), backlog=512)
    ground.port = door.getsockname()[1]
    issuer = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = load(
        None,
        database_url=ground.url,
        helpdesk_master_key=ground.master_key,
        legacy_sessions=True,
        reads_per_minute=OFTEN,
        writes_per_minute=OFTEN,
        **options,
    )
    outside = open_database(ground.above)

    async def later(seconds: float) -> None:
        await aged(outside, seconds)

    async def suspend(slug: str) -> None:
        await SqlTenants(outside).set_status(ground.tenants[slug], Status.SUSPENDED, "Unpaid")

    async def rows(everything: bool) -> str:  # noqa: FBT001 -- of two answers
        return await written(outside, everything=everything)

    try:
        with logging_to_memory() as log:
            async with opened(settings) as product:
                site = hurried(product, ground).site(door.getsockname()[1])
                async with (
                    served(site, door),
                    world_at(issuer, ground.people, later) as world,
                ):
                    world.tenants, world.suspend, world.log = ground.tenants, suspend, log
                    world.rows = rows
                    yield world
    finally:
        await outside.dispose()


def hurried(product: App, ground: Ground) -> App:
    """Return the product without limits by address, and with passwords that cost little."""
    authority = product.authority
    assert authority is not None
    quick = replace(authority, limiter=Unlimited(), passwords=ground.passwords)
    return replace(product, authority=quick)


async def aged(database: AsyncEngine, seconds: float) -> None:
    """Make all that the server keeps so much older, as if it had slept."""
    async with database.begin() as transaction:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Float) and table.name not in KEEPS_ITS_AGE:
                    name = f'"{column.name}"'
                    await transaction.execute(
                        text(
                            f"UPDATE {table.name} SET {name} = {name} - :seconds "  # noqa: S608 -- our own names
                            f"WHERE {name} > {AN_EPOCH}"
                        ),
                        {"seconds": seconds},
                    )


async def written(database: AsyncEngine, *, everything: bool) -> str:
    """Return rows as text, read past the product's own filters."""
    found: list[str] = []
    async with database.connect() as reader:
        for table in metadata.sorted_tables:
            if everything or table.name == "audit":
                found += [repr(tuple(row)) for row in await reader.execute(select(table))]
    return "\n".join(found)
