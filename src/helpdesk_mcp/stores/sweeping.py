"""Removing what the authorization server needs no more: every hour, on any replica or on all."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass

import anyio
from sqlalchemy import ColumnElement, Table, delete
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.oauth.registration import UNUSED_FOR
from helpdesk_mcp.stores.clients import SqlClients
from helpdesk_mcp.stores.oauth_tables import (
    assertions,
    codes,
    grants,
    questions,
    refresh_tokens,
    upstream_states,
)
from helpdesk_mcp.stores.transactions import door_transaction
from helpdesk_mcp.telemetry.logs import logger

DAY = 86_400.0
FIRST, EVERY = 60.0, 3_600.0
"""Seconds until a server sweeps for the first time, and from then on."""
KEPT = 30 * DAY
"""Seconds for which an ended grant is kept: until then a replay can still be told from a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many were removed."""

    clients: int
    requests: int
    tokens: int
    grants: int


async def sweep(database: AsyncEngine, now: float) -> Swept:
    """Remove unused clients, and what expired long enough ago. Raises Unavailable."""
    async with door_transaction(database) as transaction:

        async def gone(table: Table, which: ColumnElement[bool]) -> int:
            return (await transaction.execute(delete(table).where(which))).rowcount

        unused = await transaction.run_sync(
            lambda connection: SqlClients(connection).forget_unused(now - UNUSED_FOR)
        )
        asked = await gone(questions, questions.c.expires_at < now)
        asked += await gone(upstream_states, upstream_states.c.expires_at < now)
        told = await gone(codes, codes.c.expires_at < now - KEPT)
        told += await gone(refresh_tokens, refresh_tokens.c.expires_at < now - KEPT)
        told += await gone(assertions, assertions.c.expires_at < now)
        headless = (grants.c.user == "") & (grants.c.expires_at < now - DAY)
        ended = await gone(grants, headless | (grants.c.expires_at < now - KEPT))
    return Swept(clients=unused, requests=asked, tokens=told, grants=ended)


@asynccontextmanager
async def kept_clean(
    database: AsyncEngine,
    *,
    first: float = FIRST,
    every: float = EVERY,
    clock: Callable[[], float] = time.time,
) -> AsyncGenerator[None]:
    """Sweep in the background for as long as a server runs."""
    sweeping = asyncio.create_task(_sweep_for_ever(database, first, every, clock))
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping


async def _sweep_for_ever(
    database: AsyncEngine, pause: float, every: float, clock: Callable[[], float]
) -> None:
    while True:
        await anyio.sleep(pause)
        pause = every
        try:
            gone = await sweep(database, clock())
        except Unavailable as error:
            logger().warning("oauth.sweep.failed", reason=error.reason)
            continue
        if any(asdict(gone).values()):
            logger().info("oauth.swept", **asdict(gone))
