"""What the seeded help desk will hold, as plain values, before any of it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Status(IntEnum):
    """The stock statuses of django-helpdesk."""

    OPEN = 1
    REOPENED = 2
    RESOLVED = 3
    CLOSED = 4
    DUPLICATE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    name: str
    email: str
    language: str = "en"

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a ticket's history, in the words that django-helpdesk uses."""

    field: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A follow-up: what somebody said or did on a ticket."""

    at: datetime
    title: str
    text: str
    public: bool
    author: str | None
    status: Status | None = None
    minutes: int | None = None
    changes: tuple[Change, ...] = ()
    files: tuple[File, ...] = ()
    message_id: str | None = None
    mailed_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlan:
    """A ticket with its whole conversation; `key` names it before it has an id."""

    key: str
    queue: str
    title: str
    body: str
    language: str
    submitter: str
    created: datetime
    priority: int
    posts: tuple[Post, ...]
    status: Status = Status.OPEN
    owner: str | None = None
    on_hold: bool = False
    due: datetime | None = None
    resolution: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    cc: tuple[str, ...] = ()
    checklist: int | None = None
    merged_into: str | None = None
    blocked_by: str | None = None

    @property
    def modified(self) -> datetime:
        return max(post.at for post in self.posts)

    @property
    def is_open(self) -> bool:
        return self.status in (Status.OPEN, Status.REOPENED)
