"""Every help-desk tool that an earlier ServiceDesk Plus server documented works under its name."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tools.asking import ANA, Asking

from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.pipeline.passing import meant
from helpdesk_mcp.tools.aliases import ALIASES
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.tools.days import span_of
from helpdesk_mcp.tools.sayings import Saying, said

LATER, LATEST = "2030-01-01T08:00:00Z", "2030-01-01T12:00:00Z"
FIRST_STACK: dict[str, dict[str, Any]] = {
    "get_metadata": {},
    "list_requests": {
        "limit": 100,
        "status": "open",
        "priority": "high",
        "sort_by": "created_time",
        "sort_order": "asc",
    },
    "get_request": {"request_id": "T"},
    "create_request": {"subject": "VPN", "description": "No", "requester_email": "a@example.com"},
    "update_request": {"request_id": "T", "subject": "VPN again", "priority": "low"},
    "close_request": {"request_id": "T", "closure_comments": "Done", "closure_code": "Resolved"},
    "add_note": {"request_id": "T", "note_content": "Called"},
    "search_requests": {"query": "printer", "limit": 100},
    "list_technicians": {"limit": 25, "search_term": "alice"},
    "get_technician": {"technician_id": "2"},
    "find_technician": {"search_term": "alice"},
    "reply_to_requester": {"request_id": "T", "reply_message": "Hi", "mark_first_response": True},
    "add_private_note": {"request_id": "T", "note_content": "Hm", "notify_technician": True},
    "send_first_response": {"request_id": "T", "response_message": "We are on it"},
    "get_request_conversation": {"request_id": "T"},
}
"""`claude_code_command`, the sixteenth, ran programs on the server: it is deliberately absent."""
REQUESTS: dict[str, dict[str, Any]] = {
    "get_request": {"id": "T"},
    "update_request": {"id": "T", "data": {"subject": "Again"}},
    "delete_request": {"id": "T"},
    "list_requests": {"page": 1, "page_size": 100, "include_details": True},
    "close_request": {
        "id": "T",
        "data": {"closure_comments": "x", "requester_ack_resolution": False},
    },
    "pickup_request": {"id": "T"},
    "search_requests": {"query": "printer"},
    "get_request_statistics": {},
    "list_requests_formatted": {"status": "open", "page_size": 100, "format": "table"},
    "search_requests_smart": {"query": "printer", "max_results": 500},
    "bulk_update_request_status": {"ids": ["T"], "new_status": "resolved", "dry_run": True},
    "analyze_requests": {"period": "last 7 days", "dimensions": ["status"]},
    "batch_create_requests": {"requests": [{"subject": "One"}], "batchSize": 10},
    "batch_update_requests": {"requests": [{"id": "T", "data": {"subject": "Two"}}]},
    "batch_close_requests": {"requests": [{"id": "T", "closure_comments": "Done"}]},
}
MODULES: dict[str, dict[str, Any]] = {
    "create_problem": {"title": "Old rollers", "priority": "High", "known_error": True},
    "get_problem": {"id": "P"},
    "update_problem": {"id": "P", "data": {"title": "Older rollers"}},
    "delete_problem": {"id": "P", "for_good": True},
    "list_problems": {},
    "analyze_problem_root_cause": {
        "id": "P",
        "analysis": {"root_cause": "Age", "resolution_steps": ["Buy", "Fit"]},
    },
    "link_incidents_to_problem": {"id": "P", "incident_ids": ["T"]},
    "search_problems": {"search_term": "rollers"},
    "get_problem_statistics": {},
    "create_change": {"title": "Switch", "type": "Major", "rollout_plan": "At night"},
    "get_change": {"id": "C"},
    "update_change": {"id": "C", "data": {"priority": "High", "stage": "Review"}},
    "delete_change": {"id": "C"},
    "list_changes": {},
    "submit_change_for_approval": {
        "id": "C",
        "approval_comments": "May we?",
        "approvers": "alice",
    },
    "approve_change": {"id": "C", "approval_id": "A", "comments": "Yes"},
    "reject_change": {"id": "C", "approval_id": "A", "reason": "Not now"},
    "schedule_change_implementation": {
        "id": "C",
        "scheduled_start": LATER,
        "scheduled_end": LATEST,
        "implementation_plan": "Plug it in",
        "rollback_plan": "Plug it out",
    },
    "complete_change": {"id": "R", "completion_notes": "Done", "actual_end": LATEST},
    "search_changes": {"search_term": "switch"},
    "get_change_statistics": {},
    "create_project": {"title": "Move", "scheduled_start": LATER},
    "get_project": {"id": "J"},
    "update_project": {"id": "J", "data": {"status": "In Progress"}},
    "delete_project": {"id": "J", "for_good": True},
    "list_projects": {},
    "create_project_milestone": {"project_id": "J", "title": "Pack"},
    "list_project_milestones": {"project_id": "J"},
    "create_project_task": {"project_id": "J", "title": "Boxes"},
    "list_project_tasks": {"project_id": "J"},
    "update_project_task": {"project_id": "J", "task_id": "K", "status": "In Progress"},
    "complete_project_task": {"project_id": "J", "task_id": "K"},
    "get_project_progress": {"id": "J"},
    "search_projects": {"search_term": "move"},
    "get_project_statistics": {},
    "create_asset": {"name": "Laptop", "product": "Nimbus 14", "asset_tag": "T-2"},
    "get_asset": {"id": "S"},
    "update_asset": {"id": "S", "data": {"location": "Room 2"}},
    "delete_asset": {"id": "S", "for_good": True},
    "list_assets": {},
    "list_asset_computers": {},
    "assign_asset_to_user": {"id": "S", "user_id": "alice"},
    "update_asset_state": {"id": "S", "state": "In Repair"},
    "link_asset_to_request": {"id": "S", "request_id": "T"},
    "get_asset_history": {"id": "S"},
    "search_assets": {"search_term": "laptop"},
    "get_asset_statistics": {},
    "import_assets_csv": {"csv_data": "name,product,asset_tag\nLaptop 3,Nimbus 14,T-3"},
    "batch_delete_assets": {"ids": ["S"], "for_good": True},
    "batch_assign_assets": {"assignments": [{"asset_id": "S", "user": "alice"}]},
    "batch_create_project_tasks": {"project_id": "J", "tasks": [{"title": "Tape"}]},
    "get_batch_operation_tips": {},
    "check_system_health": {"include_tenant_details": True},
    "get_performance_metrics": {"period": "24h"},
    "diagnose_issues": {},
    "get_tool_documentation": {"format": "markdown", "module": "problems"},
    "search_tools": {"query": "close a ticket", "search_in": "name"},
    "get_tool_details": {"tool_name": "create_request"},
    "list_available_scopes": {},
}
SCOPE_MAP: dict[str, dict[str, Any]] = {
    "list_users": {"search": "a@example"},
    "get_user": {"user_id": "a@example.com"},
    "create_solution": {"title": "Feed it", "description": "Open tray 2", "topic": "General"},
    "get_solution": {"id": "1"},
    "list_solutions": {"search": "password"},
    "update_solution": {"solution_id": "1", "title": "Reset"},
    "delete_solution": {"solution_id": "1"},
    "get_contract": {"id": "N"},
    "list_contracts": {},
}
ROWS = [
    (name, given)
    for part in (FIRST_STACK, REQUESTS, MODULES, SCOPE_MAP)
    for name, given in part.items()
]
BY_NAME = {tool.name: tool for tool in TOOLS}
OWN = set(BY_NAME)


async def prepared(ask: Asking) -> dict[str, str]:
    """File one of everything and return what the letters stand for."""
    ticket = await ask("create_ticket", subject="Printer", queue="it", requester="a@example.com")
    problem = await ask("create_problem", title="Rollers")
    change = await ask("create_change", title="Switch")
    ready = await ask("create_change", title="Router")
    await ask("update_change", change_id=ready["id"], stage="Review")
    approval = await ask(
        "submit_change_for_approval", change_id=change["id"], approvers="agent", message="?"
    )
    project = await ask("create_project", title="Move")
    task = await ask("create_project_task", project_id=project["id"], title="Plan")
    asset = await ask("create_asset", name="Laptop", product="Nimbus 14", tag="T-1")
    contract = (await ask("list_contracts"))["contracts"][0]
    found = {
        "P": problem,
        "C": change,
        "R": ready,
        "A": approval,
        "J": project,
        "K": task,
        "S": asset,
        "N": contract,
    }
    return {"T": ticket["ticket_id"], **{letter: row["id"] for letter, row in found.items()}}


def filled(value: Any, letters: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, letters) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType] -- any documented arguments
    if isinstance(value, list):
        return [filled(one, letters) for one in value]  # pyright: ignore[reportUnknownVariableType] -- as above
    return letters.get(value, value) if isinstance(value, str) else value


NOTHING_THERE = frozenset(
    {
        "list_requests",  # none is of high priority
        *("get_request_conversation", "get_asset_history", "list_project_milestones"),
    }
)
"""Documented lists that a desk with one of everything has nothing for."""


@pytest.mark.parametrize(("name", "given"), ROWS, ids=[f"{n}-{r[0]}" for n, r in enumerate(ROWS)])
async def test_a_documented_tool_does_its_work_under_its_own_name(
    name: str, given: dict[str, Any]
) -> None:
    ask = Asking()
    letters = await prepared(ask)
    arguments = filled(given, letters)
    if name == "create_request":
        arguments["queue"] = "it"  # the desk in memory has several, and asks which
    if name == "batch_create_requests":
        arguments["requests"][0]["queue"] = "it"
    answer = await ask(name, **arguments)
    assert not answer.get("failed"), answer
    assert answer.get("shown") != 0 or name in NOTHING_THERE, answer
    assert ask.kept.records[-1].outcome == "ok"
    assert ask.kept.records[-1].tool in OWN


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("close_request", {"request_id": "T", "closure_comments": "x", "closure_code": "Success"}),
        ("close_ticket", {"ticket_id": "T", "resolution": "x", "closure_code": "Success"}),
        ("close_ticket", {"ticket_id": "T", "resolution": "x", "code": "Success"}),
    ],
)
async def test_a_closing_code_reaches_the_desk_which_refuses_it_if_it_has_none(
    name: str, given: dict[str, Any]
) -> None:
    ask = Asking()
    letters = await prepared(ask)
    with pytest.raises(Invalid, match="no closing codes; leave `code` out") as caught:
        await ask(name, **filled(given, letters))
    assert caught.value.reason == "no_codes"
    ticket = await ask("get_ticket", ticket_id=letters["T"])
    assert (ticket["status"], ticket.get("resolution")) == ("Open", None)


async def test_a_batch_of_closings_writes_what_each_item_says() -> None:
    ask = Asking()
    letters = await prepared(ask)
    other = await ask("create_ticket", subject="Fax", queue="it")
    rows = [
        {"id": letters["T"], "closure_comments": "Printer again"},
        {"id": other["ticket_id"], "closure_comments": "Fax again", "closure_code": "Success"},
    ]
    said = await ask("batch_close_requests", requests=rows)
    assert [item["outcome"] for item in said["items"]] == ["done", "failed"]
    assert said["items"][1]["error"]["reason"] == "no_codes"
    said = await ask("batch_close_requests", requests=[{**rows[1], "closure_code": "Resolved"}])
    assert said["done"] == 1
    told = [await ask("get_ticket", ticket_id=row["id"]) for row in rows]
    assert ["Printer again" in told[0]["resolution"], "Fax again" in told[1]["resolution"]] == [
        True,
        True,
    ]


MEANT: tuple[tuple[str, dict[str, Any], str, dict[str, Any]], ...] = (
    (
        "list_requests",
        {"sort_by": "created_time", "sort_order": "asc", "page": 2, "page_size": 25},
        "list_tickets",
        {"sort": "created", "page": 2, "page_size": 25},
    ),
    (
        "list_requests",
        {"search_fields": {"status.name": "open", "technician.email_id": "a@example.com"}},
        "list_tickets",
        {"status": "open", "assignee": "a@example.com"},
    ),
    ("list_requests", {"filter_by": {"name": "All_Requests"}}, "list_tickets", {}),
    (
        "list_requests_formatted",
        {
            "filters": {"status": "Open", "group": {"name": "Network"}},
            "pagination": {"page_size": 20, "max_pages": 5, "page": 3},
            "sort_by": "-created_time",
            "format": "table",
        },
        "list_tickets",
        {"status": "Open", "queue": "Network", "sort": "-created", "page_size": 20, "page": 3},
    ),
    (
        "search_requests",
        {"criteria": {"status.name": "Open", "subject": "VPN"}, "limit": 5},
        "search_tickets_advanced",
        {
            "limit": 5,
            "where": [
                {"field": "status", "operator": "is", "value": "Open"},
                {"field": "subject", "operator": "contains", "value": "VPN"},
            ],
        },
    ),
    (
        "search_requests",
        {"criteria": [{"field": "priority.name", "condition": "neq", "values": ["Low"]}]},
        "search_tickets_advanced",
        {"where": [{"field": "priority", "operator": "is not", "value": ["Low"]}]},
    ),
    (
        "search_requests_smart",
        {"query": "high priority VPN tickets from the last 7 days", "max_results": 500},
        "search_tickets",
        {"query": "vpn", "priority": "High", "period": "last 7 days", "page_size": 25},
    ),
    (
        "search_requests_smart",
        {"query": "incidencias abiertas hoy"},
        "list_tickets",
        {"status": "Open", "period": "hoy"},
    ),
    (
        "search_requests_smart",
        {"query": "VPN", "date_range": {"from": "2026-11-01", "to": "2026-11-15"}},
        "search_tickets",
        {"query": "VPN", "period": "2026-11-01 to 2026-11-15"},
    ),
    (
        "create_request",
        {"subject": "x", "requester": {"email": "a@example.com"}, "technician": {"id": 7}},
        "create_ticket",
        {"subject": "x", "requester": "a@example.com", "assignee": 7},
    ),
    (
        "pickup_request",
        {"id": "1", "technician": {"email_id": "a@example.com"}},
        "assign_ticket",
        {"ticket_id": "1", "assignee": "a@example.com"},
    ),
    (
        "create_problem",
        {"title": "x", "owner": "bob", "analysis": {"root_cause": "Age", "symptoms": "Jams"}},
        "create_problem",
        {"title": "x", "assignee": "bob", "root_cause": "Age", "symptoms": "Jams"},
    ),
    (
        "close_request",
        {"id": "1", "data": {"closure_comments": "x", "requester_ack_resolution": True}},
        "close_ticket",
        {"ticket_id": "1", "closure_comments": "x", "notify": False},
    ),
    (
        "add_note",
        {"request_id": "1", "note_content": "x", "is_public": True},
        "add_followup",
        {"ticket_id": "1", "comment": "x", "public": True},
    ),
    (
        "add_note",
        {"request_id": "1", "note_content": "x", "is_public": False},
        "add_note",
        {"ticket_id": "1", "note_content": "x"},
    ),
    (
        "add_private_note",
        {"request_id": "1", "note_content": "x", "notify_technician": True},
        "add_followup",
        {"ticket_id": "1", "comment": "x", "notify_technician": True, "public": False},
    ),
    (
        "bulk_update_request_status",
        {"request_ids": ["1"], "new_status": "closed"},
        "bulk_update_tickets",
        {"ticket_ids": ["1"], "change": {"status": "closed"}},
    ),
    (
        "analyze_requests",
        {"dimensions": ["site", "technician"], "output": "detailed"},
        "get_ticket_statistics",
        {"dimensions": ["site", "technician"], "format": "json"},
    ),
    ("get_tool_documentation", {"module": "requests"}, "search_tools", {"toolset": "tickets"}),
)


@pytest.mark.parametrize(
    ("name", "given", "tool", "ours"), MEANT, ids=[f"{n}-{r[0]}" for n, r in enumerate(MEANT)]
)
def test_documented_arguments_mean_what_they_say(
    name: str, given: dict[str, Any], tool: str, ours: dict[str, Any]
) -> None:
    found = meant(BY_NAME, name, given)
    assert (found.name, found.arguments, found.refused) == (tool, ours, None)
    target = BY_NAME[found.name]
    assert set(found.arguments) <= {*target.arguments.model_fields, *target.renamed}


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("list_requests", {"filter_by": {"name": "My_Open_Requests"}}, "`filter_by` names a view"),
        ("list_requests", {"search_fields": {"urgency.name": "High"}}, "search_tickets_advanced"),
        ("list_requests", {"sort_by": "subject"}, "Lists are sorted by"),
        ("list_requests", {"sort_by": "due_by_time", "sort_order": "desc"}, "sort_order asc"),
        ("list_requests", {"page": 2, "page_size": 100}, "pages of 25"),
        ("search_requests", {"criteria": [{"logical_operator": "OR"}]}, "any_of"),
        ("search_requests_smart", {"query": "x", "date_range": {"field": "due"}}, "creation"),
        ("bulk_update_request_status", {"filter": {}, "new_status": "closed"}, "`ids`"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_never_left_out(
    name: str, given: dict[str, Any], says: str
) -> None:
    ask = Asking()
    with pytest.raises(Invalid, match=says):
        await ask(name, **given)
    assert (ask.kept.records[-1].outcome, ask.kept.records[-1].reason) == ("invalid", "arguments")
    assert await ask.pipeline.forecast(ANA, name, given) is None, "it would be an HTTP error"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("open", Saying(status="Open")),
        ("closed tickets this month", Saying(status="Closed", period="this month")),
        ("urgent today", Saying(priority="Urgent", period="today")),
        ("solicitudes pendientes de alta prioridad", Saying(status="On Hold", priority="High")),
        ("door does not open", Saying("door does not open")),
        ("VPN caída site Madrid", Saying("VPN caída site Madrid")),
        ("impresora de los últimos 3 días", Saying("impresora", period="últimos 3 días")),
    ],
)
def test_a_sentence_is_taken_apart_only_where_it_is_plain(sentence: str, expected: Saying) -> None:
    found = said(sentence)
    assert found == expected
    if found.period is not None:
        assert span_of(found.period, date(2026, 11, 26))


WORDS = (
    *("criteria", "condition", "field", "filters", "pagination", "page", "page_size", "sort_by"),
    *("sort_order", "search_fields", "filter_by", "query", "date_range", "from", "data", "options"),
    *("requests", "updates", "closure_code", "resolution_steps", "new_status", "module", "format"),
    *("is_public", "output", "logical_operator", "name", "email", "udf_fields", "technician"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(0, 200) | st.sampled_from(("high", "asc", "")),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@example("search_requests", {"criteria": [{"condition": ["is"], "field": {}}]})
@example("search_requests_smart", {"query": "open", "date_range": {"from": [], "to": {}}})
@given(st.sampled_from(sorted(ALIASES)), st.dictionaries(st.sampled_from(WORDS), ANYTHING))
def test_m25_whatever_a_documented_tool_is_given_nothing_breaks(
    name: str, asked: dict[str, Any]
) -> None:
    assert meant(BY_NAME, name, asked).name in BY_NAME


def test_every_documented_name_is_in_the_catalogue_or_an_alias() -> None:
    documented = {name for name, _ in ROWS}
    assert documented <= OWN | set(ALIASES)
    assert set(ALIASES) <= documented, "an alias that nobody documented"
    told = Path("docs/reference/tool-names.md").read_text()
    assert [name for name in documented if f"\n| `{name}` |" not in told] == []


def test_a_name_that_ran_programs_on_the_server_is_absent() -> None:
    assert "claude_code_command" not in OWN | set(ALIASES)


@pytest.mark.parametrize("name", ALIASES)
def test_an_alias_leads_to_a_tool_and_to_arguments_it_takes(name: str) -> None:
    alias = ALIASES[name]
    assert BY_NAME[alias.tool].aliases[name] is alias
    for one in (alias, *([alias.instead.alias] if alias.instead else [])):
        tool = BY_NAME[one.tool]
        known = set(tool.arguments.model_fields) | set(tool.renamed)
        assert {*one.renamed.values(), *one.fixed, *one.usual} <= known


async def test_an_alias_is_found_and_described_but_never_listed() -> None:
    ask = Asking()
    found = await ask("search_tools", query="pickup_request")
    assert found["tools"][0]["name"] == "assign_ticket"
    assert (await ask("describe_tool", name="pickup_request"))["name"] == "assign_ticket"
    listed: list[AnyOperation] = [tool for tool in TOOLS if tool.listed]
    assert not {tool.name for tool in listed} & (set(ALIASES) - OWN)


async def test_run_tool_runs_an_alias_under_our_name_and_scopes() -> None:
    ask = Asking()
    await prepared(ask)
    await ask("run_tool", name="list_requests", arguments={"limit": 5})
    assert (ask.kept.records[-1].tool, ask.kept.records[-1].call.via) == (
        "list_tickets",
        "run_tool",
    )


async def test_a_wrong_argument_of_an_alias_is_refused_by_name() -> None:
    with pytest.raises(HelpdeskError, match="colour"):
        await Asking()("list_requests", colour="red")


async def test_the_documentation_tools_list_tools_by_toolset_details_and_scopes() -> None:
    """The four documentation tools of an earlier server say what they were documented to say."""
    ask = Asking()
    topics = (await ask("get_tool_documentation"))["toolsets"]
    assert {"tickets", "problems", "assets"} <= topics.keys()
    told = (await ask("get_tool_documentation", module="problems", format="json"))["tools"]
    assert {row["name"] for row in told} == {t.name for t in TOOLS if t.toolset == "problems"}
    assert len(told) == topics["problems"]
    details = await ask("get_tool_details", tool_name="create_request")
    assert (details["name"], "subject" in details["input_schema"]["properties"]) == (
        "create_ticket",
        True,
    )
    assert details["example"]
    assert details["scopes"] == ["tickets:write"]
    found = (await ask("search_tools", query="close a ticket"))["tools"]
    assert "close_ticket" in {row["name"] for row in found[:3]}
    assert "tickets:write" in (await ask("list_available_scopes"))["scopes"]
