"""Removing what the authorization server needs no more: run daily, on any replica."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete
from sqlalchemy.ext.asyncio import AsyncEngine

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

DAY = 86_400.0
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
        asked = await gone(questions, questions.c.expires_at < now - DAY)
        asked += await gone(upstream_states, upstream_states.c.expires_at < now - DAY)
        told = await gone(codes, codes.c.expires_at < now - KEPT)
        told += await gone(refresh_tokens, refresh_tokens.c.expires_at < now - KEPT)
        told += await gone(assertions, assertions.c.expires_at < now)
        headless = (grants.c.user == "") & (grants.c.expires_at < now - DAY)
        ended = await gone(grants, headless | (grants.c.expires_at < now - KEPT))
    return Swept(clients=unused, requests=asked, tokens=told, grants=ended)
