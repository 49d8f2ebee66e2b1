"""Bearer tokens made by the command line: stored as digests, shown once, revocable."""

import base64
import hashlib
import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.stores.tables import tokens
from helpdesk_mcp.stores.transactions import door_transaction, tenant_transaction

PREFIX = "hdm_"
SHAPE = re.compile(PREFIX + "[A-Za-z0-9_-]{43}")
REMEMBERED = 5.0
"""Seconds for which a good token is not looked up again: the longest a revoked one still works."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A token as its owner may see it: everything but the secret."""

    id: str
    name: str
    subject: str
    client: str
    scopes: tuple[str, ...]
    created_at: float
    expires_at: float | None
    revoked_at: float | None


class SqlTokens:
    """One tenant's tokens."""

    def __init__(self, database: AsyncEngine, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def create(
        self,
        *,
        name: str,
        subject: str,
        client: str,
        scopes: frozenset[Scope],
        expires_at: float | None,
    ) -> tuple[str, str]:
        """Make a token and return its id and its secret, which is not kept."""
        secret = PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        token_id = uuid.uuid4().hex[:16]
        row: dict[str, Any] = {
            "tenant": self._tenant,
            "id": token_id,
            "digest": _digest(secret),
            "name": name,
            "subject": subject,
            "client": client,
            "scopes": sorted(scopes),
            "created_at": time.time(),
            "expires_at": expires_at,
        }
        async with tenant_transaction(self._database, self._tenant) as transaction:
            await transaction.execute(insert(tokens).values(row))
        return token_id, secret

    async def every(self) -> list[TokenInfo]:
        c = tokens.c
        wanted = (
            select(
                c.id,
                c.name,
                c.subject,
                c.client,
                c.scopes,
                c.created_at,
                c.expires_at,
                c.revoked_at,
            )
            .where(c.tenant == self._tenant)
            .order_by(c.created_at)
        )
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return [_info(dict(row)) for row in rows]

    async def revoke(self, token_id: str) -> None:
        """Revoke a token at once here, within `REMEMBERED` seconds in running servers."""
        c = tokens.c
        mine = (c.tenant == self._tenant) & (c.id == token_id) & c.revoked_at.is_(None)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(
                update(tokens).where(mine).values(revoked_at=time.time())
            )
        if done.rowcount == 0:
            raise NotFound("There is no such live token; see `helpdesk-mcp tokens list`.")


class TokenDoor:
    """From a token to its principal. The one store that yields a tenant instead of taking one."""

    def __init__(self, database: AsyncEngine, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[bytes, tuple[float, float, Principal]] = {}

    async def principal(self, secret: str) -> Principal | None:
        """Return who holds this token; None if it is unknown, expired or revoked."""
        if not SHAPE.fullmatch(secret):
            return None
        digest = _digest(secret)
        now = self._clock()
        if (seen := self._seen.get(digest)) is not None and now < seen[0]:
            return seen[2] if now < seen[1] else None
        self._seen.pop(digest, None)
        try:
            row = await self._row(digest)
        except (SQLAlchemyError, OSError) as error:
            raise Unavailable("The token store cannot be reached.", reason="store") from error
        if row is None:
            return None
        return self._remembered(digest, row, now)

    async def _row(self, digest: bytes) -> dict[str, Any] | None:
        wanted = select(tokens).where(tokens.c.digest == digest)
        async with door_transaction(self._database) as reader:
            row = (await reader.execute(wanted)).mappings().one_or_none()
        return dict(row) if row is not None else None

    def _remembered(self, digest: bytes, row: dict[str, Any], now: float) -> Principal | None:
        expires = row["expires_at"] if row["expires_at"] is not None else float("inf")
        if row["revoked_at"] is not None or now >= expires:
            return None
        principal = Principal(
            tenant=row["tenant"],
            subject=row["subject"],
            client=row["client"],
            scopes=frozenset(Scope(scope) for scope in row["scopes"] if scope in set(Scope)),
            token_id=row["id"],
        )
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[digest] = (now + REMEMBERED, expires, principal)
        return principal


def _info(row: dict[str, Any]) -> TokenInfo:
    row["scopes"] = tuple(row["scopes"])
    return TokenInfo(**row)


def _digest(secret: str) -> bytes:
    """Return what is stored. A plain hash suffices: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
