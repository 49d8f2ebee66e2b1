"""The admin REST API: who comes in, whose things are found, and its own description."""

import json
from collections.abc import AsyncGenerator

import pytest
from tests.admin.town import EVERYTHING, OPERATOR, PASSWORD, Town, town
from tests.web.rest_harness import refused

from helpdesk_mcp.admin.catalog import ADMIN
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.web.admin_endpoints import ADMIN_API, ROOT


@pytest.fixture
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


async def test_an_administrator_works_over_rest(place: Town) -> None:
    async with place.http(await place.token(place.acme.tenant.id)) as http:
        made = await http.post(
            f"{ROOT}/people",
            json={"email": "eva@example.org", "role": "agent", "password": PASSWORD},
        )
        assert made.status_code == 201
        where = f"{ROOT}/people/{made.json()['id']}"
        assert made.headers["location"].endswith(where)
        assert (await http.put(f"{where}/role", json={"role": "auditor"})).status_code == 200
        assert (await http.delete(where)).json() == {"done": "removed", "id": made.json()["id"]}
        people = (await http.get(f"{ROOT}/people")).json()["people"]
        assert [person["email"] for person in people] == ["ana@acme.example"]


async def test_an_operator_deletes_an_organisation_over_rest(place: Town) -> None:
    async with place.http(await place.token(OPERATOR)) as http:
        where = f"{ROOT}/tenants/globex"
        assert (await http.delete(where)).status_code == 422
        gone = await http.delete(where, params={"confirm_slug": "globex"})
        assert gone.json()["done"] == "deleted"
        refused(await http.get(where), 404)


async def test_a_token_of_an_agent_opens_no_row(place: Town) -> None:
    async with place.http(await place.token(place.acme.tenant.id, EVERY_SCOPE)) as http:
        for row in ADMIN_API:
            path = row.path.format(**place.acme.ids)
            refused(await http.request(row.method, path), 403)


async def test_an_agent_cannot_approve_its_own_call(place: Town) -> None:
    async with place.http(await place.token(place.acme.tenant.id, EVERY_SCOPE)) as http:
        path = f"{ROOT}/approvals/{place.acme.approval}/approve"
        document = refused(await http.post(path, json={}), 403)
    assert document["reason"] == "scope"
    assert len((await place.run("list_waiting_calls"))["calls"]) == 1


async def test_no_token_no_answer(place: Town) -> None:
    async with place.http("none") as http:
        for row in ADMIN_API:
            refused(await http.request(row.method, row.path.replace("{", "").replace("}", "")), 401)


async def test_a_token_of_an_administrator_is_no_way_to_tickets(place: Town) -> None:
    async with place.http(await place.token("default", frozenset({Scope.ADMIN}))) as http:
        refused(await http.get("/tickets"), 403)


async def test_every_operation_but_ones_own_grants_has_a_row() -> None:
    without = {"list_my_grants", "revoke_my_grant", "dismiss_my_alarm"}
    assert {row.operation.name for row in ADMIN_API} == {o.name for o in ADMIN} - without


async def test_the_api_describes_itself_to_anybody_and_holds_nothing_of_anybody(
    place: Town,
) -> None:
    async with place.http("none") as http:
        answer = await http.get(f"{ROOT}/openapi.json")
        page = await http.get(f"{ROOT}/docs")
        missing = await http.get(f"{ROOT}/nothing")
    document = answer.json()
    rows = {(path, method) for path, rows in document["paths"].items() for method in rows}
    assert rows == {(row.path, row.method.lower()) for row in ADMIN_API}
    assert "acme" not in json.dumps(document)
    assert page.status_code == 200
    refused(missing, 401)


async def test_t13_an_error_names_nothing_of_another_organisation(place: Town) -> None:
    async with place.http(await place.token(place.acme.tenant.id)) as http:
        answer = await http.post(f"{ROOT}/desks/{place.globex.desk.id}/test", json={})
    said = answer.text + str(answer.headers)
    assert answer.status_code == 404
    for word in ("globex", place.globex.tenant.id, place.globex.desk.id):
        assert word not in said


async def test_t06_a_token_of_a_deleted_organisation_opens_nothing(place: Town) -> None:
    token = await place.token(place.globex.tenant.id, EVERYTHING)
    async with place.http(token) as http:
        assert (await http.get(f"{ROOT}/desks")).status_code == 200
        await place.run("delete_tenant", at=OPERATOR, tenant="globex", confirm_slug="globex")
        await place.run("create_tenant", at=OPERATOR, slug="globex", name="Again")
        place.app.gate.forget()
        refused(await http.get(f"{ROOT}/desks"), 401)
