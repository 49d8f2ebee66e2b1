"""The ticket, as every desk can express it, and what can be asked of a list of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from helpdesk_mcp.domain.comments import Attachment, Upload
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket. Ids are strings on every desk; None means the desk did not say.

    `number` is what people call it where that is not the id; tools take either.
    `completed` is when it was done with, `overdue` what the desk itself says of its deadline.
    """

    id: str
    number: Line | None = None
    subject: Line | None = None
    status: Line | None = None
    priority: Line | None = None
    queue: Line | None = None
    assignee: Line | None = None
    requester: Line | None = None
    created: Moment | None = None
    modified: datetime | None = None
    due: Moment | date | None = None
    completed: Moment | None = None
    overdue: bool | None = None
    on_hold: bool | None = None
    merged_into: str | None = None
    minutes: float | None = None
    custom: dict[str, Line] | None = None
    attachments: tuple[Attachment, ...] | None = None
    comments: int | None = None
    url: str | None = None
    description: Prose | None = None
    resolution: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets. Words are the caller's: the desk resolves names, and refuses unknown ones.

    `assignee` may be "me" or "none". `text` is searched by the desk. Several values of one field
    mean any of them; several fields mean all of them.
    """

    statuses: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    assignee: str | None = None
    requester: str | None = None
    text: str | None = None
    created_from: date | None = None
    created_to: date | None = None
    sort: str = "-created"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    subject: str
    description: str
    queue: str | None = None
    requester: str | None = None
    priority: str | None = None
    assignee: str | None = None
    due: date | datetime | None = None
    site: str | None = None
    custom: dict[str, Any] = field(default_factory=dict[str, Any])
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What to change. None leaves a field as it is; `assignee` "none" and `due` "none" clear it.

    `comment` explains the change in the ticket's history; it is internal unless `public`.
    """

    subject: str | None = None
    description: str | None = None
    status: str | None = None
    priority: str | None = None
    queue: str | None = None
    assignee: str | None = None
    requester: str | None = None
    due: date | datetime | str | None = None
    on_hold: bool | None = None
    custom: dict[str, Any] = field(default_factory=dict[str, Any])
    comment: str | None = None
    public: bool = False
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketField:
    """One field of a ticket, as the desk defines it."""

    name: str
    label: Line
    kind: str
    required: bool = False
    writable: bool = True
    choices: tuple[Line, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFields:
    """What a ticket of this desk can hold: statuses with where they may go, priorities, fields.

    `closing_codes` are what close_ticket takes as `code`; `note` is what the desk cannot tell.
    """

    statuses: dict[str, tuple[str, ...]]
    priorities: tuple[str, ...]
    fields: tuple[TicketField, ...]
    closing_codes: tuple[Line, ...] | None = None
    note: str | None = None
    attachment_types: tuple[str, ...] | None = None


def day_of(due: date | datetime) -> date:
    """Return the day of a deadline, for a desk that keeps no time of day."""
    return due.date() if isinstance(due, datetime) else due
