"""Typed conditions on tickets, as every desk can be asked: fields, operators, values. Never text.

A desk turns them into its own search. What a desk cannot judge it refuses by name: a condition is
never dropped, and nothing a caller writes is ever anything but a value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tickets import TicketFilter

Operator = Literal[
    "is",
    "is not",
    "contains",
    "not contains",
    "starts with",
    "ends with",
    "greater than",
    "less than",
    "between",
]
TEXTS = frozenset({"subject", "description", "resolution", "text", "requester"})
NAMES = frozenset({"status", "priority", "queue", "assignee", "site", "category"})
DAYS = frozenset({"created", "modified", "due", "completed"})
FIELDS = (*sorted(NAMES), *sorted(TEXTS), *sorted(DAYS), "id")
"""The fields every caller may name; others are the desk's own, by label or name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition. Several values mean any of them; with "is not", none of them.

    For a day, `first` and `last` are the whole days it lies between; None is open.
    """

    field: str
    operator: Operator = "is"
    values: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Groups that must all hold; a group holds if any of its conditions does."""

    groups: tuple[tuple[Condition, ...], ...]
    sort: str = "-created"


def as_filter(criteria: Criteria) -> TicketFilter:
    """Return criteria as the filter that every desk has. Raises Invalid for what it cannot say."""
    found: dict[str, object] = {"sort": criteria.sort}
    for group in criteria.groups:
        for name, value in _part(group):
            if name in found:
                raise _beyond(f"two conditions on {group[0].field}")
            found[name] = value
    return TicketFilter(**found)  # pyright: ignore[reportArgumentType] -- `_part` names its fields


_LISTS = {
    "status": "statuses",
    "queue": "queues",
    "priority": "priorities",
    "site": "sites",
    "category": "categories",
}
"""Fields that a filter takes several values of."""


def refuse_places(which: TicketFilter, desk: str) -> None:
    """Refuse a filter by site or category on a desk whose tickets have none."""
    asked = [name for name in ("site", "category") if getattr(which, _LISTS[name])]
    if asked:
        raise Invalid(
            f"Tickets of {desk} have no {' and no '.join(asked)}: filter by queue instead.",
            reason="criteria",
        )


def _part(group: tuple[Condition, ...]) -> Iterable[tuple[str, object]]:
    first, *others = group
    values = first.values
    for other in others:
        if other.field != first.field or other.operator != "is" or first.field in DAYS:
            raise _beyond(f"{first.field} or {other.field}")
        values += other.values
    match first.field, first.operator:
        case name, "is" if name in _LISTS:
            yield _LISTS[name], values
        case ("assignee" | "requester") as name, "is" if len(values) == 1:
            yield name, values[0]
        case "text", "contains" if len(values) == 1 and not others:
            yield "text", values[0]
        case "created", "between":
            yield "created_from", first.first
            yield "created_to", first.last
        case _:
            raise _beyond(f"{first.field} {first.operator}")


def _beyond(what: str) -> Invalid:
    return Invalid(
        f"This help desk cannot search by: {what}. It can: status, queue, priority (is, any of), "
        "assignee, requester (is), created (days), text (contains). All of them must hold.",
        reason="criteria",
    )
