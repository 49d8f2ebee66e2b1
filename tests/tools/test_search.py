"""Typed conditions find what they say, and a desk that cannot judge one refuses it by name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.asking import Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.criteria import Condition, Criteria, as_filter
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

TODAY = datetime.now(UTC).astimezone().date()


class Listening(MemoryDesk):
    """A desk that keeps the criteria it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Criteria] = []

    async def tickets_where(self, criteria: Criteria, window: Window) -> Page[Ticket]:
        self.asked.append(criteria)
        return Page(items=(), start=window.start)


async def understood(*where: dict[str, Any]) -> tuple[tuple[Condition, ...], ...]:
    desk = Listening()
    await Asking(desk)("search_tickets_advanced", where=list(where))
    return desk.asked[0].groups


async def test_conditions_reach_the_desk_as_values() -> None:
    assert await understood(
        {"field": "Technician", "value": "ana"},
        {"field": "subject", "operator": "not_contains", "value": ["a' OR 1=1", 7]},
        {"any_of": [{"field": "Asset tag", "value": "PC-1"}, {"field": "id", "value": "4"}]},
    ) == (
        (Condition(field="assignee", values=("ana",)),),
        (Condition(field="subject", operator="not contains", values=("a' OR 1=1", "7")),),
        (Condition(field="Asset tag", values=("PC-1",)), Condition(field="id", values=("4",))),
    )


@pytest.mark.parametrize(
    ("operator", "value", "first", "last"),
    [
        ("is", "2026-11-01", date(2026, 11, 1), date(2026, 11, 1)),
        ("on", "noviembre de 2026", date(2026, 11, 1), date(2026, 11, 30)),
        ("before", "2026-11-01", None, date(2026, 10, 31)),
        ("after", "2026-11", date(2026, 12, 1), None),
        ("between", ["2026-11-01", "2026-11-15"], date(2026, 11, 1), date(2026, 11, 15)),
        ("between", "last 7 days", TODAY - timedelta(days=7), TODAY),
        ("greater than", "hoy", TODAY + timedelta(days=1), None),
    ],
)
async def test_days_are_whole_and_may_be_said_in_words(
    operator: str, value: Any, first: date | None, last: date | None
) -> None:
    [[found]] = await understood({"field": "due", "operator": operator, "value": value})
    assert found == Condition(field="due", operator="between", first=first, last=last)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"field": "created", "operator": "contains", "value": "today"}, "operator"),
        ({"field": "created", "value": ["today", "yesterday"]}, "date"),
        ({"field": "created", "operator": "between", "value": ["today", "yesterday"]}, "operator"),
        ({"field": "created", "value": "some day"}, "date"),
        ({"field": "subject", "operator": "less than", "value": "a"}, "operator"),
        ({"field": "subject", "operator": "like", "value": "a"}, "arguments"),
        ({"field": "subject", "value": []}, "arguments"),
        ({"field": "subject", "value": {"$ne": 1}}, "arguments"),
        ({"field": "subject", "value": "a", "raw": "x"}, "arguments"),
        ({"any_of": []}, "arguments"),
        ({}, "arguments"),
    ],
)
async def test_a_condition_that_says_nothing_is_refused(
    condition: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HelpdeskError) as caught:
        await Asking()("search_tickets_advanced", where=[condition])
    assert caught.value.reason == reason


async def test_a_desk_with_a_filter_only_judges_what_its_filter_can() -> None:
    ask = Asking()
    await ask("create_ticket", subject="Printer", queue="it", priority="high", assignee="alice")
    await ask("create_ticket", subject="Scanner", queue="it", priority="low")
    found = await ask(
        "search_tickets_advanced",
        where=[
            {"field": "priority", "value": ["alta", "urgente"]},
            {"field": "status", "value": "Abierto"},
            {"field": "created", "value": "today"},
            {"field": "text", "operator": "contains", "value": "printer"},
        ],
    )
    assert [row["subject"] for row in found["tickets"]] == ["Printer"]


@pytest.mark.parametrize(
    "where",
    [
        [{"field": "status", "operator": "is not", "value": "Open"}],
        [{"field": "subject", "operator": "contains", "value": "a"}],
        [{"field": "due", "operator": "before", "value": "today"}],
        [{"field": "status", "value": "Open"}, {"field": "status", "value": "Closed"}],
        [{"any_of": [{"field": "status", "value": "Open"}, {"field": "queue", "value": "it"}]}],
        [{"field": "colour", "value": "red"}],
        [{"field": "assignee", "value": ["ana", "bea"]}],
    ],
)
async def test_what_a_filter_cannot_say_is_refused_and_never_left_out(
    where: list[dict[str, Any]],
) -> None:
    with pytest.raises(Invalid) as caught:
        await Asking()("search_tickets_advanced", where=where)
    assert caught.value.reason == "criteria"
    assert "It can: status" in caught.value.message


def test_a_filter_says_what_the_criteria_said() -> None:
    groups = (
        (Condition(field="status", values=("Open",)), Condition(field="status", values=("New",))),
        (Condition(field="queue", values=("it", "hr")),),
        (Condition(field="assignee", values=("none",)),),
        (Condition(field="requester", values=("a@example.com",)),),
        (Condition(field="created", operator="between", last=date(2026, 1, 1)),),
        (Condition(field="text", operator="contains", values=("vpn",)),),
    )
    assert as_filter(Criteria(groups=groups, sort="due")) == TicketFilter(
        statuses=("Open", "New"),
        queues=("it", "hr"),
        assignee="none",
        requester="a@example.com",
        created_to=date(2026, 1, 1),
        text="vpn",
        sort="due",
    )


CONDITIONS = st.builds(
    Condition,
    field=st.sampled_from(["status", "queue", "assignee", "subject", "text", "created", "x"]),
    operator=st.sampled_from(["is", "is not", "contains", "between"]),
    values=st.lists(st.text(max_size=5), min_size=1, max_size=3).map(tuple),
)


@given(st.lists(st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple), max_size=4))
def test_every_value_stands_in_the_filter_or_the_criteria_are_refused(
    groups: list[tuple[Condition, ...]],
) -> None:
    try:
        found = as_filter(Criteria(groups=tuple(groups)))
    except Invalid:
        return
    said = (*found.statuses, *found.queues, *found.priorities, found.assignee, found.text)
    given_values = [v for g in groups for c in g if c.field != "created" for v in c.values]
    assert sorted(filter(None, given_values)) == sorted(v for v in said if v)
