"""Every table there is, whichever module defines it: for what must not miss one."""

from helpdesk_mcp.stores import oauth_tables, session_tables, tenancy_tables, upstream_tokens
from helpdesk_mcp.stores.tables import metadata

__all__ = ["EVERY_TABLE", "KNOWN", "metadata"]
KNOWN = (oauth_tables, session_tables, tenancy_tables, upstream_tokens)
"""Importing a module of tables puts them into the metadata."""
EVERY_TABLE = tuple(metadata.sorted_tables)
"""In the order in which they could be filled."""
