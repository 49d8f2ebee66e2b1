"""Desks' access tokens: sealed, shared, and refreshed by one process of many."""

import json
import subprocess
import sys
from pathlib import Path

import anyio
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import opened
from tests.stores.tenancy import FIRST, RING, tenant

from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.desks.servicedeskplus.refreshing import Pace, SharedToken
from helpdesk_mcp.desks.servicedeskplus.zoho import Granted
from helpdesk_mcp.domain.tenants import UpstreamToken
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.tenant_keys import SqlSeals
from helpdesk_mcp.stores.upstream_tokens import SqlUpstreamTokens

TOKEN = UpstreamToken(
    value="1000.canary-4711",
    expires_at=2_000_000_000.0,
    address="https://www.zohoapis.eu",
    issued_at=1_999_996_400.0,
    scopes="SDPOnDemand.requests.ALL",
)


class Clock:
    def __init__(self) -> None:
        self.at = 1_900_000_000.0

    def __call__(self) -> float:
        return self.at


async def ignored(_: str) -> None:
    """Take a suspension without doing anything."""


def tokens(
    database: AsyncEngine, tenant_id: str, clock: Clock | None = None, desk: str = "it"
) -> SqlUpstreamTokens:
    seals = SqlSeals(database, tenant_id, RING)
    return SqlUpstreamTokens(database, tenant_id, desk, seals, ignored, clock or Clock())


async def test_a_token_comes_back_whole_for_every_process(database: AsyncEngine) -> None:
    acme = await tenant(database)
    one, other = tokens(database, acme), tokens(database, acme)
    assert await one.current() is None
    assert await one.claim(20)
    await one.store(TOKEN)
    assert await other.current() == TOKEN
    assert await other.claim(20)


async def test_t07_one_tenant_has_not_anothers_token(database: AsyncEngine) -> None:
    acme, globex = await tenant(database), await tenant(database)
    mine = tokens(database, acme)
    assert await mine.claim(20)
    await mine.store(TOKEN)
    assert await tokens(database, globex).current() is None
    assert await tokens(database, acme, desk="hr").current() is None


async def test_a_claim_is_one_processs_until_it_ends(database: AsyncEngine) -> None:
    acme, clock = await tenant(database), Clock()
    one, other = tokens(database, acme, clock), tokens(database, acme, clock)
    assert await one.claim(20)
    assert not await other.claim(20)
    assert await other.pause() == 0
    clock.at += 21
    assert await other.claim(20)
    await one.store(TOKEN)  # too late: the claim is another's now
    assert await other.current() is None
    await other.store(TOKEN)
    assert await one.current() == TOKEN


async def test_a_cool_down_keeps_everybody_off(database: AsyncEngine) -> None:
    acme, clock = await tenant(database), Clock()
    one, other = tokens(database, acme, clock), tokens(database, acme, clock)
    assert await one.claim(20)
    await one.release(retry_at=clock.at + 600)
    assert not await other.claim(20)
    assert await other.pause() == 600
    clock.at += 601
    assert await other.claim(20)


async def test_the_vendors_limits_hold_across_processes(database: AsyncEngine) -> None:
    acme, clock = await tenant(database), Clock()
    claimed = 0
    for _ in range(8):
        one = tokens(database, acme, clock)
        if await one.claim(20):
            claimed += 1
            await one.release()
        clock.at += 1
    assert claimed == 4
    assert await tokens(database, acme, clock).pause() > 0


def stored(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def test_a_token_lies_sealed_and_is_verified_with_the_rest(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        one = tokens(database, await tenant(database))
        assert await one.claim(20)
        await one.store(TOKEN)
        verified = await MasterKeys(database, RING).verify()
        assert (verified.readable, verified.unreadable) == (1, ())
        await one.forget()
        assert await one.current() is None
    assert b"zohoapis.eu" in stored(tmp_path)
    assert b"canary-4711" not in stored(tmp_path)


REFRESHING = """
import sys
from pathlib import Path

import anyio

from tests.stores.test_upstream_tokens import callers

anyio.run(callers, Path(sys.argv[1]), sys.argv[2], sys.argv[3])
"""


async def callers(directory: Path, tenant_id: str, key: str) -> None:
    """Be one process: fifty callers that want a token, once the word is given."""
    async with opened("file", directory) as database:
        seals = SqlSeals(database, tenant_id, parse_keys(key))
        shared = SqlUpstreamTokens(database, tenant_id, "it", seals, ignored)
        asked = 0

        async def refresh() -> Granted:
            nonlocal asked
            asked += 1
            await anyio.sleep(0.1)  # what the other process must wait for
            return Granted(access_token=f"token of {id(shared)}")

        source = SharedToken(shared, refresh, Pace(look=0.02))
        got: set[str] = set()

        async def call() -> None:
            got.add(await source.token())

        print("ready", flush=True)  # noqa: T201 -- the test reads it
        await anyio.to_thread.run_sync(sys.stdin.readline)
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(call)
        print(json.dumps({"asked": asked, "got": sorted(got)}), flush=True)  # noqa: T201 -- as above


async def test_u10_fifty_callers_of_two_processes_cost_one_refresh(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        acme = await tenant(database)
    command = [sys.executable, "-c", REFRESHING, str(tmp_path), acme, FIRST]
    processes = [
        subprocess.Popen(  # noqa: ASYNC220, S603 -- our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert sum(one["asked"] for one in told) == 1
    assert told[0]["got"] == told[1]["got"]
    assert len(told[0]["got"]) == 1
