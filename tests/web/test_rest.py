"""The REST API through the whole site: the seeds' bodies, our own, and what is refused."""

import base64
from typing import Any

import httpx2
import jsonschema
from tests.web.rest_harness import refused, rest, serving

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import (
    Code,
)
from helpdesk_mcp.domain.people import Queue
from helpdesk_mcp.web.problems import problem_schema
from helpdesk_mcp.web.rest_endpoints import API
from helpdesk_mcp.web.rest_examples import ANSWERS, BODIES, PROBLEM

JSON = {"Content-Type": "application/json"}


async def test_the_bodies_of_the_first_service_still_work() -> None:
    async with rest(desk=MemoryDesk(queues=(Queue(id="1", name="IT"),))) as site:
        created = await site.http.post("/tickets", json={"title": "VPN", "description": "Down"})
        assert created.status_code == 201
        number = created.json()["ticket_id"]
        assert created.headers["location"] == f"http://127.0.0.1:8001/tickets/{number}"
        read = await site.http.get(f"/tickets/{number}")
        assert (read.json()["subject"], read.json()["description"]) == ("VPN", "Down")
        assigned = await site.http.post(f"/tickets/{number}/assign", json={"technician": "alice"})
        assert assigned.json()["changes"] == [{"field": "assignee", "after": "Alice Nguyen"}]


async def test_closing_names_the_technician_in_the_resolution() -> None:
    async with rest() as site:
        number = await site.ticket()
        body = {"technician": " Alice\nNguyen ", "comment": "Restarted.\n"}
        assert (await site.http.post(f"/tickets/{number}/close", json=body)).status_code == 200
        read = (await site.http.get(f"/tickets/{number}")).json()
        assert read["status"] == "Closed"
        line = "Técnico que resuelve la incidencia: Alice Nguyen"
        assert read["resolution"] == f"Restarted.\n\n{line}"


async def test_closing_with_a_technician_alone_says_that_the_resolution_is_missing() -> None:
    async with rest() as site:
        number = await site.ticket()
        answer = await site.http.post(f"/tickets/{number}/close", json={"technician": "alice"})
        assert "resolution: Field required" in refused(answer, 422)["detail"]
        assert (await site.http.get(f"/tickets/{number}")).json()["status"] == "Open"


async def test_every_row_answers() -> None:
    async with rest() as site:
        number = await site.ticket(description="Nobody connects.")
        at = f"/tickets/{number}"
        http = site.http
        note = await http.post(f"{at}/notes", json={"note": "Look at the gateway."})
        reply = await http.post(f"{at}/replies", json={"message": "We are on it."})
        assert note.json()["mail"]["sent"] is False
        assert reply.json()["mail"] == {"sent": True, "to": ["eva@example.com"]}
        talk = (await http.get(f"{at}/conversation", params={"page_size": 5})).json()
        assert [c["visibility"] for c in talk["comments"]] == ["internal", "public"]
        listed = await http.get("/tickets", params={"assigned_to": "none", "fields": "requester"})
        assert [row["requester"] for row in listed.json()["tickets"]] == ["eva@example.com"]
        found = await http.get("/tickets/search", params={"search_term": "vpn"})
        assert found.json()["total"] == 1
        assert (await http.get("/queues")).json()["total"] == 2
        assert (await http.get("/users?search=alice")).json()["shown"] == 1
        assert "Open" in (await http.get("/ticket-fields")).json()["statuses"]
        assert (await http.get("/articles?query=password")).json()["total"] == 1
        article = (await http.get("/articles/1")).json()["articles"][0]
        assert article["answer"] == "Choose Forgot password."


async def test_a_file_is_found_at_the_address_that_its_upload_gave() -> None:
    async with rest() as site:
        number = await site.ticket()
        encoded = base64.b64encode(b"\0\1").decode()
        body = {"filename": "trace.pdf", "base64": encoded}
        made = await site.http.post(f"/tickets/{number}/attachments", json=body)
        assert made.status_code == 201
        read = await site.http.get(made.headers["location"])
        assert read.json()["base64"] == encoded


async def test_a_file_whose_id_the_desk_does_not_tell_has_no_address() -> None:
    class Silent(MemoryDesk):
        async def attach(self, ticket_id: str, upload: Any, *, public: bool) -> Any:
            receipt = await super().attach(ticket_id, upload, public=public)
            return type(receipt)(ticket_id=receipt.ticket_id)

    async with rest(desk=Silent()) as site:
        number = await site.ticket()
        body = {"filename": "a.txt", "text": "a"}
        made = await site.http.post(f"/tickets/{number}/attachments", json=body)
        assert made.status_code == 201
        assert "location" not in made.headers


async def test_a_repeated_parameter_is_a_list() -> None:
    async with rest() as site:
        await site.ticket()
        both = await site.http.get("/tickets?status=Open&status=Cerrado")
        assert both.json()["total"] == 1
        answer = await site.http.get("/tickets?assignee=me&assignee=none")
        assert "assignee" in refused(answer, 422)["detail"]


async def test_if_match_takes_the_etag_of_the_ticket_as_read() -> None:
    async with rest() as site:
        at = f"/tickets/{await site.ticket()}"
        seen = {"If-Match": (await site.http.get(at)).headers["etag"]}
        urgent = {"priority": "Urgente"}
        assert (await site.http.patch(at, json=urgent, headers=seen)).status_code == 200
        stale = await site.http.patch(at, json={"priority": "Low"}, headers=seen)
        assert refused(stale, 412)["reason"] == "stale"
        any_state = await site.http.patch(at, json={"priority": "Low"}, headers={"If-Match": "*"})
        assert any_state.status_code == 200


async def test_the_state_seen_may_also_stand_in_the_body() -> None:
    async with rest() as site:
        at = f"/tickets/{await site.ticket()}"
        body = {"priority": "Low", "expected_modified": "2020-01-01T00:00:00Z"}
        document = refused(await site.http.patch(at, json=body), 409)
        assert (document["code"], document["reason"]) == ("conflict", "stale")
        assert document["written"] == "no"
        seen = {"If-Match": (await site.http.get(at)).headers["etag"]}
        both = await site.http.patch(at, json=body, headers=seen)
        assert "not both" in refused(both, 422)["detail"]


async def test_a_body_may_say_that_it_is_utf_8() -> None:
    async with rest() as site:
        header = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
        body = '{"subject": "Conexión", "queue": "it"}'.encode()
        assert (await site.http.post("/tickets", content=body, headers=header)).is_success


async def test_head_answers_as_get_does() -> None:
    async with rest() as site:
        at = f"/tickets/{await site.ticket()}"
        assert (await site.http.head(at)).headers["etag"]


async def test_the_description_of_the_api_needs_no_token() -> None:
    async with rest() as site:
        for address in ("/openapi.json", "/docs"):
            answer = await site.http.get(address, headers={"Authorization": ""})
            assert answer.status_code == 200


async def test_the_reference_page_loads_nothing_from_anywhere() -> None:
    async with rest() as site:
        answer = await site.http.get("/docs")
        page = answer.text
        assert "<script" not in page
        assert "<link" not in page
        assert page.count("<a href=") == page.count('<a href="#') + 1  # and /openapi.json
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        for code in Code:
            assert f'id="{code.value}"' in page
        for endpoint in API:
            assert f"<code>{endpoint.path}</code>" in page


async def test_calls_are_recorded_as_rest_and_so_are_refusals() -> None:
    async with rest() as site:
        number = await site.ticket()
        made = await site.recorded("ok")
        assert (made.origin, made.tool_name, made.user) == ("rest", "create_ticket", "ana")
        trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        at = f"/tickets/{number}/notes"
        await site.http.post(at, content=b"{", headers={**JSON, **trace})
        event = await site.recorded("invalid")
        assert (event.tool_name, event.reason) == ("add_note", "malformed")
        assert event.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_examples_of_the_reference_are_true() -> None:
    for endpoint in API:
        operation = endpoint.operation
        if endpoint.takes_body:
            in_path = dict.fromkeys(endpoint.in_path, "42")
            operation.arguments.model_validate(BODIES[operation.name] | in_path)
        answer = ANSWERS[operation.name]
        assert operation.result.dump_python(
            operation.result.validate_python(answer), mode="json", exclude_none=True
        )
        jsonschema.validate(answer, operation.result.json_schema(mode="serialization"))
    jsonschema.validate(PROBLEM, problem_schema())


def test_a_real_server_creates_and_reads_a_ticket() -> None:
    with serving(MemoryDesk()) as (address, token):
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(headers=headers, timeout=30) as http:
            body = {"subject": "VPN down", "queue": "it"}
            made = http.post(f"{address}/tickets", json=body)
            assert made.status_code == 201
            assert made.headers["location"].startswith(f"{address}/tickets/")
            assert http.get(made.headers["location"]).json()["subject"] == "VPN down"
            head = http.head(made.headers["location"])
            assert (head.status_code, head.content) == (200, b"")
            assert http.get(f"{address}/tickets/%ff").status_code == 422


async def test_a_page_of_tickets_leads_to_the_next() -> None:
    async with rest() as site:
        numbers = [await site.ticket() for _ in range(3)]
        first = (await site.http.get("/tickets?page_size=2&sort=id")).json()
        cursor = first["next_cursor"]
        second = await site.http.get(f"/tickets?page_size=2&sort=id&cursor={cursor}")
        assert ids(first) + ids(second.json()) == numbers


def ids(listing: dict[str, Any]) -> list[str]:
    return [row["id"] for row in listing["tickets"]]
