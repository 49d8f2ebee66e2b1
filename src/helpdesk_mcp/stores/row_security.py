"""Row-level security of PostgreSQL: no statement sees another tenant's rows, whatever it says.

Every table with a `tenant` column is protected by what its `info` says:

* `rows`: the column that holds the tenant (`tenant` if unsaid), or a condition of its own;
* `door`: "read" or "write" if its rows can be found before their tenant is known, by a digest;
* `operator`: true if an operator works on it across tenants.
"""

from sqlalchemy import Connection, Table, inspect, text

from helpdesk_mcp.stores.tables import metadata

TENANT = "helpdesk.tenant"
DOOR = "helpdesk.door"
OPERATOR = "helpdesk.operator"
HERE = f"NULLIF(current_setting('{TENANT}', true), '')"
"""The transaction's tenant, NULL outside one: a reused connection is left with an empty string."""
ABOVE = """
SELECT EXISTS (
    SELECT FROM pg_roles r
    WHERE pg_has_role(current_user, r.oid, 'MEMBER') AND (
        r.rolsuper OR r.rolbypassrls
        OR r.oid = (SELECT relowner FROM pg_class WHERE oid = to_regclass('tenants'))
    )
)"""
ON = "current_setting('{}', true) = 'on'"


def secure(connection: Connection) -> None:
    """Protect every tenant-scoped table there is. May be repeated; does nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there and scoped(table):
            _protect(connection, table)


def scoped(table: Table) -> bool:
    """Return whether a table's rows belong to tenants."""
    return "tenant" in table.c or "rows" in table.info


def grant(connection: Connection, role: str) -> None:
    """Let a role work with the tables, but neither own nor change them, nor delete audit events."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.dialect.identifier_preparer.quote_identifier(
        str(inspect(connection).default_schema_name)
    )
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted}",
        f"REVOKE DELETE ON audit FROM {quoted}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}",
    ):
        connection.execute(text(statement))


def bypasses(connection: Connection) -> bool:
    """Return whether this role, or one that it may become, can see or make itself see every row.

    Superusers and roles with BYPASSRLS do; who owns the tables could end their protection.
    """
    if connection.dialect.name != "postgresql":
        return False
    return bool(connection.execute(text(ABOVE)).scalar_one())


def _protect(connection: Connection, table: Table) -> None:
    name = table.name
    policies = {"of_tenant": ("ALL", _own(table))}
    if (door := table.info.get("door")) is not None:
        policies["of_door"] = ("ALL" if door == "write" else "SELECT", ON.format(DOOR))
    if table.info.get("operator"):
        policies["of_operator"] = ("ALL", ON.format(OPERATOR))
    connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))
    for policy in ("of_tenant", "of_door", "of_operator"):
        connection.execute(text(f"DROP POLICY IF EXISTS {policy} ON {name}"))
    for policy, (command, condition) in policies.items():
        check = "" if command == "SELECT" else f" WITH CHECK ({condition})"
        connection.execute(
            text(f"CREATE POLICY {policy} ON {name} FOR {command} USING ({condition}){check}")
        )


def _own(table: Table) -> str:
    rows: str = table.info.get("rows", "tenant")
    return f"{rows} = {HERE}" if rows in table.c else rows
