"""What one desk showed of a period, and what several showed, seen as one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk_mcp.domain.tickets import Ticket
from helpdesk_mcp.tools.figures import NOBODY, Dimension, deadline
from helpdesk_mcp.tools.reports import Covered, Format

Totals = Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The tickets that were looked at, and by desk where there were several.

    `totals` are the desk's own counts, asked for where not every ticket could be looked at.
    `by` and `format` are how the caller wants it told.
    """

    covers: Covered
    tickets: list[Ticket]
    now: datetime
    by: tuple[Dimension, ...]
    format: Format
    totals: Totals = field(default_factory=dict[str, tuple[tuple[str, int], ...]])
    desks: Mapping[str, list[Ticket]] = field(default_factory=dict[str, list[Ticket]])


def joined(sights: Mapping[str, Sight], silent: tuple[str, ...]) -> Sight:
    """Return what several desks showed as one sight, whose ids say which desk they are of."""
    desks = {desk: [_of(desk, t, sight) for t in sight.tickets] for desk, sight in sights.items()}
    first = next(iter(sights.values()))
    return replace(
        first,
        covers=_covered({desk: sight.covers for desk, sight in sights.items()}, silent),
        tickets=[ticket for tickets in desks.values() for ticket in tickets],
        totals=_totals(list(sights.values())),
        desks=desks,
    )


def _of(desk: str, ticket: Ticket, sight: Sight) -> Ticket:
    """A bare day ends when it does at its desk, wherever the others are."""
    return replace(ticket, id=f"{desk}:{ticket.id}", due=deadline(ticket, sight.now.tzinfo))


def _covered(covers: Mapping[str, Covered], silent: tuple[str, ...]) -> Covered:
    totals = [one.total for one in covers.values()]
    partial = [f"{desk}: {one.partial}" for desk, one in covers.items() if one.partial]
    partial += [f"{desk} did not answer." for desk in silent]
    return Covered(
        first=min((one.first for one in covers.values() if one.first), default=None),
        last=max((one.last for one in covers.values() if one.last), default=None),
        total=None if None in totals else sum(total or 0 for total in totals),
        looked_at=sum(one.looked_at for one in covers.values()),
        partial=" ".join(partial) or None,
    )


def _totals(sights: list[Sight]) -> Totals:
    """Add up the desks' own counts; what a desk showed whole is counted as it was seen."""
    partly = [sight for sight in sights if sight.covers.partial]
    told = set[str].intersection(*(set(sight.totals) for sight in partly)) if partly else set[str]()
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for name in sorted(told):
        count = Counter[str]()
        for sight in sights:
            seen = Counter(getattr(ticket, name) or NOBODY for ticket in sight.tickets)
            count.update(dict(sight.totals[name]) if sight in partly else seen)
        found[name] = tuple(sorted(count.items(), key=lambda part: (-part[1], part[0])))
    return found
