"""Tools that count tickets over a period and say how deadlines were kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.desk import Tickets
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.tickets import TicketFilter
from helpdesk_mcp.tools.days import span_of
from helpdesk_mcp.tools.figures import (
    DIMENSIONS,
    Dimension,
    Share,
    deadlines,
    figures,
    grouped,
    latest,
    shares,
)
from helpdesk_mcp.tools.params import Word, Words, names
from helpdesk_mcp.tools.periods import Period
from helpdesk_mcp.tools.reports import Covered, Format, SlaReport, TicketStatistics, written
from helpdesk_mcp.tools.sampling import Sampler, Seen
from helpdesk_mcp.tools.sights import Sight, joined

Style = Annotated[Format, Field(description="How it is written")]
By = Annotated[Words, Field(description=f"Comma-separated: {', '.join(DIMENSIONS)}")]
FILTERS = {
    "output": "format",
    "technician": "assignee",
    "group": "queue",
    "queue_id": "queue",
    "assigned_to": "assignee",
}
OTHER_WORDS: dict[str, Dimension] = {"group": "queue", "technician": "assignee"}


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="Ticket statistics",
    listed=False,
    renamed={**FILTERS, "group_by": "by", "dimensions": "by"},
    holds={"assignee": Holds.PERSON},
)
async def get_ticket_statistics(
    desk: Tickets,
    period: Period = "last 30 days",
    by: By = "status,priority,queue,assignee",
    queue: Words | None = None,
    assignee: Word | None = None,
    priority: Words | None = None,
    site: Words | None = None,
    category: Words | None = None,
    format: Style = "json",  # noqa: A002 -- its documented name
) -> TicketStatistics:
    """Count tickets: open, closed, overdue, on hold; by status, priority, queue, technician.

    With the mean time to resolve them. Says when it is partial and how much it saw.
    """
    wanted, now = _dimensions(by), datetime.now(UTC).astimezone(await desk.zone())
    kept = TicketFilter(
        queues=names(queue),
        assignee=assignee,
        priorities=names(priority),
        sites=names(site),
        categories=names(category),
    )
    which = _within(period, now, kept)
    sampler = Sampler(desk)
    seen = await sampler.see(which)
    sight = _sight(which, seen, now, wanted, format)
    return _statistics(replace(sight, totals=await sampler.counts(which)) if seen.why else sight)


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="SLA report",
    listed=False,
    renamed={**FILTERS, "group_by": "by", "dimensions": "by"},
    holds={"assignee": Holds.PERSON},
)
async def get_sla_report(
    desk: Tickets,
    period: Period = "last 30 days",
    by: By = "priority",
    queue: Words | None = None,
    assignee: Word | None = None,
    priority: Words | None = None,
    site: Words | None = None,
    category: Words | None = None,
    format: Style = "json",  # noqa: A002 -- its documented name
) -> SlaReport:
    """Say how deadlines (SLA) were kept: met, missed, compliance, and which tickets are latest.

    Says when it is partial and how much it saw.
    """
    wanted, now = _dimensions(by), datetime.now(UTC).astimezone(await desk.zone())
    kept = TicketFilter(
        queues=names(queue),
        assignee=assignee,
        priorities=names(priority),
        sites=names(site),
        categories=names(category),
    )
    which = _within(period, now, kept)
    return _sla(_sight(which, await Sampler(desk).see(which), now, wanted, format))


def _within(period: str, now: datetime, which: TicketFilter) -> TicketFilter:
    """Return a filter kept to the days of a period."""
    span = span_of(period, now.date())
    return replace(which, created_from=span.first, created_to=span.last)


def _dimensions(by: str) -> tuple[Dimension, ...]:
    asked = {OTHER_WORDS.get(word, word) for word in names(by.lower())}
    if not asked <= {*DIMENSIONS}:
        raise Invalid(f"`by` takes: {', '.join(DIMENSIONS)}.", reason="by")
    return tuple(one for one in DIMENSIONS if one in asked)


def _sight(
    which: TicketFilter, seen: Seen, now: datetime, by: tuple[Dimension, ...], format_: Format
) -> Sight:
    covers = Covered(
        first=which.created_from,
        last=which.created_to,
        total=seen.total,
        looked_at=len(seen.tickets),
        partial=seen.why,
    )
    return Sight(covers=covers, tickets=list(seen.tickets), now=now, by=by, format=format_)


def _statistics(sight: Sight) -> TicketStatistics:
    told = TicketStatistics(
        covers=sight.covers,
        figures=figures(sight.tickets, sight.now),
        by=_by(sight),
        totals={
            name: tuple(Share(name=value, count=count) for value, count in parts)
            for name, parts in sight.totals.items()
            if name in sight.by
        }
        or None,
        seen=sight,
        made=_statistics_of,
    )
    return written(told, sight.format)


def _statistics_of(sights: Mapping[str, Sight], silent: tuple[str, ...]) -> TicketStatistics:
    return _statistics(joined(sights, silent))


def _sla(sight: Sight) -> SlaReport:
    told = SlaReport(
        covers=sight.covers,
        deadlines=deadlines(sight.tickets, sight.now),
        by=_by(sight),
        latest=latest(sight.tickets, sight.now),
        seen=sight,
        made=_sla_of,
    )
    return written(told, sight.format)


def _sla_of(sights: Mapping[str, Sight], silent: tuple[str, ...]) -> SlaReport:
    return _sla(joined(sights, silent))


def _by(sight: Sight) -> dict[str, tuple[Share, ...]]:
    """Return the parts of the whole: by desk first, where there are several."""
    desks = {"desk": grouped(sight.desks, sight.now)} if sight.desks else {}
    return desks | {one: shares(sight.tickets, one, sight.now) for one in sight.by}


TOOLS = (get_ticket_statistics, get_sla_report)
