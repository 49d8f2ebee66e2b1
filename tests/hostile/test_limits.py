"""M38: a caller who calls too often is told so in its own terms; others are not affected."""

import time
from collections import Counter
from collections.abc import AsyncGenerator

import pytest
from tests.hostile.messages import MODERN, OLD, Reply, call, message
from tests.hostile.stack import Case, Stack, WatchedDesk, running, together

PER_MINUTE, BURST, CALLS = 60, 6, 300


@pytest.fixture(scope="module")
async def stack(
    desk: WatchedDesk, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stack]:
    folder = tmp_path_factory.mktemp("limits")
    async with running(folder, desk, reads_per_minute=PER_MINUTE) as it:
        yield it


@pytest.mark.parametrize("revision", [MODERN, OLD])
async def test_m38_calls_beyond_the_rate_are_refused_exactly(case: Case, revision: str) -> None:
    hasty, calm = [await case.stack.token_for(subject=f"{n}-{revision}") for n in ("hasty", "calm")]
    asked = call("get_queues", revision=revision)
    began = time.monotonic()
    answers: list[Reply] = []
    for _ in range(CALLS // 20):
        answers += await together(*[lambda: case.ask(asked, revision=revision, token=hasty)] * 20)
    elapsed = time.monotonic() - began
    for _ in range(BURST - 1):
        other = await case.ask(asked, revision=revision, token=calm)
        assert (other.status, other.result["isError"]) == (200, False)
    found = Counter(answer.status for answer in answers)
    assert set(found) <= {200, 429}
    served = sum(answer.status == 200 and not answer.result["isError"] for answer in answers)
    assert abs(served - (BURST + elapsed * PER_MINUTE / 60)) <= CALLS / 100
    case.attempts("get_queues", "ok", served + BURST - 1)
    case.attempts("get_queues", "rate_limited", CALLS - served)
    refused = [answer for answer in answers if answer.status == 429]
    crowds = 1 + int(elapsed * PER_MINUTE / 60)  # one for the burst, one for each call refilled
    assert len(refused) >= CALLS - served - 20 * crowds  # what comes between look and take
    for answer in refused:
        assert answer.code == 4290
        assert int(answer.header("retry-after") or 0) >= 1
        assert answer.document["error"]["data"]["error"]["retryable"] is True


async def test_m38_resources_and_rest_spend_from_the_same_purse(case: Case) -> None:
    token = await case.stack.token_for(subject="spender")
    line = ("Authorization", f"Bearer {token}")
    for _ in range(BURST):
        assert (await case.send("GET", "/queues", [line])).status == 200
        case.attempts("get_queues", "ok")
    rest = await case.send("GET", "/queues", [line])
    assert rest.status == 429
    assert int(rest.header("retry-after") or 0) >= 1
    case.attempts("get_queues", "rate_limited")
    read = await case.ask(message("resources/read", {"uri": "ticket://1"}), token=token)
    assert read.code == 4290
    case.attempts("get_ticket", "rate_limited")


async def test_m38_refused_calls_do_not_lengthen_the_wait(case: Case) -> None:
    token = await case.stack.token_for(subject="patient")
    asked = call("get_queues")
    waits: list[float] = []
    for number in range(BURST + 20):
        reply = await case.ask(asked, token=token)
        if reply.status == 200:
            case.attempts("get_queues", "ok")
            continue
        assert number >= BURST
        case.attempts("get_queues", "rate_limited")
        waits.append(reply.document["error"]["data"]["error"]["retry_after"])
    assert waits
    assert max(waits) <= 1.1
