"""People of a help desk, and the queues their tickets wait in."""

from dataclasses import dataclass

from helpdesk_mcp.domain.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    username: Line | None = None
    name: Line | None = None
    email: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where tickets wait: a queue in django-helpdesk, a support group in ServiceDesk Plus."""

    id: str
    name: Line
    slug: Line | None = None
