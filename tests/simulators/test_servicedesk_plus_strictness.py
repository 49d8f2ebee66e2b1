"""What is refused, with which code: encodings, keys, types, rights, licences (§1.3, §3.2)."""

import json
from collections.abc import Mapping

import pytest
from tests.simulators.servicedesk_plus import ACCEPT, Answer, Desk, answer_of, cloud, onprem

from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row

NEW: Row = {"request": {"subject": "VPN drops"}}


async def raw(
    desk: Desk, method: str, path: str, body: str | bytes, content_type: str | None
) -> Answer:
    headers = {"content-type": content_type} if content_type else {}
    return answer_of(
        await desk.http.request(method, f"{desk.base}/{path}", content=body, headers=headers)
    )


def assert_failed(answer: Answer, http: int, code: int, **details: Json) -> None:
    """The envelope of every error: top level 4000, the real code inside (§3.1)."""
    assert answer.http == http, answer.body
    message: Row = {"status_code": code, "type": "failed", **details}
    assert answer.body == {
        "response_status": {"status_code": 4000, "messages": [message], "status": "failed"}
    }


async def test_an_unknown_route_is_4007_even_without_a_key() -> None:
    async with onprem() as desk:
        answer = await desk.send("GET", "tickets", headers={"authtoken": "wrong"})
        assert_failed(answer, 404, 4007, message="Invalid URL")


async def test_a_wrong_key_is_http_400_with_an_inner_401() -> None:
    async with onprem() as desk:
        text = "AuthToken in the request is invalid. Unable to authenticate."
        answer = await desk.send("GET", "requests", headers={"authtoken": "wrong"})
        assert_failed(answer, 400, 401, message=text)
        desk.turn(wrong_key="401")
        answer = await desk.send("GET", "requests", headers={"authtoken": "wrong"})
        assert_failed(answer, 401, 4022, message=text)


async def test_the_other_name_of_the_key_header_works_too() -> None:
    async with onprem() as desk:
        key = desk.http.headers.pop("authtoken")
        answer = await desk.send("GET", "requests", headers={"TECHNICIAN_KEY": key})
        assert answer.http == 200


async def test_an_unknown_portal_is_refused() -> None:
    async with onprem() as desk:
        portal = (await desk.get("portals")).ids("portals")[0]
        assert (await desk.send("GET", "requests", headers={"PORTALID": portal})).http == 200
        wrong = await desk.send("GET", "requests", headers={"PORTALID": "99"})
        assert_failed(wrong, 400, 4001, field="PORTALID")


async def test_a_reader_may_not_write() -> None:
    async with onprem() as desk:
        desk.http.headers["authtoken"] = desk.simulator.config.reader_api_key
        assert (await desk.get("requests")).http == 200
        text = "User does not have this permission"
        assert_failed(await desk.post("requests", **NEW), 403, 4002, message=text)


async def test_a_wrong_method_is_4021() -> None:
    async with onprem() as desk:
        answer = await desk.post("technicians", technician={"name": "X"})
        assert_failed(answer, 400, 4021, message="Invalid HTTP method")


async def test_an_id_that_is_no_number_is_4001() -> None:
    async with onprem() as desk:
        text = "Unable to parse the given data for id"
        answer = await desk.get("requests/abc")
        assert_failed(answer, 400, 4001, message=text, field="id")
        assert_failed(await desk.get("requests/999999"), 404, 4007, message="Invalid URL")


async def test_stray_parameters_are_refused() -> None:
    async with onprem() as desk:
        text = "Extra parameter(s) not allowed"
        answer = await desk.send("GET", "requests", params={"page": "2"})
        assert_failed(answer, 400, 4001, message=text)
        form = {"input_data": json.dumps(NEW), "TECHNICIAN_KEY": "x"}
        assert_failed(await desk.send("POST", "requests", data=form), 400, 4001, message=text)


async def test_list_info_as_form_data_is_refused() -> None:
    async with onprem() as desk:
        data = "input_data=%7B%22list_info%22%3A%7B%7D%7D"
        answer = await raw(desk, "GET", "requests", data, "application/x-www-form-urlencoded")
        assert_failed(answer, 400, 4001, message="Extra parameter(s) not allowed")


@pytest.mark.parametrize(
    "data",
    [
        {"request": {"subject": "x", "subjct": "y"}},
        {"request": {"subject": "x"}, "note": {}},
        {"request": {"subject": "x", "udf_fields": {"udf_nothing": "y"}}},
        {"request": {"subject": "x", "requester": {"name": "y", "mail": "z"}}},
        {"request": {"subject": "x", "due_by_time": {"value": "1", "display_value": "z"}}},
    ],
)
async def test_unknown_keys_are_refused_wherever_they_stand(data: Mapping[str, Json]) -> None:
    async with onprem() as desk:
        answer = await desk.post("requests", **data)
        assert answer.code == (400, 4001)
        assert answer.message["message"] == "Extra key found in JSON"


async def test_a_json_body_is_refused_unless_the_knob_allows_it() -> None:
    async with onprem() as desk:
        body = json.dumps(NEW)
        assert_failed(await raw(desk, "POST", "requests", body, "application/json"), 400, 4013)
        desk.turn(json_bodies="accept")
        assert (await raw(desk, "POST", "requests", body, "application/json")).http == 201


async def test_a_form_without_its_content_type_is_refused() -> None:
    async with onprem() as desk:
        assert_failed(await raw(desk, "POST", "requests", "input_data=%7B%7D", None), 400, 4013)


async def test_a_write_may_carry_its_input_in_the_address() -> None:
    async with onprem() as desk:
        answer = await desk.send("POST", "requests", params={"input_data": json.dumps(NEW)})
        assert answer.http == 201
        both = {"input_data": json.dumps(NEW)}
        answer = await desk.send("POST", "requests", params=both, data=both)
        assert answer.code == (400, 4001)


async def test_input_must_be_strict_json_unless_the_knob_allows_a_python_literal() -> None:
    async with onprem() as desk:
        form = {"input_data": repr(NEW)}
        assert (await desk.send("POST", "requests", data=form)).code == (400, 4001)
        desk.turn(lenient_json=True)
        assert (await desk.send("POST", "requests", data=form)).http == 201
        for broken in ('{"request": NaN}', "[]", "null", "{"):
            answer = await desk.send("POST", "requests", data={"input_data": broken})
            assert answer.code[1] in (4001, 4012)


async def test_a_missing_subject_and_a_missing_wrapper_are_4012() -> None:
    async with onprem() as desk:
        answer = await desk.post("requests", request={"description": "x"})
        assert_failed(answer, 400, 4012, fields=["subject"])
        assert_failed(await desk.post("requests"), 400, 4012, fields=["input_data"])
        answer = await desk.send("POST", "requests", data={"input_data": "{}"})
        assert_failed(answer, 400, 4012, fields=["request"])


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("status", "Closed", 4021),
        ("status", {"name": "Nowhere"}, 4001),
        ("status", {}, 4001),
        ("requester", {"email_id": "nobody@example.com"}, 4001),
        ("due_by_time", "tomorrow", 4021),
        ("due_by_time", {"value": "tomorrow"}, 4021),
        ("subject", 5, 4021),
        ("subject", "x" * 251, 4001),
        ("subject", "two\nlines", 4001),
        ("subcategory", {"name": "VPN"}, 4001),
        ("group", {"id": True}, 4001),
        ("id", "7", 4014),
        ("created_time", {"value": "1"}, 4014),
        ("has_notes", True, 4014),
        ("time_elapsed", "1", 4014),
        ("email_ids_to_notify", "ann@example.com", 4021),
        ("email_cc", [7], 4021),
        ("udf_fields", {"udf_pick_1803": "fax"}, 4001),
        ("udf_fields", {"udf_long_1805": "many"}, 4021),
    ],
)
async def test_every_field_is_checked(field: str, value: Json, code: int) -> None:
    async with onprem() as desk:
        answer = await desk.post("requests", request={"subject": "VPN", field: value})
        assert answer.code == (400, code)


async def test_an_id_wins_over_a_name() -> None:
    async with onprem() as desk:
        number = await desk.new_request(priority={"id": "4", "name": "Low"})
        priority = (await desk.get(f"requests/{number}")).one("request")["priority"]
        assert as_row(priority)["name"] == "High"


async def test_a_category_wants_a_subcategory_of_its_own() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        answer = await desk.put(f"requests/{number}", request={"category": {"name": "Network"}})
        assert_failed(answer, 400, 4012, fields=["subcategory"])
        foreign: Json = {"category": {"name": "Network"}, "subcategory": {"name": "ERP"}}
        answer = await desk.put(f"requests/{number}", request=foreign)
        assert_failed(answer, 400, 4001, field="subcategory")
        desk.turn(subcategory_after_category=False)
        answer = await desk.put(f"requests/{number}", request={"category": {"name": "Network"}})
        assert answer.http == 200


async def test_the_order_of_keys_does_not_matter() -> None:
    async with onprem() as desk:
        number = await desk.new_request(
            item={"name": "Client"}, subcategory={"name": "VPN"}, category={"name": "Network"}
        )
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(request["item"])["name"] == "Client"


async def test_one_site_assigns_nobody_before_category_and_subcategory() -> None:
    async with onprem(technician_needs_category=True) as desk:
        answer = await desk.post("requests", request={"subject": "x", "technician": {"id": "1"}})
        assert_failed(answer, 400, 4012, fields=["category", "subcategory"])


async def test_a_technicians_address_is_refused_on_prem_and_taken_in_the_cloud() -> None:
    technician: Json = {"email_id": "carol@example.com"}
    async with onprem() as desk:
        answer = await desk.post("requests", request={"subject": "x", "technician": technician})
        assert_failed(answer, 400, 4001, field="technician")
    async with cloud() as desk:
        answer = await desk.post("requests", request={"subject": "x", "technician": technician})
        assert answer.http == 201


async def test_fields_that_the_site_has_off_its_form_are_refused() -> None:
    async with onprem(absent_fields=["urgency"], mandatory_fields=["site"]) as desk:
        answer = await desk.post("requests", request={"subject": "x", "urgency": {"id": "1"}})
        assert_failed(answer, 400, 4001, field="urgency")
        assert_failed(await desk.post("requests", **NEW), 400, 4012, fields=["site"])


async def test_an_unlicensed_module_is_7001() -> None:
    async with onprem(unlicensed=["projects"]) as desk:
        assert_failed(await desk.get("projects"), 400, 7001)
        assert (await desk.get("requests")).http == 200


async def test_the_cloud_wants_the_accept_header() -> None:
    async with cloud() as desk:
        plain = {"Accept": "application/json"}
        assert_failed(await desk.send("GET", "requests", headers=plain), 400, 4013)
        desk.turn(accept="ignored")
        assert (await desk.send("GET", "requests", headers=plain)).http == 200


async def test_on_prem_without_the_accept_header_speaks_the_old_format() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        desk.http.headers["Accept"] = "application/json"
        assert (await desk.post(f"requests/{number}/notes", note={"description": "x"})).code == (
            400,
            4001,
        )
        old = await desk.post(f"requests/{number}/notes", request_note={"description": "x"})
        assert {"created_by", "created_time"} <= old.one("request_note").keys()
        desk.turn(accept_missing="refuse")
        assert_failed(await desk.get("requests"), 400, 4013)
        desk.http.headers["Accept"] = f"{ACCEPT}, */*"
        assert (await desk.get("requests")).http == 200


async def test_a_reference_that_is_in_use_cannot_be_deleted() -> None:
    async with onprem() as desk:
        server = (await desk.get("ci_servers")).ids("ci_servers")[0]
        assert_failed(await desk.delete(f"ci_servers/{server}"), 400, 4005)


async def test_an_address_is_used_once() -> None:
    async with onprem() as desk:
        user: Json = {"name": "Alice Again", "email_id": "alice@example.com"}
        assert_failed(await desk.post("users", user=user), 400, 4008, field="email_id")


async def test_what_is_for_adding_only_is_not_editable_later() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        note = await desk.post(f"requests/{number}/notes", note={"description": "x"})
        answer = await desk.put(
            f"requests/{number}/notes/{note.one('note')['id']}", note={"mark_first_response": True}
        )
        assert_failed(answer, 400, 4009, field="mark_first_response")
