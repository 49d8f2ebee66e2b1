"""Searching by every kind of field, and the smaller actions on parts of a request."""

from collections.abc import Callable

import pytest
from tests.simulators.servicedesk_plus import config, onprem

from helpdesk_demo.servicedesk_plus.criteria import compile_criteria
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.seeding import new_site
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_row, as_text

SITE = new_site(config("onprem"))
VIEW = View(state=SITE, dialect="new")
ROWS = list(SITE.tables["requests"].values())


def channel(row: Row) -> Json:
    return as_row(row["udf_fields"]).get("udf_pick_1803")


def affected(row: Row) -> int:
    return as_int(as_row(row["udf_fields"]).get("udf_long_1805"))


CASES: list[tuple[str, str, Json, Callable[[Row], bool] | None]] = [
    ("udf_fields.udf_pick_1803", "is", "web", lambda row: channel(row) == "web"),
    ("udf_fields.udf_pick_1803", "is not", "web", lambda row: channel(row) != "web"),
    ("udf_fields.udf_long_1805", "gte", "2", lambda row: affected(row) >= 2),
    ("resolution.content", "contains", "<div>", lambda row: bool(row.get("resolution"))),
    ("resolution", "is", "x", None),
    ("resolution.nothing", "is", "x", None),
    ("udf_fields.nothing", "is", "x", None),
    ("has_attachments", "is", "true", lambda row: bool(row.get("attachments"))),
    ("has_attachments", "contains", True, None),
    ("has_attachments", "is", "yes", None),
    ("id", "greater than", "1030", lambda row: as_int(row["id"]) > 1030),
    ("subject", "greater than", "x", None),
    ("subject", "is", True, None),
    ("priority", "is not", {"name": "High"}, lambda row: row["priority"] != "4"),
    ("priority", "contains", {"name": "High"}, None),
    ("technician.email_id", "is", "bob@example.com", lambda row: row["technician"] == "2"),
    ("created_time", "contains", "1", None),
    ("subject.name", "is", "x", None),
]


@pytest.mark.parametrize(("path", "condition", "value", "means"), CASES)
def test_a_criterion_on_any_kind_of_field_means_what_it_says_or_is_refused(
    path: str, condition: str, value: Json, means: Callable[[Row], bool] | None
) -> None:
    criterion: Row = {"field": path, "condition": condition, "value": value}
    if means is None:
        with pytest.raises(Refused):
            compile_criteria(VIEW, REQUESTS, criterion)
        return
    test = compile_criteria(VIEW, REQUESTS, criterion)
    assert [test(row) for row in ROWS] == [means(row) for row in ROWS]
    assert any(test(row) for row in ROWS)


async def test_a_note_can_be_copied_to_linked_requests() -> None:
    async with onprem() as desk:
        one, other = await desk.new_request(), await desk.new_request()
        links: Json = [{"linked_request": {"id": other}}]
        await desk.post(f"requests/{one}/link_requests", link_requests=links)
        note: Row = {"description": "Same outage", "add_to_linked_requests": True}
        await desk.post(f"requests/{one}/notes", note=note)
        copied = (await desk.get(f"requests/{other}/notes")).rows("notes")
        assert copied[0]["description"] == "Same outage"
        written: Row = {"content": "Fixed", "add_to_linked_requests": True}
        await desk.put(f"requests/{one}/resolutions", resolution=written)
        shared = (await desk.get(f"requests/{other}/resolutions")).one("resolution")
        assert shared["content"] == "Fixed"


async def test_a_note_can_be_rewritten_and_tells_by_whom() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        note = (await desk.post(f"requests/{number}/notes", note={"description": "x"})).one("note")
        path = f"requests/{number}/notes/{as_text(note['id'])}"
        changed = (await desk.put(path, note={"description": "y"})).one("note")
        assert changed["description"] == "y"
        assert as_row(changed["last_updated_by"])["name"] == "Alice Nguyen"
        other = await desk.new_request()
        astray = f"requests/{other}/notes/{as_text(note['id'])}"
        assert (await desk.get(astray)).code == (404, 4007)


async def test_merging_moves_the_parts_of_the_child() -> None:
    async with onprem() as desk:
        parent, child = await desk.new_request(), await desk.new_request()
        await desk.post(f"requests/{child}/notes", note={"description": "From the child"})
        await desk.put(f"requests/{parent}/merge_requests", merge_requests=[{"id": child}])
        notes = (await desk.get(f"requests/{parent}/notes")).rows("notes")
        assert notes[0]["description"] == "From the child"
        again = await desk.put(f"requests/{parent}/merge_requests", merge_requests=[{"id": child}])
        assert again.code == (400, 4001)
        assert child not in (await desk.get("requests")).ids()


async def test_a_worklog_counts_its_minutes_and_may_be_the_first_response() -> None:
    async with onprem(completed_times=True) as desk:
        number = await desk.new_request()
        log: Row = {
            "owner": {"id": "1"},
            "start_time": {"value": 0},
            "end_time": {"value": 5_400_000},
            "mark_first_response": True,
        }
        path = f"requests/{number}/worklogs"
        made = (await desk.post(path, worklog=log)).one("worklog")
        assert made["time_spent"] == {"hours": "1", "minutes": "30"}
        request = (await desk.get(f"requests/{number}")).one("request")
        assert request["responded_time"] is not None
        assert (await desk.delete(f"{path}/{as_text(made['id'])}")).http == 200
        assert (await desk.get(path)).rows("worklogs") == []


async def test_tasks_may_belong_to_no_module() -> None:
    async with onprem() as desk:
        made = await desk.post("tasks", task={"title": "Inventario"})
        info: Row = {"search_fields": {"title": "Inventario"}}
        found = await desk.get("tasks", list_info=info)
        assert found.ids("tasks") == [made.one("task")["id"]]


async def test_people_and_tags_can_be_changed() -> None:
    async with onprem() as desk:
        person = (await desk.get("users")).ids("users")[-1]
        changed = await desk.put(f"users/{person}", user={"job_title": "Jefa de almacén"})
        assert changed.one("user")["job_title"] == "Jefa de almacén"
        assert (await desk.post("tags", tag={"name": "nuevo"})).http == 201
        assert (await desk.post("tags", tag={"name": ""})).code == (400, 4012)


async def test_a_file_is_attached_to_a_solution() -> None:
    async with onprem() as desk:
        solution = (await desk.get("solutions")).ids("solutions")[0]
        files = {"input_file": ("plan.txt", b"x", "text/plain")}
        await desk.http.put(f"{desk.base}/solutions/{solution}/upload", files=files)
        shown = (await desk.get(f"solutions/{solution}")).one("solution")
        assert len(shown["attachments"] if isinstance(shown["attachments"], list) else []) == 1


async def test_closing_and_assigning_take_nothing_but_their_own_fields() -> None:
    async with onprem(close_rules=[]) as desk:
        number = await desk.new_request()
        wrong: Row = {"subject": "x"}
        assert (await desk.put(f"requests/{number}/close", request=wrong)).code == (400, 4001)
        assert (await desk.put(f"requests/{number}/assign", request=wrong)).code == (400, 4001)
        assert (await desk.put(f"requests/{number}/pickup", technician=wrong)).code == (400, 4001)
