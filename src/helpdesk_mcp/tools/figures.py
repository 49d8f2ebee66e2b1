"""Figures over tickets: counts, times and kept deadlines, as a pure function of rows and now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from statistics import mean, median
from typing import Literal

from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.text import Line, Moment
from helpdesk_mcp.domain.tickets import Ticket

_ENDED = """
closed resolved duplicate cancelled canceled rejected completed done solved merged
cerrado cerrada resuelto resuelta duplicado cancelado cancelada rechazado completado solucionado
"""
ENDED = frozenset(_ENDED.split())
"""Statuses, in either language, of tickets that nobody works on any more."""
MOST_SHARES = 20
NOBODY = "(none)"
OTHERS = "(others)"
Basis = Literal["completed", "last_change"]
Dimension = Literal["status", "priority", "queue", "assignee", "requester", "site", "category"]
DIMENSIONS: tuple[Dimension, ...] = (
    *("status", "priority", "queue", "assignee"),
    *("requester", "site", "category"),
)
MOST_LATE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The tickets that have one value of a field. `kept` is the part of deadlines met, 0 to 1."""

    name: Line
    count: int
    open: int | None = None
    overdue: int | None = None
    mean_hours: float | None = None
    kept: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`resolution_basis` says what ended a closed ticket: its own end, or its last change."""

    count: int
    open: int
    closed: int
    overdue: int
    on_hold: int
    unassigned: int
    mean_resolution_hours: float | None = None
    median_resolution_hours: float | None = None
    resolution_basis: Basis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How deadlines were kept. Missed: closed late, or open past its deadline.

    `compliance` is met / (met + missed), and absent where no deadline has come yet.
    """

    with_deadline: int
    without_deadline: int
    met: int
    missed: int
    running: int
    compliance: float | None = None
    mean_hours_late: float | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateTicket:
    id: str
    subject: Line | None = None
    assignee: Line | None = None
    due: Moment | None = None


def is_closed(ticket: Ticket) -> bool:
    """Whether nobody works on a ticket any more, by its end or else by its status."""
    return ticket.completed is not None or folded(ticket.status or "") in ENDED


def deadline(ticket: Ticket, zone: tzinfo | None) -> datetime | None:
    """Return the moment a ticket is due; a bare day is due when it ends."""
    due = ticket.due
    if isinstance(due, datetime) or due is None:
        return due
    return datetime.combine(due + timedelta(days=1), time.min, zone)


def ended(ticket: Ticket) -> datetime | None:
    """Return when a closed ticket was done with; the last change where the desk does not say."""
    return (ticket.completed or ticket.modified) if is_closed(ticket) else None


def is_late(ticket: Ticket, now: datetime) -> bool:
    """Whether an open ticket is past its deadline. What the desk says of it counts first."""
    if is_closed(ticket):
        return False
    if ticket.overdue is not None:
        return ticket.overdue
    due = deadline(ticket, now.tzinfo)
    return due is not None and due < now


def missed(ticket: Ticket, now: datetime) -> bool | None:
    """Whether a ticket missed its deadline; None while it may still keep it, or has none."""
    due, end = deadline(ticket, now.tzinfo), ended(ticket)
    if due is None and ticket.overdue is None:
        return None
    if not is_closed(ticket):
        return True if is_late(ticket, now) else None
    if due is None or end is None:
        return ticket.overdue
    return end > due


def figures(tickets: Sequence[Ticket], now: datetime) -> Figures:
    hours = _hours(tickets)
    closed = sum(map(is_closed, tickets))
    return Figures(
        count=len(tickets),
        open=len(tickets) - closed,
        closed=closed,
        overdue=sum(is_late(ticket, now) for ticket in tickets),
        on_hold=sum(ticket.on_hold is True and not is_closed(ticket) for ticket in tickets),
        unassigned=sum(ticket.assignee is None and not is_closed(ticket) for ticket in tickets),
        mean_resolution_hours=_rounded(mean(hours)) if hours else None,
        median_resolution_hours=_rounded(median(hours)) if hours else None,
        resolution_basis=_basis(tickets),
    )


def deadlines(tickets: Sequence[Ticket], now: datetime) -> Deadlines:
    judged = [(ticket, missed(ticket, now)) for ticket in tickets]
    due = [t for t, _ in judged if deadline(t, now.tzinfo) is not None or t.overdue is not None]
    bad = [ticket for ticket, verdict in judged if verdict is True]
    met = sum(verdict is False for _, verdict in judged)
    late = [hours for ticket in bad if (hours := _hours_late(ticket, now)) is not None]
    return Deadlines(
        with_deadline=len(due),
        without_deadline=len(tickets) - len(due),
        met=met,
        missed=len(bad),
        running=len(due) - met - len(bad),
        compliance=round(met / (met + len(bad)), 4) if met or bad else None,
        mean_hours_late=_rounded(mean(late)) if late else None,
        basis=_basis(tickets),
    )


def latest(tickets: Iterable[Ticket], now: datetime) -> tuple[LateTicket, ...]:
    """Return the open tickets longest past their deadline."""
    late = [
        LateTicket(
            id=ticket.id,
            subject=ticket.subject,
            assignee=ticket.assignee,
            due=deadline(ticket, now.tzinfo),
        )
        for ticket in tickets
        if is_late(ticket, now)
    ]
    return tuple(sorted(late, key=lambda one: (one.due is None, one.due))[:MOST_LATE])


def shares(tickets: Iterable[Ticket], by: Dimension, now: datetime) -> tuple[Share, ...]:
    """Return the tickets by a field, the most first; what is beyond the most shown as one."""
    groups: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        groups.setdefault(_value(ticket, by) or NOBODY, []).append(ticket)
    return grouped(groups, now)


def _value(ticket: Ticket, by: Dimension) -> str | None:
    """Return what a ticket has; sites and categories are fields that not every desk has."""
    if by in {"site", "category"}:
        return (ticket.custom or {}).get(by)
    return getattr(ticket, by)


def grouped(groups: Mapping[str, Sequence[Ticket]], now: datetime) -> tuple[Share, ...]:
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    shown = [_share(name, group, now) for name, group in ordered[:MOST_SHARES]]
    rest = [ticket for _, group in ordered[MOST_SHARES:] for ticket in group]
    return (*shown, _share(OTHERS, rest, now)) if rest else tuple(shown)


def _share(name: str, tickets: Sequence[Ticket], now: datetime) -> Share:
    hours = _hours(tickets)
    return Share(
        name=name,
        count=len(tickets),
        open=sum(not is_closed(ticket) for ticket in tickets),
        overdue=sum(is_late(ticket, now) for ticket in tickets),
        mean_hours=_rounded(mean(hours)) if hours else None,
        kept=deadlines(tickets, now).compliance,
    )


def _hours(tickets: Iterable[Ticket]) -> list[float]:
    return [
        (end - ticket.created).total_seconds() / 3600
        for ticket in tickets
        if (end := ended(ticket)) is not None and ticket.created is not None
    ]


def _hours_late(ticket: Ticket, now: datetime) -> float | None:
    due = deadline(ticket, now.tzinfo)
    return None if due is None else ((ended(ticket) or now) - due).total_seconds() / 3600


def _basis(tickets: Iterable[Ticket]) -> Basis | None:
    closed = [ticket for ticket in tickets if is_closed(ticket)]
    if not closed:
        return None
    return "completed" if all(t.completed is not None for t in closed) else "last_change"


def _rounded(value: float) -> float:
    return round(value, 1)
