"""The other modules of §5, the look-ups, and every route's own word on where it comes from."""

import re

import pytest
from tests.simulators.servicedesk_plus import Desk, cloud, desk_of, onprem

from helpdesk_demo.servicedesk_plus.api import TABLE
from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.routing import Route
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text

EVIDENCE = re.compile(r"\[[^]]*\b(DOC|LIVE|ME-CODE|3P|INFER|UNKNOWN)\b[^]]*\]")
EDITIONS = pytest.mark.parametrize("edition", ["onprem", "cloud"])


def test_every_route_names_its_source_and_how_sure_it_is() -> None:
    for route in TABLE.routes:
        assert "Source: §" in route.doc, route.path
        assert EVIDENCE.search(route.doc), route.path


def test_no_two_routes_are_the_same() -> None:
    seen = [(route.method, route.segments, route.edition, route.needs) for route in TABLE.routes]
    assert len(seen) == len(set(seen))


def filled(desk: Desk, route: Route) -> str | None:
    """Return a path of a route with ids that exist, or None where nothing is there."""
    segments: list[str] = []
    parent = ""
    for number, segment in enumerate(route.segments):
        if not segment.startswith("{"):
            segments.append(segment)
            continue
        table = _table(route.segments[number - 1])
        rows = desk.simulator.state.tables[table].values()
        for row in rows:
            if (not parent or row.get("parent") == parent) and _is_plain(row):
                segments.append(as_text(row["id"]))
                parent = f"{table}/{as_text(row['id'])}"
                break
        else:
            return None
    return "/".join(segments)


def _table(segment: str) -> str:
    names = {"requesters": "users", "support_groups": "groups"}
    names["request_closure_codes"] = "closure_codes"
    return "cmdb" if segment.startswith("ci_") else names.get(segment, segment)


def _is_plain(row: Row) -> bool:
    return row.get("is_trashed") is not True and "merged_into" not in row


@EDITIONS
async def test_every_reading_route_answers(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        knobs, tried = desk.simulator.state.knobs, 0
        for route in TABLE.routes:
            path = filled(desk, route) if route.method == "GET" else None
            if path is None or not route.exists_in(edition, knobs) or "show_all" in path:
                continue
            answer = await desk.get(path)
            if answer.http == 404:
                assert route.placeholders, path
                continue
            assert answer.http == 200, (path, answer.body)
            tried += 1
        assert tried > 60


@EDITIONS
@pytest.mark.parametrize(
    ("many", "one", "fields"),
    [
        ("problems", "problem", {"root_cause": {"root_cause_description": "DPD"}}),
        ("changes", "change", {"roll_out_plan": {"roll_out_plan_description": "Noche"}}),
        ("releases", "release", {}),
        ("projects", "project", {"code": "PR-9"}),
    ],
)
async def test_a_record_can_be_added_read_and_changed(
    edition: Edition, many: str, one: str, fields: Row
) -> None:
    async with desk_of(edition) as desk:
        refused = await desk.post(many, **dict[str, Json]({one: {"description": "x"}}))
        assert refused.message["fields"] == ["title"]
        made = (await desk.post(many, **{one: {"title": "Gateway", **fields}})).one(one)
        for name, value in fields.items():
            shown = as_row(made[name]) if isinstance(value, dict) else made[name]
            assert shown == value
        path = f"{many}/{as_text(made['id'])}"
        changed = await desk.put(path, **dict[str, Json]({one: {"title": "Gateway 2"}}))
        assert changed.one(one)["title"] == "Gateway 2"
        assert (await desk.get(path)).one(one)["title"] == "Gateway 2"
        late: Row = {"scheduled_start_time": {"value": 2}, "scheduled_end_time": {"value": 1}}
        if many != "problems":
            assert (await desk.put(path, **{one: late})).code == (400, 4016)


async def test_problems_close_and_are_deleted_for_ever() -> None:
    async with onprem() as desk:
        number = (await desk.get("problems")).ids("problems")[0]
        details: Row = {"close_details": {"close_details_comments": "Fixed"}}
        assert (await desk.put(f"problems/{number}/close", problem=details)).http == 200
        closed = (await desk.get(f"problems/{number}")).one("problem")
        assert as_row(closed["status"])["name"] == "Closed"
        assert (await desk.delete(f"problems/{number}/move_to_trash")).code == (404, 4007)
        assert (await desk.delete(f"problems/{number}")).http == 200
        assert (await desk.get(f"problems/{number}")).code == (404, 4007)


async def test_a_change_closes_only_at_the_end_of_its_workflow() -> None:
    async with onprem() as desk:
        number = as_text((await desk.post("changes", change={"title": "x"})).one("change")["id"])
        assert (await desk.put(f"changes/{number}/close")).code == (403, 4002)
        await desk.put(f"changes/{number}", change={"stage": {"name": "Review"}})
        assert (await desk.put(f"changes/{number}/close")).http == 200


async def test_changes_are_approved_and_problems_are_not() -> None:
    async with onprem() as desk:
        change = (await desk.get("changes")).ids("changes")[0]
        approver: Row = {"approvals": [{"approver": {"id": "3"}}]}
        made = await desk.post(f"changes/{change}/approval_levels", approval_level=approver)
        assert made.http == 201
        level = f"changes/{change}/approval_levels/{made.one('approval_level')['id']}/approvals"
        approval = (await desk.get(level)).rows("approvals")[0]
        assert as_row(approval["change"])["id"] == change
        early = await desk.put(f"{level}/{approval['id']}/_approve", approval={"comments": "Sí"})
        assert early.http == 400
        problem = (await desk.get("problems")).ids("problems")[0]
        none = await desk.post(f"problems/{problem}/approval_levels", approval_level=approver)
        assert none.code == (404, 4007)


async def test_a_change_comes_back_from_the_trash_without_a_body() -> None:
    async with onprem() as desk:
        number = (await desk.get("changes")).ids("changes")[0]
        assert (await desk.delete(f"changes/{number}/move_to_trash")).http == 200
        with_body = await desk.put(f"changes/{number}/restore_from_trash", change={})
        assert with_body.http == 400
        assert (await desk.put(f"changes/{number}/restore_from_trash")).http == 200
        assert (await desk.put(f"changes/{number}/restore_from_trash")).code == (400, 4017)


async def test_projects_have_milestones_and_these_have_tasks() -> None:
    async with onprem() as desk:
        project, other = (await desk.get("projects")).ids("projects")[:2]
        path = f"projects/{project}/milestones"
        made = (await desk.post(path, milestone={"title": "Cierre"})).one("milestone")
        tasks = f"{path}/{as_text(made['id'])}/tasks"
        assert (await desk.post(tasks, task={"title": "Acta"})).http == 201
        assert len((await desk.get(tasks)).rows("tasks")) == 1
        astray = f"projects/{other}/milestones/{as_text(made['id'])}"
        assert (await desk.get(astray)).code == (404, 4007)


async def test_solutions_are_deleted_from_the_trash_only_on_prem() -> None:
    async with onprem() as desk:
        fields: Row = {"title": "VPN", "description": "x", "topic": {"name": "Redes y VPN"}}
        bare = await desk.post("solutions", solution={"title": "VPN", "description": "x"})
        assert bare.message["fields"] == ["topic"]
        number = as_text((await desk.post("solutions", solution=fields)).one("solution")["id"])
        early = await desk.delete(f"solutions/{number}")
        assert early.message["message"] == "Not in trash"
        assert (await desk.delete(f"solutions/{number}/_move_to_trash")).http == 200
        assert (await desk.delete(f"solutions/{number}")).http == 200


async def test_assets_take_the_custom_field_names_of_their_build() -> None:
    asset: Row = {"name": "Server 9", "product": {"name": "Nimbus 14"}}
    async with onprem() as desk:
        made = await desk.post("assets", asset={**asset, "udf_fields": {"udf_sline_2101": "B2"}})
        assert as_row(made.one("asset")["udf_fields"])["udf_sline_2101"] == "B2"
    async with onprem(build=15210) as desk:
        old = await desk.post("assets", asset={**asset, "udf_fields": {"udf_sline_2101": "B2"}})
        assert old.code == (400, 4001)
        made = await desk.post("assets", asset={**asset, "udf_rack": "B2"})
        assert made.one("asset")["udf_rack"] == "B2"
        assert "udf_fields" in (await desk.get(f"requests/{await desk.new_request()}")).one(
            "request"
        )


async def test_configuration_items_live_under_the_plural_of_their_type() -> None:
    async with onprem() as desk:
        kinds = (await desk.get("ci_types")).rows("ci_types")
        assert kinds[0]["api_plural_name"] == "ci_servers"
        item: Row = {"name": "db-01", "ip_address": "198.51.100.7"}
        made = (await desk.post("ci_servers", ci_servers=item)).one("ci_servers")
        number = as_text(made["id"])
        await desk.put(f"ci_servers/{number}", ci_servers={"description": "ERP"})
        assert (await desk.get(f"cmdb/{number}")).one("cmdb")["description"] == "ERP"
        with_input = await desk.get("ci_server/_metadata", list_info={})
        assert with_input.http == 400
        assert (await desk.get("ci_server/_metadata")).http == 200
        other = (await desk.get("ci_switches")).ids("ci_switches")[0]
        relation: Row = {"relationship_type": {"name": "Uses"}, "ci": {"id": other}}
        await desk.post(f"cmdb/{number}/ci_relationships", ci_relationship=relation)
        relations = await desk.get(f"ci_server/{number}/assoc_ci_relationships")
        assert as_row(relations.rows("ci_relationships")[0]["ci"])["id"] == other


async def test_cloud_only_lookups_are_absent_on_prem() -> None:
    async with onprem() as desk:
        assert (await desk.get("change_risks")).code == (404, 4007)
    async with cloud() as desk:
        assert (await desk.get("change_risks")).http == 200


async def test_subcategories_are_reached_as_each_edition_does() -> None:
    async with cloud() as desk:
        network = next(
            row
            for row in (await desk.get("categories")).rows("categories")
            if row["name"] == "Network"
        )
        path = f"categories/{as_text(network['id'])}/subcategories"
        names = [row["name"] for row in (await desk.get(path)).rows("subcategories")]
        assert "VPN" in names
    async with onprem() as desk:
        assert (await desk.get("categories/3/subcategories")).code == (404, 4007)
        info: Row = {"search_fields": {"category.name": "Network"}}
        found = (await desk.get("subcategories", list_info=info)).rows("subcategories")
        assert [row["name"] for row in found] == names


async def test_a_user_becomes_a_technician() -> None:
    async with onprem() as desk:
        made = (await desk.post("users", user={"name": "Nora", "email_id": "n@example.com"})).one(
            "user"
        )
        await desk.put(f"users/{as_text(made['id'])}/change_as_technician")
        info: Row = {"search_fields": {"name": "Nora"}}
        assert len((await desk.get("technicians", list_info=info)).rows("technicians")) == 1
