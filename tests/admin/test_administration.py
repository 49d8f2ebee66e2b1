"""Administrators' operations on the one road: authorized, in their own tenant, recorded, masked."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import pytest
from tests.admin.town import OPERATOR, PASSWORD, TENANT_ADMIN, Town, town
from tests.stores.statements import statements
from tests.stores.tenancy import FIRST

from helpdesk_mcp.admin.catalog import ADMIN
from helpdesk_mcp.app import opened
from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.administration import Office
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.errors import Conflict, Denied, HelpdeskError, Invalid, NotFound
from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.principals import EVERY_SCOPE, READ_SCOPES, Principal, Scope
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import load
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.clients import SqlClients
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.transactions import door_transaction
from helpdesk_mcp.tools.catalog import TOOLS

IDS = ("tenant", "desk", "person", "approval", "client", "grant", "invitation")
REST_OF: dict[str, dict[str, Any]] = {
    "suspend_tenant": {"reason": "x"},
    "delete_tenant": {"confirm_slug": "globex"},
    "replace_desk_credential": {"credential": {"username": "a", "password": "b"}},
    "suspend_desk": {"reason": "x"},
    "set_role": {"role": "agent"},
    "set_password": {"password": PASSWORD},
}
"""What an operation needs besides an id."""
SPENT = frozenset({"refuse_call", "revoke_grant", "dismiss_my_alarm"})
"""Operations whose id another one has just used up, or that is none of theirs."""


def takes(operation: AnyOperation) -> list[str]:
    return [name for name in IDS if name in operation.arguments.model_fields]


WITH_IDS = [(operation, name) for operation in ADMIN for name in takes(operation)]
OF_TENANTS = [pair for pair in WITH_IDS if pair[1] != "tenant"]


@pytest.fixture
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


async def failure(made: Town, operation: str, **given: Any) -> HelpdeskError:
    with pytest.raises(HelpdeskError) as refused:
        await made.run(operation, scopes=TENANT_ADMIN, **given)
    return refused.value


async def events(made: Town, tenant: str, count: int) -> list[AuditEvent]:
    trail = SqlAuditTrail(made.app.database, tenant)
    with anyio.fail_after(10):
        while True:
            found = [event async for event in trail.search(AuditQuery())]
            if len(found) >= count:
                return found
            await anyio.sleep(0.01)


def test_nothing_of_it_is_a_tool() -> None:
    assert [operation.name for operation in ADMIN if operation in TOOLS] == []
    assert all(operation.needs is Office for operation in ADMIN)
    assert all(tool.needs is not Office for tool in TOOLS)
    assert len({operation.name for operation in (*ADMIN, *TOOLS)}) == len(ADMIN) + len(TOOLS)


def test_no_right_of_an_agent_runs_it_but_answering_approvals_and_ones_own_grants() -> None:
    open_to_agents = {o.name for o in ADMIN if o.scopes <= EVERY_SCOPE}
    assert open_to_agents == {
        "list_waiting_calls",
        "approve_call",
        "refuse_call",
        "list_my_grants",
        "revoke_my_grant",
        "dismiss_my_alarm",
    }


def test_every_operation_with_an_id_is_in_the_generated_cases() -> None:
    assert {operation.name for operation, _ in WITH_IDS} >= {
        "get_tenant",
        "test_desk",
        "set_role",
        "approve_call",
        "remove_client",
        "revoke_grant",
    }


async def test_t01_an_id_of_another_tenant_is_answered_like_one_that_is_not_there(
    place: Town,
) -> None:
    for operation, name in OF_TENANTS:
        theirs = place.globex.ids[name]
        others = [theirs, "0" * len(theirs), "' OR 1=1 --", "../x", "%", "\u0661"]
        if name == "person":
            others.append(place.globex.person.email)
        rest = REST_OF.get(operation.name, {})
        said: set[tuple[object, ...]] = set()
        for identifier in others:
            place.app.gate.forget()  # what is kept for seconds is asked for every time
            with statements(place.app.database.sync_engine) as asked:
                error = await failure(place, operation.name, **{name: identifier}, **rest)
            said.add((error.code.value, error.reason, error.message, *asked))
        assert len(said) == 1, (operation.name, said)
        assert next(iter(said))[0] == "not_found"


async def test_t01_ones_own_ids_are_not_answered_so(place: Town) -> None:
    await place.run(
        "enrol_person", email="boss@acme.example", role="administrator", password=PASSWORD
    )
    for operation, name in sorted(OF_TENANTS, key=lambda pair: pair[0].effect is Effect.DESTROY):
        if operation.name not in SPENT:
            rest = REST_OF.get(operation.name, {})
            await place.run(operation.name, **{name: place.acme.ids[name]}, **rest)


async def test_t14_an_administrator_of_a_tenant_is_no_operator(place: Town) -> None:
    operators = [o for o in ADMIN if Scope.OPERATOR in o.scopes]
    for operation in operators:
        given = {"tenant": place.globex.tenant.id} if takes(operation) else {}
        error = await failure(place, operation.name, **given, **REST_OF.get(operation.name, {}))
        assert (error.code.value, error.reason) == ("denied", "scope")
    kept = await events(place, place.acme.tenant.id, len(operators) + 3)
    denied = [event.tool_name for event in kept if event.outcome == "denied"]
    assert sorted(denied) == sorted(operation.name for operation in operators)


async def test_an_auditor_reads_the_trail_and_changes_nothing(place: Town) -> None:
    auditor = READ_SCOPES | {Scope.AUDIT_READ}
    for operation in ADMIN:
        if not operation.scopes <= auditor:
            with pytest.raises(Denied):
                await place.run(operation.name, scopes=auditor)


async def test_t02_a_tenant_is_not_taken_from_arguments(place: Town) -> None:
    theirs = place.globex.tenant.id
    for operation in ("list_desks", "search_audit", "get_policy"):
        for attempt in (
            place.run(operation, tenant=theirs),
            place.run(operation, tenant_id=theirs),
        ):
            with pytest.raises(Invalid):
                await attempt


async def test_a_desk_is_connected_changed_and_forgotten(place: Town) -> None:
    made = await place.run(
        "add_desk",
        name="hr",
        kind="django_helpdesk",
        address="https://hr.example.org/",
        credential={"username": "a", "password": "canary-4711"},
    )
    listed = await place.run("list_desks")
    assert [desk["name"] for desk in listed["desks"]] == ["it", "hr"]
    assert "canary" not in json.dumps(listed)
    changed = await place.run("update_desk", desk="hr", default=True, settings={"timeout": 3})
    assert (changed["is_default"], changed["settings"], changed["version"]) == (
        True,
        {"timeout": 3},
        2,
    )
    suspended = await place.run("suspend_desk", desk="hr", reason="Moved.")
    assert (suspended["status"], suspended["reason"]) == ("suspended", "Moved.")
    assert (await place.run("resume_desk", desk=made["id"]))["status"] == "active"
    await place.run("remove_desk", desk="hr")
    assert len((await place.run("list_desks"))["desks"]) == 1


async def test_a_bad_credential_is_refused_and_not_repeated(place: Town) -> None:
    with pytest.raises(Invalid) as refused:
        await place.run("replace_desk_credential", desk="it", credential={"pasword": "canary-4711"})
    assert "canary" not in str(refused.value)
    for kind in ("nothing", "memory\x00"):
        with pytest.raises(Invalid):
            await place.run("add_desk", name="x", kind=kind, address="", credential={"a": "b"})


async def test_a_desk_that_may_not_be_reached_fails_its_test(place: Town) -> None:
    await place.run(
        "update_desk", desk="it", address="http://127.0.0.1:1/", credential={"token": "another"}
    )
    found = await place.run("test_desk", desk="it")
    assert (found["works"], found["reason"]) == (False, "egress")


@pytest.mark.parametrize(
    "change",
    [
        {"address": "https://evil.example/"},
        {"address": "http://desk.example.org/"},
        {"settings": {"proxy": "http://evil.example:3128"}},
        {"settings": {"ca": "-----BEGIN CERTIFICATE-----\nevil"}},
        {"settings": {"accounts_url": "https://evil.example"}},
    ],
    ids=repr,
)
async def test_a_stored_credential_goes_to_nobody_but_the_desk_it_was_given_for(
    place: Town, change: dict[str, Any]
) -> None:
    """Else whoever may change an address, or stole such a session, could read it back."""
    made = await place.run(
        "add_desk",
        name="sdp",
        kind="servicedesk_plus",
        address="https://desk.example.org/",
        credential={"api_key": "canary-4711"},
        settings={"timeout": 3},
    )
    error = await failure(place, "update_desk", desk="sdp", **change)
    assert (error.code.value, error.reason) == ("invalid", "credential_again")
    [before] = [d for d in (await place.run("list_desks"))["desks"] if d["name"] == "sdp"]
    assert before == made, "nothing changed"
    same = "https://desk.example.org"
    await place.run("update_desk", desk="sdp", name="sdp2", address=same, settings={"timeout": 4})
    await place.run("update_desk", desk="sdp2", credential={"api_key": "mine"}, **change)
    kept = SqlConnections(place.app.database, place.acme.tenant.id, parse_keys(FIRST))
    assert await kept.credential(made["id"]) == {"api_key": "mine"}


async def test_the_kinds_name_their_fields(place: Town) -> None:
    kinds = {kind["kind"]: kind for kind in (await place.run("list_desk_kinds"))["kinds"]}
    assert kinds["django_helpdesk"]["credential"] == ["username", "password", "token"]
    assert "memory" not in kinds


async def test_d07_secrets_in_arguments_are_not_in_the_trail(place: Town) -> None:
    await place.run("replace_desk_credential", desk="it", credential={"token": "canary-4711"})
    await place.run(
        "enrol_person", email="canary@example.org", role="agent", password="canary-4711-x"
    )
    kept = await events(place, place.acme.tenant.id, 5)
    assert "canary" not in json.dumps([event.arguments for event in kept])
    assert {event.tool_name for event in kept} >= {"replace_desk_credential", "enrol_person"}


async def test_people_are_invited_and_given_roles(place: Town) -> None:
    invited = await place.run("invite_person", email="bea@example.org", role="auditor")
    assert invited["secret"]
    made = await place.run(
        "enrol_person", email="eva@example.org", role="agent", password=PASSWORD, name="Eva"
    )
    assert (await place.run("set_role", person="eva@example.org", role="supervisor"))[
        "role"
    ] == "supervisor"
    assert (await place.run("disable_person", person=made["id"]))["status"] == "suspended"
    assert (await place.run("enable_person", person=made["id"]))["status"] == "active"
    await place.run("set_password", person=made["id"], password="another password")
    await place.run("remove_person", person=made["id"])
    people = (await place.run("list_people"))["people"]
    assert [person["email"] for person in people] == ["ana@acme.example"]


async def test_t01_a_client_is_registered_for_desks_of_its_own_organisation_only(
    place: Town,
) -> None:
    job: dict[str, Any] = {"name": "App", "redirect_uris": ["https://app.example/cb"]}
    said = {
        (await failure(place, "register_client", desks=[desk], **job)).message
        for desk in (place.globex.desk.id, "0" * 32, "nothing")
    }
    assert said == {"There is no such desk."}
    clients = (await place.run("list_clients"))["clients"]
    for desk in (place.acme.desk.id, place.acme.desk.name):
        await place.run("register_client", desks=[desk], **job)
    made = [c["id"] for c in (await place.run("list_clients"))["clients"] if c not in clients]
    async with door_transaction(place.app.database) as reader:
        kept = await reader.run_sync(lambda c: [SqlClients(c).find(one) for one in made])
    assert [one and one.desks for one in kept] == [{place.acme.desk.id}] * 2


async def test_a_policy_names_tools_that_exist(place: Town) -> None:
    set_ = await place.run("set_policy", read_only=True, needs_approval=["close_ticket"])
    assert set_ == {
        "read_only": True,
        "switched_off": [],
        "needs_approval": ["close_ticket"],
    }
    assert (await place.run("set_policy", switched_off=["add_note"]))["read_only"]
    assert (await place.run("get_policy"))["needs_approval"] == ["close_ticket"]
    with pytest.raises(Invalid):
        await place.run("set_policy", switched_off=["no_such_tool"])


async def test_calls_that_wait_are_answered(place: Town) -> None:
    [waiting] = (await place.run("list_waiting_calls"))["calls"]
    assert waiting["tool"] == "close_ticket"
    await place.run("approve_call", approval=waiting["id"])
    assert (await place.run("list_waiting_calls"))["calls"] == []
    with pytest.raises(NotFound):
        await place.run("refuse_call", approval=waiting["id"])


async def test_an_operator_creates_suspends_and_deletes_organisations(place: Town) -> None:
    made = await place.run("create_tenant", at=OPERATOR, slug="initech", name="Initech")
    listed = await place.run("list_tenants", at=OPERATOR)
    assert {one["slug"] for one in listed["tenants"]} == {"acme", "globex", "initech"}
    changes: dict[str, Any] = {"name": "Initech SL", "tier": "basic", "locale": "es"}
    changes["time_zone"] = "Europe/Madrid"
    changed = await place.run("update_tenant", at=OPERATOR, tenant="initech", **changes)
    assert changed == {**made, **changes}
    assert await place.run("update_tenant", at=OPERATOR, tenant="initech") == changed
    refused: list[dict[str, Any]] = [{"tier": "gold"}, {"time_zone": "Mars"}]
    for bad in refused:
        with pytest.raises(Invalid):
            await place.run("update_tenant", at=OPERATOR, tenant="initech", **bad)
    suspended = await place.run("suspend_tenant", at=OPERATOR, tenant="initech", reason="Unpaid.")
    assert suspended["status"] == "suspended"
    assert (await place.run("get_tenant", at=OPERATOR, tenant=made["id"]))["reason"] == "Unpaid."
    await place.run("resume_tenant", at=OPERATOR, tenant="initech")
    with pytest.raises(Conflict):
        await place.run("delete_tenant", at=OPERATOR, tenant=made["id"], confirm_slug="acme")
    await place.run("delete_tenant", at=OPERATOR, tenant=made["id"], confirm_slug="initech")
    with pytest.raises(NotFound):
        await place.run("get_tenant", at=OPERATOR, tenant=made["id"])
    kept = await events(place, OPERATOR, 11)
    assert {event.tool_name for event in kept} >= {"create_tenant", "delete_tenant"}


async def test_the_trail_is_searched_exported_and_counted(place: Town) -> None:
    await events(place, place.acme.tenant.id, 1)
    found = (await place.run("search_audit", tool="enrol_person"))["events"]
    assert [event["outcome"] for event in found] == ["ok"]
    assert (await place.run("search_audit", until="2001-01-01T00:00:00Z"))["events"] == []
    exported = await place.run("export_audit", format="csv")
    assert exported["text"].splitlines()[0].startswith('"id","at","tenant"')
    lines = await place.run("export_audit")
    assert lines["events"] == len(lines["text"].splitlines()) >= 1
    assert place.globex.tenant.id not in lines["text"]
    figures = await place.run("get_overview", hours=1)
    assert figures["calls"] == sum(bucket["calls"] for bucket in figures["buckets"]) >= 1
    assert {"name": "enrol_person", "calls": 1} in figures["tools"]


async def test_d08_a_value_that_is_not_kept_is_searched_for_by_its_fingerprint(
    place: Town,
) -> None:
    [mine] = (await place.run("fingerprint_value", value="ana@acme.example"))["fingerprints"]
    there = await place.run(
        "fingerprint_value", at=place.globex.tenant.id, value="ana@acme.example"
    )
    [theirs] = there["fingerprints"]
    assert mine != theirs
    for fingerprint, tools in ((mine, {"enrol_person", "fingerprint_value"}), (theirs, set[str]())):
        await events(place, place.acme.tenant.id, 4)
        found = (await place.run("search_audit", fingerprint=fingerprint))["events"]
        assert {event["tool"] for event in found} == tools
    both = await place.run("export_audit", fingerprint=f"{theirs},{mine}")
    assert both["events"] == 2
    assert "ana@acme" not in both["text"]
    with pytest.raises(Invalid):
        await place.run("search_audit", fingerprint="%")


async def test_t15_searches_and_exports_hold_ones_own_organisation_only(place: Town) -> None:
    for one in (place.acme, place.globex):
        await place.run("suspend_desk", at=one.tenant.id, desk=one.desk.id, reason="Moved.")
    for own, other in ((place.acme, place.globex), (place.globex, place.acme)):
        theirs = {other.tenant.id, *other.ids.values()} - {"none"}
        texts = [
            (await place.run("export_audit", at=own.tenant.id, format=kind))["text"]
            for kind in ("jsonl", "csv")
        ]
        texts.append(json.dumps(await place.run("search_audit", at=own.tenant.id)))
        for text in texts:
            assert own.desk.id in text
            assert [identifier for identifier in theirs if identifier in text] == []
        mine = await place.run("search_audit", at=own.tenant.id, target=own.desk.id)
        assert [event["tool"] for event in mine["events"]] == ["suspend_desk"]
        named = await place.run("search_audit", at=own.tenant.id, target=other.desk.id)
        assert named["events"] == []


async def test_t05_an_office_of_a_suspended_organisation_is_closed(place: Town) -> None:
    await place.run("suspend_tenant", at=OPERATOR, tenant="acme", reason="Unpaid.")
    place.app.gate.forget()
    with pytest.raises(Denied) as refused:
        await place.run("list_desks")
    assert refused.value.reason == "suspended"


async def test_without_keys_an_office_says_what_is_missing() -> None:
    who = Principal(tenant="default", subject="ana", client="tests", scopes=TENANT_ADMIN)
    async with opened(load(None, database_url="sqlite+aiosqlite://"), MemoryDesk()) as app:
        for operation in ("list_desks", "list_clients", "list_grants", "list_my_grants"):
            call = Call(principal=who, operation=operation, arguments={}, origin="console")
            with pytest.raises(HelpdeskError) as refused:
                await app.admin.run(call)
            assert refused.value.reason == "not_set_up"
