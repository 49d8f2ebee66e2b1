"""Tables of tenants, their keys, people, connections and policies.

A column named `tenant` makes a table the tenant's own: `stores.row_security` protects it on
PostgreSQL, and deleting the tenant empties it.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from helpdesk_mcp.stores.tables import metadata

OPERATORS_TOO = {"operator": True}
"""Rows that an operator works on across tenants."""

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("tier", String(32), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    info={"rows": "id", "door": "read", **OPERATORS_TOO},
)

policies = Table(
    "policies",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("read_only", Boolean, nullable=False),
    Column("switched_off", JSON, nullable=False),
    Column("needs_approval", JSON, nullable=False),
    Column("updated_at", Float, nullable=False),
)

master_keys = Table(
    "master_keys",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("check_value", LargeBinary(8), nullable=False),
    Column("seals_since", Float),
    Column("created_at", Float, nullable=False),
)
"""The master keys this database has met. The newest that `seals_since` some time seals."""

tenant_keys = Table(
    "tenant_keys",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("master", BigInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("seals", BigInteger, nullable=False),
    Column("created_at", Float, nullable=False),
    info=OPERATORS_TOO,
)
"""Each tenant's data keys, wrapped. Deleting them makes all that they sealed unreadable."""

audit_keys = Table(
    "audit_keys",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("key", LargeBinary, nullable=False, info={"sealed": ("tenant",)}),
    Column("created_at", Float, nullable=False),
)
"""What the audit trail's fingerprints of a tenant are made with since `created_at`."""

connections = Table(
    "connections",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("credential", LargeBinary, nullable=False, info={"sealed": ("id", "credentials")}),
    Column("credentials", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("tenant", "name", name="connections_by_name"),
)
"""Desks. `credentials` counts them: the sealed one is bound to it, so an old one opens nowhere."""

people = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("password", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("status", String(16), nullable=False),
    Column("home", String(64), nullable=False),
    Column("signed_out_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("issuer", "subject", name="people_by_identity"),
    info={
        "rows": "EXISTS (SELECT 1 FROM memberships m WHERE m.person = people.id)",
        "door": "write",
        **OPERATORS_TOO,
    },
)
"""Accounts. `password` is an Argon2id hash, `issuer` and `subject` an identity elsewhere.

`home` is the tenant that manages the account. Sessions and grants from before `signed_out_at`
are void.
"""

memberships = Table(
    "memberships",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("person", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Index("memberships_by_person", "person"),
    info={"door": "read", **OPERATORS_TOO},
)

operators = Table(
    "operators",
    metadata,
    Column("person", String(32), primary_key=True),
    Column("created_at", Float, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("email", String(320), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("accepted_at", Float),
    info={"door": "write", "backup": False},
)

approvals = Table(
    "approvals",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("operation", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Float),
    info={"backup": False},
)
"""Calls that wait for a person. The id is the digest of who asked and of the call itself."""
