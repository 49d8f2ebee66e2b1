"""Runs migrations on the connection that `stores.database` hands over."""

from alembic import context

from helpdesk_mcp.stores import oauth_tables, session_tables
from helpdesk_mcp.stores.tables import metadata

KNOWN = (oauth_tables, session_tables)
"""Importing a module of tables puts them into the metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
