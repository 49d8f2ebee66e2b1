"""Sessions, form tokens and failed sign-ins, on every database."""

import uuid

import anyio
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.sessions import ABSOLUTE, IDLE, Attempts, Session, attempt
from helpdesk_mcp.stores.sessions import SqlSessions, SqlSignInAttempts

NOW = 1_800_000_000.0


def new() -> str:
    return uuid.uuid4().hex


def session(person: str = "ana", **values: float) -> Session:
    return Session(person=person, **{"auth_time": NOW, "seen_at": NOW, **values})  # pyright: ignore[reportArgumentType] -- floats only


async def test_a_session_is_found_by_its_secret_until_it_is_removed(database: AsyncEngine) -> None:
    store, secret = SqlSessions(database), new()
    await store.add(secret, session())
    assert await store.find(secret) == session()
    assert await store.find(secret + "x") is None
    await store.touch(secret, NOW + 5)
    await store.touch(secret, NOW + 1)
    assert await store.find(secret) == session(seen_at=NOW + 5)
    await store.remove(secret)
    assert await store.find(secret) is None


async def test_all_sessions_of_a_person_end_together(database: AsyncEngine) -> None:
    store, person, other = SqlSessions(database), new(), new()
    secrets = [new(), new(), new()]
    for secret, who in zip(secrets, (person, person, other), strict=True):
        await store.add(secret, session(who))
    assert await store.remove_all(person) == 2
    assert [await store.find(secret) is None for secret in secrets] == [True, True, False]


async def test_a_form_token_is_used_up_once_by_any_number_at_a_time(database: AsyncEngine) -> None:
    store, token = SqlSessions(database), new()
    won: list[bool] = []

    async def use() -> None:
        won.append(await store.use_up(token, NOW))

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(use)
    assert sorted(won) == [False] * 9 + [True]


async def test_parallel_guesses_gain_nothing(database: AsyncEngine) -> None:
    store, account = SqlSignInAttempts(database), new()
    waits: list[float] = []

    async def guess() -> None:
        waits.append(await store.attempt(account, NOW))

    async with anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(guess)
    assert sorted(waits) == [0.0] * 5 + [30.0] * 7
    await store.clear(account)
    assert await store.attempt(account, NOW) == 0.0


async def test_what_no_longer_matters_is_swept(database: AsyncEngine) -> None:
    store, idle, old, live, token = SqlSessions(database), new(), new(), new(), new()
    await store.add(idle, session(seen_at=NOW - IDLE - 1))
    await store.add(old, session(auth_time=NOW - ABSOLUTE - 1))
    await store.add(live, session())
    await store.use_up(token, NOW - 1)
    await store.sweep(NOW)
    assert [await store.find(secret) is None for secret in (idle, old, live)] == [True, True, False]
    assert await store.use_up(token, NOW)


def test_a_day_without_failures_forgives() -> None:
    failed = Attempts(failures=9, last=NOW, until=NOW + 480)
    after, wait = attempt(failed, NOW + 86_401)
    assert (after.failures, wait) == (1, 0.0)
