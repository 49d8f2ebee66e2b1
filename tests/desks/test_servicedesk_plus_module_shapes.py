"""Recorded shapes of the modules' records, as the reference has them, replayed field by field.

Keys are those of the reference (§5, §4.8 to §4.10, §1.4); the values are ours.
"""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.recorded import (
    ASSET,
    CHANGE,
    CONTRACT,
    ITEM,
    LEVEL,
    MOMENT,
    NEXT_DAY,
    PROBLEM,
    PROJECT,
    SHARED,
    SHARED_READ,
    TASK,
    TICKET,
    TRACKED_READ,
    WAITING,
    WORKLOG,
    Row,
    many,
    one,
    ref,
)

from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS, EditionName
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.domain.assets import Asset, Contract
from helpdesk_mcp.domain.changes import PlannedChange
from helpdesk_mcp.domain.configuration import ConfigurationItem, Relation
from helpdesk_mcp.domain.decisions import Approval, Asked
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.problems import Problem
from helpdesk_mcp.domain.projects import Milestone, Project
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.domain.work import Holder, Task, Worklog

PAGE = Window(size=5)


def desk_that_tells(
    bodies: dict[str, Row], edition: EditionName = "onprem"
) -> AbstractAsyncContextManager[ServiceDeskPlus]:
    """Open a desk that answers each path with a recorded body, and knows no other."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/api/v3/")
        if path in bodies:
            return httpx2.Response(200, json=bodies[path])
        unknown = {"status_code": 4007, "type": "failed", "message": "Invalid URL"}
        status = {"status_code": 4000, "messages": [unknown], "status": "failed"}
        return httpx2.Response(404, json={"response_status": status})

    return _Replay(httpx2.MockTransport(answer), edition)


class _Replay(AbstractAsyncContextManager[ServiceDeskPlus]):
    def __init__(self, transport: httpx2.MockTransport, edition: EditionName) -> None:
        base = "http://desk.example/api/v3/"
        self._http = httpx2.AsyncClient(transport=transport, base_url=base)
        self._edition: EditionName = edition

    async def __aenter__(self) -> ServiceDeskPlus:
        return ServiceDeskPlus(self._http, EDITIONS[self._edition], Options())

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


Read = Callable[[ServiceDeskPlus], Awaitable[Any]]
# What the desk tells by path, how it is read, and what it is to us.
SHAPES: dict[str, tuple[dict[str, Row], Read, object]] = {
    "problem": (
        {"problems/7": one("problem", PROBLEM)},
        lambda desk: desk.problems.read("7"),
        Problem(
            **TRACKED_READ,
            assignee="Bob Okafor",
            reporter="Ann Lee",
            due=NEXT_DAY,
            root_cause="Age",
            symptoms="Jams",
            impact_details="Whole floor",
            workaround="Tray 2",
            resolution="New rollers",
            known_error=True,
        ),
    ),
    "change": (
        {"changes/7": one("change", CHANGE)},
        lambda desk: desk.changes.read("7"),
        PlannedChange(
            **TRACKED_READ,
            stage="Planning",
            kind="Major",
            risk="Low",
            reason="Upgrade",
            requester="Ann Lee",
            owner="Bob Okafor",
            manager="Eva Ruiz",
            approval="Pending Approval",
            start=MOMENT,
            end=NEXT_DAY,
            impact_details="An hour down",
            rollout_plan="At night",
            backout_plan="Old switch",
        ),
    ),
    "project": (
        {"projects/7": one("project", PROJECT)},
        lambda desk: desk.projects.read("7"),
        Project(
            **SHARED_READ,
            code="M-1",
            kind="Infrastructure",
            requester="Ann Lee",
            site="Madrid",
            actual_start=MOMENT,
            actual_end=NEXT_DAY,
            created=MOMENT,
        ),
    ),
    "milestone": (
        {
            "projects/1": one("project", PROJECT),
            "projects/1/milestones": many("milestones", SHARED),
        },
        lambda desk: first(desk.projects.milestones("1", PAGE)),
        Milestone(**SHARED_READ),
    ),
    "asset": (
        {"assets/7": one("asset", ASSET)},
        lambda desk: desk.assets.read("7"),
        Asset(
            id="7",
            name="lap-1",
            tag="ZZ-1",
            serial_number="S1",
            product="Nimbus 14",
            kind="Workstation",
            state="In Use",
            user="Ann Lee",
            department="Sales",
            site="Madrid",
            location="Room 2",
            acquired=MOMENT,
            warranty=NEXT_DAY,
            created=MOMENT,
            modified=NEXT_DAY,
            custom={
                "udf_sline_1": "B2",
                "udf_date_2": "2026-07-03T15:26+00:00",
                "udf_bool_3": "true",
            },
        ),
    ),
    "contract": (
        {"contracts/7": one("contract", CONTRACT)},
        lambda desk: desk.contracts.read("7"),
        Contract(
            id="7",
            name="Printers",
            number="C-1",
            vendor="Printy Ltd",
            kind="Support",
            status="Active",
            cost=1200.0,
            start=MOMENT,
            end=NEXT_DAY,
            owner="Bob Okafor",
            description="Twice a year",
        ),
    ),
    "configuration item": (
        {
            "cmdb/7": one("cmdb", ITEM),
            "cmdb/7/ci_relationships": many(
                "ci_relationships",
                {
                    "id": "4",
                    "relationship_type": ref("Runs on"),
                    "ci": ref("srv-1", "8"),
                    "inverse_relationship": True,
                },
            ),
        },
        lambda desk: desk.configuration.read("7"),
        ConfigurationItem(
            id="7",
            name="mail",
            kind="Business Service",
            site="Madrid",
            department="Sales",
            managed_by="Network",
            asset="srv-1",
            business_impact="High",
            address="192.0.2.7",
            created=MOMENT,
            modified=NEXT_DAY,
            description="<b>Mail</b>",
            relations=(Relation(id="4", kind="Runs on", item_id="8", item="srv-1", inverse=True),),
        ),
    ),
    "worklog": (
        {"requests/1/worklogs": many("worklogs", WORKLOG)},
        lambda desk: first(desk.worklogs.find("1", PAGE)),
        Worklog(
            id="7",
            owner="Bob Okafor",
            minutes=90.0,
            kind="Remote",
            start=MOMENT,
            end=NEXT_DAY,
            created=MOMENT,
            description="Rebuilt tunnel",
        ),
    ),
    "task": (
        {**TICKET, "requests/1/tasks/7": one("task", TASK)},
        lambda desk: desk.tasks.read(Holder(kind="ticket", id="1"), "7"),
        Task(**SHARED_READ, queue="Network", created=MOMENT),
    ),
    "approval": (
        LEVEL,
        lambda desk: first(desk.decisions.find(Asked(kind="ticket", id="1"))),
        Approval(
            id="7",
            level=1,
            approver="Ann Lee",
            status="Approved",
            ticket_id="1",
            asked=MOMENT,
            decided=NEXT_DAY,
            comment="Fine",
        ),
    ),
    "approval that waits": (
        {"approvals": many("approvals", WAITING)},
        lambda desk: first(desk.decisions.pending(PAGE)),
        Approval(
            id="8",
            approver="Ann Lee",
            status="Pending Approval",
            change_id="5",
            subject="Switch",
            asked=MOMENT,
        ),
    ),
}
NEVER_TOLD: dict[object, set[str]] = {
    Problem: {"url"},
    PlannedChange: {"url"},
    Project: {"url"},
    Asset: {"url"},
    Approval: {"change_id", "subject"},
}
"""What the vendor's JSON does not hold; an approval is of a ticket or of a change."""


async def first(read: Awaitable[Any]) -> Any:
    found = await read
    return getattr(found, "items", found)[0]


@pytest.mark.parametrize("what", SHAPES)
async def test_a_record_is_read_field_by_field(what: str) -> None:
    bodies, read, wanted = SHAPES[what]
    async with desk_that_tells(bodies) as desk:
        assert await read(desk) == wanted


def test_the_recorded_shapes_fill_every_field_of_our_nouns() -> None:
    for what, (_, _, wanted) in SHAPES.items():
        if what == "approval that waits":
            continue
        assert dataclasses.is_dataclass(wanted)
        empty = {f.name for f in dataclasses.fields(wanted) if getattr(wanted, f.name) is None}
        assert empty == NEVER_TOLD.get(type(wanted), set()), what


async def test_a_list_of_records_leaves_nothing_out_that_it_was_told() -> None:
    body = {**many("problems", PROBLEM), "list_info": {"has_more_rows": True, "total_count": 41}}
    async with desk_that_tells({"problems": body}, "cloud") as desk:
        page = await desk.problems.find(RecordFilter(), PAGE)
    assert (page.items, page.total, page.more) == ((SHAPES["problem"][2],), 41, True)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "value", "hours", "title"]), inner)
    ),
    max_leaves=8,
)


@given(st.data())
async def test_u26_whatever_stands_in_a_field_a_record_is_read(data: st.DataObject) -> None:
    what = data.draw(st.sampled_from(sorted(SHAPES)))
    bodies, read, wanted = SHAPES[what]
    path = list(bodies)[-1]
    body = json.loads(json.dumps(bodies[path]))
    key = next(name for name in body if name not in {"response_status", "list_info"})
    row = body[key][0] if isinstance(body[key], list) else body[key]
    for name in data.draw(st.sets(st.sampled_from(sorted(row)), max_size=4)):
        row[name] = data.draw(ANYTHING)
    async with desk_that_tells({**bodies, path: body}) as desk:
        assert type(await read(desk)) is type(wanted)
