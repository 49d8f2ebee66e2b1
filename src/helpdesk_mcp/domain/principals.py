"""Who is calling, for which tenant, with which rights."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token may do. The words are neutral: no desk's own scope names appear here."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    REPLIES_SEND = "replies:send"
    PEOPLE_READ = "people:read"
    KNOWLEDGE_READ = "knowledge:read"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller. `subject` is the person or job, `client` the program it uses."""

    tenant: str
    subject: str
    client: str
    scopes: frozenset[Scope]
    token_id: str = ""
