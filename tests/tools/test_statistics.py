"""Statistics count what is there, say what they did not see, and no spreadsheet runs them."""

import csv
import io
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.asking import Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter
from helpdesk_mcp.tools.figures import (
    MOST_SHARES,
    OTHERS,
    deadlines,
    figures,
    is_closed,
    latest,
    missed,
    shares,
)
from helpdesk_mcp.tools.sampling import MOST_ROWS, SECONDS, Sampler
from helpdesk_mcp.tools.tables import as_csv, as_table, cell

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


def ticket(number: int, **values: Any) -> Ticket:
    usual: dict[str, Any] = {"status": "Open", "priority": "High", "queue": "IT"}
    whole: dict[str, Any] = {"created": NOW - 10 * HOUR, **usual, **values}
    return Ticket(id=str(number), subject=f"Ticket {number}", **whole)


SOME = (
    ticket(1),
    ticket(2, due=NOW - HOUR, assignee="Ana"),
    ticket(3, due=NOW + HOUR, on_hold=True),
    ticket(4, status="Closed", completed=NOW - 6 * HOUR, due=NOW - 5 * HOUR),
    ticket(5, status="Cerrado", completed=NOW - 2 * HOUR, due=NOW - 4 * HOUR, queue="Red"),
    ticket(6, status="Resuelta", completed=NOW - 2 * HOUR),
    ticket(7, overdue=True, priority=None),
)


class RowsDesk(MemoryDesk):
    """A desk of given tickets, which may stop answering after so many pages."""

    def __init__(self, rows: Sequence[Ticket], *, pages: int = 10_000, counts: bool = True) -> None:
        super().__init__()
        self._rows = rows
        self._pages = pages
        self._counts = counts
        self.asked: list[tuple[TicketFilter, Window]] = []

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        self.asked.append((which, window))
        if len(self.asked) > self._pages:
            raise Unavailable("The help desk is away.", reason="unreachable")
        found = [
            row
            for row in self._rows
            if (not which.statuses or row.status in which.statuses)
            and (not which.priorities or row.priority in which.priorities)
        ]
        part = tuple(found[window.start : window.start + window.size])
        end = window.start + len(part)
        total = len(found) if self._counts else None
        return Page(items=part, start=window.start, total=total, more=end < len(found))


def test_figures_count_each_ticket_once_and_rightly() -> None:
    found = figures(SOME, NOW)
    assert (found.count, found.open, found.closed) == (7, 4, 3)
    assert (found.overdue, found.on_hold, found.unassigned) == (2, 1, 3)
    assert (found.mean_resolution_hours, found.median_resolution_hours) == (6.7, 8.0)
    assert found.resolution_basis == "completed"


def test_deadlines_are_met_missed_or_still_running() -> None:
    found = deadlines(SOME, NOW)
    assert (found.with_deadline, found.without_deadline) == (5, 2)
    assert (found.met, found.missed, found.running) == (1, 3, 1)
    assert found.compliance == 0.25
    assert found.mean_hours_late == 1.5


def test_without_a_deadline_that_has_come_there_is_no_compliance() -> None:
    assert deadlines(SOME[:1], NOW).compliance is None
    assert figures((), NOW).mean_resolution_hours is None


def test_a_bare_day_is_due_when_it_ends() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    today = ticket(1, due=noon.date())
    assert missed(today, noon) is None
    assert missed(today, noon + 12 * HOUR) is None
    assert missed(today, noon + 13 * HOUR) is True


def test_the_last_change_stands_for_an_end_that_the_desk_does_not_say() -> None:
    closed = ticket(1, status="Closed", modified=NOW - 4 * HOUR)
    found = figures((closed,), NOW)
    assert (found.mean_resolution_hours, found.resolution_basis) == (6.0, "last_change")


def test_the_latest_tickets_come_first() -> None:
    later = [ticket(n, due=NOW - n * HOUR) for n in range(1, 20)]
    assert [one.id for one in latest(later, NOW)] == [str(n) for n in range(19, 9, -1)]


TICKETS = st.builds(
    ticket,
    st.integers(min_value=1, max_value=50),
    status=st.sampled_from(["Open", "Closed", "Resuelto", "En curso", None]),
    queue=st.sampled_from([None, *map(str, range(30))]),
    assignee=st.sampled_from([None, "Ana", "=cmd"]),
    due=st.one_of(
        st.none(), st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.just(NOW), st.just(NOW + HOUR)
    ),
    completed=st.sampled_from([None, NOW - HOUR]),
    overdue=st.sampled_from([None, True, False]),
    on_hold=st.sampled_from([None, True, False]),
)


@given(st.lists(TICKETS, max_size=60))
def test_parts_add_up_to_the_whole(rows: list[Ticket]) -> None:
    whole = figures(rows, NOW)
    assert whole.open + whole.closed == whole.count == len(rows)
    assert whole.overdue <= whole.open
    kept = deadlines(rows, NOW)
    assert kept.met + kept.missed + kept.running == kept.with_deadline
    assert kept.with_deadline + kept.without_deadline == len(rows)
    assert kept.compliance is None or 0 <= kept.compliance <= 1
    for by in ("status", "priority", "queue", "assignee"):
        parts = shares(rows, by, NOW)
        assert sum(share.count for share in parts) == len(rows)
        assert len(parts) <= MOST_SHARES + 1
        assert [share.count for share in parts if share.name != OTHERS] == sorted(
            (share.count for share in parts if share.name != OTHERS), reverse=True
        )


@given(st.text(max_size=20))
def test_d11_no_cell_begins_a_formula(text: str) -> None:
    shown = cell(text)
    assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    one_line = text.replace("\r", " ").replace("\n", " ")
    assert shown in {one_line, f"'{one_line}"}


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_d11_csv_reads_back_as_its_cells(texts: list[str]) -> None:
    text = as_csv(["a"] * (len(texts) + 1), [["x", *texts]])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["x", *map(cell, texts)]


def test_a_table_is_aligned_and_has_one_line_a_row() -> None:
    table = as_table(("name", "count"), [("Open\nnow", 12), ("Closed|", 3), (None, None)])
    assert table.splitlines() == [
        "name      count",
        "--------  -----",
        "Open now     12",
        "Closed/       3",
        "-         -",
    ]


def test_every_status_in_either_language_is_open_or_closed() -> None:
    for status in ("Closed", "RESOLVED", "Cancelada", "resuelto"):
        assert is_closed(ticket(1, status=status))
    for status in ("Open", "On Hold", "En espera", "Reabierto", None):
        assert not is_closed(ticket(1, status=status))


async def test_statistics_of_a_small_desk_are_whole() -> None:
    desk = RowsDesk(SOME)
    said = await Asking(desk)("get_ticket_statistics", period="este mes")
    assert said["covers"]["total"] == said["covers"]["looked_at"] == 7
    assert "partial" not in said["covers"]
    assert said["figures"]["open"] == 4
    assert {row["name"]: row["count"] for row in said["by"]["queue"]} == {"IT": 6, "Red": 1}
    assert len(desk.asked) == 1


async def test_only_the_asked_breakdowns_are_given() -> None:
    ask = Asking(RowsDesk(SOME))
    said = await ask("get_ticket_statistics", by="technician, priority")
    assert list(said["by"]) == ["priority", "assignee"]
    with pytest.raises(HelpdeskError) as caught:
        await ask("get_ticket_statistics", by="colour")
    assert caught.value.reason == "by"


async def test_more_than_one_call_may_see_is_partial_and_says_so() -> None:
    rows = [ticket(n, status="Open" if n % 4 else "Closed") for n in range(MOST_ROWS + 500)]
    desk = RowsDesk(rows)
    said = await Asking(desk)("get_ticket_statistics", by="status")
    assert said["covers"] == {
        "first": said["covers"]["first"],
        "last": said["covers"]["last"],
        "total": 2500,
        "looked_at": MOST_ROWS,
        "partial": f"One call looks at {MOST_ROWS} tickets at most.",
    }
    assert {row["name"]: row["count"] for row in said["totals"]["status"]} == {
        "Open": 1875,
        "Closed": 625,
    }
    assert len(desk.asked) <= MOST_ROWS / 100 + 10


async def test_what_the_time_of_one_call_is_too_short_for_is_partial_and_says_so() -> None:
    desk = RowsDesk([ticket(n) for n in range(300)])
    seen = await Sampler(desk, began=time.monotonic() - SECONDS).see(TicketFilter())
    assert (len(seen.tickets), seen.total, len(desk.asked)) == (100, 300, 1)
    assert seen.why == "One call may take no longer."


async def test_a_desk_that_stops_answering_gives_what_was_seen() -> None:
    rows = [ticket(n) for n in range(300)]
    said = await Asking(RowsDesk(rows, pages=2))("get_ticket_statistics")
    assert said["covers"]["looked_at"] == 200
    assert "stopped answering" in said["covers"]["partial"]
    assert "totals" not in said


async def test_a_desk_that_does_not_answer_at_all_is_an_error() -> None:
    with pytest.raises(Unavailable):
        await Asking(RowsDesk(SOME, pages=0))("get_sla_report")


async def test_a_desk_without_totals_is_counted_by_its_rows() -> None:
    said = await Asking(RowsDesk(SOME, counts=False))("get_ticket_statistics", format="summary")
    assert said["covers"]["looked_at"] == 7
    assert "total" not in said["covers"]
    assert "7 tickets were created" in said["text"]


async def test_an_sla_report_says_what_was_kept_and_what_is_latest() -> None:
    said = await Asking(RowsDesk(SOME))("get_sla_report", by="queue")
    assert said["deadlines"]["compliance"] == 0.25
    assert [late["id"] for late in said["latest"]] == ["2", "7"]
    assert {row["name"]: row.get("kept") for row in said["by"]["queue"]} == {"IT": 0.3333, "Red": 0}


@pytest.mark.parametrize("tool", ["get_ticket_statistics", "get_sla_report"])
async def test_d11_a_report_as_csv_runs_nothing_and_reads_back(tool: str) -> None:
    rows = [*SOME, ticket(8, queue='=HYPERLINK("http://evil")'), ticket(9, queue="-1+1, b")]
    said = await Asking(RowsDesk(rows))(tool, by="queue", format="csv")
    assert said["by"] == {}
    lines = said["text"].splitlines()
    inside = [line for line in lines if line and "untrusted" not in line]
    header, *found = list(csv.reader(inside))
    assert header == ["by", "name", "count", "open", "overdue", "mean_hours", "kept"]
    assert '\'=HYPERLINK("http://evil")' in [row[1] for row in found]
    assert "'-1+1, b" in [row[1] for row in found]


@pytest.mark.parametrize("tool", ["get_ticket_statistics", "get_sla_report"])
@pytest.mark.parametrize("form", ["table", "summary"])
async def test_a_report_reads_well(tool: str, form: str) -> None:
    said = await Asking(RowsDesk(SOME))(tool, format=form)
    assert "7 tickets were created from" in said["text"]
    assert ("----" in said["text"]) == (form == "table")


async def test_tickets_are_filtered_as_a_list_is() -> None:
    desk = RowsDesk(SOME)
    await Asking(desk)(
        "get_sla_report",
        group="IT",
        technician="ana",
        priority="High",
        site="Madrid",
        category="Network,VPN",
        period="2026-11",
    )
    [(which, window)] = desk.asked
    assert which == TicketFilter(
        queues=("IT",),
        assignee="ana",
        priorities=("High",),
        sites=("Madrid",),
        categories=("Network", "VPN"),
        created_from=date(2026, 11, 1),
        created_to=date(2026, 11, 30),
    )
    assert window == Window(size=100)


async def test_a_ticket_that_moves_between_pages_counts_once() -> None:
    rows = [ticket(n) for n in range(100)] + [ticket(n) for n in range(99, 150)]
    said = await Asking(RowsDesk(rows))("get_ticket_statistics")
    assert said["covers"]["looked_at"] == said["figures"]["count"] == 150
    assert "came or went" in said["covers"]["partial"]
