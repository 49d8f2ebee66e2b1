"""The behaviour checklist of the reference's §8, item by item."""

import pytest
from tests.simulators.servicedesk_plus import Desk, cloud, desk_of, onprem, refresh

from helpdesk_demo.servicedesk_plus.editions import DATA_CENTERS, Edition
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text

BOTH = pytest.mark.parametrize("edition", ["onprem", "cloud"])


async def test_item_1_on_prem_has_small_ids_note_move_to_trash_and_both_key_headers() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        assert len(number) < 8
        assert "display_id" not in (await desk.get(f"requests/{number}")).one("request")
        assert (await desk.post(f"requests/{number}/notes", note={"description": "x"})).http == 201
        assert (await desk.delete(f"requests/{number}/move_to_trash")).http == 200
        key = desk.http.headers.pop("authtoken")
        headers = {"Technician_Key": key, "PortalId": "1"}
        assert (await desk.send("GET", "requests", headers=headers)).http == 200


async def test_item_1_the_cloud_has_long_ids_display_ids_request_note_and_a_portal() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        assert len(number) == 18
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_text(request["display_id"]).isdigit()
        assert len(as_text(request["display_id"])) < 8
        note: Row = {"description": "x"}
        assert (await desk.post(f"requests/{number}/notes", request_note=note)).http == 201
        assert desk.base == "/app/itdesk/api/v3"
        assert len(DATA_CENTERS) == 9


async def test_item_2_a_bad_key_is_400_and_the_route_is_checked_first() -> None:
    async with onprem() as desk:
        wrong = {"authtoken": "wrong"}
        assert (await desk.send("GET", "requests", headers=wrong)).code == (400, 401)
        assert (await desk.send("GET", "nonsense", headers=wrong)).code == (404, 4007)
        desk.turn(wrong_key="401")
        assert (await desk.send("GET", "requests", headers=wrong)).code == (401, 4022)


@BOTH
async def test_item_3_only_list_successes_have_an_array_status(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        info: Json = {"get_total_count": True}
        listed = await desk.get("requests", list_info=info)
        assert isinstance(listed.body["response_status"], list)
        assert listed.list_info["get_total_count"] == "true"
        refused = await desk.get("requests", list_info={"wrong": 1})
        action = await desk.put(f"requests/{listed.ids()[0]}/pickup")
        for answer in (refused, action):
            assert isinstance(answer.body["response_status"], dict)


@BOTH
async def test_item_4_strictness(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request()
        stray = await desk.send("GET", "requests", params={"sort": "x"})
        assert stray.message["message"] == "Extra parameter(s) not allowed"
        unknown = await desk.post("requests", request={"subject": "x", "title": "y"})
        assert unknown.message["message"] == "Extra key found in JSON"
        assert (await desk.get(f"requests/{number}/resolutions", list_info={})).http == 400
        bare = await desk.http.post(f"{desk.base}/requests", content=b"input_data={}")
        assert bare.status_code == 400
        desk.http.headers["Accept"] = "application/json"
        note = await desk.post(f"requests/{number}/notes", note={"description": "x"})
        assert note.http == 400


async def test_item_5_mandatory_fields_matrix_and_close_rules() -> None:
    async with onprem(mandatory_fields=["category", "subcategory"]) as desk:
        missing = await desk.post("requests", request={"subject": "x"})
        assert missing.message == {
            "status_code": 4012,
            "type": "failed",
            "fields": ["category", "subcategory"],
        }
    async with onprem(priority_matrix=True) as desk:
        refused = await desk.post("requests", request={"subject": "x", "priority": {"id": "4"}})
        assert refused.code == (403, 4002)
        assert refused.message["field"] == "priority"
        assert refused.message["message"] == "Cannot give value for priority"
    rules: Json = ["resolution", "worklog", "closure_code"]
    for refusal, code in (("4003", 4003), ("4012", 4012)):
        async with onprem(close_rules=rules, close_refusal=refusal) as desk:
            number = await desk.new_request()
            assert (await desk.put(f"requests/{number}/close")).code == (400, code)
            assert await status_of(desk, number) == "Open"
    async with cloud(close_rules=rules) as desk:
        number = await desk.new_request()
        warned = await desk.put(f"requests/{number}/_close")
        assert (warned.http, warned.status["status_code"]) == (200, 3000)
        assert warned.message["fields"] == rules
        assert await status_of(desk, number) == "Open"


async def status_of(desk: Desk, number: str) -> str:
    request = (await desk.get(f"requests/{number}")).one("request")
    return as_text(as_row(request["status"])["name"])


async def test_item_6_a_merged_child_is_a_404_with_an_object_message() -> None:
    async with onprem() as desk:
        parent, child = await desk.new_request(), await desk.new_request()
        merged = await desk.put(f"requests/{parent}/merge_requests", merge_requests=[{"id": child}])
        assert merged.status["status_code"] == 2000
        gone = await desk.get(f"requests/{child}")
        assert gone.code == (404, 4007)
        assert gone.message["message"] == {
            "parent_request": {"id": int(parent)},
            "message": f"Request Id(s) {child} has been Merged with Parent Request {parent}.",
        }
        items = (await desk.get(f"requests/{parent}/_conversations")).rows("conversations")
        body = await desk.http.get(as_text(items[-1]["content_url"]))
        mail = as_row(body.json()["notification"])
        assert mail["notification_history"] == {"operation": "MERGE"}
        assert mail["merged_request_id"] == child
        too_many: Json = [{"id": child} for _ in range(50)]
        refused = await desk.put(f"requests/{parent}/merge_requests", merge_requests=too_many)
        assert refused.http == 400


async def test_item_6_delete_purges_on_prem_and_trashes_in_the_cloud() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        early = await desk.delete(f"requests/{number}")
        assert (early.http, early.message["message"]) == (400, "Not in trash")
        assert (await desk.delete(f"requests/{number}/move_to_trash")).http == 200
        twice = await desk.delete(f"requests/{number}/move_to_trash")
        assert (twice.http, twice.message["message"]) == (400, "Not in trash")
        assert (await desk.get(f"requests/{number}")).one("request")["is_trashed"] is True
        assert (await desk.put(f"requests/{number}/restore_from_trash")).http == 200
        await desk.delete(f"requests/{number}/move_to_trash")
        assert (await desk.delete(f"requests/{number}")).http == 200
        assert (await desk.get(f"requests/{number}")).code == (404, 4007)
    async with cloud(deleted_http=204) as desk:
        number = await desk.new_request()
        assert (await desk.delete(f"requests/{number}")).http == 204
        assert number not in (await desk.get("requests")).ids()
        assert (await desk.get(f"requests/{number}")).one("request")["is_trashed"] is True
        assert (await desk.delete(f"requests/{number}/move_to_trash")).code == (404, 4007)
        assert (await desk.put(f"requests/{number}/restore_from_trash")).http == 200
        assert number in (await desk.get("requests")).ids()


async def test_item_7_throttling_of_both_editions_and_of_the_token_endpoint() -> None:
    async with onprem(throttle_requests=1) as desk:
        await desk.get("requests")
        blocked = await desk.get("requests")
        assert blocked.http == 400
        assert "maximum access limit" in as_text(blocked.message["message"])
    async with cloud(throttle_requests=1) as desk:
        await desk.get("requests")
        assert (await desk.get("requests")).code == (429, 4015)
        denied = [await refresh(desk) for _ in range(5)][-1]
        assert (denied.status_code, denied.json()["error"]) == (400, "Access Denied")
        assert desk.simulator.state.knobs.tokens_per_ten_minutes == 10


async def test_item_8_oauth_and_the_wrong_base() -> None:
    async with cloud() as desk:
        answer = await refresh(desk)
        assert "refresh_token" not in answer.json()
        assert answer.json()["api_domain"] == "https://www.zohoapis.com"
        invalid = await refresh(desk, refresh_token="1000.gone")
        assert (invalid.status_code, invalid.json()) == (200, {"error": "invalid_code"})
        page = await desk.http.get("/app/otherdesk/api/v3/requests")
        assert (page.status_code, page.text[:9]) == (200, "<!DOCTYPE")
        bare = await desk.http.get("/api/v3/requests")
        assert (bare.status_code, bare.json()["response_status"]["status_code"]) == (404, 4000)
        desk.turn(bare_base="serve")
        assert (await desk.http.get("/api/v3/requests")).status_code == 200
        for position, http in (("html_400", 400), ("html_401", 401)):
            desk.turn(unknown_route=position)
            page = await desk.http.get(f"{desk.base}/nonsense")
            assert (page.status_code, page.text[:9]) == (http, "<!DOCTYPE")


VARIANTS: tuple[tuple[str, str, str, str], ...] = (
    ("groups", "groups", "support_groups", "GET"),
    ("users", "requesters", "users", "GET"),
    ("conversations", "requests/{id}/conversations", "requests/{id}/_conversations", "GET"),
    ("closure_codes", "request_closure_codes", "closure_codes", "GET"),
    ("close", "requests/{id}/close", "requests/{id}/_close", "PUT"),
    ("assign", "requests/{id}/assign", "requests/{id}/_assign", "PUT"),
)


@BOTH
@pytest.mark.parametrize(("knob", "one", "other", "method"), VARIANTS)
async def test_item_9_each_route_has_its_variants(
    edition: Edition, knob: str, one: str, other: str, method: str
) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request()
        paths = [path.replace("{id}", number) for path in (one, other)]
        names = [path.rpartition("/")[2] for path in (one, other)]
        for position, present in (
            (names[0], (True, False)),
            (names[1], (False, True)),
            ("both", (True, True)),
        ):
            desk.turn(**{knob: position})
            for path, exists in zip(paths, present, strict=True):
                answer = await desk.write(method, path, {})
                assert (answer.body["response_status"] != INVALID_URL) is exists, (path, position)


INVALID_URL: Row = {
    "status_code": 4000,
    "messages": [{"status_code": 4007, "type": "failed", "message": "Invalid URL"}],
    "status": "failed",
}


@BOTH
@pytest.mark.parametrize("word", ["_download", "download"])
async def test_item_9_a_file_comes_down_by_the_word_of_the_build(
    edition: Edition, word: str
) -> None:
    async with desk_of(edition) as desk:
        desk.turn(download=word)
        number = await desk.new_request()
        method, path, part = UPLOADS[edition]
        up = await desk.http.request(
            method,
            f"{desk.base}/requests/{number}/{path}",
            files={part: ("a.txt", b"x", "text/plain")},
            data={"addtoattachment": "true"} if edition == "cloud" else None,
        )
        assert up.is_success, up.text
        listed = (await desk.get(f"requests/{number}/attachments")).rows("attachments")
        here, _, last = as_text(listed[0]["content_url"]).rpartition("/")
        assert last == word
        assert (await desk.http.get(f"{here}/{word}")).content == b"x"
        other = {"_download": "download", "download": "_download"}[word]
        wrong = await desk.http.get(f"{here}/{other}")
        assert wrong.json()["response_status"] == INVALID_URL


UPLOADS = {
    "onprem": ("PUT", "upload", "input_file"),
    "cloud": ("POST", "_uploads", "filename"),
}


@BOTH
@pytest.mark.parametrize("word", ["_approve", "approve"])
async def test_item_9_an_approval_is_given_by_the_word_of_the_build(
    edition: Edition, word: str
) -> None:
    async with desk_of(edition) as desk:
        desk.turn(approve=word)
        number = await desk.new_request()
        people = (await desk.get("technicians")).rows("technicians")
        asked: Json = {"approvals": [{"approver": {"id": people[0]["id"]}}]}
        made = await desk.post(f"requests/{number}/approval_levels", approval_level=asked)
        level = as_text(made.one("approval_level")["id"])
        approvals = f"requests/{number}/approval_levels/{level}/approvals"
        approval = (await desk.get(approvals)).ids("approvals")[0]
        mail: Row = {"notification": {"subject": "May we?", "description": "$ApprovalLink"}}
        wrapped: Row = {"approval": mail} if edition == "onprem" else mail
        await desk.write("PUT", f"{approvals}/send_notification?ids={approval}", wrapped)
        other = {"_approve": "approve", "approve": "_approve"}[word]
        wrong = await desk.put(f"{approvals}/{approval}/{other}", approval={"comments": "x"})
        assert wrong.body["response_status"] == INVALID_URL
        right = await desk.put(f"{approvals}/{approval}/{word}", approval={"comments": "x"})
        assert as_row(right.one("approval")["status"])["name"] == "Approved"


async def test_item_9_site_quirks() -> None:
    async with cloud(status_by="id", one_element_criteria="refuse") as desk:
        number = await desk.new_request()
        by_name = await desk.put(f"requests/{number}", request={"status": {"name": "In Progress"}})
        assert by_name.code == (400, 4001)
        statuses = (await desk.get("statuses")).rows("statuses")
        progress = next(row for row in statuses if row["name"] == "In Progress")
        by_id = await desk.put(f"requests/{number}", request={"status": {"id": progress["id"]}})
        assert by_id.http == 200
        one: Row = {"field": "subject", "condition": "contains", "value": "VPN"}
        assert (await desk.get("requests", list_info={"search_criteria": [one]})).http == 400
        assert (await desk.get("requests", list_info={"search_criteria": one})).http == 200
        dated: Row = {
            "field": "created_time",
            "condition": "greater than",
            "value": "1",
            "logical_operator": "AND",
        }
        desk.turn(combined_dates="refuse")
        both: Json = {"search_criteria": [one, dated]}
        assert (await desk.get("requests", list_info=both)).http == 400


async def test_item_9_worklogs_fail_in_the_query_string_or_on_one_build() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        text = '{"worklog":{"owner":{"id":"1"}}}'
        path = f"requests/{number}/worklogs"
        assert (await desk.send("POST", path, params={"input_data": text})).http == 400
    async with onprem(request_worklogs="refuse") as desk:
        number = await desk.new_request()
        owner: Json = {"owner": {"id": "1"}}
        assert (await desk.post(f"requests/{number}/worklogs", worklog=owner)).http == 400


async def test_item_10_a_new_category_works_by_name_before_it_is_listed() -> None:
    async with onprem(category_lag=60, subcategory_after_category=False) as desk:
        assert (await desk.post("categories", category={"name": "Drones"})).http == 201
        info: Json = {"row_count": 100}
        names = [
            row["name"] for row in (await desk.get("categories", list_info=info)).rows("categories")
        ]
        assert "Drones" not in names
        number = await desk.new_request(category={"name": "Drones"})
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(request["category"])["name"] == "Drones"
        await desk.control("POST", "clock", offset=61)
        names = [
            row["name"] for row in (await desk.get("categories", list_info=info)).rows("categories")
        ]
        assert "Drones" in names
        twice = await desk.post("categories", category={"name": "Drones"})
        assert twice.code == (400, 4008)


async def test_item_10_a_committed_create_without_an_answer_can_be_found_again() -> None:
    async with onprem() as desk:
        await desk.control("POST", "faults", kind="commit_then_status", http=504, method="POST")
        lost = await desk.post("requests", request={"subject": "Once and only once"})
        assert lost.http == 504
        criterion: Row = {"field": "subject", "condition": "is", "value": "Once and only once"}
        found = await desk.get("requests", list_info={"search_criteria": criterion})
        assert len(found.ids()) == 1
