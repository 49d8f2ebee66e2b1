"""Tables of browser sessions: they belong to people, not to a tenant; secrets only as hashes."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text

from helpdesk_mcp.stores.tables import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("auth_time", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("chosen_tenant", String(64), nullable=False),
    Column("via", Text, nullable=False),
    Index("sessions_by_person", "person"),
    Index("sessions_by_sight", "seen_at"),
)

used_form_tokens = Table(
    "used_form_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("until", Float, nullable=False),
    Index("used_form_tokens_by_time", "until"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Float, nullable=False),
    Column("until", Float, nullable=False),
    Index("sign_in_attempts_by_time", "last"),
)
