"""Our scopes and the vendor's: which of theirs each of ours takes, and which a token lacks."""

from collections.abc import Iterable, Mapping

from helpdesk_mcp.domain.authoring import Authoring
from helpdesk_mcp.domain.changes import Changes
from helpdesk_mcp.domain.decisions import Decisions
from helpdesk_mcp.domain.desk import (
    Attachments,
    Comments,
    Fields,
    Knowledge,
    People,
    Queues,
    Requesters,
    Tickets,
)
from helpdesk_mcp.domain.handling import Handling, Trash
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.problems import Problems
from helpdesk_mcp.domain.projects import Projects
from helpdesk_mcp.domain.work import Worklogs

PREFIX = "SDPOnDemand."
VENDOR_SCOPES: Mapping[Scope, tuple[str, ...]] = {
    Scope.TICKETS_READ: ("requests.READ", "setup.READ"),
    Scope.TICKETS_WRITE: ("requests.CREATE", "requests.UPDATE", "setup.READ", "users.READ"),
    Scope.TICKETS_DELETE: ("requests.DELETE",),
    Scope.REPLIES_SEND: ("requests.CREATE",),
    Scope.PEOPLE_READ: ("users.READ",),
    Scope.KNOWLEDGE_READ: ("solutions.READ",),
    Scope.KNOWLEDGE_WRITE: ("solutions.CREATE", "solutions.UPDATE"),
    Scope.APPROVALS_DECIDE: ("requests.UPDATE",),
    Scope.PROBLEMS_READ: ("problems.READ",),
    Scope.PROBLEMS_WRITE: ("problems.CREATE", "problems.UPDATE"),
    Scope.CHANGES_READ: ("changes.READ",),
    Scope.CHANGES_WRITE: ("changes.CREATE", "changes.UPDATE"),
    Scope.PROJECTS_READ: ("projects.READ",),
    Scope.PROJECTS_WRITE: ("projects.CREATE", "projects.UPDATE"),
    Scope.ASSETS_READ: ("assets.READ", "cmdb.READ", "contracts.READ"),
    Scope.ASSETS_WRITE: ("assets.CREATE", "assets.UPDATE", "cmdb.CREATE", "cmdb.UPDATE"),
}
"""What each of our scopes takes (reference §2.4). What is not here takes nothing of the vendor."""
CAPABILITIES: Mapping[type, Scope] = {
    Tickets: Scope.TICKETS_READ,
    Comments: Scope.TICKETS_READ,
    Attachments: Scope.TICKETS_READ,
    Fields: Scope.TICKETS_READ,
    Queues: Scope.TICKETS_READ,
    People: Scope.PEOPLE_READ,
    Requesters: Scope.PEOPLE_READ,
    Knowledge: Scope.KNOWLEDGE_READ,
    Handling: Scope.TICKETS_READ,
    Worklogs: Scope.TICKETS_READ,
    Decisions: Scope.TICKETS_READ,
    Trash: Scope.TICKETS_DELETE,
    Authoring: Scope.KNOWLEDGE_WRITE,
    Problems: Scope.PROBLEMS_READ,
    Changes: Scope.CHANGES_READ,
    Projects: Scope.PROJECTS_READ,
}
"""Assets, contracts and configuration share a scope of ours: which is there is asked for."""


def asked_for() -> str:
    """Return the scopes to ask for, as the API console takes them: for all that we can do."""
    modules = dict.fromkeys(one.split(".")[0] for many in VENDOR_SCOPES.values() for one in many)
    reads = {"setup", "users"}
    return ",".join(f"{PREFIX}{m}.{'READ' if m in reads else 'ALL'}" for m in modules)


def covers(granted: frozenset[str], wanted: str) -> bool:
    """Whether a token's scopes hold one of the vendor's, by itself or by ALL."""
    module = wanted.partition(".")[0]
    return bool({f"{PREFIX}{wanted}", f"{PREFIX}{module}.ALL"} & granted)


def lacking(granted: frozenset[str]) -> dict[Scope, tuple[str, ...]]:
    """Return what a token lacks for each of our scopes. Nothing, where its scopes are unknown."""
    if not granted:
        return {}
    missing = {
        scope: tuple(f"{PREFIX}{one}" for one in wanted if not covers(granted, one))
        for scope, wanted in VENDOR_SCOPES.items()
    }
    return {scope: names for scope, names in missing.items() if names}


def offered(capabilities: Iterable[type], granted: frozenset[str]) -> frozenset[type]:
    """Return the capabilities that a token can use at all."""
    missing = lacking(granted)
    return frozenset(
        one for one in capabilities if one not in CAPABILITIES or CAPABILITIES[one] not in missing
    )
