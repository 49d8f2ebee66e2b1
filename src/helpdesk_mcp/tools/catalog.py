"""Every tool, in the order in which agents see them."""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools import (
    attachments,
    bulk,
    comments,
    finding,
    knowledge,
    people,
    statistics,
    tickets,
    work_sessions,
)

TOOLS: tuple[AnyOperation, ...] = (
    *tickets.TOOLS,
    *comments.TOOLS,
    *people.TOOLS,
    *attachments.TOOLS,
    *knowledge.TOOLS,
    *work_sessions.TOOLS,
    *bulk.TOOLS,
    *statistics.TOOLS,
    *finding.TOOLS,
)

TOOLSETS = tuple(dict.fromkeys(tool.toolset for tool in TOOLS))
"""The topics, one for each module of tools, in catalogue order."""
EVERYTHING = "all"


def catalogue(switched_on: Iterable[str] = ()) -> tuple[AnyOperation, ...]:
    """Return every tool, those of the toolsets that are switched on listed. Raises Invalid."""
    wanted = frozenset(switched_on)
    if unknown := wanted - {*TOOLSETS, EVERYTHING}:
        raise Invalid(
            f"TOOLSETS names what there is not: {', '.join(sorted(unknown))}. "
            f"Valid: {', '.join(TOOLSETS)}, {EVERYTHING}.",
            reason="settings",
        )
    return tuple(
        replace(tool, listed=True) if {tool.toolset, EVERYTHING} & wanted else tool
        for tool in TOOLS
    )
