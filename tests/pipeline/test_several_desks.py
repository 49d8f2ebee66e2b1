"""Several desks under one token: which is meant, how answers are marked, and what fails alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from tests.desks.tenants import Town, principal
from tests.pipeline.several import ANA, Several

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.desk import Desk, Tickets
from helpdesk_mcp.domain.errors import Code, Unavailable
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Queue
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.domain.tickets import Ticket, TicketDraft, TicketFilter
from helpdesk_mcp.web.tools import tool_for

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


class BrokenDesk(MemoryDesk):
    """A desk whose lists fail as a test says."""

    failure: Exception = Unavailable("It is down.", reason="unreachable")

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        del which, window
        raise self.failure

    async def queues(self) -> tuple[Queue, ...]:
        raise self.failure


class BareDesk(MemoryDesk):
    """A desk that has tickets and nothing else."""

    async def capabilities(self) -> frozenset[type]:
        return frozenset({Tickets})


def clocked(start: int, step: int) -> MemoryDesk:
    """Return a desk whose clock goes on with every look at it."""
    minutes = count(start, step)
    return MemoryDesk(now=lambda: BEGAN + timedelta(minutes=next(minutes)))


async def filled(desk: MemoryDesk, name: str, number: int) -> MemoryDesk:
    for n in range(number):
        await desk.create_ticket(
            TicketDraft(subject=f"{name} {n}", description="x", queue="IT Support")
        )
    return desk


async def two(number: int = 3) -> Several:
    it = await filled(clocked(0, 2), "it", number)
    hr = await filled(clocked(1, 2), "hr", number)
    return Several(Town(desks={"acme": {"it": it, "hr": hr}, "globex": {"it": MemoryDesk()}}))


async def with_second(desk: Desk) -> Several:
    it = await filled(MemoryDesk(), "it", 3)
    return Several(Town(desks={"acme": {"it": it, "hr": desk}}))


def subjects(answer: dict[str, Any]) -> list[str]:
    return [f"{row['desk']} {row['id']} {row['subject']}" for row in answer["tickets"]]


async def test_a_list_without_a_desk_asks_all_and_marks_every_row() -> None:
    ask = await two()
    found = await ask("list_tickets")
    assert subjects(found) == [
        "hr hr:3 hr 2",
        "it it:3 it 2",
        "hr hr:2 hr 1",
        "it it:2 it 1",
        "hr hr:1 hr 0",
        "it it:1 it 0",
    ]
    assert (found["shown"], found["total"]) == (6, 6)
    assert "next_cursor" not in found
    assert "failed" not in found


async def test_the_text_of_a_merged_list_names_the_desks_too() -> None:
    ask = await two(1)
    text = (await ask.answer("list_tickets")).text
    assert "desk | id | subject" in text
    assert "hr | hr:1 | hr 0" in text


async def test_one_desk_is_asked_by_its_name() -> None:
    found = await (await two())("list_tickets", desk="HR", page_size=2)
    assert found["desk"] == "hr"
    assert [row["id"] for row in found["tickets"]] == ["hr:3", "hr:2"]
    assert found["total"] == 3


@pytest.mark.parametrize("page_size", [1, 2, 4, 5, 25])
async def test_a_merged_list_goes_on_by_its_cursor_without_gaps_or_doubles(page_size: int) -> None:
    ask = await two(5)
    rows: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        found = await ask("list_tickets", page_size=page_size, **cursor)
        rows += subjects(found)
        if "next_cursor" not in found:
            break
        cursor = {"cursor": found["next_cursor"]}
    assert rows == subjects(await ask("list_tickets", page_size=25))
    assert len(rows) == 10


async def test_a_list_cut_for_its_size_goes_on_where_it_was_cut() -> None:
    long = "x" * 59
    it = await filled(clocked(0, 2), long, 25)
    hr = await filled(clocked(1, 2), long, 25)
    ask = Several(Town(desks={"acme": {"it": it, "hr": hr}}))
    everything: list[str] = []
    cursor: dict[str, Any] = {}
    cuts = 0
    fields = "requester,created,modified,due,on_hold"
    while True:
        found = await ask("list_tickets", page_size=25, fields=fields, **cursor)
        everything += [row["id"] for row in found["tickets"]]
        cuts += "cut" in found
        if "next_cursor" not in found:
            break
        cursor = {"cursor": found["next_cursor"]}
    assert len(everything) == len(set(everything)) == 50


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("It is down.", reason="unreachable"),
        TimeoutError(),
        LookupError("password=canary-7261"),
    ],
    ids=["unavailable", "timeout", "bug"],
)
async def test_a_desk_that_fails_stands_beside_the_others_results(failure: Exception) -> None:
    broken = BrokenDesk()
    broken.failure = failure
    ask = await with_second(broken)
    answer = await ask.answer("list_tickets")
    assert len(answer.data["tickets"]) == 3
    [failed] = answer.data["failed"]
    assert failed["desk"] == "hr"
    assert failed["error"]["code"] in {"unavailable", "internal"}
    assert "canary" not in answer.text + str(answer.data)
    assert "hr" in answer.text


async def test_a_desk_that_failed_is_asked_again_with_the_next_page() -> None:
    broken = await filled(BrokenDesk(), "hr", 1)
    ask = await with_second(broken)
    first = await ask("list_tickets", page_size=2)
    assert [f["desk"] for f in first["failed"]] == ["hr"]
    ask.town.desks["acme"]["hr"] = await filled(MemoryDesk(), "hr", 1)
    ask.town.change("acme", "hr")
    ask.town.now += 10
    second = await ask("list_tickets", page_size=4, cursor=first["next_cursor"])
    assert sorted(row["id"] for row in second["tickets"]) == ["hr:1", "it:1"]


async def test_when_every_desk_fails_the_call_fails() -> None:
    ask = Several(Town(desks={"acme": {"it": BrokenDesk(), "hr": BrokenDesk()}}))
    assert (await ask.error("list_tickets")).reason == "unreachable"


async def test_a_suspended_desk_is_told_with_its_reason_and_the_others_answer() -> None:
    ask = await two()
    ask.town.change("acme", "hr", status=Status.SUSPENDED, reason="Its key was revoked.")
    found = await ask("list_tickets")
    assert {row["desk"] for row in found["tickets"]} == {"it"}
    [failed] = found["failed"]
    assert failed["error"]["reason"] == "desk_suspended"
    assert "Its key was revoked." in failed["error"]["message"]


async def test_queues_and_people_of_all_desks_are_marked_and_keep_their_names() -> None:
    ask = await two()
    queues = (await ask("get_queues"))["queues"]
    assert {row["desk"] for row in queues} == {"it", "hr"}
    assert all(":" not in row["id"] for row in queues)
    people = (await ask("get_users"))["people"]
    assert {row["desk"] for row in people} == {"it", "hr"}


async def test_a_ticket_is_read_by_its_qualified_id_or_from_the_default_desk() -> None:
    ask = await two()
    hr = await ask("get_ticket", ticket_id="hr:2")
    assert (hr["desk"], hr["id"], hr["subject"]) == ("hr", "hr:2", "hr 1")
    it = await ask("get_ticket", ticket_id="2")
    assert (it["desk"], it["id"], it["subject"]) == ("it", "it:2", "it 1")
    by_name = await ask("get_ticket", id="2", desk="hr")
    assert by_name["id"] == "hr:2"


async def test_a_write_goes_to_the_desk_of_its_id_and_to_no_other() -> None:
    ask = await two()
    receipt = await ask("add_note", ticket_id="hr:1", text="Hello")
    assert (receipt["desk"], receipt["ticket_id"]) == ("hr", "hr:1")
    assert (await ask("get_conversation", ticket_id="hr:1"))["total"] == 1
    assert (await ask("get_conversation", ticket_id="it:1"))["total"] == 0
    assert ask.kept.records[0].target == "hr:1"
    assert ask.kept.records[0].arguments["desk"] == "hr"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add_note", {"ticket_id": "1", "text": "x"}),
        ("close_ticket", {"id": 1, "resolution": "x"}),
        ("update_ticket", {"ticket_id": "1", "priority": "High"}),
        ("add_attachment", {"ticket_id": "1", "filename": "a.txt", "text": "x"}),
    ],
)
async def test_a_write_by_an_id_without_a_desk_is_refused_and_says_how(
    tool: str, arguments: dict[str, Any]
) -> None:
    ask = await two()
    error = await ask.error(tool, **arguments)
    assert (error.code, error.reason) == (Code.INVALID, "ambiguous_desk")
    assert "`it:17`" in error.message
    assert (await ask("get_conversation", ticket_id="it:1"))["total"] == 0


async def test_a_new_ticket_goes_to_the_default_desk_or_the_one_that_is_named() -> None:
    ask = await two()
    made = await ask("create_ticket", subject="New", queue="IT Support")
    assert (made["desk"], made["ticket_id"]) == ("it", "it:4")
    there = await ask("create_ticket", subject="New", queue="IT Support", desk="hr")
    assert there["ticket_id"] == "hr:4"


async def test_custom_fields_that_look_like_ids_are_left_alone() -> None:
    ask = await two()
    made = await ask.error(
        "create_ticket", subject="New", queue="IT Support", custom={"asset_id": "it:5"}
    )
    assert made.reason != "ambiguous_desk"


async def test_a_desk_and_an_id_of_another_are_refused() -> None:
    ask = await two()
    error = await ask.error("get_ticket", ticket_id="it:1", desk="hr")
    assert error.reason == "ambiguous_desk"


async def test_a_desk_that_is_not_the_callers_is_answered_as_one_that_is_not_there() -> None:
    ask = await two()
    narrow = replace(ANA, desks=frozenset({"acme/it"}))
    anothers = await ask.error("get_ticket", narrow, ticket_id="1", desk="hr")
    nobodys = await ask.error("get_ticket", narrow, ticket_id="1", desk="nowhere")
    assert anothers.facts() == nobodys.facts()
    assert anothers.reason == "unknown_desk"
    by_id = await ask.error("get_ticket", narrow, ticket_id="hr:1")
    assert by_id.facts() == (await ask.error("get_ticket", narrow, ticket_id="nowhere:1")).facts()


async def test_with_one_desk_nothing_is_marked_and_its_own_name_is_understood() -> None:
    ask = await two()
    narrow = replace(ANA, desks=frozenset({"acme/it"}))
    plain = await ask("get_ticket", narrow, ticket_id="1")
    assert (plain["id"], "desk" in plain) == ("1", False)
    same = await ask("get_ticket", narrow, ticket_id="it:1", desk="it")
    assert (same["id"], "desk" in same) == ("1", False)
    assert "desk" not in ask.kept.records[-1].arguments
    listed = await ask("list_tickets", narrow)
    assert all("desk" not in row for row in listed["tickets"])


async def test_a_tool_is_listed_if_any_desk_offers_it_and_says_which_does_not() -> None:
    ask = await with_second(BareDesk())
    names = {operation.name for operation in await ask.pipeline.visible_to(ANA)}
    assert "get_conversation" in names
    error = await ask.error("get_conversation", ticket_id="hr:1")
    assert (error.code, error.reason) == (Code.DENIED, "capability")
    assert error.message == "The desk hr does not offer this; it does."
    found = await ask("get_queues")
    assert {row["desk"] for row in found["queues"]} == {"it"}
    assert [(f["desk"], f["error"]["reason"]) for f in found["failed"]] == [("hr", "capability")]


async def test_a_write_that_one_desk_alone_offers_needs_no_desk() -> None:
    ask = await with_second(BareDesk())
    receipt = await ask("add_note", ticket_id="1", text="x")
    assert receipt["ticket_id"] == "it:1"


async def test_every_tool_that_touches_a_desk_takes_one_when_there_are_several() -> None:
    ask = await with_second(BareDesk())
    desks = await ask.pipeline.desks(ANA)
    for operation in await ask.pipeline.visible_to(ANA):
        properties = tool_for(operation, desks).input_schema["properties"]
        assert ("desk" in properties) == operation.takes_desk
        assert "desk" not in tool_for(operation).input_schema["properties"]
    by_name = {o.name: o for o in await ask.pipeline.visible_to(ANA)}
    of = {
        name: tool_for(by_name[name], desks).input_schema["properties"]["desk"]
        for name in ("list_tickets", "get_ticket", "add_note")
    }
    assert of == {
        "list_tickets": {
            "type": "string",
            "enum": ["it", "hr"],
            "description": "Not given: all of them",
        },
        "get_ticket": {"type": "string", "enum": ["it", "hr"], "description": "Not given: it"},
        "add_note": {
            "type": "string",
            "enum": ["it"],
            "description": "Not given: it; not on hr",
        },
    }


async def test_a_tool_that_is_described_shows_the_desks_as_its_listing_does() -> None:
    ask = await two()
    described = await ask("describe_tool", name="get_ticket")
    assert described["input_schema"]["properties"]["desk"]["enum"] == ["it", "hr"]


async def test_a_tool_that_runs_another_passes_the_desk_on() -> None:
    ask = await two()
    found = await ask("run_tool", name="get_ticket", arguments={"ticket_id": "2", "desk": "hr"})
    assert found["id"] == "hr:2"


async def test_a_page_by_number_needs_one_desk() -> None:
    ask = await two()
    assert (await ask.error("list_tickets", page=2)).reason == "cursor"
    assert (await ask("list_tickets", page=2, page_size=2, desk="it"))["shown"] == 1
    assert (await ask("list_tickets", page=1))["shown"] == 6


async def test_t15_a_cursor_is_good_for_its_tenant_its_tool_and_its_desks_only() -> None:
    ask = await two()
    cursor = (await ask("list_tickets", page_size=2))["next_cursor"]
    one = (await ask("list_tickets", page_size=2, desk="it"))["next_cursor"]
    globex = principal("globex")
    for refused in (
        await ask.error("search_tickets", query="it", cursor=cursor),
        await ask.error("list_tickets", globex, cursor=cursor),
        await ask.error("list_tickets", desk="it", cursor=cursor),
        await ask.error("list_tickets", desk="hr", cursor=one),
        await ask.error("list_tickets", globex, cursor=one),
        await ask.error("list_tickets", cursor=one[:-1] + ("A" if one[-1] != "A" else "B")),
        await ask.error("list_tickets", cursor="é"),
    ):
        assert (refused.code, refused.reason) == (Code.INVALID, "cursor")
    assert (await ask("list_tickets", page_size=2, desk="it", cursor=one))["shown"] == 1


async def test_ids_of_two_desks_in_one_argument_are_refused() -> None:
    ask = await two()
    error = await ask.error("get_ticket", ticket_id="it:1,hr:1")
    assert error.reason == "ambiguous_desk"
    error = await ask.error("get_ticket", ticket_id="it:1,2")
    assert error.reason == "ambiguous_desk"
    assert (await ask.error("get_ticket", ticket_id="it:1", desk=7)).reason == "arguments"
