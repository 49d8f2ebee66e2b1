"""Grants in SQL, and the consents that need not be asked for again."""

import hashlib
import json
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.oauth.models import Client, Grant, Remembered
from helpdesk_mcp.stores.oauth_tables import consents, grants

COLUMNS = tuple(field.name for field in fields(Grant))
SCOPES = {str(scope): scope for scope in Scope}
FIND = select(grants).where(grants.c.id == bindparam("wanted"))
USED = update(grants).where(grants.c.id == bindparam("wanted"))


class SqlGrants:
    """All grants, in one transaction. A grant is what yields a token's tenant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, grant: Grant) -> None:
        row = {name: getattr(grant, name) for name in COLUMNS}
        sets = {name: sorted(row[name]) for name in ("scopes", "identity", "desks")}
        self._connection.execute(insert(grants).values(row | sets | {"revoked_for": ""}))

    def find(self, grant_id: str) -> Grant | None:
        found = self._connection.execute(FIND, {"wanted": grant_id}).mappings().one_or_none()
        return grant_of(dict(found)) if found is not None else None

    def used(self, grant_id: str, now: float) -> None:
        self._connection.execute(USED, {"wanted": grant_id, "used_at": now})

    def revoke(self, grant_id: str, now: float, reason: str) -> bool:
        live = (grants.c.id == grant_id) & grants.c.revoked_at.is_(None)
        ended = (
            update(grants)
            .where(live)
            .values(revoked_at=now, revoked_for=reason)
            .returning(grants.c.user, grants.c.client_id)
        )
        row = self._connection.execute(ended).one_or_none()
        if row is None:
            return False
        mine = (consents.c.user == row.user) & (consents.c.client_id == row.client_id)
        self._connection.execute(delete(consents).where(mine))
        return True

    def remember(self, grant: Grant, redirect_uri: str, asked: frozenset[str]) -> None:
        key = _fingerprint(grant.client_id, grant.document, redirect_uri, grant.resource, asked)
        mine = (consents.c.user == grant.user) & (consents.c.fingerprint == key)
        self._connection.execute(delete(consents).where(mine))
        row: dict[str, Any] = {
            "user": grant.user,
            "fingerprint": key,
            "tenant": grant.tenant,
            "client_id": grant.client_id,
            "scopes": sorted(grant.scopes),
            "desks": sorted(grant.desks),
            "given_at": grant.created_at,
        }
        self._connection.execute(insert(consents).values(row))

    def remembered(
        self, user: str, client: Client, redirect_uri: str, resource: str, asked: frozenset[str]
    ) -> Remembered | None:
        key = _fingerprint(client.id, client.document, redirect_uri, resource, asked)
        mine = (consents.c.user == user) & (consents.c.fingerprint == key)
        row = self._connection.execute(select(consents).where(mine)).mappings().one_or_none()
        if row is None:
            return None
        return Remembered(
            tenant=row["tenant"],
            scopes=_scopes(row["scopes"]),
            desks=frozenset(row["desks"]),
            given_at=row["given_at"],
        )


def grant_of(row: dict[str, Any]) -> Grant:
    row.pop("revoked_for")
    row["scopes"] = _scopes(row["scopes"])
    row["identity"] = frozenset(row["identity"])
    row["desks"] = frozenset(row["desks"])
    return Grant(**row)


def _scopes(words: list[str]) -> frozenset[Scope]:
    """Return the scopes that still exist: one that was dropped since grants nothing."""
    return frozenset(SCOPES[word] for word in words if word in SCOPES)


def _fingerprint(
    client_id: str, document: str, redirect_uri: str, resource: str, asked: frozenset[str]
) -> bytes:
    parts = [client_id, document, redirect_uri, resource, *sorted(asked)]
    return hashlib.sha256(json.dumps(parts).encode()).digest()
