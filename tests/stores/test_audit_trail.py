"""The audit trail: durable before the answer of a write, in batches for reads, a tenant's own."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from sqlalchemy import event as on
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import event

from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.errors import Unavailable, Written
from helpdesk_mcp.stores.audit import MOST_WAITING, SqlAuditTrail


async def found(trail: SqlAuditTrail, **query: Any) -> list[AuditEvent]:
    return [one async for one in trail.search(AuditQuery(**query))]


def commits(database: AsyncEngine) -> list[None]:
    """Return a list that grows with each commit."""
    seen: list[None] = []

    def note(_: object) -> None:
        seen.append(None)

    on.listen(database.sync_engine, "commit", note)
    return seen


async def until_stored(trail: SqlAuditTrail, count: int) -> None:
    with anyio.fail_after(10):
        while len(await found(trail, limit=count)) < count:  # noqa: ASYNC110 -- they come by another connection
            await anyio.sleep(0.01)


async def test_a_write_is_stored_before_it_is_tried_and_before_it_is_answered(
    database: AsyncEngine,
) -> None:
    trail = SqlAuditTrail(database, "acme")
    begun = event(effect="write", outcome="started", arguments={"ticket_id": "7"}, target="7")
    async with trail.running():
        await trail.begin(begun)
        [started] = await found(trail)
        assert started.outcome == "started"
        await trail.finish(replace(begun, outcome="ok", seconds=0.25))
        [ended] = await found(trail)
    assert ended == replace(begun, tenant=ended.tenant, outcome="ok", seconds=0.25)


async def test_an_event_of_a_read_is_stored_within_a_second(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    async with trail.running():
        trail.note(event())
        with anyio.fail_after(2):
            await until_stored(trail, 1)


async def test_events_of_many_reads_share_a_commit(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    seen = commits(database)
    async with trail.running():
        for number in range(200):
            trail.note(event(number))
    assert len(await found(trail, limit=200)) == 200
    assert len(seen) <= 2


async def test_writes_that_come_together_share_a_commit(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    seen = commits(database)
    async with trail.running(), anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(trail.begin, event(number))
    assert len(await found(trail)) == 50
    assert len(seen) <= 5


async def test_what_waits_is_stored_on_leaving(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    async with trail.running():
        for number in range(600):
            trail.note(event(number))
    assert len(await found(trail, limit=1_000)) == 600


async def test_what_waits_is_stored_even_when_the_program_fails(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")

    async def fail() -> None:
        async with trail.running():
            trail.note(event())
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert len(await found(trail)) == 1


async def test_what_waits_is_stored_even_when_the_program_is_cancelled(
    database: AsyncEngine,
) -> None:
    trail = SqlAuditTrail(database, "acme")
    with anyio.CancelScope() as scope:
        async with trail.running():
            trail.note(event())
            scope.cancel()
            await anyio.sleep_forever()
    assert len(await found(trail)) == 1


async def test_nothing_more_is_taken_when_too_much_waits(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    for number in range(MOST_WAITING):
        trail.note(event(number))
    with pytest.raises(Unavailable) as caught:
        trail.note(event(MOST_WAITING))
    assert caught.value.reason == "audit"


async def test_a_write_that_cannot_be_stored_says_whether_it_was_done(
    database: AsyncEngine,
) -> None:
    lost: list[int] = []
    trail = SqlAuditTrail(database, "acme", lambda _, failed: lost.append(failed))
    async with trail.running():
        await trail.begin(event())
        async with database.begin() as transaction:
            await transaction.execute(text("ALTER TABLE audit RENAME TO gone"))
        try:
            with pytest.raises(Unavailable) as beginning:
                await trail.begin(event(2))
            with pytest.raises(Unavailable) as ending:
                await trail.finish(event())
        finally:
            async with database.begin() as transaction:
                await transaction.execute(text("ALTER TABLE gone RENAME TO audit"))
    assert (beginning.value.reason, beginning.value.written) == ("audit", Written.NO)
    assert (ending.value.reason, ending.value.written) == ("audit", Written.UNKNOWN)
    assert sum(lost) == 2


async def test_events_of_reads_outlast_a_database_that_is_away(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    async with database.begin() as transaction:
        await transaction.execute(text("ALTER TABLE audit RENAME TO gone"))
    tried = anyio.Event()

    def watch(waiting: int, _: int) -> None:
        if waiting:
            tried.set()

    trail = SqlAuditTrail(database, "acme", watch)
    async with trail.running():
        trail.note(event())
        try:
            with anyio.fail_after(5):
                await tried.wait()
        finally:
            async with database.begin() as transaction:
                await transaction.execute(text("ALTER TABLE gone RENAME TO audit"))
        await until_stored(trail, 1)


async def test_an_event_that_no_database_takes_does_not_hold_up_the_others(
    database: AsyncEngine,
) -> None:
    lost: list[int] = []
    trail = SqlAuditTrail(database, "acme", lambda _, failed: lost.append(failed))
    async with trail.running():
        await trail.begin(event(1))
        trail.note(event(1))
        trail.note(event(2))
        await trail.begin(event(3))
        with pytest.raises(Unavailable):
            await trail.begin(event(3))
    assert [one.id[-1] for one in await found(trail)] == ["1", "2", "3"]
    assert sum(lost) == 2


async def test_a_caller_that_went_away_does_not_disturb_the_writer(database: AsyncEngine) -> None:
    trail = SqlAuditTrail(database, "acme")
    async with trail.running():
        with anyio.move_on_after(0):
            await trail.begin(event(1))
        await trail.begin(event(2))
        assert len(await found(trail)) == 2


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"limit": 2}, [3, 4]),
        ({"user": "bea"}, [2]),
        ({"tool_name": "add_note"}, [3]),
        ({"outcome": "denied"}, [4]),
        ({"target": "7"}, [1, 4]),
        ({"target": "7", "outcome": "ok"}, [1]),
        ({"since": datetime.fromtimestamp(1_800_000_003, UTC)}, [3, 4]),
        ({"until": datetime.fromtimestamp(1_800_000_003, UTC)}, [1, 2]),
        ({"id": f"{3:032x}"}, [3]),
        ({"id": "000"}, [1, 2, 3, 4]),
        ({"id": "%"}, []),
        ({"user": "' OR 1=1 --"}, []),
    ],
    ids=str,
)
async def test_a_search_meets_every_condition_and_yields_the_newest_in_order(
    database: AsyncEngine, query: dict[str, Any], numbers: list[int]
) -> None:
    trail = SqlAuditTrail(database, "acme")
    async with trail.running():
        trail.note(event(1, target="7"))
        trail.note(event(2, user="bea"))
        trail.note(event(3, tool_name="add_note"))
        trail.note(event(4, target="7", outcome="denied"))
    assert [int(one.id, 16) for one in await found(trail, **query)] == numbers


async def test_t15_one_tenant_cannot_see_or_end_the_events_of_another(
    database: AsyncEngine,
) -> None:
    acme, globex = SqlAuditTrail(database, "acme"), SqlAuditTrail(database, "globex")
    async with acme.running():
        acme.note(event(2, outcome="denied", tenant="globex"))
        await acme.begin(event(outcome="started"))
        await acme.begin(event(outcome="started", tenant="globex"))
        await acme.finish(event(outcome="ok", tenant="globex"))
    assert [one.outcome for one in await found(acme)] == ["started"]
    assert [one.outcome for one in await found(globex)] == ["ok", "denied"]
