"""All that administrators may do. None of it is ever offered over MCP."""

from helpdesk_mcp.admin import access, backups, desks, people, providers, records, rules, tenants
from helpdesk_mcp.domain.operations import AnyOperation

ADMIN: tuple[AnyOperation, ...] = (
    *tenants.OPERATIONS,
    *desks.OPERATIONS,
    *people.OPERATIONS,
    *providers.OPERATIONS,
    *access.OPERATIONS,
    *rules.OPERATIONS,
    *records.OPERATIONS,
)

AT_THE_SHELL: tuple[AnyOperation, ...] = (*ADMIN, *backups.OPERATIONS)
"""What commands may do: files of the server are nobody's business over HTTP."""
