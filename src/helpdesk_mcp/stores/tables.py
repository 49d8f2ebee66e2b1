"""The schema, once, for SQLite and PostgreSQL."""

from sqlalchemy import JSON, Column, Float, Index, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

tokens = Table(
    "tokens",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    info={"door": "read", "backup": False},
)

audit = Table(
    "audit",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("at", Float, nullable=False),
    Column("user", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("tool_name", Text, nullable=False),
    Column("effect", String(16), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("target", Text, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("written", String(16), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("trace_id", String(32), nullable=False),
    Column("token_id", String(32), nullable=False),
    Column("via", String(64), nullable=False, server_default=""),
    Index("audit_by_time", "tenant", "at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""Random keys that belong to this database and never leave it, such as the key of cursors."""
