"""What a client asks for, as people read it: a cleaned name, and rights in groups."""

from dataclasses import dataclass
from typing import Final

from helpdesk_mcp.domain.principals import EVERY_SCOPE, ROLE_SCOPES, Role, Scope
from helpdesk_mcp.oauth.flow import Question
from helpdesk_mcp.pipeline.characters import to_line

LONGEST_NAME: Final = 64

GROUPS: Final[tuple[tuple[str, tuple[Scope, ...]], ...]] = (
    ("read", tuple(s for s in Scope if s in EVERY_SCOPE and s.endswith(":read"))),
    ("change", tuple(s for s in Scope if s in EVERY_SCOPE and s.endswith(":write"))),
    ("send", (Scope.REPLIES_SEND, Scope.APPROVALS_DECIDE, Scope.TICKETS_DELETE)),
)
"""Rights by how much they can do. `send` is what cannot be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    scopes: tuple[Scope, ...]


def offered(question: Question, role: Role) -> frozenset[Scope]:
    """Return what may be granted at all: asked for, and allowed to the role (case A16)."""
    return frozenset(question.scopes) & ROLE_SCOPES[role] & EVERY_SCOPE


def grouped(scopes: frozenset[Scope]) -> tuple[Group, ...]:
    groups = (
        Group(name=name, scopes=tuple(scope for scope in members if scope in scopes))
        for name, members in GROUPS
    )
    return tuple(group for group in groups if group.scopes)


def shown_name(name: str) -> str:
    """Return a client's own name on one short line, without what a reader would not see (A37)."""
    line = to_line(name)
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"
