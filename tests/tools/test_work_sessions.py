"""Agent sessions on a desk that has none: their names work, and tell the truth."""

import pytest

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import Denied
from helpdesk_mcp.tools.work_sessions import (
    finish_agent_session,
    get_agent_session_info,
    set_agent_intent,
)


async def test_the_session_says_that_writes_are_live() -> None:
    session = await get_agent_session_info(MemoryDesk())
    assert (session.session_available, session.isolated) == (False, False)
    assert "live at once" in session.note


async def test_an_intent_is_not_pretended_to_be_kept() -> None:
    with pytest.raises(Denied) as refused:
        await set_agent_intent(MemoryDesk(), "Close old tickets")
    assert refused.value.reason == "capability"


async def test_finishing_nothing_is_not_a_success() -> None:
    with pytest.raises(Denied) as refused:
        await finish_agent_session(MemoryDesk())
    assert refused.value.reason == "capability"
