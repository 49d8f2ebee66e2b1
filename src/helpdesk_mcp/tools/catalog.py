"""Every tool, in the order in which agents see them."""

from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools import attachments, comments, knowledge, people, tickets, work_sessions

TOOLS: tuple[AnyOperation, ...] = (
    *tickets.TOOLS,
    *comments.TOOLS,
    *people.TOOLS,
    *attachments.TOOLS,
    *knowledge.TOOLS,
    *work_sessions.TOOLS,
)
