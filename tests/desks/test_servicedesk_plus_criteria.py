"""Criteria mean what the filter means, whatever is searched for; and times survive the journey."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulators.servicedesk_plus import config

from helpdesk_demo.servicedesk_plus.criteria import compile_criteria
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.site import Simulator
from helpdesk_demo.servicedesk_plus.values import Row
from helpdesk_mcp.desks.servicedeskplus.criteria import (
    LONGEST_TEXT,
    MOST_WORDS,
    Clause,
    Leaf,
    any_of,
    days,
    holding,
    render,
)
from helpdesk_mcp.desks.servicedeskplus.values import LAST_MOMENT, milliseconds, moment, moment_of

IDS = st.sampled_from(["1", "2", "3", "4", "99"])
WORDS = st.sampled_from(["vpn", "a", "o", "printer", "é", "zzz"])
MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1970)
ZONES = st.sampled_from(["UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata"])


@cache
def simulator() -> Simulator:
    return Simulator(config("onprem", tickets=40))


def leaf_holds(leaf: Leaf, row: Row) -> bool:
    """Judge one condition by itself, without the vendor's notation."""
    if leaf.condition == "contains":
        return any(str(v).casefold() in str(row.get(leaf.field)).casefold() for v in leaf.values)
    if leaf.condition == "between":
        low, high = (int(value) for value in leaf.values)
        return low <= int(str(row[leaf.field])) <= high
    return row.get(leaf.field) in [value["id"] for value in leaf.values]


def reference(field: str, ids: list[str]) -> Leaf:
    return any_of(field, ids)[0]


def subject(words: list[str]) -> Leaf:
    return Leaf(field="subject", condition="contains", values=tuple(words))


def created(low: int, size: int) -> Leaf:
    values = (str(low), str(low + size))
    return Leaf(field="created_time", condition="between", values=values)


LEAVES = st.one_of(
    st.builds(
        reference, st.sampled_from(["status", "priority"]), st.lists(IDS, min_size=1, max_size=3)
    ),
    st.builds(subject, st.lists(WORDS, min_size=1, max_size=2)),
    st.builds(created, st.integers(1_770_000_000_000, 1_780_000_000_000), st.integers(0, 10**10)),
)
CLAUSES = st.lists(st.lists(LEAVES, min_size=1, max_size=3).map(tuple), max_size=4)


@given(CLAUSES)
def test_criteria_find_exactly_what_the_clauses_mean(clauses: list[Clause]) -> None:
    state = simulator().state
    rows = list(state.tables["requests"].values())
    wanted = [r["id"] for r in rows if all(any(leaf_holds(x, r) for x in c) for c in clauses)]
    made = render(clauses)
    if made is None:
        assert clauses == []
        return
    test = compile_criteria(
        View(state=state, dialect="new"), REQUESTS, json.loads(json.dumps(made))
    )
    assert [row["id"] for row in rows if test(row)] == wanted


@given(CLAUSES)
def test_the_safe_form_never_sends_an_array_of_one(clauses: list[Clause]) -> None:
    made = render(clauses)
    assert not (isinstance(made, list) and len(made) < 2)


@given(st.text(max_size=400))
def test_u23_what_is_searched_for_is_only_ever_a_value(text: str) -> None:
    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {k for v in value.values() for k in keys(v)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- JSON
        return {k for v in value for k in keys(v)} if isinstance(value, list) else set()  # pyright: ignore[reportUnknownVariableType] -- JSON

    clauses = holding(text, ("subject", "description"))
    assert len(clauses) <= MOST_WORDS
    made = render(clauses)
    assert keys(made) <= {"field", "condition", "value", "values", "children", "logical_operator"}
    for leaf in (leaf for clause in clauses for leaf in clause):
        assert leaf.field in {"subject", "description"}
        assert all(value and len(value) <= LONGEST_TEXT for value in leaf.values)


def test_words_are_all_wanted_and_either_side_of_or_is_enough() -> None:
    assert holding("vpn madrid", ("subject",)) == (
        (Leaf(field="subject", condition="contains", values=("vpn",)),),
        (Leaf(field="subject", condition="contains", values=("madrid",)),),
    )
    assert holding("vpn down OR  printer", ("subject",)) == (
        (Leaf(field="subject", condition="contains", values=("vpn down", "printer")),),
    )
    assert holding(" OR ", ("subject",)) == ()


@given(MOMENTS)
def test_a_moment_comes_back_to_the_millisecond(at: datetime) -> None:
    whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert moment_of(moment(at)) == whole
    assert moment_of({**moment(at), "display_value": "03/07/2026 08:56 PM"}) == whole


@given(st.integers(-(10**20), 10**20) | st.text(max_size=20) | st.none() | st.booleans())
def test_whatever_stands_where_a_moment_is_expected_is_a_moment_or_nothing(value: Any) -> None:
    found = moment_of({"value": value})
    assert found is None or 0 <= int(milliseconds(found)) <= LAST_MOMENT


@given(st.dates(date(1971, 1, 1), date(2098, 1, 1)), st.integers(0, 40), ZONES, st.floats(0, 1))
def test_whole_days_of_a_zone_hold_their_every_moment(
    first: date, length: int, name: str, part: float
) -> None:
    zone = ZoneInfo(name)
    last = first + timedelta(days=length)
    low, high = (int(value) for value in days("created_time", first, last, zone)[0].values)
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    following = last + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
    inside = start + (end - start - timedelta(milliseconds=1)) * part
    assert low <= int(milliseconds(inside)) <= high
    assert low > int(milliseconds(start - timedelta(milliseconds=1)))
    assert high < int(milliseconds(end))


@pytest.mark.parametrize("value", ["1783092412757", 1783092412757], ids=["text", "number"])
def test_a_moment_is_read_as_text_and_as_a_number(value: Any) -> None:
    at = moment_of({"value": value})
    assert at == datetime(2026, 7, 3, 15, 26, 52, 757000, tzinfo=UTC)
