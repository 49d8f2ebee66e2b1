"""Tenants, keys and people for tests of stores."""

import itertools
import time
import uuid
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring, new_line, parse_keys
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.tenants import Connection, Tenant
from helpdesk_mcp.oauth.models import Grant
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.grants import SqlGrants
from helpdesk_mcp.stores.tenancy_tables import connections
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.transactions import door_transaction, tenant_transaction

FIRST, SECOND = new_line(1), new_line(2)
RING = parse_keys(FIRST)
BOTH = parse_keys(f"{FIRST}\n{SECOND}")
CREDENTIAL = {"username": "helper", "password": "canary-4711"}
QUICK = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
PASSWORD = "correct horse battery"
_numbers = itertools.count()


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


async def tenant(database: AsyncEngine, slug: str = "") -> str:
    """Make a tenant and return its id."""
    made = Tenant(id="", slug=slug or f"t{next(_numbers)}", name="Acme")
    return (await SqlTenants(database).add(made)).id


def desks(database: AsyncEngine, tenant: str, ring: Keyring = RING) -> SqlConnections:
    return SqlConnections(database, tenant, ring)


def draft(name: str = "it", **values: Any) -> Connection:
    usual: dict[str, Any] = {
        "id": "",
        "tenant": "",
        "name": name,
        "kind": "django_helpdesk",
        "address": "https://desk.example.org/",
    }
    return Connection(**usual | values)


async def overwrite(database: AsyncEngine, tenant: str, connection: str, record: bytes) -> None:
    """Put a record into the place of a credential, as somebody with access to the tables could."""
    which = (connections.c.tenant == tenant) & (connections.c.id == connection)
    async with tenant_transaction(database, tenant) as transaction:
        await transaction.execute(update(connections).where(which).values(credential=record))


async def record(database: AsyncEngine, tenant: str, connection: str) -> bytes:
    async with tenant_transaction(database, tenant) as transaction:
        found = await transaction.execute(
            text("SELECT credential FROM connections WHERE tenant = :t AND id = :i"),
            {"t": tenant, "i": connection},
        )
        return bytes(found.scalar_one())


async def granted(database: AsyncEngine, own: str, **values: Any) -> Grant:
    """Store a grant as it is after a person's consent."""
    usual: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "tenant": own,
        "user": "ana",
        "client_id": "app",
        "resource": "https://desk.example/mcp",
        "scopes": frozenset({Scope.TICKETS_READ}),
        "desks": frozenset({"it"}),
        "created_at": 100.0,
        "used_at": 100.0,
        "expires_at": 10_000.0,
    }
    grant = Grant(**usual | values)
    async with door_transaction(database) as transaction:
        await transaction.run_sync(lambda c: SqlGrants(c).add(grant))
    return grant
