"""What statistics answer, and how it is written: as data, a table, CSV, or sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeVar

from helpdesk_mcp.domain.pages import Summary
from helpdesk_mcp.domain.text import Verbatim
from helpdesk_mcp.tools.figures import Deadlines, Figures, LateTicket, Share
from helpdesk_mcp.tools.tables import as_csv, as_table, listed

Format = Literal["json", "table", "csv", "summary"]
HEADER = ("by", "name", "count", "open", "overdue", "mean_hours", "kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What was counted: tickets created from `first` to `last`, as they are now.

    `looked_at` of `total` tickets were seen one by one; `partial` says why not all.
    """

    first: date | None
    last: date | None
    total: int | None
    looked_at: int
    partial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketStatistics(Summary):
    """`totals` are the desk's own counts, given where not every ticket was looked at."""

    covers: Covered
    figures: Figures
    by: dict[str, tuple[Share, ...]]
    totals: dict[str, tuple[Share, ...]] | None = None
    text: Verbatim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaReport(Summary):
    covers: Covered
    deadlines: Deadlines
    by: dict[str, tuple[Share, ...]]
    latest: tuple[LateTicket, ...]
    text: Verbatim | None = None


Report = TypeVar("Report", TicketStatistics, SlaReport)


def written(report: Report, format_: Format) -> Report:
    """Return a report written in this form. What the text says is not repeated as data."""
    if format_ == "json":
        return report
    rows = _rows(report.by)
    if format_ == "csv":
        text = as_csv(HEADER, [*_total(report), *rows, *_desk_totals(report)])
    elif format_ == "table":
        text = f"{sentences(report)}\n\n{as_table(HEADER, [*rows, *_desk_totals(report)])}"
    else:
        text = sentences(report)
    if isinstance(report, SlaReport):
        return replace(report, by={}, latest=(), text=text)
    return replace(report, by={}, totals=None, text=text)


def sentences(report: TicketStatistics | SlaReport) -> str:
    """Return a report in plain sentences; what it does not cover is said first."""
    covers = report.covers
    counted = covers.total if covers.total is not None else covers.looked_at
    said = [f"{counted} tickets were created from {covers.first} to {covers.last}."]
    if covers.partial is not None:
        said.append(f"PARTIAL: {covers.looked_at} were looked at. {covers.partial}")
    said += _of_figures(report.figures) if isinstance(report, TicketStatistics) else []
    said += _of_deadlines(report) if isinstance(report, SlaReport) else []
    for name, found in report.by.items():
        said.append(f"By {name}: {listed([(one.name, one.count) for one in found]) or 'none'}.")
    return "\n".join(said)


def _of_figures(figures: Figures) -> list[str]:
    waiting = f"on hold {figures.on_hold}, unassigned {figures.unassigned}"
    open_ones = f"Open {figures.open} (overdue {figures.overdue}, {waiting})"
    said = [f"{open_ones}, closed {figures.closed}."]
    if figures.mean_resolution_hours is not None:
        said.append(
            f"Closed ones took {figures.mean_resolution_hours} hours on average, half of them "
            f"at most {figures.median_resolution_hours}."
        )
    if figures.resolution_basis == "last_change":
        said.append(NOT_KNOWN)
    return said


def _of_deadlines(report: SlaReport) -> list[str]:
    found = report.deadlines
    kept = "none has come yet" if found.compliance is None else f"{found.compliance:.1%} kept"
    rest = f"{found.running} still running, {found.without_deadline} tickets without one"
    said = [f"Deadlines: {kept}; {found.met} met, {found.missed} missed, {rest}."]
    if found.mean_hours_late is not None:
        said.append(f"Those missed are {found.mean_hours_late} hours late on average.")
    if found.basis == "last_change":
        said.append(NOT_KNOWN)
    if report.latest:
        said.append(f"Longest overdue: {', '.join(one.id for one in report.latest)}.")
    return said


def _rows(by: Mapping[str, Sequence[Share]]) -> list[tuple[object, ...]]:
    return [_row(dimension, share) for dimension, found in by.items() for share in found]


def _row(dimension: str, share: Share) -> tuple[object, ...]:
    figures = (share.count, share.open, share.overdue, share.mean_hours, share.kept)
    return (dimension, share.name, *figures)


def _desk_totals(report: TicketStatistics | SlaReport) -> list[tuple[object, ...]]:
    totals = report.totals if isinstance(report, TicketStatistics) else None
    return [
        _row(f"{name} (all)", share) for name, found in (totals or {}).items() for share in found
    ]


def _total(report: TicketStatistics | SlaReport) -> list[tuple[object, ...]]:
    if isinstance(report, SlaReport):
        found = report.deadlines
        return [("total", "", report.covers.looked_at, None, None, None, found.compliance)]
    figures = report.figures
    numbers = (figures.count, figures.open, figures.overdue, figures.mean_resolution_hours, None)
    return [("total", "", *numbers)]


NOT_KNOWN = "This desk does not say when tickets ended: their last change is taken for it."
