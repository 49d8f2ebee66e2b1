"""Access tokens that desks gave us, sealed and shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "upstream_tokens",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("token", sa.LargeBinary),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("issued_at", sa.Float, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("claimed_by", sa.String(32), nullable=False),
        sa.Column("claimed_until", sa.Float, nullable=False),
        sa.Column("retry_at", sa.Float, nullable=False),
        sa.Column("refreshed", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("upstream_tokens")
