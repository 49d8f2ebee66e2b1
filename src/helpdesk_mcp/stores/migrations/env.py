"""Runs migrations on the connection that `stores.database` hands over."""

from alembic import context

from helpdesk_mcp.stores.row_security import secure
from helpdesk_mcp.stores.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    secure(connection)
