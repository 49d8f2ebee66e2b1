"""Row-level security of PostgreSQL: a statement that forgets its tenant finds nothing."""

from collections.abc import Iterator

import anyio
import pytest
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.services import postgres

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.stores.database import migrate, open_database, pending
from helpdesk_mcp.stores.row_security import bypasses, grant, scoped
from helpdesk_mcp.stores.schema import EVERY_TABLE
from helpdesk_mcp.stores.tables import tokens
from helpdesk_mcp.stores.tenancy_tables import connections, people, policies, tenant_keys, tenants
from helpdesk_mcp.stores.tokens import SqlTokens
from helpdesk_mcp.stores.transactions import (
    door_transaction,
    operator_transaction,
    tenant_transaction,
)

SCOPED = [table for table in EVERY_TABLE if scoped(table)]
EACH = pytest.mark.parametrize("table", SCOPED, ids=lambda table: str(table.name))


@pytest.fixture
def server() -> Iterator[postgres.Database]:
    with postgres.fresh() as database:
        yield database


async def filled(database: AsyncEngine) -> None:
    """Give two tenants a policy and a token each."""
    for tenant in ("acme", "globex"):
        async with tenant_transaction(database, tenant) as transaction:
            await transaction.execute(insert(policies).values(_policy(tenant)))
        await SqlTokens(database, tenant).create(
            name="", subject="", client="", scopes=frozenset({Scope.ADMIN}), expires_at=None
        )


def _policy(tenant: str) -> dict[str, object]:
    return {
        "tenant": tenant,
        "read_only": True,
        "switched_off": [],
        "needs_approval": [],
        "updated_at": 0.0,
    }


@EACH
def test_t09_every_table_of_tenants_is_protected_from_its_owner_too(
    server: postgres.Database, table: Table
) -> None:
    with server.admin() as admin:
        found = admin.execute(
            "SELECT relrowsecurity, relforcerowsecurity, relowner::regrole::text FROM pg_class "
            "WHERE relname = %s",
            (table.name,),
        ).fetchone()
    assert found == (True, True, postgres.OWNER)


async def test_t09_the_servers_role_neither_owns_nor_bypasses(server: postgres.Database) -> None:
    database = open_database(server.application)
    async with database.connect() as reader:
        assert not await reader.run_sync(bypasses)
        with pytest.raises(DBAPIError, match="must be owner"):
            await reader.execute(text("ALTER TABLE tokens DISABLE ROW LEVEL SECURITY"))
    await database.dispose()


@EACH
async def test_t10_a_query_without_its_filter_returns_nothing_outside_a_tenant(
    server: postgres.Database, table: Table
) -> None:
    database = open_database(server.application)
    await filled(database)
    async with database.begin() as transaction:
        assert (await transaction.execute(select(func.count()).select_from(table))).scalar() == 0
    await database.dispose()


async def test_t10_a_query_without_its_filter_sees_its_own_tenant_only(
    server: postgres.Database,
) -> None:
    database = open_database(server.application)
    await filled(database)
    for table in (tokens, policies):
        async with tenant_transaction(database, "acme") as transaction:
            found = (await transaction.execute(select(table.c.tenant))).scalars().all()
        assert found == ["acme"]
    await database.dispose()


async def test_t09_nobody_writes_into_another_tenant(server: postgres.Database) -> None:
    database = open_database(server.application)
    await filled(database)
    with pytest.raises(DBAPIError) as refused:
        async with tenant_transaction(database, "acme") as transaction:
            await transaction.execute(insert(policies).values(_policy("initech")))
    assert getattr(refused.value.orig, "sqlstate", "") == "42501"
    async with tenant_transaction(database, "acme") as transaction:
        changed = await transaction.execute(update(policies).values(read_only=False))
        assert changed.rowcount == 1
        assert (await transaction.execute(delete(tokens))).rowcount == 1
    async with tenant_transaction(database, "globex") as transaction:
        assert (await transaction.execute(select(policies.c.read_only))).scalars().all() == [True]
        assert (await transaction.execute(select(func.count(tokens.c.id)))).scalar() == 1
    await database.dispose()


async def test_t09_a_tenant_ends_with_its_transaction_on_a_reused_connection(
    server: postgres.Database,
) -> None:
    database = open_database(server.application)
    await filled(database)
    with pytest.raises(DBAPIError):
        async with tenant_transaction(database, "acme") as transaction:
            await transaction.execute(text("SELECT 1 / 0 FROM policies"))
    async with database.connect() as reader:  # the pool's only connection
        await reader.execute(text("SET helpdesk.tenant TO DEFAULT"))
        assert (await reader.execute(select(policies))).all() == []
        await reader.rollback()
        assert (await reader.execute(select(policies))).all() == []
    await database.dispose()


async def test_the_door_reads_tokens_of_all_and_nothing_else(server: postgres.Database) -> None:
    database = open_database(server.application)
    await filled(database)
    async with door_transaction(database) as transaction:
        assert len((await transaction.execute(select(tokens))).all()) == 2
        for table in (policies, connections, tenant_keys):
            assert (await transaction.execute(select(table))).all() == []
        assert (await transaction.execute(update(tokens).values(name="x"))).rowcount == 0
    await database.dispose()


async def test_t14_an_operator_works_on_tenants_and_reads_nothing_of_theirs(
    server: postgres.Database,
) -> None:
    database = open_database(server.application)
    await filled(database)
    async with operator_transaction(database) as transaction:
        for table in (policies, connections, tokens):
            assert (await transaction.execute(select(table))).all() == []
        for table in (tenants, people, tenant_keys):
            assert (await transaction.execute(delete(table))).rowcount == 0
    await database.dispose()


async def test_t11_a_transaction_of_no_tenant_is_a_mistake(server: postgres.Database) -> None:
    with pytest.raises(ValueError, match="no tenant"):
        tenant_transaction(open_database(server.application), "")


async def test_replicas_that_start_at_once_migrate_once() -> None:
    with postgres.fresh(template="template0") as server:
        _let_own(server)
        replicas = [open_database(server.owner) for _ in range(4)]
        async with anyio.create_task_group() as tasks:
            for replica in replicas:
                tasks.start_soon(migrate, replica)
        assert not await pending(replicas[0])
        for replica in replicas:
            await replica.dispose()


async def test_a_role_that_may_not_migrate_says_who_may() -> None:
    with postgres.fresh(template="template0") as server:
        application = open_database(server.application)
        with pytest.raises(Unavailable, match="helpdesk-mcp database prepare"):
            await migrate(application)
        _let_own(server)
        owner = open_database(server.owner)
        await migrate(owner)
        async with owner.begin() as transaction:
            await transaction.run_sync(_granted)
        await migrate(application)
        await filled(application)
        async with tenant_transaction(application, "acme") as transaction:
            with pytest.raises(DBAPIError, match="permission denied"):
                await transaction.execute(text("DELETE FROM audit"))
        await application.dispose()
        await owner.dispose()


def _granted(connection: Connection) -> None:
    grant(connection, postgres.APPLICATION)


def _let_own(server: postgres.Database) -> None:
    with server.admin() as admin:
        admin.execute(f"ALTER SCHEMA public OWNER TO {postgres.OWNER}".encode())
