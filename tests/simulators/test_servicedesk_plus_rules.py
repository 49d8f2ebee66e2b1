"""What a site's rules ask for: templates, closing, acknowledgements, approvals (§4.3, §4.10)."""

import json

from tests.simulators.servicedesk_plus import Desk, cloud, onprem

from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text


async def technician(desk: Desk) -> str:
    return (await desk.get("technicians")).ids("technicians")[2]


async def test_asking_for_an_acknowledgement_mails_the_requester() -> None:
    async with onprem(close_rules=[]) as desk:
        number = await desk.new_request()
        info: Json = {"requester_ack_resolution": True, "closure_code": {"name": "Success"}}
        await desk.put(f"requests/{number}/close", request={"closure_info": info})
        assert len(desk.simulator.state.outbox) == 1


async def test_errors_may_come_with_http_200() -> None:
    async with cloud(errors_with_200=True) as desk:
        answer = await desk.post("requests", request={"description": "x"})
        assert answer.code == (200, 4012)
        assert answer.status["status_code"] == 4000


async def test_whether_strangers_get_an_account_is_a_knob() -> None:
    stranger: Json = {"email_id": "stranger@example.com"}
    async with onprem() as desk:
        refused = await desk.post("requests", request={"subject": "x", "requester": stranger})
        assert refused.code == (400, 4001)
        desk.turn(unknown_requester="create")
        made = await desk.post("requests", request={"subject": "x", "requester": stranger})
        assert as_row(made.one("request")["requester"])["email_id"] == "stranger@example.com"


async def test_a_template_wants_its_own_fields() -> None:
    async with onprem() as desk:
        template: Json = {"name": "Acceso VPN"}
        refused = await desk.post("requests", request={"subject": "VPN", "template": template})
        assert refused.message == {
            "status_code": 4012,
            "type": "failed",
            "fields": ["site", "impact", "category", "subcategory"],
        }
        made = await desk.new_request(
            template=template,
            site={"name": "Madrid"},
            impact={"name": "Affects User"},
            category={"name": "Network"},
            subcategory={"name": "VPN"},
        )
        request = (await desk.get(f"requests/{made}")).one("request")
        assert request["is_service_request"] is True


async def test_an_unconfigured_closure_code_is_refused() -> None:
    async with onprem(close_rules=[]) as desk:
        number = await desk.new_request()
        info: Json = {"closure_code": {"name": "Solved"}}
        refused = await desk.put(f"requests/{number}/close", request={"closure_info": info})
        assert refused.code == (400, 4001)


async def test_an_approval_runs_its_whole_course() -> None:
    async with onprem() as desk:
        number, approver = await desk.new_request(), await technician(desk)
        levels = f"requests/{number}/approval_levels"
        nobody = await desk.post(levels, approval_level={"approvals": []})
        assert nobody.message["message"] == "Approvers are unavailable"
        numbered: Row = {"level": "1", "approvals": [{"approver": {"id": approver}}]}
        assert (await desk.post(levels, approval_level=numbered)).code == (400, 4014)
        level = (
            await desk.post(levels, approval_level={"approvals": [{"approver": {"id": approver}}]})
        ).one("approval_level")
        path = f"{levels}/{as_text(level['id'])}/approvals"
        approval = (await desk.get(path)).ids("approvals")[0]
        comments: Row = {"comments": "Adelante"}
        early = await desk.put(f"{path}/{approval}/_approve", approval=comments)
        assert early.message["message"] == "Recommendation mail is not yet sent"
        mail = (await desk.get(f"{path}/get_notification_content")).one("notification")
        sent = await desk.send(
            "PUT",
            f"{path}/send_notification?ids={approval}",
            data={"input_data": json.dumps({"approval": {"notification": mail}})},
        )
        assert sent.http == 200
        approved = await desk.put(f"{path}/{approval}/_approve", approval=comments)
        assert as_row(approved.one("approval")["status"])["name"] == "Approved"
        request = (await desk.get(f"requests/{number}")).one("request")
        assert as_row(request["approval_status"])["name"] == "Approved"


async def test_the_approval_queue_is_the_callers_own() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        people = (await desk.get("users", list_info={"row_count": 100})).rows("users")
        me = next(as_text(row["id"]) for row in people if row["name"] == "Alice Nguyen")
        level: Row = {"approvals": [{"approver": {"id": me}}]}
        levels = f"requests/{number}/approval_levels"
        made = (await desk.post(levels, approval_level=level)).one("approval_level")
        path = f"{levels}/{as_text(made['id'])}/approvals"
        approval = (await desk.get(path)).ids("approvals")[0]
        assert (await desk.get("approvals")).rows("approvals") == []
        mail: Row = {"notification": {"subject": "Aprobar", "description": "x"}}
        data = {"input_data": json.dumps(mail)}
        await desk.send("PUT", f"{path}/send_notification?ids={approval}", data=data)
        assert (await desk.get("approvals")).ids("approvals") == [approval]
        rejected = await desk.put(f"{path}/{approval}/reject", approval={"comments": "No"})
        assert as_row(rejected.one("approval")["status"])["name"] == "Denied"
