"""Counts and bulk calls over several desks: what adds up, what is told apart, what fails alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.tenants import Town
from tests.pipeline.several import Several

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.problems import ProblemDraft
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter
from helpdesk_mcp.pipeline.merging import qualified
from helpdesk_mcp.tools.figures import deadlines, figures, shares
from helpdesk_mcp.tools.reports import Covered
from helpdesk_mcp.tools.sampling import MOST_ROWS
from helpdesk_mcp.tools.sights import Sight, joined

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
TOOLS = pytest.mark.parametrize("tool", ["get_ticket_statistics", "get_sla_report"])


class RowsDesk(WholeMemoryDesk):
    """A desk of given tickets, which may be down, or have more than one call looks at."""

    def __init__(self, *rows: Ticket, down: bool = False, total: int = 0) -> None:
        super().__init__()
        self._rows = rows
        self._down = down
        self._total = total or len(rows)

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        if self._down:
            raise Unavailable("It is down.", reason="unreachable")
        rows = [r for r in self._rows if not which.statuses or r.status in which.statuses]
        more = self._total > len(self._rows) and window.start < MOST_ROWS
        shown = tuple(rows[window.start : window.start + window.size]) or tuple(rows[:1])
        return Page(items=shown, total=len(rows) + self._total - len(self._rows), more=more)


def ticket(number: int, **values: Any) -> Ticket:
    usual: dict[str, Any] = {"status": "Open", "priority": "High", "queue": "IT"}
    return Ticket(id=str(number), created=NOW - 10 * HOUR, **{**usual, **values})


IT = (
    ticket(1, due=NOW - HOUR),
    ticket(2, status="Closed", completed=NOW - 8 * HOUR, due=NOW - 9 * HOUR),
)
HR = (
    ticket(1, priority="Low", due=NOW - 3 * HOUR),
    ticket(2, status="Closed", completed=NOW - 6 * HOUR, due=NOW - HOUR),
    ticket(3, status="Closed", completed=NOW - 4 * HOUR),
)


def town(it: MemoryDesk, hr: MemoryDesk) -> Several:
    return Several(Town(desks={"acme": {"it": it, "hr": hr}}))


async def test_statistics_without_a_desk_count_the_tickets_of_all() -> None:
    ask = town(RowsDesk(*IT), RowsDesk(*HR))
    found = await ask("get_ticket_statistics", by="status,priority")
    figures = found["figures"]
    assert (figures["count"], figures["open"], figures["closed"], figures["overdue"]) == (
        5,
        2,
        3,
        2,
    )
    assert (figures["mean_resolution_hours"], figures["median_resolution_hours"]) == (4.0, 4.0)
    assert found["covers"]["total"] == found["covers"]["looked_at"] == 5
    assert "partial" not in found["covers"]
    by = {name: {row["name"]: row["count"] for row in rows} for name, rows in found["by"].items()}
    assert by == {
        "desk": {"hr": 3, "it": 2},
        "status": {"Closed": 3, "Open": 2},
        "priority": {"High": 4, "Low": 1},
    }
    assert not {"desk", "failed"} & set(found)


async def test_an_sla_report_over_several_desks_names_the_desk_of_each_late_ticket() -> None:
    found = await town(RowsDesk(*IT), RowsDesk(*HR))("get_sla_report")
    deadlines = found["deadlines"]
    assert (deadlines["met"], deadlines["missed"], deadlines["compliance"]) == (1, 3, 0.25)
    assert [late["id"] for late in found["latest"]] == ["hr:1", "it:1"]
    assert [(row["name"], row["kept"]) for row in found["by"]["desk"]] == [("hr", 0.5), ("it", 0.0)]


async def test_one_desk_is_counted_alone_by_its_name() -> None:
    ask = town(RowsDesk(*IT), RowsDesk(*HR))
    found = await ask("get_ticket_statistics", desk="hr")
    assert (found["desk"], found["figures"]["count"]) == ("hr", 3)
    assert "desk" not in found["by"]
    late = await ask("get_sla_report", desk="hr")
    assert [row["id"] for row in late["latest"]] == ["hr:1"]


@TOOLS
async def test_a_desk_that_fails_makes_the_counts_partial_and_is_told(tool: str) -> None:
    answer = await town(RowsDesk(*IT), RowsDesk(down=True)).answer(tool)
    assert answer.data["covers"]["partial"] == "hr did not answer."
    assert answer.data["covers"]["looked_at"] == 2
    [failed] = answer.data["failed"]
    assert (failed["desk"], failed["error"]["reason"]) == ("hr", "unreachable")
    assert "hr" in answer.text


@TOOLS
@pytest.mark.parametrize("form", ["table", "csv", "summary"])
async def test_a_report_in_words_says_what_it_lacks_too(tool: str, form: str) -> None:
    found = await town(RowsDesk(*IT), RowsDesk(down=True))(tool, format=form)
    assert found["covers"]["partial"] == "hr did not answer."
    assert form == "csv" or "hr did not answer." in found["text"]
    assert "it" in found["text"]


@TOOLS
async def test_when_every_desk_fails_the_count_fails(tool: str) -> None:
    ask = town(RowsDesk(down=True), RowsDesk(down=True))
    assert (await ask.error(tool)).reason == "unreachable"


async def test_totals_of_a_desk_too_large_to_look_at_are_added_to_what_another_showed() -> None:
    ask = town(RowsDesk(*IT), RowsDesk(*HR, total=100_000))
    found = await ask("get_ticket_statistics", by="status")
    assert found["covers"]["partial"].startswith("hr: ")
    assert found["covers"]["total"] == 100_002
    totals = {row["name"]: row["count"] for row in found["totals"]["status"]}
    assert totals["Closed"] == 1 + 2 + 99_997


async def test_a_bare_day_ends_when_it_does_at_its_own_desk() -> None:
    today = ticket(1, due=date(2026, 1, 1))
    [late] = (await town(RowsDesk(today), RowsDesk())("get_sla_report"))["latest"]
    assert (late["id"], late["due"]) == ("it:1", "2026-01-02T00:00:00+00:00")


async def test_records_of_several_desks_are_counted_together() -> None:
    it, hr = WholeMemoryDesk(), WholeMemoryDesk()
    for desk, number in ((it, 2), (hr, 1)):
        for _ in range(number):
            await desk.problems.create(ProblemDraft(title="Rollers", priority="High"))
    found = await town(it, hr)("get_problem_statistics")
    assert (found["total"], found["counted"]) == (3, 3)
    assert found["by"]["desk"] == [{"value": "it", "count": 2}, {"value": "hr", "count": 1}]
    assert found["by"]["priority"] == [{"value": "High", "count": 3}]


async def test_a_desk_without_the_module_does_not_make_counts_partial() -> None:
    found = await town(WholeMemoryDesk(), MemoryDesk())("get_problem_statistics")
    assert "partial" not in found
    assert [(one["desk"], one["error"]["reason"]) for one in found["failed"]] == [
        ("hr", "capability")
    ]


ROWS = st.lists(
    st.builds(
        ticket,
        st.integers(1, 50),
        status=st.sampled_from(["Open", "Closed", "Cerrado"]),
        priority=st.sampled_from(["High", "Low", None]),
        completed=st.sampled_from([None, NOW - HOUR, NOW - 5 * HOUR]),
        due=st.sampled_from([None, NOW - 2 * HOUR, NOW + HOUR, date(2026, 1, 1)]),
    ),
    max_size=8,
    unique_by=lambda row: row.id,
)


def sight(rows: list[Ticket]) -> Sight:
    covers = Covered(first=None, last=None, total=len(rows), looked_at=len(rows))
    return Sight(covers=covers, tickets=rows, now=NOW, by=(), format="json")


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_what_several_desks_show_counts_as_one_desk_that_has_it_all(
    parts: list[list[Ticket]],
) -> None:
    names = [f"desk{number}" for number in range(len(parts))]
    whole = joined(dict(zip(names, map(sight, parts), strict=True)), ())
    everything = [row for rows in parts for row in rows]
    assert figures(whole.tickets, NOW) == figures(everything, NOW)
    assert deadlines(whole.tickets, NOW) == deadlines(everything, NOW)
    assert shares(whole.tickets, "priority", NOW) == shares(everything, "priority", NOW)
    assert (whole.covers.total, whole.covers.partial) == (len(everything), None)
    assert len({row.id for row in whole.tickets}) == len(everything)
    assert {name: len(rows) for name, rows in whole.desks.items()} == dict(
        zip(names, map(len, parts), strict=True)
    )


def test_several_ids_in_one_answer_each_say_their_desk() -> None:
    receipt = RecordReceipt(record="approval", id="4,5", ticket_id="7")
    assert qualified(receipt, "hr") == RecordReceipt(
        record="approval", id="hr:4,hr:5", ticket_id="hr:7"
    )


async def bulk(ask: Several, **arguments: Any) -> list[tuple[str, str]]:
    """Close tickets and return of each its id and its outcome, or why it failed."""
    done = await ask("bulk_close_tickets", resolution="Done", **arguments)
    return [(i["ticket_id"], i.get("error", {}).get("reason", i["outcome"])) for i in done["items"]]


async def test_one_bulk_call_works_on_the_tickets_of_several_desks() -> None:
    ask = town(MemoryDesk(), MemoryDesk())
    for desk in ("it", "hr"):
        await ask("create_ticket", subject="x", queue="IT Support", desk=desk)
    ids = ["it:1", "hr:1", "1", "nowhere:1", "hr:9"]
    expected = ["", "", "ambiguous_desk", "unknown_desk", "not_found"]
    for dry_run, outcome in ((True, "would_do"), (False, "done")):
        told = await bulk(ask, ticket_ids=ids, dry_run=dry_run)
        assert told == [(id_, why or outcome) for id_, why in zip(ids, expected, strict=True)]
    for id_ in ("it:1", "hr:1"):
        assert (await ask("get_ticket", ticket_id=id_))["status"] == "Closed"


async def test_with_one_desk_a_bulk_call_may_name_it_and_no_other() -> None:
    ask = Several(Town(desks={"acme": {"it": MemoryDesk()}}))
    await ask("create_ticket", subject="x", queue="IT Support")
    assert await bulk(ask, ticket_ids=["it:1"], desk="IT") == [("it:1", "done")]
    assert "desk" not in ask.kept.records[-1].arguments
    error = await ask.error("bulk_close_tickets", ticket_ids=["1"], resolution="x", desk="hr")
    assert error.reason == "unknown_desk"


async def test_a_bulk_call_for_one_desk_refuses_the_ids_of_another() -> None:
    ask = town(MemoryDesk(), MemoryDesk())
    await ask("create_ticket", subject="x", queue="IT Support", desk="hr")
    told = await bulk(ask, ticket_ids=["1", "it:1"], desk="hr")
    assert told == [("1", "done"), ("it:1", "ambiguous_desk")]
