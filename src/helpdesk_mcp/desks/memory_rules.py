"""What the desk in memory offers and how it decides: values and pure functions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import TypeVar

from helpdesk_mcp.domain.choices import (
    PRIORITY_WORDS,
    STATUS_WORDS,
    Choice,
    folded,
    pick,
)
from helpdesk_mcp.domain.comments import Upload, Visibility
from helpdesk_mcp.domain.criteria import refuse_places
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.receipts import Change, Mail
from helpdesk_mcp.domain.tickets import Ticket, TicketField, TicketFilter

T = TypeVar("T")
FLOW = {
    "Open": ("Resolved", "Closed", "Duplicate"),
    "Reopened": ("Resolved", "Closed", "Duplicate"),
    "Resolved": ("Reopened", "Closed"),
    "Closed": ("Reopened",),
    "Duplicate": ("Reopened",),
}
STATUSES = tuple(
    Choice(id=str(n), name=name, words=STATUS_WORDS[folded(name)]) for n, name in enumerate(FLOW, 1)
)
PRIORITIES = tuple(
    Choice(id=str(n), name=name, words=PRIORITY_WORDS[folded(name)])
    for n, name in enumerate(("Critical", "High", "Normal", "Low", "Very Low"), 1)
)
CUSTOM = (TicketField(name="asset", label="Asset tag", kind="string"),)
FILE_TYPES = (".txt", ".pdf", ".png")
QUEUES = (
    Queue(id="1", name="IT Support", slug="it"),
    Queue(id="2", name="Atención al cliente", slug="clientes"),
)
PEOPLE = (
    Person(id="1", username="agent", name="Help Desk Agent", email="agent@example.com"),
    Person(id="2", username="alice", name="Alice Nguyen", email="alice@example.com"),
)
ARTICLES = (
    Article(
        id="1",
        title="Reset a password",
        category="Accounts",
        question="How do I reset my password?",
        answer="Choose Forgot password.",
        url="memory://kb/1",
    ),
)


def page(found: list[T], window: Window) -> Page[T]:
    part = found[window.start : window.start + window.size]
    end = window.start + len(part)
    return Page(items=tuple(part), start=window.start, total=len(found), more=end < len(found))


def queue(word: str, queues: Iterable[Queue]) -> str:
    offered = (Choice(id=q.id, name=q.name, words=(q.slug,) if q.slug else ()) for q in queues)
    return pick(offered, word, "queue").name


def queue_or_only(word: str | None, queues: tuple[Queue, ...]) -> str:
    if word is not None:
        return queue(word, queues)
    if len(queues) != 1:
        names = ", ".join(q.name for q in queues)
        raise Invalid(f"Give a queue. Valid: {names}.", reason="queue_required")
    return queues[0].name


def holding(text: str, articles: Iterable[Article]) -> list[Article]:
    """Return the articles that hold every word, without their answers."""
    wanted = folded(text).split()
    return [
        replace(article, answer=None)
        for article in articles
        if all(w in folded(f"{article.title} {article.question} {article.answer}") for w in wanted)
    ]


def is_called(person: Person, wanted: str) -> bool:
    words = " ".join(filter(None, (person.username, person.name, person.email)))
    return wanted in folded(words) or wanted == person.id


def chosen(which: TicketFilter, queues: Iterable[Queue]) -> Callable[[Ticket], bool]:
    """Return what a filter asks of a ticket, all but its assignee. Raises Invalid."""
    refuse_places(which, "this desk")
    offered = tuple(queues)
    statuses = {pick(STATUSES, word, "status").name for word in which.statuses}
    priorities = {pick(PRIORITIES, word, "priority").name for word in which.priorities}
    named = {queue(word, offered) for word in which.queues}

    def wanted(ticket: Ticket) -> bool:
        return (
            (not statuses or ticket.status in statuses)
            and (not priorities or ticket.priority in priorities)
            and (not named or ticket.queue in named)
            and matches(ticket, which)
        )

    return wanted


def matches(ticket: Ticket, which: TicketFilter) -> bool:
    day = ticket.created.date() if ticket.created else date.min
    requester = (which.requester or "").casefold()
    return (
        (not which.text or mentions(ticket, which.text))
        and requester in {"", (ticket.requester or "").casefold()}
        and (which.created_from or date.min) <= day <= (which.created_to or date.max)
    )


def mentions(ticket: Ticket, words: str) -> bool:
    text = folded(f"{ticket.subject} {ticket.description} {ticket.requester}")
    return any(folded(part) in text for part in words.split(" OR "))


def order(sort: str) -> Callable[[Ticket], tuple[str, int]]:
    def key(ticket: Ticket) -> tuple[str, int]:
        values = {"created": ticket.created, "priority": ticket.priority, "due": ticket.due}
        if sort == "priority":
            return str([p.name for p in PRIORITIES].index(ticket.priority or "")), int(ticket.id)
        return str(values.get(sort) or ""), int(ticket.id)

    return key


def allowed(before: str | None, after: str) -> str:
    onward = FLOW[before or "Open"]
    if after != before and after not in onward:
        raise Invalid(
            f"A ticket cannot go from {before} to {after}. Allowed: {', '.join(onward)}.",
            reason="status_flow",
        )
    return after


def custom(given: Mapping[str, object]) -> dict[str, str]:
    offered = tuple(Choice(id=f.name, name=f.label) for f in CUSTOM)
    return {pick(offered, name, "custom field").name: str(value) for name, value in given.items()}


def check_files(uploads: Iterable[Upload]) -> None:
    for upload in uploads:
        extension = PurePosixPath(upload.name).suffix.lower()
        if extension not in {"", *FILE_TYPES} or not upload.content:
            raise Invalid(f"Allowed: {', '.join(FILE_TYPES)}.", reason="attachment_type")


def mail(ticket: Ticket, visibility: Visibility, *, notify_assignee: bool = False) -> Mail:
    if notify_assignee and visibility is Visibility.INTERNAL and ticket.assignee:
        return Mail(sent=True, to=(ticket.assignee,))
    if visibility is Visibility.PUBLIC and ticket.requester:
        return Mail(sent=True, to=(ticket.requester,))
    why = "It is internal." if visibility is Visibility.INTERNAL else "There is no requester."
    return Mail(sent=False, to=(), why=why)


def same_moment(expected: str, modified: datetime | None) -> bool:
    try:
        seen = datetime.fromisoformat(expected)
    except ValueError as error:
        raise Invalid("`expected_modified` is a date and time.", reason="expected") from error
    return modified is None or seen in {modified, modified.replace(microsecond=0)}


def differences(before: Ticket, after: Ticket) -> tuple[Change, ...]:
    names = ("subject", "status", "priority", "queue", "assignee", "requester", "due", "on_hold")
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    was, now = before.custom or {}, after.custom or {}
    pairs += [(name, was.get(name), now.get(name)) for name in {**was, **now}]
    return tuple(
        Change(field=name, before=_text(old), after=_text(new))
        for name, old, new in pairs
        if old != new
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def person(word: str, people: tuple[Person, ...]) -> str | None:
    """Return the name of the person a word means; "me" is the first of them."""
    if folded(word) == "none":
        return None
    wanted = people[0].id if folded(word) == "me" else word
    offered = (
        Choice(id=p.id, name=p.name or p.id, words=(p.username or "", p.email or ""))
        for p in people
    )
    return pick(offered, wanted, "person").name
