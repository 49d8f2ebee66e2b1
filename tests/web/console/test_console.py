"""The console's rooms: what is shown to whom, and that every button does what it says."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.web.console.town import CANARY, PASSWORD, RING, Town, events, press, words
from tests.web.pages.house import token_in

from helpdesk_mcp.domain.audit import AuditQuery
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Connection, Member, Status
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.tenants import SqlPolicies, SqlTenants

ROOMS = {
    "/console": "My agents",
    "/console/approvals": "Calls that wait for approval",
    "/console/overview": "Overview",
    "/console/desks": "Help desks",
    "/console/people": "People",
    "/console/sign-in": "Signing in",
    "/console/applications": "Applications",
    "/console/policy": "Policy",
    "/console/audit": "Audit trail",
    "/console/organisations": "Organisations",
}


@pytest.mark.parametrize("path", ROOMS)
async def test_an_administrator_and_operator_sees_every_room(town: Town, path: str) -> None:
    async with town.signed_in("ada") as ada:
        page = await ada.get(path)
    assert page.status_code == 200
    assert f"<h1>{ROOMS[path]}</h1>" in page.text
    assert page.text.count('aria-current="page"') == 1
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_where_another_server_gives_tokens_no_application_is_registered(
    town: Town,
) -> None:
    elsewhere = replace(town, parts=replace(town.parts, asks=False))
    async with elsewhere.signed_in("ada") as ada:
        assert "/console/applications" not in (await ada.get("/console/people")).text
        assert (await ada.get("/console/applications")).status_code == 404


@pytest.mark.parametrize("path", [*ROOMS, "/console/desks/add", "/console/audit/export"])
async def test_a_stranger_is_led_to_sign_in_and_back(town: Town, path: str) -> None:
    async with town.browser() as browser:
        page = await browser.get(path)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ana", {"/console"}),
        ("sam", {"/console", "/console/approvals"}),
        ("aud", {"/console", "/console/audit"}),
    ],
)
async def test_a_role_sees_its_rooms_and_is_told_who_may_enter_others(
    town: Town, name: str, seen: set[str]
) -> None:
    async with town.signed_in(name) as browser:
        home = await browser.get("/console")
        for path in ROOMS:
            page = await browser.get(path)
            assert (f'href="{path}"' in home.text) == (path in seen)
            assert page.status_code == (200 if path in seen else 403)
            if path == "/console/people":
                assert "Your role does not include this" in page.text
                assert "Administrator" in words(page)
            if path == "/console/organisations":
                assert "Operator of this server" in words(page)


async def test_a_button_pressed_without_the_right_does_nothing(town: Town) -> None:
    async with town.signed_in("sam") as sam:
        token = token_in(await sam.get("/console"))
        fields = {"token": token, "person": town.people["ana"].id}
        done = await sam.post("/console/people/remove", data=fields)
    assert done.status_code == 403
    assert len(await _members(town)) == 4


async def test_every_button_needs_a_token_of_this_session(town: Town) -> None:
    async with town.signed_in("ada") as ada, town.signed_in("sam") as sam:
        foreign = token_in(await sam.get("/console"))
        for fields in ({}, {"token": foreign}):
            done = await ada.post(
                "/console/people/disable", data={**fields, "person": town.people["ana"].id}
            )
            assert done.status_code == 403
        shown = await ada.get("/console/people")
        token = token_in(shown)
        person = {"person": town.people["ana"].id}
        first = await ada.post("/console/people/disable", data={"token": token, **person})
        again = await ada.post("/console/people/enable", data={"token": token, **person})
    assert (first.status_code, again.status_code) == (303, 403)
    assert (await _member(town, "ana")).status is Status.SUSPENDED


async def test_a_person_revokes_an_agent(town: Town) -> None:
    async with town.signed_in("sam") as sam:
        home = await sam.get("/console")
        assert "ChatGPT" in home.text
        assert "Claude" not in home.text
        done = await press(sam, "/console", "/console/agents/revoke-mine", grant="g2")
        after = await sam.get(done.headers["location"])
    assert "The agent is disconnected." in after.text
    assert "No agent is connected yet" in after.text
    assert list(town.grants.kept) == ["g1"]


async def test_a_person_cannot_revoke_somebody_elses_agent(town: Town) -> None:
    async with town.signed_in("sam") as sam:
        done = await press(sam, "/console", "/console/agents/revoke-mine", grant="g1")
    assert done.status_code == 404
    assert "That did not work." in done.text
    assert set(town.grants.kept) == {"g1", "g2"}


async def test_an_administrator_revokes_anybodys_agent(town: Town) -> None:
    async with town.signed_in("ada") as ada:
        assert "sam@acme.example" in (await ada.get("/console")).text
        await press(ada, "/console", "/console/agents/revoke", grant="g2")
    assert list(town.grants.kept) == ["g1"]


async def test_a_supervisor_answers_calls_that_wait(town: Town) -> None:
    await town.ask_approval()
    async with town.signed_in("sam") as sam:
        page = await sam.get("/console/approvals")
        assert "close_ticket" in page.text
        assert "&lt;text of 40 characters&gt;" in page.text
        waiting = page.text.split('name="approval" value="')[1].partition('"')[0]
        here = "/console/approvals"
        done = await press(sam, here, f"{here}/approve", approval=waiting)
        assert "Approved." in (await sam.get(done.headers["location"])).text
        assert "Nothing waits" in (await sam.get(here)).text


async def test_an_invitation_is_shown_once_and_opens_an_account(town: Town) -> None:
    fields = {"email": "new@acme.example", "name": "Neu", "role": "supervisor"}
    async with town.signed_in("ada") as ada:
        told = await press(ada, "/console/people", "/console/people/invite", **fields)
        assert told.status_code == 200
        link = told.text.split('<code class="copy">')[1].partition("<")[0]
        assert link not in (await ada.get("/console/people")).text
    path = link.removeprefix(town.parts.public_url)
    async with town.browser() as browser:
        page = await browser.get(path)
        assert "new@acme.example" in page.text
        for password, again, status in (
            ("a long sentence", "another", 400),
            ("short", "short", 422),
            ("a long sentence", "a long sentence", 303),
        ):
            token = token_in(await browser.get(path))
            sent = {"token": token, "password": password, "again": again}
            assert (await browser.post(path, data=sent)).status_code == status
        assert (await browser.get(path)).status_code == 404
    assert (await _member(town, "new")).role is Role.SUPERVISOR


async def test_an_invitation_that_went_astray_is_withdrawn(town: Town) -> None:
    here, invited = "/console/people", {"email": "astray@acme.example", "role": "administrator"}
    async with town.signed_in("ada") as ada:
        told = await press(ada, here, f"{here}/invite", **invited)
        link = told.text.split('<code class="copy">')[1].partition("<")[0]
        shown = (await ada.get(here)).text
        assert "astray@acme.example" in shown
        found = re.search(r'name="invitation" value="([0-9a-f]{32})"', shown)
        assert found is not None
        done = await press(ada, here, f"{here}/withdraw", invitation=found[1])
        assert "The invitation is withdrawn." in (await ada.get(done.headers["location"])).text
    async with town.browser() as browser:
        page = await browser.get(link.removeprefix(town.parts.public_url))
    assert page.status_code == 404


async def test_people_get_roles_and_are_kept_out(town: Town) -> None:
    here, ana = "/console/people", town.people["ana"].id
    async with town.signed_in("ada") as ada, town.signed_in("ana") as other:
        await press(ada, here, f"{here}/role", person=ana, role="supervisor")
        assert (await _member(town, "ana")).role is Role.SUPERVISOR
        assert (await other.get("/console/approvals")).status_code == 200, "the role holds at once"
        await press(ada, here, f"{here}/password", person=ana, password="another long sentence")
        assert (await other.get("/console")).status_code == 303, "signed out by a new password"
        await press(ada, here, f"{here}/remove", person=ana)
        assert len(await _members(town)) == 3
        last = await press(ada, here, f"{here}/disable", person=town.people["ada"].id)
    assert last.status_code == 409
    assert "last administrator" in last.text


async def test_every_setting_of_a_help_desk_has_words_and_a_field_that_keeps_it(town: Town) -> None:
    here, pem = "/console/desks", "-----BEGIN X-----\r\nMIIB=\r\n-----END X-----"
    form = {
        "kind": "servicedesk_plus",
        "name": "sdp",
        "address": "https://127.0.0.1:9/",
        "credential.api_key": "canary-key",
        "credential.client_key": pem,
        "setting.ca": pem,
        "setting.labels": "udf_sline_1 = Asset tag\r\nudf_sline_2 = Floor",
        "setting.resolver_line": "true",
    }
    async with town.signed_in("ada") as ada:
        for kind in ("django_helpdesk", "servicedesk_plus", "servicedesk_plus_cloud"):
            for language in ("en", "es"):
                shown = await ada.get(
                    f"{here}/add?kind={kind}", headers={"Accept-Language": language}
                )
                assert "<label" in shown.text
                assert not re.search(r"<label[^>]*><code>", shown.text), "a name without words"
        adding = f"{here}/add?kind=servicedesk_plus"
        assert "data_center" not in (await ada.get(adding)).text, "it is of the Cloud"
        await press(ada, adding, f"{here}/add", **form)
        desk = next(d for d in await town.desks() if d.name == "sdp")
        shown = (await ada.get(f"{here}/at/{desk.id}")).text
    assert desk.settings == {
        "ca": pem,
        "labels": {"udf_sline_1": "Asset tag", "udf_sline_2": "Floor"},
        "resolver_line": "true",
    }
    assert "udf_sline_1 = Asset tag\nudf_sline_2 = Floor</textarea>" in shown
    assert '<option value="true" selected>' in shown
    assert "canary" not in shown


async def test_a_help_desk_is_connected_tested_mapped_and_removed(town: Town) -> None:
    here = "/console/desks"
    async with town.signed_in("ada") as ada:
        assert "django-helpdesk" in (await ada.get(f"{here}/add")).text
        form = {
            "kind": "django_helpdesk",
            "name": "hr",
            "address": "http://127.0.0.1:9/",
            "credential.username": "helper",
            "credential.password": "canary-new",
            "setting.default_queue": "People",
        }
        adding = (f"{here}/add?kind=django_helpdesk", f"{here}/add")
        bad = await press(ada, *adding, **form | {"name": "H R"})
        assert bad.status_code == 422
        assert 'value="http://127.0.0.1:9/"' in bad.text, "what was typed stays"
        assert "canary-new" not in bad.text, "but no secret"
        done = await press(ada, *adding, **form)
        assert "The help desk is connected." in (await ada.get(done.headers["location"])).text
        desk = next(d for d in await town.desks() if d.name == "hr")
        one = f"{here}/at/{desk.id}"
        tested = await press(ada, one, f"{one}/test")
        assert "It does not work." in tested.text
        changes = {"name": "hr", "address": "http://127.0.0.1:9/", "setting.default_queue": "HR"}
        await press(ada, one, f"{one}/update", **changes)
        await press(ada, one, f"{one}/credential", **{"credential.token": "canary-token"})
        await press(ada, one, f"{one}/default")
        await press(ada, one, f"{one}/suspend", reason="Moving house")
        shown = await ada.get(one)
        assert "Moving house" in shown.text
        assert "canary" not in shown.text
        await press(ada, one, f"{one}/resume")
        desk = next(d for d in await town.desks() if d.name == "hr")
        assert (desk.settings, desk.is_default, desk.status) == (
            {"default_queue": "HR"},
            True,
            Status.ACTIVE,
        )
        await press(ada, one, f"{one}/remove")
        assert "hr" not in {d.name for d in await town.desks()}
        assert (await ada.get(one)).status_code == 404


async def test_a_moved_desk_asks_for_its_credential_with_what_was_typed(town: Town) -> None:
    desk = (await town.desks())[0]
    here = f"/console/desks/at/{desk.id}"
    moved = {
        "name": desk.name,
        "address": "https://new.example.org/",
        "setting.default_queue": "HR",
    }
    async with town.signed_in("ada") as ada:
        asked = await press(ada, here, f"{here}/update", **moved)
        assert asked.status_code == 422
        assert "would send the stored credential somewhere else" in asked.text
        assert 'value="https://new.example.org/"' in asked.text
        assert 'value="HR"' in asked.text
        assert asked.text.count('name="credential.password"') == 1
        assert (await town.desks())[0].address == desk.address
        again = {**moved, "credential.username": "helper", "credential.password": "another"}
        done = await ada.post(f"{here}/update", data={"token": token_in(asked), **again})
        assert done.status_code == 303
    kept = (await town.desks())[0]
    assert (kept.address, kept.settings) == ("https://new.example.org/", {"default_queue": "HR"})


async def test_a_suspended_desk_that_works_is_offered_to_agents_again(town: Town) -> None:
    store = SqlConnections(town.database, town.tenant.id, RING)
    made = Connection(id="", tenant="", name="mem", kind="memory", address="")
    desk = await store.add(made, {})
    await store.suspend(desk.id, "The token was revoked.")
    one = f"/console/desks/at/{desk.id}"
    async with town.signed_in("ada") as ada:
        tested = await press(ada, one, f"{one}/test")
        assert "It works." in tested.text
        assert "It is still suspended" in tested.text
        assert tested.text.count(f'action="{one}/resume"') == 1
        sent = {"token": token_in(tested)}
        done = await ada.post(f"{one}/resume", data=sent)
        assert "The help desk is used again." in (await ada.get(done.headers["location"])).text
    assert (await store.get("mem")).status is Status.ACTIVE


async def test_another_organisations_desk_is_not_found(town: Town) -> None:
    foreign = (await town.parts.desks(town.other.id))[0]
    async with town.signed_in("ada") as ada:
        real = await ada.get(f"/console/desks/at/{foreign.id}")
        made_up = await ada.get(f"/console/desks/at/{'0' * 32}")
    assert real.status_code == made_up.status_code == 404
    assert words(real) == words(made_up)


async def test_a_headless_application_shows_its_secret_once(town: Town) -> None:
    here = "/console/applications"
    desk = (await town.desks())[0]
    async with town.signed_in("ada") as ada:
        fields = {"name": "Night job", "scope": ["tickets:read", "admin"], "headless": "yes"}
        fields["desk"] = desk.id
        told = await press(ada, here, f"{here}/register", **fields)
        assert "canary-client-secret" in told.text
        listed = await ada.get(here)
        assert "canary-client-secret" not in listed.text
        assert f"<dd>{desk.name}</dd>" in listed.text
        assert "Tickets, their comments, files and history</dd>" in listed.text
        assert town.clients.kept["c0"].scopes == ("tickets:read",)
        await press(ada, here, f"{here}/remove", client="c0")
    assert town.clients.kept == {}


async def test_the_policy_is_set_tool_by_tool(town: Town) -> None:
    here = "/console/policy"
    async with town.signed_in("ada") as ada:
        chosen = {"read_only": "yes", "off": ["create_ticket"], "approval": ["update_ticket"]}
        await press(ada, here, f"{here}/set", **chosen)
        page = await ada.get(here)
        policy = await SqlPolicies(town.database, town.tenant.id).get()
        assert policy.read_only
        assert policy.switched_off == {"create_ticket"}
        assert policy.needs_approval == {"update_ticket"}
        assert page.text.count(" checked>") == 3
        await press(ada, here, f"{here}/set")
    assert not (await SqlPolicies(town.database, town.tenant.id).get()).read_only


async def test_the_audit_trail_is_searched_page_by_page(town: Town) -> None:
    for event in events(town.tenant.id, 120, datetime.now(UTC)):
        await town.trail.begin(event)
    async with town.signed_in("aud") as aud:
        page = await aud.get("/console/audit?tool=get_ticket")
        assert "add_comment" not in page.text
        nothing = await aud.get("/console/audit?user=nobody")
        assert "Nothing was found." in nothing.text
        bad = await aud.get("/console/audit?since=yesterday")
        assert bad.status_code == 422
        seen: list[str] = []
        there = "/console/audit?user=ana"
        while there:
            page = await aud.get(there)
            seen += [row.partition("<")[0] for row in page.text.split('<td class="nowrap">')[1:]]
            older = page.text.partition('class="button" href="/console/audit?until')[2]
            query = older.partition('"')[0].replace("&amp;", "&")
            there = f"/console/audit?until{query}" if query else ""
    assert len(seen) == 120


async def test_d08_a_value_that_is_not_kept_is_found_by_its_fingerprint(town: Town) -> None:
    here, wanted = "/console/audit", "canary.guest@example.org"
    async with town.signed_in("ada") as ada:
        invited = {"email": wanted, "role": "agent"}
        await press(ada, "/console/people", "/console/people/invite", **invited)
        found = await press(ada, here, f"{here}/find", value=wanted.upper())
        there = found.headers["location"]
        assert found.status_code == 303
        assert re.fullmatch(r"/console/audit\?fingerprint=[0-9a-f]{32}", there)
        page = (await ada.get(there)).text
        assert "<code>invite_person</code>" in page
        assert "<code>list_people</code>" not in page
        assert wanted not in page.lower()
        exported = await ada.get(there.replace("/audit?", "/audit/export?format=jsonl&"))
        assert '"invite_person"' in exported.text
        assert wanted not in exported.text.lower()
        nothing = await press(ada, here, f"{here}/find", value="somebody else")
        page = (await ada.get(nothing.headers["location"])).text
        assert "invite_person" not in page
    async with town.signed_in("ana") as ana:
        token = token_in(await ana.get("/console/account"))
        refused = await ana.post(f"{here}/find", data={"token": token, "value": wanted})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("kind", "media"), [("csv", "text/csv"), ("jsonl", "application/x-ndjson")]
)
async def test_an_export_is_a_file_that_opens_inert(town: Town, kind: str, media: str) -> None:
    async with town.signed_in("aud") as aud:
        await aud.get("/console/audit?target=%3Dcmd|x")
        hostile = events(town.tenant.id, 1, datetime.now(UTC))[0]
        await town.trail.begin(replace(hostile, target="=cmd|' /C calc'!A0</script>\u2028"))
        file = await aud.get(f"/console/audit/export?format={kind}")
    assert file.headers["content-type"].startswith(media)
    assert file.headers["content-disposition"].startswith('attachment; filename="audit-')
    assert file.headers["x-content-type-options"] == "nosniff"
    if kind == "csv":
        cells = [cell for row in csv.reader(io.StringIO(file.text)) for cell in row]
        assert "'=cmd|' /C calc'!A0</script>\u2028" in cells
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    else:
        assert "</script>" not in file.text


async def test_an_operator_looks_after_organisations(town: Town) -> None:
    here = "/console/organisations"
    async with town.signed_in("ada") as ada:
        fields = {"slug": "initech", "name": "Initech", "locale": "es", "time_zone": "UTC"}
        await press(ada, here, f"{here}/create", **fields)
        made = await SqlTenants(town.database).get("initech")
        changes = {"name": "Initech SL", "tier": "premium", "locale": "en", "time_zone": "UTC"}
        await press(ada, here, f"{here}/update", tenant=made.id, **changes)
        now = await SqlTenants(town.database).get(made.id)
        assert (now.name, now.tier, now.locale) == ("Initech SL", "premium", "en")
        assert "Two and a half times" in (await ada.get(here)).text
        await press(ada, here, f"{here}/suspend", tenant=made.id, reason="Unpaid")
        assert "Unpaid" in (await ada.get(here)).text
        await press(ada, here, f"{here}/resume", tenant=made.id)
        wrong = await press(ada, here, f"{here}/delete", tenant=made.id, confirm_slug="acme")
        assert wrong.status_code == 409
        await press(ada, here, f"{here}/delete", tenant=made.id, confirm_slug="initech")
        assert "Initech" not in (await ada.get(here)).text


async def test_the_overview_draws_what_happened(town: Town) -> None:
    for event in events(town.tenant.id, 60, datetime.now(UTC)):
        await town.trail.begin(event)
    async with town.signed_in("ada") as ada:
        await ada.get("/console/people")
        page = await ada.get("/console/overview?span=week")
    assert "list_people" not in page.text, "clicks are not calls of agents"
    assert page.text.count('role="img"') == 3
    assert "<rect" in page.text
    assert '<a href="/console/overview?span=week" aria-current="true">' in page.text
    assert "get_ticket" in page.text


async def test_no_page_of_the_console_shows_a_credential(town: Town) -> None:
    async with town.signed_in("ada") as ada:
        desk = (await town.desks())[0]
        for path in (*ROOMS, f"/console/desks/at/{desk.id}", "/console/audit/export"):
            page = await ada.get(path)
            assert CANARY not in page.text
            assert PASSWORD not in page.text


async def test_what_is_done_in_the_console_is_in_the_audit_trail(town: Town) -> None:
    async with town.signed_in("ada") as ada:
        here = "/console/people"
        await press(ada, here, f"{here}/disable", person=town.people["ana"].id)
    found = [event async for event in town.trail.search(AuditQuery(tool_name="disable_person"))]
    assert [(e.origin, e.outcome, e.user) for e in found] == [
        ("console", "ok", town.people["ada"].id)
    ]


async def test_the_console_speaks_spanish(town: Town) -> None:
    async with town.signed_in("ada", **{"accept-language": "es"}) as ada:
        page = await ada.get("/console/overview")
    assert "Cuánto tardan las llamadas" in page.text
    assert '<html lang="es">' in page.text


async def _members(town: Town) -> list[str]:
    store = SqlPeople(town.database, town.tenant.id, town.parts.passwords)
    return [member.email for member in await store.every()]


async def _member(town: Town, name: str) -> Member:
    store = SqlPeople(town.database, town.tenant.id, town.parts.passwords)
    return await store.get(f"{name}@acme.example")
