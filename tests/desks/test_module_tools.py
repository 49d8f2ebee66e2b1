"""Every tool of the catalogue does its work through the whole road, on both editions."""

from typing import Any

import pytest
from tests.desks.servicedesk import Bench, bench
from tests.tools.asking import Asking

from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.domain.errors import Code, HelpdeskError
from helpdesk_mcp.tools.catalog import TOOLS

EDITIONS = pytest.mark.parametrize("edition", ["onprem", "cloud"])
Given = dict[str, Any]


class Shift:
    """One person's day: calls tools, and remembers what was made under a letter."""

    def __init__(self, made: Bench) -> None:
        self.ask = Asking(made.desk)
        self.called: set[str] = set()
        self.ids: dict[str, str] = {}

    async def do(self, tool: str, given: Given | None = None, *, made: str = "") -> Given:
        """Call a tool; `$x` in an argument is the id that was made as x."""
        self.called.add(tool)
        answer = await self.ask(tool, **self._filled(given or {}))
        if made:
            self.ids[made] = answer.get("id") or answer["ticket_id"]
        return answer

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType] -- any arguments
        if isinstance(value, list):
            return [self._filled(one) for one in value]  # pyright: ignore[reportUnknownVariableType] -- as above
        return self.ids[value[1:]] if isinstance(value, str) and value[:1] == "$" else value


async def tickets(shift: Shift) -> None:
    for name in ("t", "u", "v"):
        await shift.do("create_ticket", {"subject": f"Ticket {name}"}, made=name)
    ticket = {"ticket_id": "$t"}
    assert (await shift.do("pick_up_ticket", ticket))["changes"]
    await shift.do("hold_ticket", {**ticket, "reason": "Part", "until": "2030-01-01T08:00:00Z"})
    await shift.do("link_tickets", {**ticket, "others": "$u", "comment": "Same room"})
    assert (await shift.do("list_linked_tickets", ticket))["shown"] == 1
    await shift.do("unlink_tickets", {**ticket, "others": "$u"})
    await shift.do("merge_tickets", {**ticket, "others": "$v"})
    await shift.do("set_resolution", {**ticket, "resolution": "Rebooted"})
    assert "Rebooted" in (await shift.do("get_resolution", ticket))["text"]
    await shift.do("trash_ticket", {"ticket_id": "$u"})
    await shift.do("restore_ticket", {"ticket_id": "$u"})


async def everyday(shift: Shift) -> None:
    subject = "VPN down at the airport"
    await shift.do("create_ticket", {"subject": subject, "description": "Since Monday"}, made="e")
    ticket = {"ticket_id": "$e"}
    listed = await shift.do("list_tickets", {"period": "hoy", "status": "open", "page_size": 5})
    assert listed["tickets"][0]["subject"] == subject
    assert (await shift.do("search_tickets", {"query": "airport"}))["total"] == 1
    where = [{"field": "subject", "operator": "contains", "value": "airport"}]
    assert (await shift.do("search_tickets_advanced", {"where": where}))["total"] == 1
    assert "High" in (await shift.do("get_ticket_fields"))["priorities"]
    await shift.do("update_ticket", {**ticket, "priority": "urgent"})
    await shift.do("assign_ticket", {**ticket, "assignee": "Alice Nguyen"})
    read = await shift.do("get_ticket", ticket)
    assert (read["priority"], read["assignee"]) == ("High", "Alice Nguyen")


async def talk(shift: Shift) -> None:
    ticket = {"ticket_id": "$e"}
    await shift.do("add_note", {**ticket, "text": "Gateway at 90 %"})
    await shift.do("reply_to_requester", {**ticket, "text": "We are on it"})
    await shift.do("add_followup", {**ticket, "comment": "Third time", "public": False})
    said = await shift.do("get_conversation", ticket)
    assert [one["visibility"] for one in said["comments"]] == ["internal", "public", "internal"]
    file = {**ticket, "filename": "trace.txt", "text": "1.1.1.1 42 ms"}
    number = (await shift.do("add_attachment", file))["attachment_id"]
    got = await shift.do("get_attachment", {**ticket, "attachment_id": number})
    assert "42 ms" in got["text"]
    assert (await shift.do("get_queues"))["queues"]
    assert (await shift.do("get_users", {"query": "alice"}))["people"]
    assert (await shift.do("search_requesters", {"query": "alice"}))["people"]
    assert (await shift.do("search_knowledge_base", {"query": "VPN"}))["articles"]
    assert await shift.do("get_agent_session_info")
    for tool in ("set_agent_intent", "finish_agent_session"):
        with pytest.raises(HelpdeskError, match="live at once"):
            await shift.do(tool, {"intent": "Tidy up"} if tool == "set_agent_intent" else {})
    assert (await shift.do("search_tools", {"query": "problem"}))["tools"]
    assert (await shift.do("describe_tool", {"name": "create_problem"}))["example"]
    assert (await shift.do("list_scopes"))["scopes"]
    run = {"name": "get_ticket", "arguments": ticket}
    assert (await shift.do("run_tool", run))["priority"] == "High"


async def many(shift: Shift) -> None:
    new = [{"subject": "One"}, {"subject": "Two", "priority": "urgente"}, {"subject": "Three"}]
    wrong = {"subject": "Four", "priority": "no such priority"}
    for dry_run, outcome in ((True, "would_do"), (False, "done")):
        before = (await shift.do("list_tickets"))["total"]
        made = await shift.do("bulk_create_tickets", {"tickets": [wrong, *new], "dry_run": dry_run})
        assert [one["outcome"] for one in made["items"]] == ["failed", *[outcome] * 3]
        assert "High" in made["items"][0]["error"]["message"]
        added = (await shift.do("list_tickets"))["total"] - before
        assert added == (0 if dry_run else 3)
    ids = [one["ticket_id"] for one in made["items"] if one["outcome"] == "done"]
    change = {"ticket_ids": [*ids, "999999999999"], "change": {"priority": "Low"}}
    for dry_run, outcome in ((True, "would_do"), (False, "done")):
        told = await shift.do("bulk_update_tickets", {**change, "dry_run": dry_run})
        assert [one["outcome"] for one in told["items"]] == [*[outcome] * 3, "failed"]
        assert told["items"][1]["changes"][0]["before"] == "High"
    first = {"ticket_ids": ["999999999999", *ids], "resolution": "Done", "continue_on_error": False}
    stopped = await shift.do("bulk_close_tickets", first)
    assert [one["outcome"] for one in stopped["items"]] == ["failed", *["not_tried"] * 3]
    closed = await shift.do("bulk_close_tickets", {"ticket_ids": ids, "resolution": "Done"})
    assert closed["done"] == 3
    figures = await shift.do("get_ticket_statistics", {"period": "today", "by": "priority"})
    assert figures["figures"]["closed"] >= 3
    assert {row["name"] for row in figures["by"]["priority"]} >= {"Low"}
    report = await shift.do("get_sla_report", {"period": "últimos 30 días"})
    assert report["covers"]["looked_at"] == report["covers"]["total"] > 0


async def work(shift: Shift) -> None:
    ticket = {"ticket_id": "$t"}
    spent = {"time_spent": "1:30", "description": "Cabling", "start": "2026-01-01T08:00:00Z"}
    await shift.do("add_worklog", {**ticket, **spent, "kind": "Remote"}, made="w")
    await shift.do("update_worklog", {**ticket, "worklog_id": "$w", "time_spent": "20"})
    log = (await shift.do("list_worklogs", ticket))["worklogs"][0]
    assert (log["minutes"], log["kind"]) == (20, "Remote")
    await shift.do("delete_worklog", {**ticket, "worklog_id": "$w"})
    await shift.do("add_task", {**ticket, "title": "Cable", "owner": "me"}, made="k")
    task = {**ticket, "task_id": "$k"}
    await shift.do("update_task", {**task, "progress": 50, "end": "2030-01-01T08:00:00Z"})
    assert (await shift.do("get_task", task))["progress"] == 50
    await shift.do("close_task", task)
    assert (await shift.do("list_tasks", ticket))["tasks"][0]["status"] == "Closed"
    await shift.do("close_ticket", {**ticket, "resolution": "Done", "notify": False})
    await shift.do("reopen_ticket", {**ticket, "reason": "It is back"})


async def approvals(shift: Shift) -> None:
    asked = {"ticket_id": "$t", "approvers": "Alice Nguyen", "message": "May we?"}
    await shift.do("request_approval", asked)
    await shift.do("request_approval", asked)
    waiting = (await shift.do("list_pending_approvals"))["approvals"]
    assert {row["approver"] for row in waiting} == {"Alice Nguyen"}
    first, second = (await shift.do("list_approvals", {"ticket_id": "$t"}))["approvals"]
    mine = {"ticket_id": "$t", "comment": "Fine"}
    said = await shift.do("approve_ticket", {**mine, "approval_id": first["id"]})
    assert said["changes"][0]["after"] == "Approved"
    said = await shift.do("reject_ticket", {**mine, "approval_id": second["id"]})
    assert said["changes"][0]["after"] == "Denied"


async def knowledge(shift: Shift) -> None:
    article = {"title": "Feed it", "answer": "Open tray 2", "category": "General"}
    await shift.do("create_article", {**article, "keywords": "printer, tray"}, made="a")
    await shift.do("update_article", {"article_id": "$a", "public": True})
    await shift.do("publish_article", {"article_id": "$a"})
    await shift.do("delete_article", {"article_id": "$a"})


async def problems(shift: Shift) -> None:
    await shift.do("create_problem", {"title": "Rollers", "priority": "High"}, made="p")
    problem = {"problem_id": "$p"}
    await shift.do("update_problem", {**problem, "category": "Network", "subcategory": "VPN"})
    await shift.do("analyze_problem", {**problem, "root_cause": "Age", "symptoms": "Jams"})
    await shift.do("link_tickets_to_problem", {**problem, "tickets": "$t"})
    again = await shift.do("link_tickets_to_problem", {**problem, "tickets": "$t"})
    assert again["warnings"]
    read = await shift.do("get_problem", problem)
    assert (read["subcategory"], "Age" in read["root_cause"]) == ("VPN", True)
    assert (await shift.do("list_problems", {"query": "rollers"}))["total"] == 1
    assert (await shift.do("get_problem_statistics"))["total"] == 25
    await shift.do("close_problem", {**problem, "comment": "New rollers"})
    await shift.do("delete_problem", {**problem, "for_good": True})


async def changes(shift: Shift) -> None:
    plan = {"kind": "Major", "rollout_plan": "At night", "owner": "me", "risk": "Low"}
    await shift.do("create_change", {"title": "Switch", **plan}, made="c")
    change = {"change_id": "$c"}
    when = {"start": "2030-01-01T08:00:00Z", "end": "2030-01-01T12:00:00Z"}
    await shift.do("schedule_change", {**change, **when, "backout_plan": "Old one"})
    asked = {**change, "approvers": "Alice Nguyen", "message": "May we?"}
    await shift.do("submit_change_for_approval", asked)
    await shift.do("submit_change_for_approval", asked)
    first, second = (await shift.do("list_change_approvals", change))["approvals"]
    await shift.do("approve_change", {**change, "approval_id": first["id"]})
    await shift.do("reject_change", {**change, "approval_id": second["id"], "comment": "No"})
    with pytest.raises(HelpdeskError) as early:
        await shift.do("complete_change", {**change, "comment": "Done"})
    assert early.value.code is Code.CONFLICT
    await shift.do("update_change", {**change, "stage": "Review"})
    done = await shift.do("complete_change", {**change, "comment": "Done"})
    assert done["changes"][-1]["after"] == "Closed"
    read = await shift.do("get_change", change)
    assert (read["kind"], read["risk"], read["owner"]) == ("Major", "Low", "Alice Nguyen")
    assert (await shift.do("list_changes", {"query": "Switch", "kind": "major"}))["shown"] == 1
    assert (await shift.do("get_change_statistics"))["counted"] == 25
    await shift.do("delete_change", change)
    await shift.do("restore_change", change)


async def projects(shift: Shift) -> None:
    await shift.do("create_project", {"title": "Move", "code": "M-1", "owner": "me"}, made="j")
    project = {"project_id": "$j"}
    await shift.do("update_project", {**project, "status": "In Progress"})
    await shift.do("create_project_milestone", {**project, "title": "Pack"}, made="m")
    await shift.do("create_project_milestone", {**project, "title": "Ship"})
    await shift.do(
        "update_project_milestone", {**project, "milestone_id": "$m", "status": "Completed"}
    )
    assert (await shift.do("list_project_milestones", project))["total"] == 2
    place = {**project, "milestone_id": "$m"}
    await shift.do("create_project_task", {**place, "title": "Boxes"}, made="b")
    await shift.do("update_project_task", {**place, "task_id": "$b", "progress": 10})
    await shift.do("complete_project_task", {**place, "task_id": "$b"})
    await shift.do("bulk_create_project_tasks", {**project, "tasks": [{"title": "Tape"}]})
    assert (await shift.do("list_project_tasks", project))["tasks"][0]["title"] == "Tape"
    progress = await shift.do("get_project_progress", project)
    assert (progress["milestones"], progress["milestones_done"]) == (2, 1)
    assert (await shift.do("get_project", project))["code"] == "M-1"
    assert (await shift.do("list_projects", {"query": "Move", "owner": "me"}))["shown"] == 1
    assert (await shift.do("get_project_statistics"))["total"] == 4
    await shift.do("delete_project", {**project, "for_good": True})


async def assets(shift: Shift) -> None:
    laptop = {"name": "Laptop Z", "product": "Nimbus 14", "tag": "ZZ-1"}
    await shift.do("create_asset", laptop, made="s")
    asset = {"asset_id": "$s"}
    await shift.do("update_asset", {**asset, "location": "Room 2", "warranty": "2030-05-06"})
    await shift.do("assign_asset", {**asset, "user": "Alice Nguyen"})
    await shift.do("update_asset_state", {**asset, "state": "In Repair"})
    await shift.do("link_asset_to_ticket", {**asset, "ticket_id": "$t"})
    read = await shift.do("get_asset", asset)
    assert (read["user"], read["state"], read["location"]) == (
        "Alice Nguyen",
        "In Repair",
        "Room 2",
    )
    assert (await shift.do("list_assets", {"query": "ZZ-1"}))["shown"] == 1
    assert (await shift.do("list_asset_computers", {"query": "ZZ-1"}))["shown"] == 1
    assert (await shift.do("get_asset_history", asset))["events"]
    assert (await shift.do("get_asset_statistics"))["total"] == 73
    rows = "name,product,asset tag\nLaptop Y,Nimbus 14,ZZ-2\nLaptop X,Nothing,ZZ-3\nLaptop W,,ZZ-1"
    dry = await shift.do("import_assets_csv", {"csv": rows})
    assert [row["outcome"] for row in dry["items"]] == ["would_do", "failed", "failed"]
    wet = await shift.do("import_assets_csv", {"csv": rows, "dry_run": False})
    assert [row["outcome"] for row in wet["items"]] == ["done", "failed", "failed"]
    number = wet["items"][0]["id"]
    given = await shift.do(
        "bulk_assign_assets", {"assignments": [{"asset_id": number, "user": "Bob Okafor"}]}
    )
    assert given["done"] == 1
    gone = await shift.do("bulk_delete_assets", {"asset_ids": [number], "for_good": True})
    assert gone["done"] == 1
    await shift.do("delete_asset", {**asset, "for_good": True})


async def configuration(shift: Shift) -> None:
    assert (await shift.do("list_item_types"))["shown"] == 3
    await shift.do("create_configuration_item", {"name": "srv-z", "kind": "Server"}, made="x")
    service = {"name": "mail-z", "kind": "Business Service"}
    await shift.do("create_configuration_item", service, made="y")
    await shift.do("update_configuration_item", {"item_id": "$x", "address": "192.0.2.7"})
    await shift.do(
        "relate_configuration_items", {"item_id": "$y", "relation": "Runs on", "other_id": "$x"}
    )
    item = await shift.do("get_configuration_item", {"item_id": "$y"})
    assert item["relations"][0]["item"] == "srv-z"
    assert (await shift.do("list_configuration_items", {"query": "srv-z"}))["shown"] == 1
    contract = (await shift.do("list_contracts"))["contracts"][0]
    assert (await shift.do("get_contract", {"contract_id": contract["id"]}))["vendor"]
    assert (await shift.do("get_desk_health"))["answers_in_ms"] >= 0
    assert await shift.do("diagnose_connection")
    assert await shift.do("get_server_health")


@EDITIONS
async def test_every_tool_does_its_work_through_the_whole_road(edition: EditionName) -> None:
    async with bench(edition, history="history") as made:
        shift = Shift(made)
        for part in (everyday, talk, many, tickets, work, approvals, knowledge, problems, changes):
            await part(shift)
        for part in (projects, assets):
            await part(shift)
        await configuration(shift)
        assert {tool.name for tool in TOOLS} - shift.called == set()


@EDITIONS
async def test_what_a_desk_also_needs_is_named_in_the_answer(edition: EditionName) -> None:
    async with bench(edition) as made:
        ask = Asking(made.desk)
        with pytest.raises(HelpdeskError, match=r"needs `category`. Valid: .*General") as refused:
            await ask("create_article", title="Feed it", answer="Open tray 2")
        assert refused.value.code is Code.INVALID
        with pytest.raises(HelpdeskError, match=r"Valid: .*Nimbus 14"):
            await ask("create_asset", name="L", product="Nothing", tag="T")


@EDITIONS
async def test_a_part_needs_its_whole(edition: EditionName) -> None:
    async with bench(edition) as made:
        ask = Asking(made.desk)
        with pytest.raises(HelpdeskError) as refused:
            await ask("create_problem", title="x", subcategory="VPN")
        assert "category" in refused.value.message


async def test_a_hold_that_would_be_over_already_is_refused_before_anything_is_written() -> None:
    async with bench("cloud") as made:
        ask = Asking(made.desk)
        ticket_id = (await ask("create_ticket", subject="x"))["ticket_id"]
        past = "2020-01-01T08:00:00Z"
        with pytest.raises(HelpdeskError, match="has passed"):
            await ask("hold_ticket", ticket_id=ticket_id, reason="Part", until=past)
        assert (await ask("get_ticket", ticket_id=ticket_id))["status"] == "Open"


@EDITIONS
async def test_a_dry_run_refuses_what_the_desk_does_not_offer_and_says_what_it_cannot_know(
    edition: EditionName,
) -> None:
    async with bench(edition, mandatory_fields=["group"]) as made:
        ask = Asking(made.desk)
        tickets = [
            {"subject": "a", "site": "Atlantis"},
            {"subject": "b", "custom": {"category": "Nope"}},
            {"subject": "c", "custom": {"colour": "red"}},
            {"subject": "d", "queue": "Network", "custom": {"category": "network"}},
        ]
        told = (await ask("bulk_create_tickets", tickets=tickets, dry_run=True))["items"]
        assert [one["outcome"] for one in told] == ["failed", "failed", "would_do", "would_do"]
        assert "Valid: Madrid" in told[0]["error"]["message"]
        assert "Valid: Software" in told[1]["error"]["message"]
        assert told[2]["warnings"] == [
            "The desk requires: Queue.",
            "get_ticket_fields names no field `colour`; the desk may refuse it.",
        ]
        assert "warnings" not in told[3]
        new = (await ask("create_ticket", subject="e", queue="Network"))["ticket_id"]
        wrong = {"ticket_ids": [new], "change": {"custom": {"urgency": "Nope"}}, "dry_run": True}
        [item] = (await ask("bulk_update_tickets", **wrong))["items"]
        assert "Valid: Urgent" in item["error"]["message"]


@EDITIONS
async def test_what_must_be_done_before_closing_names_the_tool_that_does_it(
    edition: EditionName,
) -> None:
    async with bench(edition, close_rules=["resolution", "open_tasks"]) as made:
        ask = Asking(made.desk)
        ticket_id = (await ask("create_ticket", subject="x"))["ticket_id"]
        await ask("add_task", ticket_id=ticket_id, title="Cable")
        with pytest.raises(HelpdeskError, match=r"close_ticket writes a resolution first\."):
            await ask("update_ticket", ticket_id=ticket_id, status="Closed")
        with pytest.raises(HelpdeskError, match=r"list_tasks shows the tasks, close_task ends"):
            await ask("close_ticket", ticket_id=ticket_id, resolution="Done")


@EDITIONS
async def test_a_module_without_a_licence_says_so(edition: EditionName) -> None:
    async with bench(edition, unlicensed=["problems"]) as made:
        with pytest.raises(HelpdeskError) as refused:
            await Asking(made.desk)("list_problems")
        assert refused.value.code is Code.DENIED
