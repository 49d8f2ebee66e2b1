"""The tables of the authorization server. Secrets stand in them as digests, private keys sealed."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from helpdesk_mcp.stores.tables import metadata

clients = Table(
    "oauth_clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", String(16), nullable=False),
    Column("redirect_uris", JSON, nullable=False),
    Column("auth_method", String(32), nullable=False),
    Column("grant_types", JSON, nullable=False),
    Column("native", Boolean, nullable=False),
    Column("host", Text, nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("digest", LargeBinary(32)),
    Column("jwks", JSON),
    Column("jwks_uri", Text, nullable=False, server_default=""),
    Column("scopes", JSON),
    Column("desks", JSON, nullable=False),
    Column("document", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("fresh_until", Float, nullable=False),
    Column("used_at", Float),
    Column("disabled_at", Float),
    Index("oauth_clients_unused", "source", "used_at"),
    info={"door": "write"},
)

questions = Table(
    "oauth_questions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("browser", LargeBinary(32), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("answered_at", Float),
)

grants = Table(
    "oauth_grants",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("client_id", Text, nullable=False, index=True),
    Column("resource", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("identity", JSON, nullable=False),
    Column("desks", JSON, nullable=False),
    Column("auth_time", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("used_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("revoked_at", Float),
    Column("revoked_for", String(64), nullable=False),
    Column("document", String(64), nullable=False),
    Index("oauth_grants_of_a_person", "tenant", "user"),
    info={"door": "write", "backup": False},
)

consents = Table(
    "oauth_consents",
    metadata,
    Column("user", String(64), primary_key=True),
    Column("fingerprint", LargeBinary(32), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("desks", JSON, nullable=False),
    Column("given_at", Float, nullable=False),
    info={"door": "write", "backup": False},
)
"""What a person allowed before. The fingerprint is of the client, its document and the request."""

codes = Table(
    "oauth_codes",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("grant", String(32), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("redirect_sent", Boolean, nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("nonce", Text),
    Column("expires_at", Float, nullable=False, index=True),
    Column("used_at", Float),
    Column("failures", Integer, nullable=False),
)

refresh_tokens = Table(
    "oauth_refresh_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("grant", String(32), nullable=False, index=True),
    Column("parent", LargeBinary(32), index=True),
    Column("issued_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("used_at", Float),
    Column("dead_at", Float),
)

assertions = Table(
    "oauth_assertions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("expires_at", Float, nullable=False, index=True),
)

signing_keys = Table(
    "oauth_signing_keys",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("kid", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("public", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False, info={"sealed": ("kid",)}),
    Column("created_at", Float, nullable=False),
    Column("retired_at", Float),
    Index("oauth_signing_keys_current", "purpose", "retired_at"),
)

upstream_states = Table(
    "oauth_upstream_states",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("browser", LargeBinary(32), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("question", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(64), nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    info={"door": "write", "backup": False},
)

providers = Table(
    "oauth_providers",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret", LargeBinary, nullable=False, info={"sealed": ("tenant",)}),
    Column("updated_at", Float, nullable=False),
)
"""Where an organisation signs in by itself. The secret is sealed with the tenant's key."""
