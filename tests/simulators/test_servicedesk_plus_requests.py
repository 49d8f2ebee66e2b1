"""Requests of both editions, over raw HTTP written from the reference's examples (§4.1-4.3)."""

import json

import pytest
from tests.simulators.servicedesk_plus import NOW, Desk, cloud, desk_of, onprem

from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_rows, as_text

HOUR = 3_600_000
EDITIONS: tuple[Edition, ...] = ("onprem", "cloud")
both_editions = pytest.mark.parametrize("edition", EDITIONS)


async def named(desk: Desk, path: str, name: str) -> str:
    rows = (await desk.get(path, list_info={"row_count": 100})).rows(path)
    return next(as_text(row["id"]) for row in rows if row["name"] == name)


async def resolve(desk: Desk, number: str) -> None:
    data: Json = {"content": "<p>Rebuilt the tunnel.</p>", "add_to_linked_requests": False}
    assert (await desk.post(f"requests/{number}/resolutions", resolution=data)).http == 200


@both_editions
async def test_a_list_has_an_array_status_and_a_single_request_an_object(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        listed = await desk.get("requests", list_info={"row_count": 2, "get_total_count": True})
        assert listed.body["response_status"] == [{"status_code": 2000, "status": "success"}]
        assert listed.list_info["get_total_count"] == "true"
        assert isinstance(listed.list_info["total_count"], int)
        assert listed.list_info["row_count"] == 2
        single = await desk.get(f"requests/{listed.ids()[0]}")
        assert single.status == {"status_code": 2000, "status": "success"}
        assert as_text(single.one("request")["id"]) == listed.ids()[0]


async def test_the_sample_of_the_reference_creates_a_request() -> None:
    async with onprem() as desk:
        requester = as_rows((await desk.get("users")).body["users"])[-1]
        created = await desk.post(
            "requests",
            request={
                "subject": "VPN drops every hour",
                "description": "<p>Since Monday.</p>",
                "requester": {"email_id": requester["email_id"]},
                "priority": {"name": "High"},
                "category": {"name": "Network"},
                "subcategory": {"name": "VPN"},
                "group": {"id": "5"},
                "udf_fields": {"udf_sline_1802": "B2"},
            },
        )
        request = created.one("request")
        assert created.http == 201
        assert as_row(request["requester"])["id"] == requester["id"]
        assert as_row(request["subcategory"])["name"] == "VPN"
        assert as_row(request["udf_fields"])["udf_sline_1802"] == "B2"
        assert as_row(request["status"])["name"] == "Open"
        again = await desk.get(f"requests/{as_text(request['id'])}")
        assert again.one("request") == request


async def test_an_urgent_ticket_for_madrid_can_only_be_high() -> None:
    async with onprem() as desk:
        madrid: Row = {"subject": "VPN caída site Madrid", "site": {"name": "Madrid"}}
        refused = await desk.post("requests", request={**madrid, "priority": {"name": "Urgent"}})
        assert refused.code == (400, 4001)
        assert refused.message["field"] == "priority"
        made = await desk.post("requests", request={**madrid, "priority": {"name": "High"}})
        assert as_row(made.one("request")["site"])["name"] == "Madrid"


@both_editions
async def test_an_update_changes_only_what_was_sent(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request(description="<p>Since Monday.</p>")
        changed = await desk.put(f"requests/{number}", request={"subject": "VPN is down"})
        assert changed.one("request")["subject"] == "VPN is down"
        wrapper = '<div class="sdp-ze-default-wrapper" style="">{}</div>'
        shown = (wrapper if edition == "onprem" else "{}").format("<p>Since Monday.</p>")
        assert changed.one("request")["description"] == shown
        again = await desk.put(f"requests/{number}", request={"description": shown})
        assert again.one("request")["description"] == shown


async def test_absent_values_are_null_and_numbers_are_text() -> None:
    async with onprem() as desk:
        request = (await desk.get(f"requests/{await desk.new_request()}")).one("request")
        assert request["technician"] is None
        assert request["time_elapsed"] == "0"
        assert request["unreplied_count"] == 0
        assert request["is_overdue"] is False
        assert as_row(request["created_time"])["value"] == str(
            int(as_text(as_row(request["created_time"])["value"]))
        )


async def test_moments_are_dressed_for_each_edition() -> None:
    dressed = {"onprem": "28/05/2026 08:26 PM", "cloud": "May 28, 2026 08:26 PM"}
    for edition in EDITIONS:
        shown = dressed[edition]
        async with desk_of(edition) as desk:
            number = await desk.new_request(due_by_time={"value": NOW})
            due = (await desk.get(f"requests/{number}")).one("request")["due_by_time"]
            assert due == {"display_value": shown, "value": str(NOW)}


@both_editions
async def test_closing_without_a_resolution_leaves_the_request_open(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request()
        path = f"requests/{number}/" + ("close" if edition == "onprem" else "_close")
        refused = await desk.put(path)
        if edition == "onprem":
            assert refused.code == (400, 4012)
            assert refused.message["fields"] == ["resolution"]
        else:
            assert refused.http == 200
            assert refused.status["status_code"] == 3000
            assert refused.message == {
                "status_code": 3000,
                "type": "warning",
                "fields": ["resolution"],
            }
        status = (await desk.get(f"requests/{number}")).one("request")["status"]
        assert as_row(status)["name"] == "Open"
        await resolve(desk, number)
        closed = await desk.put(path, request={"closure_info": {"closure_comments": "Done"}})
        assert closed.message["message"] == "Request(s) closed"
        status = (await desk.get(f"requests/{number}")).one("request")["status"]
        assert as_row(status)["name"] == "Closed"


async def test_a_request_can_be_closed_by_its_status_and_reopened() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        await resolve(desk, number)
        closed = await desk.put(f"requests/{number}", request={"status": {"name": "Closed"}})
        assert as_row(closed.one("request")["status"])["name"] == "Closed"
        opened = await desk.put(f"requests/{number}", request={"status": {"name": "Open"}})
        assert opened.one("request")["is_reopened"] is True


async def test_a_request_on_hold_goes_on_when_its_time_has_come() -> None:
    async with onprem() as desk:
        number, now = await desk.new_request(), desk.simulator.state.now
        hold: Json = {
            "scheduled_time": {"value": str(now + HOUR)},
            "change_to_status": {"name": "In Progress"},
            "comments": "Waiting for the supplier",
        }
        status: Json = {"name": "Onhold"}
        change: Json = {"status": status, "onhold_scheduler": hold, "status_change_comments": "x"}
        held = await desk.put(f"requests/{number}", request=change)
        assert as_row(held.one("request")["status"])["name"] == "Onhold"
        await desk.control("POST", "clock", offset=3700)
        later = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(later["status"])["name"] == "In Progress"
        assert later["onhold_scheduler"] is None


async def test_a_hold_that_ends_in_the_past_is_a_time_mismatch() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        past: Json = {"scheduled_time": {"value": "1000"}}
        refused = await desk.put(
            f"requests/{number}", request={"status": {"name": "Onhold"}, "onhold_scheduler": past}
        )
        assert refused.code == (400, 4016)


@both_editions
async def test_picking_up_and_assigning(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request()
        assert (await desk.put(f"requests/{number}/pickup")).status["status_code"] == 2000
        taken = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(taken["technician"])["name"] == "Alice Nguyen"
        other = (await desk.get("technicians")).rows("technicians")[2]
        path = f"requests/{number}/" + ("assign" if edition == "onprem" else "_assign")
        given = await desk.put(path, request={"technician": {"id": other["id"]}})
        assert given.http == 200
        shown = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(shown["technician"])["id"] == other["id"]


async def test_a_link_joins_both_and_its_removal_must_name_it() -> None:
    async with onprem() as desk:
        one, other = await desk.new_request(), await desk.new_request()
        links: Json = [{"linked_request": {"id": other}, "comments": "Same outage"}]
        linked = await desk.post(f"requests/{one}/link_requests", link_requests=links)
        assert linked.message["message"] == "Request successfully linked"
        back = await desk.get(f"requests/{other}/link_requests")
        assert as_row(back.rows("link_requests")[0]["linked_request"])["id"] == one
        bare = await desk.delete(f"requests/{one}/link_requests")
        assert bare.code == (500, 4004)
        gone = await desk.delete(f"requests/{one}/link_requests", link_requests=links)
        assert gone.message["message"] == "The request[s] link are removed successfully."
        assert (await desk.get(f"requests/{one}/link_requests")).rows("link_requests") == []


async def test_a_resolution_refuses_input_data_when_read_and_keeps_the_status() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        empty = (await desk.get(f"requests/{number}/resolutions")).one("resolution")
        assert empty == {
            "content": None,
            "submitted_by": None,
            "submitted_on": None,
            "resolution_attachments": [],
        }
        refused = await desk.get(f"requests/{number}/resolutions", list_info={})
        assert refused.http == 400
        assert refused.status["status_code"] == 4000
        await resolve(desk, number)
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(request["resolution"])["content"] == "<p>Rebuilt the tunnel.</p>"
        assert as_row(request["status"])["name"] == "Open"


async def test_requests_are_tied_to_problems_projects_and_changes() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        problem = (await desk.get("problems")).ids("problems")[0]
        path, wrapper = f"requests/{number}/problem", "request_problem_association"
        tie: Json = {"problem": {"id": problem}}
        assert (await desk.post(path, **{wrapper: tie})).http == 200
        assert (await desk.get(f"requests/{number}")).one("request")["has_problem"] is True
        assert (await desk.delete(path)).code == (500, 4004)
        assert (await desk.delete(path, **{wrapper: tie})).http == 200
        change = (await desk.get("changes")).ids("changes")[0]
        caused = f"requests/{number}/request_caused_by_change"
        body: Json = {"change": {"id": change}}
        assert (await desk.post(caused, request_caused_by_change=body)).http == 200


async def test_tags_summaries_and_history() -> None:
    async with onprem(history="history") as desk:
        number = await desk.new_request()
        await desk.put(f"requests/{number}/tag", tags=[{"id": "1"}])
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_rows(request["tags"])[0]["name"] == "vip"
        summary = (await desk.get(f"requests/{number}/summary")).one("request_summary")
        assert summary["notes_count"] == "0"
        history = (await desk.get(f"requests/{number}/history")).rows("history")
        assert history[0]["operation"] == "CREATE"
        desk.turn(history="absent")
        assert (await desk.get(f"requests/{number}/history")).code == (404, 4007)


async def test_custom_fields_are_described_with_labels() -> None:
    async with cloud() as desk:
        fields = as_row((await desk.get("requests/_metainfo")).one("metainfo")["fields"])
        custom = as_row(as_row(fields["udf_fields"])["fields"])
        assert as_row(custom["udf_char2"])["display_name"] == "Canal de entrada"
        assert as_row(custom["udf_char2"])["allowed_values"] == ["web", "email", "phone"]
        module: Row = {"field": "module.name", "condition": "is", "value": "request"}
        listed = (await desk.get("udf_fields", list_info={"search_criteria": module})).rows(
            "udf_fields"
        )
        assert {row["field_key"]: row["name"] for row in listed}["udf_char1"] == "Asset tag"
    async with onprem() as desk:
        wanted: Row = {"list_info": {"row_count": 90}, "module": {"name": "request"}}
        listed = (await desk.get("udf_fields", **wanted)).rows("udf_fields")
        assert listed[1]["allowed_values"] == [
            {"value": "web"},
            {"value": "email"},
            {"value": "phone"},
        ]
        assert (await desk.get("requests/_metainfo", **{"for": "request_bulk_edit"})).http == 200
    async with onprem(14990) as desk:
        assert (await desk.get("requests/_metainfo")).http in (400, 404)
        assert (await desk.get("udf_fields", list_info={})).http == 404


async def test_a_template_shows_what_it_wants_filled_in() -> None:
    async with onprem(mandatory_fields=["impact"]) as desk:
        template = (await desk.get("request_templates/1")).one("request_template")
        [layout] = as_rows(template["layouts"])
        [section] = as_rows(layout["sections"])
        wanted = [f["name"] for f in as_rows(section["fields"]) if f["mandatory"] is True]
        assert (layout["name"], wanted) == ("technician_layout", ["subject", "impact"])


async def test_a_date_in_a_custom_field_comes_back_as_a_moment() -> None:
    async with onprem() as desk:
        number = await desk.new_request(udf_fields={"udf_date_1804": {"value": str(NOW)}})
        fields = as_row((await desk.get(f"requests/{number}")).one("request")["udf_fields"])
        assert as_row(fields["udf_date_1804"])["value"] == str(NOW)
        assert json.dumps(fields["udf_pick_1803"]) == "null"


async def test_named_priorities_have_the_vendors_ids() -> None:
    async with onprem() as desk:
        assert await named(desk, "priorities", "High") == "4"
    async with cloud() as desk:
        assert (await named(desk, "priorities", "High")).endswith("06805")
        assert (await named(desk, "statuses", "On Hold")).endswith("06659")
