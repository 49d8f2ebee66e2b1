"""Many tickets in one call: what was done and what was not is always clear, item by item."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.tools.asking import ANA, PLENTY, Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tickets import TicketDraft
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.tools.catalog import TOOLS


@dataclass(slots=True)
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class FailingDesk(MemoryDesk):
    """A desk that fails on the subjects it is told to."""

    def __init__(self, failures: dict[str, HelpdeskError]) -> None:
        super().__init__()
        self._failures = failures

    async def create_ticket(self, draft: TicketDraft) -> Receipt:
        if (failure := self._failures.get(draft.subject)) is not None:
            raise failure
        return await super().create_ticket(draft)


@dataclass(slots=True)
class Limited:
    """A pipeline like the one of `Asking`, with limits of its own."""

    ask: Asking = field(default_factory=Asking)
    writes: Rate = PLENTY
    seconds: float = 50.0
    clock: Clock = field(default_factory=Clock)

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        pipeline = Pipeline(
            TOOLS,
            opener=self.ask,
            limiter=MemoryLimiter(self.clock),
            recorder=self.ask.kept,
            limits=Limits(reads=PLENTY, writes=self.writes, seconds=self.seconds),
        )
        call = Call(principal=ANA, operation=tool, arguments=arguments, origin="mcp")
        return (await pipeline.run(call)).data


def drafts(*subjects: str) -> list[dict[str, Any]]:
    return [{"subject": subject, "queue": "it"} for subject in subjects]


async def opened(ask: Asking, count: int) -> list[str]:
    made = await ask("bulk_create_tickets", tickets=drafts(*map(str, range(count))))
    return [item["ticket_id"] for item in made["items"]]


def outcomes(result: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in result["items"]]


async def total(ask: Asking) -> int:
    return (await ask("list_tickets"))["total"]


async def test_a_hundred_tickets_are_created_each_with_its_own_outcome() -> None:
    ask = Asking()
    made = await ask("bulk_create_tickets", tickets=drafts(*map(str, range(100))))
    assert (made["total"], made["done"], made["failed"], made["not_tried"]) == (100, 100, 0, 0)
    assert len({item["ticket_id"] for item in made["items"]}) == await total(ask) == 100


async def test_more_than_a_hundred_are_refused_and_nothing_is_written() -> None:
    ask = Asking()
    with pytest.raises(HelpdeskError, match="tickets"):
        await ask("bulk_create_tickets", tickets=drafts(*map(str, range(101))))
    assert await total(ask) == 0


async def test_each_item_is_an_event_of_its_own_that_says_how_it_came() -> None:
    ask = Asking()
    await ask("bulk_create_tickets", tickets=drafts("a", "b"))
    assert [(r.tool, r.call.via, r.outcome) for r in ask.kept.records] == [
        ("create_ticket", "bulk_create_tickets", "ok"),
        ("create_ticket", "bulk_create_tickets", "ok"),
        ("bulk_create_tickets", "", "ok"),
    ]


async def test_one_that_fails_does_not_keep_the_others() -> None:
    ask = Asking()
    given = [*drafts("a"), {"subject": "b", "queue": "nowhere"}, {"queue": "it"}, *drafts("c")]
    made = await ask("bulk_create_tickets", tickets=given)
    assert outcomes(made) == ["done", "failed", "failed", "done"]
    assert [item["error"]["reason"] for item in made["items"][1:3]] == [
        "unknown_value",
        "arguments",
    ]
    assert made["items"][1]["error"]["written"] == "no"
    assert await total(ask) == 2


async def test_the_first_failure_stops_the_rest_when_asked_to() -> None:
    ask = Asking()
    given = [*drafts("a"), {"subject": "b", "queue": "nowhere"}, *drafts("c", "d")]
    made = await ask("bulk_create_tickets", tickets=given, continue_on_error=False)
    assert outcomes(made) == ["done", "failed", "not_tried", "not_tried"]
    assert made["repeat"] == [2, 3]
    assert made["stopped"].startswith("Item 1 failed: ")
    assert await total(ask) == 1


async def test_a_write_that_may_have_happened_is_unknown_and_not_to_be_repeated() -> None:
    lost = Unavailable("It broke off.", reason="protocol", written=Written.UNKNOWN)
    made = await Asking(FailingDesk({"b": lost}))(
        "bulk_create_tickets", tickets=drafts("a", "b", "c")
    )
    assert outcomes(made) == ["done", "unknown", "done"]
    assert made["items"][1]["error"]["written"] == "unknown"
    assert (made["unknown"], "repeat" in made) == (1, False)


async def test_a_desk_that_rests_ends_the_batch() -> None:
    resting = Unavailable("It rests.", reason="breaker_open", retry_after=9)
    made = await Asking(FailingDesk({"b": resting}))(
        "bulk_create_tickets", tickets=drafts("a", "b", "c", "d")
    )
    assert outcomes(made) == ["done", "failed", "not_tried", "not_tried"]


async def test_no_more_is_written_than_the_limit_of_writes_allows() -> None:
    few = Limited(writes=Rate(burst=4, per_second=0.001))
    made = await few("bulk_create_tickets", tickets=drafts(*"abcdefgh"))
    assert outcomes(made) == ["done"] * 3 + ["not_tried"] * 5  # the bulk call took one itself
    assert made["repeat"] == [3, 4, 5, 6, 7]
    assert "limit of calls" in made["stopped"]
    assert await total(few.ask) == 3


async def test_a_batch_waits_for_its_turn_while_there_is_time() -> None:
    ask = Asking()
    pipeline = Pipeline(
        TOOLS,
        opener=ask,
        limiter=MemoryLimiter(),
        recorder=ask.kept,
        limits=Limits(reads=PLENTY, writes=Rate(burst=2, per_second=200)),
    )
    call = Call(
        principal=ANA,
        operation="bulk_create_tickets",
        arguments={"tickets": drafts(*"abcdef")},
        origin="mcp",
    )
    made = (await pipeline.run(call)).data
    assert outcomes(made) == ["done"] * 6


async def test_what_the_time_of_a_call_is_too_short_for_is_not_tried() -> None:
    hurried = Limited(seconds=3.0)
    made = await hurried("bulk_create_tickets", tickets=drafts("a", "b"))
    assert outcomes(made) == ["not_tried", "not_tried"]
    assert made["stopped"] == "The time for one call is used up."


async def test_many_tickets_take_one_change() -> None:
    ask = Asking()
    ids = await opened(ask, 3)
    done = await ask("bulk_update_tickets", ticket_ids=ids, change={"priority": "alta"})
    assert outcomes(done) == ["done"] * 3
    assert done["items"][0]["changes"] == [
        {"field": "priority", "before": "Normal", "after": "High"}
    ]


async def test_many_tickets_take_a_change_each() -> None:
    ask = Asking()
    first, second = await opened(ask, 2)
    done = await ask(
        "bulk_update_tickets",
        updates=[
            {"ticket_id": first, "assignee": "alice"},
            {"ticket_id": second, "status": "Resolved"},
            {"ticket_id": "99", "status": "Resolved"},
        ],
    )
    assert outcomes(done) == ["done", "done", "failed"]
    assert done["items"][2]["ticket_id"] == "99"
    assert done["items"][2]["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "arguments"),
        ({"ticket_ids": ["1"]}, "arguments"),
        ({"change": {"status": "Open"}}, "arguments"),
        ({"ticket_ids": ["1"], "change": {}, "updates": []}, "arguments"),
        ({"ticket_ids": ["1", 1], "change": {"status": "Open"}}, "twice"),
        ({"updates": [{"ticket_id": "1"}, {"id": "1"}]}, "twice"),
        ({"ticket_ids": [], "change": {"status": "Open"}}, "arguments"),
    ],
)
async def test_a_bulk_update_that_says_two_things_is_refused(
    arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HelpdeskError) as caught:
        await Asking()("bulk_update_tickets", **arguments)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "arguments"),
        ({"ticket_ids": ["1"]}, "arguments"),
        ({"resolution": "x"}, "arguments"),
        ({"ticket_ids": ["1"], "resolution": "x", "closings": []}, "arguments"),
        ({"closings": [{"ticket_id": "1"}, {"ticket_id": "1"}]}, "twice"),
    ],
)
async def test_a_bulk_closing_that_says_two_things_is_refused(
    arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HelpdeskError) as caught:
        await Asking()("bulk_close_tickets", **arguments)
    assert caught.value.reason == reason


async def test_many_tickets_are_closed_without_mail_unless_asked_for() -> None:
    ask = Asking()
    receipt = await ask("create_ticket", subject="a", queue="it", requester="eva@example.com")
    done = await ask(
        "bulk_close_tickets", ticket_ids=f"{receipt['ticket_id']}, 77", resolution="Fixed."
    )
    assert outcomes(done) == ["done", "failed"]
    assert done["items"][0]["mail_sent"] is False
    assert (await ask("get_ticket", ticket_id=receipt["ticket_id"]))["status"] == "Closed"


async def test_mail_to_many_needs_the_scope_to_reply() -> None:
    ask = Asking()
    quiet = replace(ANA, scopes=frozenset({Scope.TICKETS_WRITE}))
    arguments = {"ticket_ids": ["1"], "resolution": "Fixed.", "notify": True}
    call = Call(principal=quiet, operation="bulk_close_tickets", arguments=arguments, origin="mcp")
    with pytest.raises(HelpdeskError) as caught:
        await ask.pipeline.run(call)
    assert "replies:send" in caught.value.scopes


async def test_a_rehearsal_says_what_would_change_and_changes_nothing() -> None:
    ask = Asking()
    [number] = await opened(ask, 1)
    before = await ask("get_ticket", ticket_id=number)
    said = await ask(
        "bulk_update_tickets",
        ticket_ids=[number],
        change={"priority": "high", "due": "2026-12-24", "custom": {"asset": "PC-7"}},
        dry_run=True,
    )
    assert (said["dry_run"], outcomes(said), said["done"]) == (True, ["would_do"], 0)
    assert said["items"][0]["changes"] == [
        {"field": "priority", "before": "Normal", "after": "high"},
        {"field": "due", "after": "2026-12-24"},
        {"field": "asset", "after": "PC-7"},
    ]
    after = await ask("get_ticket", ticket_id=number)
    assert (after["modified"], after["priority"]) == (before["modified"], "Normal")
    assert {r.effect for r in ask.kept.records if r.call.via == "bulk_update_tickets"} == {"read"}


async def test_a_rehearsal_finds_what_the_desk_would_refuse() -> None:
    ask = Asking()
    first, second = await opened(ask, 2)
    await ask("close_ticket", ticket_id=first, resolution="Done.")
    said = await ask(
        "bulk_update_tickets",
        updates=[
            {"ticket_id": first, "status": "Resolved"},
            {"ticket_id": second, "status": "Resolved"},
            {"ticket_id": second + "0", "status": "Resolved"},
            {"ticket_id": "x1", "assignee": "nobody-7"},
            {"ticket_id": "x2", "colour": "red"},
        ],
        dry_run=True,
    )
    assert outcomes(said) == ["failed", "would_do", "failed", "failed", "failed"]
    assert [item.get("error", {}).get("reason") for item in said["items"]] == [
        "status_flow",
        None,
        "not_found",
        "not_found",
        "arguments",
    ]


async def test_a_rehearsed_creation_asks_the_desk_once_for_each_name() -> None:
    ask = Asking()
    given = [{"subject": str(n), "queue": "it", "priority": "urgente"} for n in range(20)]
    given[3]["queue"] = "nowhere"
    said = await ask("bulk_create_tickets", tickets=given, dry_run=True)
    assert (said["failed"], await total(ask)) == (1, 0)
    assert said["items"][3]["error"]["reason"] == "unknown_value"
    inner = [r for r in ask.kept.records if r.call.via == "bulk_create_tickets"]
    assert len(inner) <= 5


async def test_a_rehearsed_closing_tells_what_is_closed_already() -> None:
    ask = Asking()
    first, second = await opened(ask, 2)
    await ask("close_ticket", ticket_id=first, resolution="Done.")
    said = await ask(
        "bulk_close_tickets", ticket_ids=[first, second], resolution="Fixed.", dry_run=True
    )
    assert said["items"][0]["warnings"] == ["It is closed already."]
    assert {"field": "status", "before": "Open", "after": "Closed"} in said["items"][1]["changes"]
    assert (await ask("get_ticket", ticket_id=second))["status"] == "Open"


async def test_a_bulk_tool_runs_through_run_tool_like_any_other() -> None:
    ask = Asking()
    made = await ask(
        "run_tool", name="bulk_create_tickets", arguments={"tickets": drafts("a", "b")}
    )
    assert outcomes(made) == ["done", "done"]
    assert [(r.tool, r.call.via) for r in ask.kept.records][-1] == (
        "bulk_create_tickets",
        "run_tool",
    )
