"""Authorization codes and refresh tokens in SQL. Each is used up by one statement."""

from dataclasses import asdict

from sqlalchemy import Connection, insert, select, update

from helpdesk_mcp.oauth.models import Code, RefreshToken
from helpdesk_mcp.stores.oauth_tables import codes, refresh_tokens


class SqlCodes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: Code) -> None:
        self._connection.execute(insert(codes).values(asdict(code)))

    def find(self, digest: bytes) -> Code | None:
        # Locked, so that proofs are counted one after the other (SQLite has locked it all).
        wanted = select(codes).where(codes.c.digest == digest).with_for_update()
        row = self._connection.execute(wanted).mappings().one_or_none()
        return Code(**dict(row)) if row is not None else None

    def fail(self, digest: bytes) -> None:
        mine = codes.c.digest == digest
        self._connection.execute(update(codes).where(mine).values(failures=codes.c.failures + 1))

    def redeem(self, digest: bytes, now: float) -> bool:
        live = (codes.c.digest == digest) & codes.c.used_at.is_(None)
        used = update(codes).where(live).values(used_at=now).returning(codes.c.digest)
        return self._connection.execute(used).one_or_none() is not None


class SqlRefreshTokens:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: RefreshToken) -> None:
        self._connection.execute(insert(refresh_tokens).values(asdict(token)))

    def find(self, digest: bytes) -> RefreshToken | None:
        wanted = select(refresh_tokens).where(refresh_tokens.c.digest == digest).with_for_update()
        row = self._connection.execute(wanted).mappings().one_or_none()
        return RefreshToken(**dict(row)) if row is not None else None

    def rotate(self, digest: bytes, now: float) -> bool:
        c = refresh_tokens.c
        live = (c.digest == digest) & c.used_at.is_(None) & c.dead_at.is_(None)
        used = update(refresh_tokens).where(live).values(used_at=now).returning(c.digest)
        return self._connection.execute(used).one_or_none() is not None

    def kill_successor(self, digest: bytes, now: float) -> bool:
        c = refresh_tokens.c
        live = (c.parent == digest) & c.used_at.is_(None) & c.dead_at.is_(None)
        dead = update(refresh_tokens).where(live).values(dead_at=now).returning(c.digest)
        return self._connection.execute(dead).first() is not None
