"""Agent sessions under their documented names, on desks that have none: told truthfully."""

from dataclasses import dataclass
from typing import Annotated, Never

from pydantic import Field

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Denied
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt

NONE = (
    "This help desk has no agent sessions: what you write is live at once, and the audit trail "
    "records it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSession:
    """Whether writes go to a branch of their own. `note` says what that means here."""

    session_available: bool
    isolated: bool
    note: str


@operation(Scope.TICKETS_READ, Effect.READ, title="Get the agent session", listed=False)
async def get_agent_session_info(desk: Desk) -> AgentSession:
    """Say whether this desk keeps an agent's writes apart until a person merges them."""
    del desk
    return AgentSession(session_available=False, isolated=False, note=NONE)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Set the session's intent",
    listed=False,
    holds={"intent": Holds.PROSE},
)
async def set_agent_intent(
    desk: Desk, intent: Annotated[str, Field(min_length=1, max_length=512)]
) -> Receipt:
    """Say what an agent session is for. Needs a desk with agent sessions."""
    del desk, intent
    _refuse("Say why in the `comment` of each change instead.")


@operation(Scope.TICKETS_WRITE, Effect.WRITE, title="Finish the agent session", listed=False)
async def finish_agent_session(desk: Desk) -> Receipt:
    """Hand an agent session over for review. Needs a desk with agent sessions."""
    del desk
    _refuse("There is nothing to finish.")


def _refuse(instead: str) -> Never:
    raise Denied(f"{NONE} {instead}", reason="capability")


TOOLS = (get_agent_session_info, set_agent_intent, finish_agent_session)
