"""All that administrators may do. None of it is ever offered over MCP."""

from helpdesk_mcp.admin import access, desks, people, records, rules, tenants
from helpdesk_mcp.domain.operations import AnyOperation

ADMIN: tuple[AnyOperation, ...] = (
    *tenants.OPERATIONS,
    *desks.OPERATIONS,
    *people.OPERATIONS,
    *access.OPERATIONS,
    *rules.OPERATIONS,
    *records.OPERATIONS,
)
