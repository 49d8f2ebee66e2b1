"""Browser sessions, used form tokens and failed sign-ins in SQL, the same for every replica."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.sessions import ABSOLUTE, FORGOTTEN_AFTER, IDLE, Attempts, Session, attempt
from helpdesk_mcp.stores.session_tables import sessions, sign_in_attempts, used_form_tokens

SWEPT_EVERY = 600.0
"""Seconds between two sweeps, each of which comes with a sign-in."""


class SqlSessions:
    """The port `Sessions`. Secrets have 256 random bits, so a plain hash hides them."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._turns = _Turns(database)
        self._swept_at = 0.0

    async def add(self, secret: str, session: Session) -> None:
        row: dict[str, Any] = {
            "digest": _digest(secret),
            "person": session.person,
            "auth_time": session.auth_time,
            "seen_at": session.seen_at,
            "chosen_tenant": session.tenant,
            "via": session.via,
        }
        async with self._turns.transaction() as transaction:
            await transaction.execute(insert(sessions).values(row))
        if session.seen_at > self._swept_at + SWEPT_EVERY:
            self._swept_at = session.seen_at
            await self.sweep(session.seen_at)

    async def find(self, secret: str) -> Session | None:
        wanted = select(sessions).where(sessions.c.digest == _digest(secret))
        async with _reading(self._database) as reader:
            row = (await reader.execute(wanted)).mappings().one_or_none()
        if row is None:
            return None
        return Session(
            person=row["person"],
            auth_time=row["auth_time"],
            seen_at=row["seen_at"],
            tenant=row["chosen_tenant"],
            via=row["via"],
        )

    async def touch(self, secret: str, now: float) -> None:
        mine = (sessions.c.digest == _digest(secret)) & (sessions.c.seen_at < now)
        async with self._turns.transaction() as transaction:
            await transaction.execute(update(sessions).where(mine).values(seen_at=now))

    async def remove(self, secret: str) -> None:
        async with self._turns.transaction() as transaction:
            await transaction.execute(delete(sessions).where(sessions.c.digest == _digest(secret)))

    async def remove_all(self, person: str) -> int:
        async with self._turns.transaction() as transaction:
            done = await transaction.execute(delete(sessions).where(sessions.c.person == person))
        return done.rowcount

    async def use_up(self, token: str, until: float) -> bool:
        row = {"digest": _digest(token), "until": until}
        fresh = _insert_if_new(self._database, used_form_tokens).values(row)
        async with self._turns.transaction() as transaction:
            done = await transaction.execute(fresh.returning(used_form_tokens.c.digest))
            return done.first() is not None

    async def sweep(self, now: float) -> None:
        """Forget what can no longer matter."""
        over = (sessions.c.seen_at < now - IDLE) | (sessions.c.auth_time < now - ABSOLUTE)
        old = sign_in_attempts.c.last < now - FORGOTTEN_AFTER
        async with self._turns.transaction() as transaction:
            await transaction.execute(delete(sessions).where(over))
            await transaction.execute(
                delete(used_form_tokens).where(used_form_tokens.c.until < now)
            )
            await transaction.execute(delete(sign_in_attempts).where(old))


class SqlSignInAttempts:
    """The port `SignInAttempts`. Accounts are kept as hashes: guesses at names are nobody's."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._turns = _Turns(database)

    async def attempt(self, account: str, now: float) -> float:
        c = sign_in_attempts.c
        digest = _digest(account)
        fresh = {"digest": digest, "failures": 0, "last": now, "until": 0.0}
        wanted = select(c.failures, c.last, c.until).where(c.digest == digest).with_for_update()
        async with self._turns.transaction() as transaction:
            # Write first: this takes SQLite's write lock, so that what is read next stays so.
            await transaction.execute(
                _insert_if_new(self._database, sign_in_attempts).values(fresh)
            )
            row = (await transaction.execute(wanted)).one()
            after, wait = attempt(Attempts(row.failures, row.last, row.until), now)
            values = {"failures": after.failures, "last": after.last, "until": after.until}
            await transaction.execute(
                update(sign_in_attempts).where(c.digest == digest).values(values)
            )
        return wait

    async def clear(self, account: str) -> None:
        mine = sign_in_attempts.c.digest == _digest(account)
        async with self._turns.transaction() as transaction:
            await transaction.execute(delete(sign_in_attempts).where(mine))


class _Turns:
    """Transactions that write, one after the other where only one can.

    SQLite's own waiting is unfair: with many at once some give up. A queue in the process is fair.
    """

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        alone = database.dialect.name == "sqlite"
        self._room: AbstractAsyncContextManager[Any] = asyncio.Lock() if alone else nullcontext()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        try:
            async with self._room, self._database.begin() as transaction:
                yield transaction
        except (SQLAlchemyError, OSError) as error:
            raise _unreachable() from error


def _insert_if_new(database: AsyncEngine, table: Table) -> Any:
    """Return an insert that changes and returns nothing where the key exists."""
    dialect = postgresql_insert if database.dialect.name == "postgresql" else sqlite_insert
    return dialect(table).on_conflict_do_nothing()


@asynccontextmanager
async def _reading(database: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    try:
        async with database.connect() as reader:
            yield reader
    except (SQLAlchemyError, OSError) as error:
        raise _unreachable() from error


def _unreachable() -> Unavailable:
    return Unavailable("The store of sessions cannot be reached.", reason="store")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
