"""Runs migrations on the connection that `stores.database` hands over."""

from alembic import context

<<<<<<< HEAD
from helpdesk_mcp.stores import oauth_tables
from helpdesk_mcp.stores.tables import metadata

KNOWN = (oauth_tables,)
=======
from helpdesk_mcp.stores import session_tables
from helpdesk_mcp.stores.tables import metadata

KNOWN = (session_tables,)
>>>>>>> f048980 (web: sign in, choose an organisation, consent; sessions in SQL)
"""Importing a module of tables puts them into the metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
