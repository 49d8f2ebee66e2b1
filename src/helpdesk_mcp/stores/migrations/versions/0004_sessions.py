"""Browser sessions, and attempts to sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("auth_time", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
        sa.Column("chosen_tenant", sa.String(64), nullable=False),
        sa.Column("via", sa.Text, nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person"])
    op.create_index("sessions_by_sight", "sessions", ["seen_at"])
    op.create_table(
        "used_form_tokens",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("used_form_tokens_by_time", "used_form_tokens", ["until"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("sign_in_attempts_by_time", "sign_in_attempts", ["last"])


def downgrade() -> None:
    op.drop_table("sign_in_attempts")
    op.drop_table("used_form_tokens")
    op.drop_table("sessions")
