"""The one road: the order of its steps, and what a caller and the record hear when one fails."""

from typing import Any

import anyio
import pytest
from tests.pipeline.workbench import ANA, READER, Workbench, call

from helpdesk_mcp.domain.errors import (
    Code,
    Conflict,
    Denied,
    HelpdeskError,
    Internal,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    Written,
)
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.neighbours import Limits


async def refused(bench: Workbench, asked: Call) -> HelpdeskError:
    with pytest.raises(HelpdeskError) as caught:
        await bench.pipeline.run(asked)
    return caught.value


async def test_a_read_takes_every_step_in_order() -> None:
    bench = Workbench()
    answer = await bench.pipeline.run(call("look", ticket_id="7"))
    assert answer.data == {"ticket_id": "7", "changes": []}
    assert bench.steps == ["authorize", "spend", "open", "desk", "closed", "end"]


async def test_a_write_is_written_down_before_the_desk_is_touched_and_after() -> None:
    bench = Workbench()
    await bench.pipeline.run(call("write", ticket_id="7"))
    assert bench.steps == ["authorize", "spend", "open", "begin", "desk", "closed", "end"]


async def test_the_record_says_what_was_done_to_what() -> None:
    bench = Workbench()
    await bench.pipeline.run(call("write", ticket_id="7", who="Bea"))
    record = bench.record
    assert (record.tool, record.effect, record.target, record.outcome) == (
        "write",
        "write",
        "7",
        "ok",
    )
    assert record.arguments == {"ticket_id": "7", "text": "", "person": "Bea"}
    assert (record.written, record.begun) == ("", True)
    assert record.seconds >= 0


@pytest.mark.parametrize(
    ("asked", "policy", "reason"),
    [
        (call("write", READER, ticket_id="7"), Policy(), "scope"),
        (call("write", ticket_id="7"), Policy(read_only=True), "read_only"),
        (call("look", ticket_id="7"), Policy(switched_off=frozenset({"look"})), "switched_off"),
        (call("elsewhere", ticket_id="7"), Policy(), "capability"),
    ],
    ids=["scope", "read-only", "switched-off", "capability"],
)
async def test_what_is_not_allowed_goes_no_further_and_is_recorded(
    asked: Call, policy: Policy, reason: str
) -> None:
    bench = Workbench(policy=policy)
    error = await refused(bench, asked)
    assert (error.code, error.reason) == (Code.DENIED, reason)
    assert bench.steps == ["authorize", "end"]
    assert (bench.record.outcome, bench.record.reason) == ("denied", reason)


async def test_a_missing_scope_is_named_for_the_transport() -> None:
    error = await refused(Workbench(), call("write", READER, ticket_id="7"))
    assert error.scopes == ("tickets:write",)


async def test_an_unknown_tool_is_recorded_without_its_name() -> None:
    bench = Workbench()
    error = await refused(bench, call("canary-7261", ticket_id="7"))
    assert isinstance(error, NotFound)
    assert error.reason == "unknown_tool"
    assert bench.record.tool == "unknown"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"ticket_id": {"deep": "canary-7261"}},
        {"ticket_id": "7", "size": "canary-7261"},
        {"ticket_id": "7", "size": 10},
        {"ticket_id": "7", "other": "canary-7261"},
    ],
    ids=["missing", "type", "number", "range", "unknown"],
)
async def test_bad_arguments_are_named_and_their_values_never_repeated(
    arguments: dict[str, Any],
) -> None:
    bench = Workbench()
    error = await refused(bench, call("look", **arguments))
    assert isinstance(error, Invalid)
    assert error.reason == "arguments"
    assert "canary-7261" not in error.message
    assert next(iter({*arguments} - {"ticket_id"}), "ticket_id") in error.message
    assert bench.steps == ["authorize", "end"]


async def test_an_unknown_argument_is_answered_with_the_known_ones() -> None:
    error = await refused(Workbench(), call("look", ticket_id="7", ticket="7"))
    assert error.message == "Bad arguments. ticket: unknown (known: ticket_id, size)"


async def test_an_argument_under_both_its_names_is_refused() -> None:
    error = await refused(Workbench(), call("look", ticket_id="7", id="8"))
    assert error.message == "`ticket_id` is given twice, once under another name."


async def test_a_used_up_rate_says_how_long_to_wait() -> None:
    bench = Workbench(wait_for=1.25)
    error = await refused(bench, call("look", ticket_id="7"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 1.25
    assert bench.steps == ["authorize", "spend", "end"]


async def test_a_desk_that_does_not_open_is_reported_as_it_says() -> None:
    bench = Workbench(open_fails=Unavailable("Down.", reason="unreachable"))
    error = await refused(bench, call("write", ticket_id="7"))
    assert error is bench.open_fails
    assert (bench.record.outcome, bench.record.written) == ("unavailable", "no")


async def test_nothing_is_done_when_a_write_cannot_be_written_down() -> None:
    bench = Workbench(begin_fails=Unavailable("No audit.", reason="audit"))
    error = await refused(bench, call("write", ticket_id="7"))
    assert error.reason == "audit"
    assert "desk" not in bench.steps
    assert (bench.record.begun, bench.record.written) == (False, "no")


async def test_an_end_that_cannot_be_written_down_takes_the_answer_away() -> None:
    bench = Workbench(end_fails=Unavailable("No.", reason="audit", written=Written.UNKNOWN))
    assert await refused(bench, call("write", ticket_id="7")) is bench.end_fails


async def test_an_expected_error_of_the_desk_passes_as_it_is() -> None:
    conflict = Conflict("It moved on.", reason="stale", written=Written.PARTLY)

    async def touch() -> None:
        raise conflict

    bench = Workbench(touch=touch)
    assert await refused(bench, call("write", ticket_id="7")) is conflict
    assert bench.record.written == "partly"


@pytest.mark.parametrize(("tool", "written"), [("look", Written.NO), ("write", Written.UNKNOWN)])
async def test_a_desk_that_takes_too_long_is_unavailable(tool: str, written: Written) -> None:
    bench = Workbench(touch=anyio.sleep_forever, seconds=0.01)
    error = await refused(bench, call(tool, ticket_id="7"))
    assert (error.code, error.reason, error.written) == (Code.UNAVAILABLE, "timeout", written)
    assert ("Look at the ticket" in error.message) == (written is Written.UNKNOWN)
    assert bench.record.outcome == "unavailable"


@pytest.mark.parametrize(("tool", "written"), [("look", Written.NO), ("write", Written.UNKNOWN)])
async def test_a_bug_becomes_internal_with_a_reference_and_without_its_text(
    tool: str, written: Written
) -> None:
    """Security case M26."""

    async def touch() -> None:
        raise RuntimeError("password=canary-7261")

    bench = Workbench(touch=touch)
    error = await refused(bench, call(tool, ticket_id="7"))
    assert isinstance(error, Internal)
    assert bench.record.id[:12] in error.message
    assert "canary" not in error.message
    assert error.written is written
    assert (bench.record.outcome, bench.record.written) == ("internal", written.value)
    assert isinstance(bench.ended[-1][1], RuntimeError)


@pytest.mark.parametrize(("tool", "written"), [("look", "no"), ("write", "unknown")])
async def test_a_cancelled_call_is_recorded_as_cancelled(tool: str, written: str) -> None:
    reached = anyio.Event()

    async def touch() -> None:
        reached.set()
        await anyio.sleep_forever()

    bench = Workbench(touch=touch)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.pipeline.run, call(tool, ticket_id="7"))
        await reached.wait()
        tasks.cancel_scope.cancel()
    assert (bench.record.outcome, bench.record.written) == ("cancelled", written)


async def test_a_call_cancelled_while_its_beginning_is_written_never_reaches_the_desk() -> None:
    class Slow(Workbench):
        async def begin(self, record: Any) -> None:
            tasks.cancel_scope.cancel()
            await anyio.lowlevel.checkpoint()
            await super().begin(record)

    bench = Slow()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.pipeline.run, call("write", ticket_id="7"))
    assert bench.steps == ["authorize", "spend", "open", "begin", "end"]
    assert (bench.record.begun, bench.record.outcome) == (True, "cancelled")


async def test_only_what_a_caller_may_run_is_visible() -> None:
    bench = Workbench()
    assert [o.name for o in await bench.pipeline.visible_to(ANA)] == ["look", "write"]
    assert [o.name for o in await bench.pipeline.visible_to(READER)] == ["look"]


def test_an_operation_is_found_by_name() -> None:
    found = Workbench().pipeline.operation("look")
    assert found is not None
    assert found.name == "look"
    assert Workbench().pipeline.operation("nothing") is None


async def test_a_forecast_tells_a_missing_scope_or_a_used_up_rate_and_nothing_else() -> None:
    bench = Workbench()
    assert await bench.pipeline.forecast(ANA, "write") is None
    assert await bench.pipeline.forecast(ANA, "nothing") is None
    assert await bench.pipeline.forecast(ANA, "elsewhere") is None
    refusal = await bench.pipeline.forecast(READER, "write")
    assert isinstance(refusal, Denied)
    assert refusal.scopes == ("tickets:write",)
    assert isinstance(await Workbench(wait_for=0.01).pipeline.forecast(ANA, "look"), RateLimited)
    assert bench.ended == []


async def test_a_refusal_by_the_transport_is_recorded_and_runs_nothing() -> None:
    bench = Workbench()
    error = Denied("No.", reason="scope", scopes=("tickets:write",))
    await bench.pipeline.refuse(call("write", READER, ticket_id="7"), error)
    assert bench.steps == ["end"]
    assert (bench.record.tool, bench.record.outcome, bench.record.reason) == (
        "write",
        "denied",
        "scope",
    )
    await bench.pipeline.refuse(call("nothing"), error)
    assert bench.record.tool == "unknown"


async def test_a_waiting_time_is_never_told_as_nothing() -> None:
    found = await Workbench(wait_for=0.001).pipeline.forecast(ANA, "look")
    assert found is not None
    assert found.retry_after == 0.1


def test_there_are_limits_where_none_are_set() -> None:
    limits = Limits()
    assert limits.reads.per_second > limits.writes.per_second > 0
