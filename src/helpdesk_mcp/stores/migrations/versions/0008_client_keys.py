"""Where clients publish their keys."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "oauth_clients", sa.Column("jwks_uri", sa.Text, nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("oauth_clients") as clients:
        clients.drop_column("jwks_uri")
