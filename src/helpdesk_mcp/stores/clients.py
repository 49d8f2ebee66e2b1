"""OAuth clients in SQL: registered, by metadata document, or made by an administrator."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from helpdesk_mcp.oauth.models import AuthMethod, Client, GrantType, Source
from helpdesk_mcp.stores.oauth_tables import clients

COLUMNS = tuple(field.name for field in fields(Client))
FIND = select(clients).where(clients.c.id == bindparam("wanted"), clients.c.disabled_at.is_(None))


class SqlClients:
    """All clients, in one transaction. A client may serve many tenants: its grants do not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, client_id: str) -> Client | None:
        row = self._connection.execute(FIND, {"wanted": client_id}).mappings().one_or_none()
        return client_of(dict(row)) if row is not None else None

    def put(self, client: Client) -> None:
        row = _row(client)
        kept = {name: row[name] for name in row if name not in {"created_at", "used_at"}}
        changed = update(clients).where(clients.c.id == client.id).values(kept)
        if self._connection.execute(changed).rowcount == 0:
            self._connection.execute(insert(clients).values(row))

    def used(self, client_id: str, now: float) -> None:
        mine = clients.c.id == client_id
        self._connection.execute(update(clients).where(mine).values(used_at=now))

    def unused(self, source: Source) -> int:
        mine = (clients.c.source == source) & clients.c.used_at.is_(None)
        return self._connection.execute(select(func.count()).where(mine)).scalar_one()

    def forget_unused(self, before: float) -> int:
        c = clients.c
        mine = (c.source == Source.REGISTERED) & c.used_at.is_(None) & (c.created_at < before)
        return self._connection.execute(delete(clients).where(mine)).rowcount

    def of_tenant(self, tenant: str) -> list[Client]:
        """Return the clients that administrators made for a tenant."""
        c = clients.c
        wanted = select(clients).where(c.tenant == tenant, c.disabled_at.is_(None)).order_by(c.name)
        rows = self._connection.execute(wanted).mappings().all()
        return [client_of(dict(row)) for row in rows]

    def disable(self, client_id: str, now: float) -> bool:
        mine = (clients.c.id == client_id) & clients.c.disabled_at.is_(None)
        done = self._connection.execute(update(clients).where(mine).values(disabled_at=now))
        return done.rowcount == 1


def client_of(row: dict[str, Any]) -> Client:
    row["source"] = Source(row["source"])
    row["auth_method"] = AuthMethod(row["auth_method"])
    row["grant_types"] = frozenset(GrantType(word) for word in row["grant_types"])
    row["redirect_uris"] = tuple(row["redirect_uris"])
    row["desks"] = frozenset(row["desks"])
    if row["scopes"] is not None:
        row["scopes"] = frozenset(row["scopes"])
    return Client(**row)


def _row(client: Client) -> dict[str, Any]:
    row = {name: getattr(client, name) for name in COLUMNS}
    row["grant_types"] = sorted(client.grant_types)
    row["redirect_uris"] = list(client.redirect_uris)
    row["desks"] = sorted(client.desks)
    row["scopes"] = sorted(client.scopes) if client.scopes is not None else None
    row["jwks"] = dict(client.jwks) if client.jwks is not None else None
    return row
