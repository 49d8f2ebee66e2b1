"""Whatever is sent, the answer is one of the vendor's, and what was refused changed nothing."""

import json

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from tests.simulators.servicedesk_plus import Desk, cloud, onprem

from helpdesk_demo.servicedesk_plus.errors import HTTP_OF_CODE
from helpdesk_demo.servicedesk_plus.schema_parts import NOTES, TASKS, WORKLOGS
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.values import Json, as_int

FEW = 6
"""Tickets are enough: every example has a desk of its own."""
SLOW = [HealthCheck.too_slow]
HTTPS = {200, 201, *HTTP_OF_CODE.values()}
FIELDS = sorted(
    {one.name for module in (REQUESTS, NOTES, TASKS, WORKLOGS) for one in module.fields}
)
CONDITIONS = ["is", "is not", "contains", "between", "greater than", "starts with", "="]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["Open", "Closed", "High", "Network", "1", "1001", "true", "alice@example.com"]
    )
)
references = st.dictionaries(
    st.sampled_from(["id", "name", "value", "email_id"]), scalars, max_size=2
)
values = st.recursive(
    scalars | references,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4)
PATHS = ["subject", "status", "status.name", "created_time", "id", "udf_fields.udf_x", "x"]


def leaf(field: str, condition: str, others: dict[str, Json]) -> Json:
    return {"field": field, "condition": condition, **others}


def parent(children: list[Json]) -> Json:
    return {"field": "subject", "children": children}


def nested(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    below = st.lists(inner, max_size=2)
    return st.builds(parent, below) | below.map(list[Json])


leaves = st.builds(
    leaf,
    st.sampled_from(PATHS),
    st.sampled_from(CONDITIONS) | st.text(max_size=4),
    st.dictionaries(
        st.sampled_from(["value", "values", "logical_operator"]),
        values | st.lists(scalars, max_size=3) | st.sampled_from(["AND", "or"]),
        max_size=2,
    ),
)
criteria: st.SearchStrategy[Json] = st.recursive(leaves, nested, max_leaves=4)
lists = st.dictionaries(
    st.sampled_from(["row_count", "start_index", "page", "sort_field", "sort_order", "filter_by"]),
    values | st.sampled_from(["subject", "asc", "priority"]),
    max_size=3,
)


async def assert_answered(desk: Desk, method: str, path: str, data: dict[str, Json]) -> int:
    params = {"input_data": json.dumps(data)}
    if method == "GET":
        answer = await desk.send(method, path, params=params)
    else:
        answer = await desk.send(method, path, data=params)
    assert answer.http in HTTPS, answer.raw.text
    status = answer.body["response_status"]
    if isinstance(status, dict):
        code = as_int(status["status_code"])
        assert code in {2000, 3000, 4000}
        if code == 4000:
            assert answer.code[1] in HTTP_OF_CODE or answer.code == (400, 4000)
    return answer.http


@given(body=bodies, subject=st.text(max_size=260))
@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
async def test_a_create_is_done_wholly_or_not_at_all(body: dict[str, Json], subject: str) -> None:
    async with onprem(tickets=FEW) as desk:
        rows = desk.simulator.state.tables["requests"]
        before = len(rows)
        http = await assert_answered(
            desk, "POST", "requests", {"request": {"subject": subject, **body}}
        )
        assert len(rows) == before + (http == 201)


@given(body=bodies)
@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
async def test_a_refused_update_changes_nothing(body: dict[str, Json]) -> None:
    async with cloud(tickets=FEW) as desk:
        rows = desk.simulator.state.tables["requests"]
        number = next(key for key, row in rows.items() if "merged_into" not in row)
        before = json.dumps(rows[number])
        http = await assert_answered(desk, "PUT", f"requests/{number}", {"request": body})
        if http != 200:
            assert json.dumps(rows[number]) == before
        assert (await desk.get(f"requests/{number}")).http == 200


@given(body=bodies, part=st.sampled_from(["note", "worklog", "task", "draft", "resolution"]))
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
async def test_parts_of_any_shape_are_answered(body: dict[str, Json], part: str) -> None:
    async with onprem(tickets=FEW) as desk:
        number = await desk.new_request()
        await assert_answered(desk, "POST", f"requests/{number}/{part}s", {part: body})
        assert (await desk.get(f"requests/{number}")).http == 200


@given(info=lists, searched=criteria | values)
@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
async def test_lists_of_any_shape_are_answered(info: dict[str, Json], searched: Json) -> None:
    async with onprem(tickets=FEW) as desk:
        await assert_answered(desk, "GET", "requests", {"list_info": info})
        asked: Json = {"search_criteria": searched}
        await assert_answered(desk, "GET", "requests", {"list_info": asked})


@given(text=st.text(max_size=40) | st.just('"\\ud800"') | st.just("[" * 3000))
@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
async def test_input_that_is_no_object_is_refused(text: str) -> None:
    async with onprem(tickets=FEW) as desk:
        answer = await desk.send("POST", "requests", data={"input_data": text})
        assert answer.http == 400
