"""Authorization codes and refresh tokens in SQL. Each is used up by one statement."""

from dataclasses import asdict

from sqlalchemy import Connection, bindparam, insert, select, update

from helpdesk_mcp.oauth.models import Code, RefreshToken
from helpdesk_mcp.stores.oauth_tables import codes, refresh_tokens

FIND_CODE = select(codes).where(codes.c.digest == bindparam("wanted")).with_for_update()
FIND_TOKEN = (
    select(refresh_tokens).where(refresh_tokens.c.digest == bindparam("wanted")).with_for_update()
)
ROTATE = (
    update(refresh_tokens)
    .where(
        refresh_tokens.c.digest == bindparam("wanted"),
        refresh_tokens.c.used_at.is_(None),
        refresh_tokens.c.dead_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(refresh_tokens.c.digest)
)


class SqlCodes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: Code) -> None:
        self._connection.execute(insert(codes), asdict(code))

    def find(self, digest: bytes) -> Code | None:
        # Locked, so that proofs are counted one after the other (SQLite has locked it all).
        row = self._connection.execute(FIND_CODE, {"wanted": digest}).mappings().one_or_none()
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
        self._connection.execute(insert(refresh_tokens), asdict(token))

    def find(self, digest: bytes) -> RefreshToken | None:
        row = self._connection.execute(FIND_TOKEN, {"wanted": digest}).mappings().one_or_none()
        return RefreshToken(**dict(row)) if row is not None else None

    def rotate(self, digest: bytes, now: float) -> bool:
        used = self._connection.execute(ROTATE, {"wanted": digest, "now": now})
        return used.one_or_none() is not None

    def kill_successor(self, digest: bytes, now: float) -> bool:
        c = refresh_tokens.c
        live = (c.parent == digest) & c.used_at.is_(None) & c.dead_at.is_(None)
        dead = update(refresh_tokens).where(live).values(dead_at=now).returning(c.digest)
        return self._connection.execute(dead).first() is not None
