"""T09: the server starts for organisations only as a role that row-level security binds."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from psycopg import sql
from tests.services import postgres
from tests.stores.tenancy import FIRST, tenant

from helpdesk_mcp.app import opened
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.settings import load
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.tenants import SqlTenants

ROLES = {
    "bypassing": "CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} IN ROLE " + postgres.APPLICATION,
    "becoming": "CREATE ROLE {} LOGIN PASSWORD {} IN ROLE " + postgres.OWNER,
    "plain": "CREATE ROLE {} LOGIN PASSWORD {} IN ROLE " + postgres.APPLICATION,
}


@contextmanager
def roles() -> Generator[dict[str, str]]:
    """Make roles of each kind; they go when their database has gone."""
    cluster = postgres.cluster()
    names = {kind: f"{kind}_{uuid.uuid4().hex[:12]}" for kind in ROLES}
    with cluster.connect() as admin:
        for kind, statement in ROLES.items():
            made = sql.SQL(statement)  # pyright: ignore[reportArgumentType] -- a constant
            admin.execute(made.format(sql.Identifier(names[kind]), sql.Literal(cluster.password)))
    try:
        yield names
    finally:
        with cluster.connect() as admin:
            for name in names.values():
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


async def started(url: str) -> None:
    async with opened(load(None, database_url=url, helpdesk_master_key=FIRST)):
        pass


async def test_t09_only_a_role_that_row_security_binds_serves_organisations() -> None:
    with roles() as names, postgres.fresh() as server:
        known = {"superuser": "postgres", "owner": postgres.OWNER, "app": postgres.APPLICATION}
        urls = {
            kind: server.cluster.url(server.name, name) for kind, name in (names | known).items()
        }
        database = open_database(server.application)
        acme = await tenant(database, "acme")
        for kind in ("superuser", "bypassing", "owner", "becoming"):
            with pytest.raises(Invalid, match="helpdesk-mcp database prepare") as refused:
                await started(urls[kind])
            assert refused.value.reason == "database_role", kind
        for kind in ("app", "plain"):
            await started(urls[kind])
        await SqlTenants(database).remove(acme)
        await database.dispose()
        with pytest.raises(Invalid) as empty:
            await started(urls["owner"])
        assert empty.value.reason == "settings"  # there is nobody to keep apart
