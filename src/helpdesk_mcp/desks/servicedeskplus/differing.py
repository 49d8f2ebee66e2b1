"""What a write changed: a ticket before and after, as the desk shows it."""

from dataclasses import fields
from datetime import date

from helpdesk_mcp.domain.receipts import Change
from helpdesk_mcp.domain.tickets import Ticket

TOLD = (
    "number",
    "subject",
    "status",
    "priority",
    "queue",
    "assignee",
    "requester",
    "due",
    "description",
    "resolution",
)
LONGEST = 200


def changes(before: Ticket, after: Ticket) -> tuple[Change, ...]:
    """Return every difference, by our names and then by the labels of custom fields."""
    known = {field.name for field in fields(Ticket)}
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in TOLD if name in known]
    was, now = before.custom or {}, after.custom or {}
    pairs += [(name, was.get(name), now.get(name)) for name in {**was, **now}]
    return tuple(
        Change(field=name, before=_text(old), after=_text(new))
        for name, old, new in pairs
        if old != new
    )


def opening(ticket: Ticket) -> tuple[Change, ...]:
    """Return what a new ticket holds; its description is left out, the caller has just given it."""
    made = changes(Ticket(id=ticket.id), ticket)
    return tuple(change for change in made if change.field != "description")


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
