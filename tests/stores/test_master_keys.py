"""Rotation of the master key: resumable, on two replicas at once, with every row readable."""

import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.services import postgres
from tests.stores.opening import opened
from tests.stores.tenancy import (
    BOTH,
    CREDENTIAL,
    FIRST,
    RING,
    SECOND,
    desks,
    draft,
    overwrite,
    record,
    tenant,
)

from helpdesk_mcp.crypto.keyring import new_line, parse_keys, read_keys
from helpdesk_mcp.crypto.sealing import MOST_SEALS, Sealer
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.master_keys import MasterKeys, VersionStatus
from helpdesk_mcp.stores.tenancy_tables import tenant_keys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals
from helpdesk_mcp.stores.transactions import operator_transaction

ROTATING = """
import sys
from pathlib import Path
import anyio
from helpdesk_mcp.crypto.keyring import read_keys
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.master_keys import MasterKeys

async def main():
    database = open_database(sys.argv[1])
    print(await MasterKeys(database, read_keys(Path(sys.argv[2]))).rotate(), flush=True)
    await database.dispose()

anyio.run(main)
"""


async def filled(database: AsyncEngine, count: int) -> list[tuple[str, str]]:
    """Make tenants with a desk each."""
    made: list[tuple[str, str]] = []
    for _ in range(count):
        own = await tenant(database)
        made.append((own, (await desks(database, own).add(draft(), CREDENTIAL)).id))
    return made


async def masters(database: AsyncEngine) -> dict[int, int]:
    c = tenant_keys.c
    async with operator_transaction(database) as reader:
        counted = await reader.execute(select(c.master, func.count()).group_by(c.master))
        return {row[0]: row[1] for row in counted}


async def test_a_rotation_moves_every_data_key_and_everything_stays_readable(
    database: AsyncEngine,
) -> None:
    made = await filled(database, 5)
    keys = MasterKeys(database, BOTH)
    assert await keys.rotate() == 5
    assert await keys.rotate() == 0
    assert await keys.status() == (
        VersionStatus(version=1, here=True, seals=False, wraps=0),
        VersionStatus(version=2, here=True, seals=True, wraps=5),
    )
    only_new = parse_keys(SECOND)
    await MasterKeys(database, only_new).admit()
    for own, desk in made:
        assert await desks(database, own, only_new).credential(desk) == CREDENTIAL


@pytest.mark.parametrize("done", [0, 1, 2, 3])
async def test_s15_a_rotation_that_was_killed_goes_on_where_it_stopped(
    database: AsyncEngine, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await filled(database, 4)
    keys = MasterKeys(database, BOTH)
    exchange = keys._exchange  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 -- it dies inside
    calls = 0

    async def dying(row: dict[str, object], newest: int) -> int:
        nonlocal calls
        if calls == done:
            raise KeyboardInterrupt
        calls += 1
        return await exchange(row, newest)

    monkeypatch.setattr(keys, "_exchange", dying)
    with pytest.raises(KeyboardInterrupt):
        await keys.rotate()
    assert (await masters(database)).get(2, 0) == done
    for own, desk in made:
        assert await desks(database, own, BOTH).credential(desk) == CREDENTIAL
    assert await MasterKeys(database, BOTH).rotate() == 4 - done
    assert await masters(database) == {2: 4}


async def test_s15_two_processes_rotate_at_once_and_no_key_is_exchanged_twice(
    tmp_path: Path, postgresql: postgres.Database
) -> None:
    database = open_database(postgresql.application)
    made = await filled(database, 12)
    ring = tmp_path / "keys"
    ring.write_text(f"{FIRST}\n{SECOND}", "utf-8")
    ring.chmod(0o600)
    command = [sys.executable, "-c", ROTATING, postgresql.application, str(ring)]
    said: list[int] = []

    async def rotate() -> None:
        done = await anyio.run_process(command, stderr=subprocess.STDOUT)
        said.append(int(done.stdout))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(rotate)
        tasks.start_soon(rotate)
        for own, desk in made:  # a third replica reads all the while
            assert await desks(database, own, BOTH).credential(desk) == CREDENTIAL
    assert sum(said) == 12
    assert await masters(database) == {2: 12}
    await database.dispose()


async def test_a_replica_finds_a_new_key_in_its_file_when_it_first_needs_it(
    tmp_path: Path,
) -> None:
    ring = tmp_path / "keys"
    ring.write_text(FIRST, "utf-8")
    ring.chmod(0o600)
    early = read_keys(ring)
    async with opened("file", tmp_path) as database:
        [(own, desk)] = await filled(database, 1)
        ring.write_text(f"{FIRST}\n{SECOND}", "utf-8")
        await MasterKeys(database, read_keys(ring)).rotate()
        assert await desks(database, own, early).credential(desk) == CREDENTIAL


async def test_a_key_is_not_taken_from_a_replica_that_lacks_it(database: AsyncEngine) -> None:
    [(own, desk)] = await filled(database, 1)
    await MasterKeys(database, BOTH).rotate()
    with pytest.raises(Unavailable, match="Version 2 of the master key is missing"):
        await desks(database, own).credential(desk)
    with pytest.raises(Invalid, match="Version 2"):
        await MasterKeys(database, RING).admit()


async def test_s18_a_data_key_that_sealed_enough_gets_a_successor(database: AsyncEngine) -> None:
    [(own, desk)] = await filled(database, 1)
    async with operator_transaction(database) as transaction:
        await transaction.execute(update(tenant_keys).values(seals=MOST_SEALS))
    second = await desks(database, own).add(draft("b"), CREDENTIAL)
    assert (await record(database, own, desk))[1:5] == b"\0\0\0\1"
    assert (await record(database, own, second.id))[1:5] == b"\0\0\0\2"
    for one in (desk, second.id):
        assert await desks(database, own).credential(one) == CREDENTIAL


async def test_verifying_opens_everything_and_names_what_does_not_open(
    database: AsyncEngine,
) -> None:
    made = await filled(database, 3)
    keys = MasterKeys(database, RING)
    assert (await keys.verify()).unreadable == ()
    assert (await keys.verify()).readable == 3
    own, desk = made[0]
    await overwrite(database, own, desk, await record(database, *made[1]))
    found = await keys.verify()
    assert (found.readable, found.unreadable) == (
        2,
        (f"connections.credential of {own} {desk}/1",),
    )
    lost = await MasterKeys(database, parse_keys(new_line(2))).verify()
    assert len(lost.unreadable) == 3


async def test_a_data_key_that_was_tampered_with_stops_one_tenant_only(
    database: AsyncEngine,
) -> None:
    (own, desk), (other, their_desk) = await filled(database, 2)
    c = tenant_keys.c
    async with operator_transaction(database) as transaction:
        theirs = (
            await transaction.execute(select(c.wrapped).where(c.tenant == other))
        ).scalar_one()
        await transaction.execute(update(tenant_keys).where(c.tenant == own).values(wrapped=theirs))
    with pytest.raises(Unavailable):
        await desks(database, own).credential(desk)
    assert await desks(database, other).credential(their_desk) == CREDENTIAL
    assert await MasterKeys(database, BOTH).rotate() == 1


async def test_replicas_that_make_the_first_key_at_once_agree(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as database:
        own = await tenant(database)
        sealers: list[Sealer] = []

        async def first() -> None:
            sealers.append(await SqlSeals(database, own, RING).sealer(seals=1))

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(first)
        sealed = [one.seal("t", "c", "r", b"x") for one in sealers]
        opener = await SqlSeals(database, own, RING).sealer()
        assert [opener.unseal("t", "c", "r", one) for one in sealed] == [b"x"] * 5
        assert await masters(database) == {1: 1}


async def test_the_deployment_seals_for_itself(database: AsyncEngine) -> None:
    sealer = await SqlSeals(database, DEPLOYMENT, RING).sealer(seals=2)
    assert sealer.unseal("t", "c", "r", sealer.seal("t", "c", "r", b"x")) == b"x"
