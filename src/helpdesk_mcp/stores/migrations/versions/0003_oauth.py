"""Clients, grants, codes and tokens of the authorization server."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _clients_and_questions()
    _grants()
    _tokens_and_keys()
    _upstream()
    for name, table, columns in INDEXES:
        op.create_index(name, table, list(columns))


def _clients_and_questions() -> None:
    op.create_table(
        "oauth_clients",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("redirect_uris", sa.JSON, nullable=False),
        sa.Column("auth_method", sa.String(32), nullable=False),
        sa.Column("grant_types", sa.JSON, nullable=False),
        sa.Column("native", sa.Boolean, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32)),
        sa.Column("jwks", sa.JSON),
        sa.Column("scopes", sa.JSON),
        sa.Column("desks", sa.JSON, nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("fresh_until", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float),
        sa.Column("disabled_at", sa.Float),
    )
    op.create_table(
        "oauth_questions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("browser", sa.LargeBinary(32), nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("answered_at", sa.Float),
    )


def _grants() -> None:
    op.create_table(
        "oauth_grants",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("identity", sa.JSON, nullable=False),
        sa.Column("desks", sa.JSON, nullable=False),
        sa.Column("auth_time", sa.Float, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("revoked_at", sa.Float),
        sa.Column("revoked_for", sa.String(64), nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
    )
    op.create_table(
        "oauth_consents",
        sa.Column("user", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(32), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("desks", sa.JSON, nullable=False),
        sa.Column("given_at", sa.Float, nullable=False),
    )


def _tokens_and_keys() -> None:
    op.create_table(
        "oauth_codes",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("grant", sa.String(32), nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("redirect_uri", sa.Text, nullable=False),
        sa.Column("redirect_sent", sa.Boolean, nullable=False),
        sa.Column("challenge", sa.String(64), nullable=False),
        sa.Column("nonce", sa.Text),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_table(
        "oauth_refresh_tokens",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("grant", sa.String(32), nullable=False),
        sa.Column("parent", sa.LargeBinary(32)),
        sa.Column("issued_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float),
        sa.Column("dead_at", sa.Float),
    )
    op.create_table(
        "oauth_assertions",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
    op.create_table(
        "oauth_signing_keys",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kid", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("public", sa.JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("retired_at", sa.Float),
    )


def _upstream() -> None:
    op.create_table(
        "oauth_upstream_states",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("browser", sa.LargeBinary(32), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
    op.create_table(
        "oauth_providers",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("client_secret", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


INDEXES = (
    (
        "oauth_clients_unused",
        "oauth_clients",
        (
            "source",
            "used_at",
        ),
    ),
    ("ix_oauth_questions_expires_at", "oauth_questions", ("expires_at",)),
    ("ix_oauth_grants_client_id", "oauth_grants", ("client_id",)),
    (
        "oauth_grants_of_a_person",
        "oauth_grants",
        (
            "tenant",
            "user",
        ),
    ),
    ("ix_oauth_codes_expires_at", "oauth_codes", ("expires_at",)),
    ("ix_oauth_refresh_tokens_grant", "oauth_refresh_tokens", ("grant",)),
    ("ix_oauth_refresh_tokens_parent", "oauth_refresh_tokens", ("parent",)),
    ("ix_oauth_refresh_tokens_expires_at", "oauth_refresh_tokens", ("expires_at",)),
    ("ix_oauth_upstream_states_expires_at", "oauth_upstream_states", ("expires_at",)),
    ("ix_oauth_assertions_expires_at", "oauth_assertions", ("expires_at",)),
    (
        "oauth_signing_keys_current",
        "oauth_signing_keys",
        (
            "purpose",
            "retired_at",
        ),
    ),
)
TABLES = (
    "oauth_clients",
    "oauth_questions",
    "oauth_grants",
    "oauth_consents",
    "oauth_codes",
    "oauth_refresh_tokens",
    "oauth_assertions",
    "oauth_signing_keys",
    "oauth_upstream_states",
    "oauth_providers",
)
