"""list_info and search_criteria: page by page, examples and properties (§3.4)."""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tests.simulators.servicedesk_plus import NOW, Desk, cloud, config, onprem

from helpdesk_demo.servicedesk_plus.criteria import compile_criteria
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.seeding import new_site
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_row, as_text

SITE = new_site(config("onprem"))
VIEW = View(state=SITE, dialect="new")
ROWS = list(SITE.tables["requests"].values())


async def found(desk: Desk, criteria: Json) -> list[str]:
    answer = await desk.get("requests", list_info={"row_count": 100, "search_criteria": criteria})
    assert answer.http == 200, answer.body
    return answer.ids()


async def refused(desk: Desk, **info: Json) -> tuple[int, Json]:
    return (await desk.get("requests", list_info=info)).code


async def test_the_default_is_ten_rows_newest_first() -> None:
    async with onprem() as desk:
        answer = await desk.get("requests")
        created = [as_text(as_row(row["created_time"])["value"]) for row in answer.rows("requests")]
        assert len(created) == 10
        assert created == sorted(created, reverse=True)
        assert answer.list_info["has_more_rows"] is True
        assert "total_count" not in answer.list_info


async def test_an_empty_list_is_a_success_with_row_count_0() -> None:
    async with onprem() as desk:
        nothing: Json = {"field": "subject", "condition": "is", "value": "no such thing"}
        answer = await desk.get("requests", list_info={"search_criteria": nothing})
        assert answer.http == 200
        assert answer.list_info["row_count"] == 0
        assert answer.list_info["has_more_rows"] is False


async def test_pages_are_counted_by_page_or_by_start_index() -> None:
    async with onprem() as desk:
        first = await desk.get("requests", list_info={"row_count": 5, "page": 2})
        second = await desk.get("requests", list_info={"row_count": 5, "start_index": 6})
        assert first.ids() == second.ids()
        assert first.list_info["start_index"] == 6


async def test_what_a_list_call_refuses() -> None:
    async with cloud() as desk:
        assert await refused(desk, row_count=101) == (400, 4001)
        assert await refused(desk, row_count="many") == (400, 4021)
        assert await refused(desk, start_index=0) == (400, 4001)
        assert await refused(desk, sort_field="technician") == (400, 4001)
        assert await refused(desk, sort_order="up") == (400, 4001)
        assert await refused(desk, limit=5) == (400, 4001)
        both: Json = {"field": "subject", "condition": "is", "value": "x"}
        by: Json = {"name": "All_Requests"}
        assert await refused(desk, filter_by=by, search_criteria=both) == (400, 4001)
        assert await refused(desk, filter_by={"name": "Nothing"}) == (400, 4001)
        desk.turn(row_count_over_100="cap", zero_start_index="first")
        answer = await desk.get("requests", list_info={"row_count": 500, "start_index": 0})
        assert answer.list_info["start_index"] == 1


async def test_fields_required_has_its_place_in_each_edition() -> None:
    async with onprem() as desk:
        top = await desk.get("requests", list_info={}, fields_required=["subject", "description"])
        assert top.rows("requests")[0].keys() == {"id", "subject", "description"}
        inside = await desk.get("requests", list_info={"fields_required": ["subject"]})
        assert inside.code == (400, 4001)
    async with cloud() as desk:
        inside = await desk.get("requests", list_info={"fields_required": ["subject"]})
        assert inside.rows("requests")[0].keys() == {"id", "subject"}
        top = await desk.get("requests", list_info={}, fields_required=["subject"])
        assert top.code == (400, 4001)


async def test_list_items_have_the_captured_keys() -> None:
    async with onprem() as desk:
        keys = (await desk.get("requests")).rows("requests")[0].keys()
        assert keys == {
            *("requester", "template", "short_description", "created_time", "subject"),
            *("time_elapsed", "is_overdue", "technician", "priority", "created_by", "due_by_time"),
            *("response_time_elapsed", "site", "is_service_request", "cancel_requested"),
            *("cancel_requested_is_pending", "id", "status", "group", "is_read"),
        }
    async with cloud() as desk:
        keys = (await desk.get("requests")).rows("requests")[0].keys()
        assert keys == {
            *("requester", "template", "created_time", "has_draft", "cancel_flag_comments"),
            *("display_id", "subject", "technician", "due_by_time", "is_service_request"),
            *("cancellation_requested", "has_notes", "id", "status", "group"),
        }


async def test_sorting_goes_by_the_name_of_a_reference() -> None:
    async with onprem() as desk:
        info: Json = {"row_count": 100, "sort_field": "priority", "sort_order": "asc"}
        rows = (await desk.get("requests", list_info=info)).rows("requests")
        names = [as_text(as_row(row["priority"])["name"]) for row in rows]
        assert names == sorted(names, key=str.casefold)


async def test_the_simple_search_is_an_and_of_equalities() -> None:
    async with onprem() as desk:
        fields: Json = {"status.name": "closed", "priority.name": "high"}
        info: Json = {"row_count": 100, "search_fields": fields}
        rows = (await desk.get("requests", list_info=info)).rows("requests")
        assert rows
        for row in rows:
            assert as_row(row["status"])["name"] == "Closed"
            assert as_row(row["priority"])["name"] == "High"


async def test_views_are_listed_and_used_by_name_or_id() -> None:
    async with onprem() as desk:
        views = await desk.get("list_view_filters/show_all", show_all={"module": "request"})
        view = next(row for row in views.rows("show_all") if row["name"] == "Unassigned_Requests")
        by_id = await desk.get("requests", list_info={"filter_by": {"id": view["id"]}})
        by_name = await desk.get("requests", list_info={"filter_by": {"name": view["name"]}})
        assert by_id.ids() == by_name.ids()
        assert all(row["technician"] is None for row in by_id.rows("requests"))


async def test_children_and_operators_are_read_from_left_to_right() -> None:
    async with onprem() as desk:
        high: Row = {"field": "priority.name", "condition": "is", "value": "High"}
        low: Row = {"field": "priority.name", "condition": "is", "value": "Low"}
        opened: Row = {"field": "status.name", "condition": "is", "value": "Open"}
        either = [*await found(desk, high), *await found(desk, low)]
        joined = await found(desk, [high, {**low, "logical_operator": "or"}])
        assert sorted(joined) == sorted(either)
        nested: Row = {
            **opened,
            "children": [{**high, "logical_operator": "AND"}, {**low, "logical_operator": "OR"}],
        }
        inner = set(await found(desk, opened)) & set(either)
        assert set(await found(desk, nested)) == inner


@pytest.mark.parametrize(
    "criteria",
    [
        [
            {"field": "subject", "condition": "is", "value": "x"},
            {"field": "subject", "condition": "is", "value": "y"},
        ],
        {"field": "subject", "condition": "is empty", "value": "x"},
        {"field": "subjct", "condition": "is", "value": "x"},
        {"field": "status", "condition": "is", "value": "Open"},
        {"field": "status.nam", "condition": "is", "value": "Open"},
        {"field": "subject", "condition": "is"},
        {"field": "subject", "condition": "is", "value": "x", "values": ["y"]},
        {"field": "created_time", "condition": "greater than", "value": "yesterday"},
        {"field": "created_time", "condition": "between", "values": ["1"]},
        {"field": "subject", "condition": "is", "value": "x", "operator": "AND"},
        {"field": "status.name", "condition": "is", "value": "Open", "logical_operator": "XOR"},
        [],
        "subject is x",
    ],
)
async def test_criteria_that_are_refused(criteria: Json) -> None:
    async with onprem() as desk:
        http, _ = await refused(desk, search_criteria=criteria)
        assert http == 400


async def test_references_are_compared_as_objects() -> None:
    async with onprem() as desk:
        by_id: Row = {"field": "status", "condition": "is", "value": {"id": "1"}}
        by_name: Row = {"field": "status.name", "condition": "is", "value": "Open"}
        assert await found(desk, by_id) == await found(desk, by_name)


async def test_empty_values_match_nothing_or_the_empty() -> None:
    async with onprem() as desk:
        empty: Row = {"field": "technician", "condition": "is", "values": []}
        assert await found(desk, empty) == []
        desk.turn(empty_values="empty")
        assert await found(desk, empty)


async def test_quirks_of_sites_are_knobs() -> None:
    async with onprem(one_element_criteria="refuse", combined_dates="refuse") as desk:
        subject: Row = {"field": "subject", "condition": "contains", "value": "VPN"}
        since: Row = {"field": "created_time", "condition": "greater than", "value": "1"}
        assert await refused(desk, search_criteria=[subject]) == (400, 4021)
        joined: Json = [subject, {**since, "logical_operator": "AND"}]
        assert await refused(desk, search_criteria=joined) == (400, 4001)
        nested: Row = {**subject, "children": [{**since, "logical_operator": "AND"}]}
        assert await found(desk, nested) == await found(desk, subject)


TEXT_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda subject, part: subject == part,
    "is not": lambda subject, part: subject != part,
    "contains": lambda subject, part: part in subject,
    "not contains": lambda subject, part: part not in subject,
    "starts with": str.startswith,
    "ends with": str.endswith,
}
subjects = st.sampled_from([as_text(row["subject"]) for row in ROWS])
parts = subjects.flatmap(
    lambda text: st.integers(0, len(text) - 1).map(lambda at: text[at : at + 6])
)


@given(condition=st.sampled_from(list(TEXT_CONDITIONS)), part=parts | subjects)
@settings(max_examples=60, deadline=None)
def test_text_conditions_mean_what_they_say(condition: str, part: str) -> None:
    criterion: Row = {"field": "subject", "condition": condition, "value": part}
    test = compile_criteria(VIEW, REQUESTS, criterion)
    means = TEXT_CONDITIONS[condition]
    for row in ROWS:
        subject = as_text(row["subject"]).casefold()
        assert test(row) is means(subject, part.casefold())


NUMBER_CONDITIONS: dict[str, Callable[[int, int], bool]] = {
    "greater than": lambda found, bound: found > bound,
    "greater or equal": lambda found, bound: found >= bound,
    "lesser than": lambda found, bound: found < bound,
    "lesser or equal": lambda found, bound: found <= bound,
    "is": lambda found, bound: found == bound,
}
moments = st.sampled_from([as_int(row["created_time"]) for row in ROWS]) | st.integers(0, NOW)


@given(condition=st.sampled_from(list(NUMBER_CONDITIONS)), bound=moments, as_digits=st.booleans())
@settings(max_examples=60, deadline=None)
def test_moments_compare_as_numbers(condition: str, bound: int, *, as_digits: bool) -> None:
    value: Json = str(bound) if as_digits else bound
    criterion: Row = {"field": "created_time", "condition": condition, "value": value}
    test = compile_criteria(VIEW, REQUESTS, criterion)
    means = NUMBER_CONDITIONS[condition]
    assert [test(row) for row in ROWS] == [
        means(as_int(row["created_time"]), bound) for row in ROWS
    ]


@given(one=moments, other=moments)
@settings(max_examples=40, deadline=None)
def test_between_holds_both_ends_and_not_between_is_its_opposite(one: int, other: int) -> None:
    bounds: list[Json] = [str(min(one, other)), str(max(one, other))]
    inside: Row = {"field": "created_time", "condition": "between", "values": bounds}
    outside: Row = {**inside, "condition": "not between"}
    within = compile_criteria(VIEW, REQUESTS, inside)
    without = compile_criteria(VIEW, REQUESTS, outside)
    for row in ROWS:
        assert within(row) is (min(one, other) <= as_int(row["created_time"]) <= max(one, other))
        assert without(row) is not within(row)


names = st.sampled_from(["Open", "Closed", "Onhold", "In Progress", "Resolved", "Cancelled"])


@given(words=st.lists(names, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_several_values_and_a_chain_of_ors_are_the_same(words: list[str]) -> None:
    values: list[Json] = list(words)
    several: Row = {"field": "status.name", "condition": "is", "values": values}
    chain: list[Json] = [
        {"field": "status.name", "condition": "is", "value": word, "logical_operator": "OR"}
        for word in words
    ]
    one = compile_criteria(VIEW, REQUESTS, several)
    other = compile_criteria(VIEW, REQUESTS, chain)
    assert [one(row) for row in ROWS] == [other(row) for row in ROWS]


@given(size=st.integers(1, 100))
@settings(max_examples=12, deadline=None)
async def test_pages_of_any_size_give_every_row_once(size: int) -> None:
    async with onprem() as desk:
        ids: list[str] = []
        start, more, total = 1, True, 0
        while more:
            info: Json = {"row_count": size, "start_index": start, "get_total_count": True}
            answer = await desk.get("requests", list_info=info)
            ids += answer.ids()
            total = as_int(answer.list_info["total_count"])
            start, more = start + size, answer.list_info["has_more_rows"] is True
        assert len(ids) == len(set(ids)) == total
