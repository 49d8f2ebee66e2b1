"""Who is behind an MCP request: the principal that the HTTP edge put into its scope."""

from collections.abc import Callable
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from helpdesk_mcp.domain.errors import Code, HelpdeskError
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


def refuse_state(state: str | None) -> None:
    """Refuse a `requestState`: this server never hands one out, so any is forged (case M32)."""
    if state is not None:
        raise MCPError(
            INVALID_PARAMS, "This requestState is not one of ours; call again without it."
        )


RATE_LIMITED = 4290
FORBIDDEN = 4030
ERRORS = {
    Code.INVALID: INVALID_PARAMS,
    Code.NOT_FOUND: INVALID_PARAMS,
    Code.DENIED: FORBIDDEN,
    Code.RATE_LIMITED: RATE_LIMITED,
}
"""Our own codes lie outside JSON-RPC's reserved range, as the specification asks."""


def refused(error: HelpdeskError, **facts: Any) -> MCPError:
    """Return an error as the protocol says it where there are no error results, only errors."""
    code = ERRORS.get(error.code, INTERNAL_ERROR)
    return MCPError(code, error.message, {**facts, "error": error.facts()})
