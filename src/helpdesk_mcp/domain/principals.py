"""Who is calling, for which tenant, with which rights."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token may do. The words are neutral: no desk's own scope names appear here."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    TICKETS_DELETE = "tickets:delete"
    REPLIES_SEND = "replies:send"
    PEOPLE_READ = "people:read"
    KNOWLEDGE_READ = "knowledge:read"
    KNOWLEDGE_WRITE = "knowledge:write"
    APPROVALS_DECIDE = "approvals:decide"
    PROBLEMS_READ = "problems:read"
    PROBLEMS_WRITE = "problems:write"
    CHANGES_READ = "changes:read"
    CHANGES_WRITE = "changes:write"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"
    OPERATOR = "operator"


ADMIN_SCOPES = frozenset({Scope.AUDIT_READ, Scope.ADMIN, Scope.OPERATOR})
"""For the console, the command line and the admin API. Never issued to an MCP client."""
EVERY_SCOPE = frozenset(Scope) - ADMIN_SCOPES
"""All that an agent's token may hold."""
READ_SCOPES = frozenset(scope for scope in EVERY_SCOPE if scope.endswith(":read"))


class Role(StrEnum):
    """What a person is in a tenant. A role caps the scopes of every grant the person makes."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.AGENT: READ_SCOPES | {Scope.TICKETS_WRITE, Scope.REPLIES_SEND},
    Role.SUPERVISOR: EVERY_SCOPE,
    Role.ADMINISTRATOR: EVERY_SCOPE | {Scope.AUDIT_READ, Scope.ADMIN},
    Role.AUDITOR: READ_SCOPES | {Scope.AUDIT_READ},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller. `subject` is the person or job, `client` the program it uses.

    `desks` holds the ids of the tenant's connections that were granted; empty means all of them.
    `grant` is the OAuth grant a token stands on, empty for tokens made by the command line.
    """

    tenant: str
    subject: str
    client: str
    scopes: frozenset[Scope]
    token_id: str = ""
    desks: frozenset[str] = frozenset()
    grant: str = ""
