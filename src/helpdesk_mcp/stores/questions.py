"""Authorization requests that wait for a person, and the ids of spent client assertions, in SQL."""

import hashlib
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk_mcp.oauth.models import Asked, Pending
from helpdesk_mcp.stores.oauth_tables import assertions, questions

ASKED = TypeAdapter(Asked)


class SqlQuestions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, pending: Pending) -> None:
        row = {
            "id": pending.id,
            "browser": pending.browser,
            "asked": _plain(pending.asked),
            "expires_at": pending.expires_at,
        }
        self._connection.execute(insert(questions).values(row))

    def find(self, question_id: str, browser: bytes, now: float) -> Pending | None:
        wanted = select(questions).where(_open(question_id, browser, now))
        row = self._connection.execute(wanted).mappings().one_or_none()
        return _pending(dict(row)) if row is not None else None

    def answer(self, question_id: str, browser: bytes, now: float) -> Pending | None:
        taken = (
            update(questions)
            .where(_open(question_id, browser, now))
            .values(answered_at=now)
            .returning(questions)
        )
        row = self._connection.execute(taken).mappings().one_or_none()
        return _pending(dict(row)) if row is not None else None


class SqlAssertions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def spend(self, client_id: str, token_id: str, expires_at: float) -> bool:
        # Hashed with its length in front: an id is a stranger's text of any size (case T08).
        text = f"{len(client_id)}:{client_id}{token_id}".encode("utf-8", "surrogatepass")
        row = {"digest": hashlib.sha256(text).digest(), "expires_at": expires_at}
        server = self._connection.dialect.name == "postgresql"
        insertion = postgresql.insert(assertions) if server else sqlite.insert(assertions)
        spent = insertion.values(row).on_conflict_do_nothing().returning(assertions.c.digest)
        return self._connection.execute(spent).one_or_none() is not None


def _open(question_id: str, browser: bytes, now: float) -> ColumnElement[bool]:
    c = questions.c
    mine = (c.id == question_id) & (c.browser == browser)
    return mine & c.answered_at.is_(None) & (c.expires_at > now)


def _pending(row: dict[str, Any]) -> Pending:
    return Pending(
        id=row["id"],
        browser=bytes(row["browser"]),
        asked=ASKED.validate_python(row["asked"]),
        expires_at=row["expires_at"],
    )


def _plain(asked: Asked) -> dict[str, Any]:
    sets = {"scopes", "identity", "prompt"}
    return {name: sorted(value) if name in sets else value for name, value in asdict(asked).items()}
