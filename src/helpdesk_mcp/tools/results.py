"""What tools answer: pages as compact lists with an exact count and the way to go on."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from functools import partial
from math import inf

from helpdesk_mcp.domain.comments import Attachment, Comment
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Listing, Page, Window, footer, start_of
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.text import Verbatim
from helpdesk_mcp.domain.tickets import Ticket
from helpdesk_mcp.tools.params import names

ROW_FIELDS = ("id", "number", "subject", "status", "priority", "queue", "assignee")
MORE_FIELDS = ("requester", "created", "modified", "due", "on_hold", "overdue", "completed")
ROW_SUBJECT = 60
"""Characters of a subject in a list; `get_ticket` has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketList(Listing):
    tickets: tuple[Ticket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Listing):
    ticket_id: str
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueList(Listing):
    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonList(Listing):
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleList(Listing):
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentContent:
    """A file: `text` when it is text, else `base64`."""

    attachment: Attachment
    text: Verbatim | None = None
    base64: str | None = None


def window(cursor: str | None, page: int | None, size: int) -> Window:
    """Return the part of a list that is asked for, by cursor or by page number."""
    if cursor is not None and page is not None:
        raise Invalid("Give `cursor` or `page`, not both.", reason="cursor")
    if cursor is not None:
        return Window(start=start_of(cursor), size=size)
    return Window(start=((page or 1) - 1) * size, size=size)


def row_fields(wanted: str | None) -> tuple[str, ...]:
    """Return the fields of a row: the usual ones and those asked for. Raises Invalid."""
    asked = names(wanted)
    if not set(asked) <= {*ROW_FIELDS, *MORE_FIELDS}:
        raise Invalid(f"There is no such column. Valid: {', '.join(MORE_FIELDS)}.", reason="fields")
    return tuple(name for name in ROW_FIELDS + MORE_FIELDS if name in ROW_FIELDS or name in asked)


def ticket_list(page: Page[Ticket], wanted: str | None, sort: str = "-created") -> TicketList:
    kept = row_fields(wanted)
    rows = tuple(_row(ticket, kept) for ticket in page.items)
    order = partial(_keys, page.items, sort) if sort in _SORTED_BY_TIME else None
    return TicketList(tickets=rows, order=order, **footer(page))


_SORTED_BY_TIME = frozenset({"created", "-created", "due"})
"""Orders that tickets of several desks have in common."""


def _keys(tickets: tuple[Ticket, ...], sort: str) -> tuple[float, ...]:
    """Return what each ticket is sorted by; those without it come last."""
    name, sign = sort.removeprefix("-"), -1 if sort.startswith("-") else 1
    return tuple(_seconds(getattr(ticket, name), sign) for ticket in tickets)


def _seconds(moment: date | None, sign: int) -> float:
    if moment is None:
        return inf
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), UTC)
    return sign * moment.timestamp()


def _row(ticket: Ticket, kept: tuple[str, ...]) -> Ticket:
    values = {f.name: getattr(ticket, f.name) for f in fields(ticket) if f.name in kept}
    subject = values.get("subject") or ""
    if len(subject) > ROW_SUBJECT:
        values["subject"] = subject[: ROW_SUBJECT - 1].rstrip() + "…"
    return Ticket(**values)
