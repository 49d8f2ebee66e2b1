"""Every tool, in the order in which agents see them."""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools import (
    approvals,
    assets,
    attachments,
    authoring,
    bulk,
    bulk_records,
    change_flow,
    changes,
    comments,
    configuration,
    finding,
    handling,
    health,
    knowledge,
    people,
    problems,
    project_work,
    projects,
    search,
    statistics,
    tickets,
    work,
    work_sessions,
)
from helpdesk_mcp.tools.aliases import ALIASES

_TOOLS: tuple[AnyOperation, ...] = (
    *tickets.TOOLS,
    *comments.TOOLS,
    *people.TOOLS,
    *attachments.TOOLS,
    *knowledge.TOOLS,
    *work_sessions.TOOLS,
    *bulk.TOOLS,
    *search.TOOLS,
    *statistics.TOOLS,
    *handling.TOOLS,
    *work.TOOLS,
    *approvals.TOOLS,
    *authoring.TOOLS,
    *problems.TOOLS,
    *changes.TOOLS,
    *change_flow.TOOLS,
    *projects.TOOLS,
    *project_work.TOOLS,
    *assets.TOOLS,
    *configuration.TOOLS,
    *bulk_records.TOOLS,
    *health.TOOLS,
    *finding.TOOLS,
)


def _known_as(tool: AnyOperation) -> AnyOperation:
    """Return a tool that knows by which documented names it is also called."""
    known = {name: alias for name, alias in ALIASES.items() if alias.tool == tool.name}
    return replace(tool, aliases=known) if known else tool


TOOLS = tuple(map(_known_as, _TOOLS))
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
