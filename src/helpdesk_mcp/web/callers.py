"""Who is behind an MCP request: the principal that the HTTP edge put into its scope."""

from collections.abc import Callable
from typing import Any

from mcp.server.context import ServerRequestContext

from helpdesk_mcp.domain.principals import Principal

Context = ServerRequestContext[Any, Any]
Whoami = Callable[[Context], Principal]
PRINCIPAL = "helpdesk.principal"
"""Key of the scope under which `web.identity` leaves the principal."""


def from_scope(ctx: Context) -> Principal:
    """Return the principal of an HTTP request. Raises KeyError if none was put there: a bug."""
    assert ctx.request is not None  # noqa: S101 -- every HTTP transport attaches its request
    principal: Principal = ctx.request.scope[PRINCIPAL]
    return principal
