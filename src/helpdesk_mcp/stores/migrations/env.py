"""Runs migrations on the connection that `stores.database` hands over."""

from alembic import context

from helpdesk_mcp.stores import oauth_tables, session_tables, tenancy_tables, upstream_tokens
from helpdesk_mcp.stores.row_security import secure
from helpdesk_mcp.stores.tables import metadata

KNOWN = (oauth_tables, session_tables, tenancy_tables, upstream_tokens)
"""Importing a module of tables puts them into the metadata."""

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    secure(connection)
