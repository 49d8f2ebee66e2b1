"""Connections: a tenant's own, with credentials that are written, used, replaced, never shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import opened
from tests.stores.tenancy import CREDENTIAL, RING, desks, draft, overwrite, record, tenant

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.domain.errors import Conflict, NotFound, Unavailable
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.stores.connections import UNREADABLE
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.tenants import SqlTenants


async def test_a_connection_comes_back_with_its_credential(database: AsyncEngine) -> None:
    acme = desks(database, await tenant(database))
    made = await acme.add(draft(settings={"timeout": 5}), CREDENTIAL)
    assert await acme.every() == (made,)
    assert await acme.get("it") == await acme.get(made.id) == made
    assert await acme.credential(made.id) == CREDENTIAL
    assert made.is_default


async def test_a_credential_is_nowhere_in_the_database_in_clear(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        await desks(database, await tenant(database)).add(draft(), CREDENTIAL)
    stored = _everything(tmp_path)
    assert b"https://desk.example.org/" in stored
    assert b"canary-4711" not in stored


async def test_every_change_makes_a_new_version(database: AsyncEngine) -> None:
    acme = desks(database, await tenant(database))
    made = await acme.add(draft(), CREDENTIAL)
    moved = replace(made, address="https://new.example.org/")
    assert (await acme.update(moved, {"token": "y"})).version == 2
    assert await acme.credential(made.id) == {"token": "y"}
    await acme.replace_credential(made.id, {"token": "x"})
    await acme.suspend(made.id, "Moved.")
    await acme.resume(made.id)
    now = await acme.get(made.id)
    assert (now.version, now.address, now.status) == (
        5,
        "https://new.example.org/",
        Status.ACTIVE,
    )
    assert await acme.credential(made.id) == {"token": "x"}


async def test_desks_of_a_tenant_in_another_time_zone_are_opened_anew(
    database: AsyncEngine,
) -> None:
    store, (one, other) = SqlTenants(database), [await tenant(database) for _ in range(2)]
    made = [await desks(database, own).add(draft(), CREDENTIAL) for own in (one, other)]
    before = await store.get(one)
    same = await store.update(replace(before, name="Acme SL", tier="premium"))
    assert (same.name, same.tier, same.time_zone) == ("Acme SL", "premium", "UTC")
    assert (await desks(database, one).get(made[0].id)).version == 1
    await store.update(replace(same, time_zone="Asia/Tokyo"))
    versions = [
        (await desks(database, own).get(desk.id)).version
        for own, desk in zip((one, other), made, strict=True)
    ]
    assert versions == [2, 1]
    with pytest.raises(NotFound):
        await store.update(replace(same, id="0" * 32))


async def test_there_is_one_default(database: AsyncEngine) -> None:
    acme = desks(database, await tenant(database))
    first = await acme.add(draft("a"), CREDENTIAL)
    second = await acme.add(draft("b", is_default=True), CREDENTIAL)
    assert [one.name for one in await acme.every()] == ["b", "a"]
    await acme.update(replace(first, is_default=True))
    assert [one.is_default for one in await acme.every()] == [True, False]
    assert not (await acme.get(second.id)).is_default


async def test_a_name_is_taken_in_its_own_tenant_only(database: AsyncEngine) -> None:
    acme, globex = [desks(database, await tenant(database)) for _ in range(2)]
    await acme.add(draft(), CREDENTIAL)
    await globex.add(draft(), CREDENTIAL)
    with pytest.raises(Conflict):
        await acme.add(draft(), CREDENTIAL)
    other = await acme.add(draft("b"), CREDENTIAL)
    with pytest.raises(Conflict):
        await acme.update(replace(other, name="it"))


async def test_t01_another_tenants_desk_and_no_such_desk_are_the_same(
    database: AsyncEngine,
) -> None:
    acme, globex = [desks(database, await tenant(database)) for _ in range(2)]
    theirs = await globex.add(draft("theirs"), CREDENTIAL)
    said: set[str] = set()
    for identifier in (theirs.id, theirs.name, "0" * 32, "../x"):
        for attempt in (
            acme.get(identifier),
            acme.credential(identifier),
            acme.suspend(identifier, ""),
            acme.resume(identifier),
            acme.update(replace(theirs, id=identifier)),
            acme.replace_credential(identifier, {}),
            acme.remove(identifier),
        ):
            with pytest.raises(NotFound) as refused:
                await attempt
            said.add(refused.value.message)
    assert said == {"There is no such desk."}
    assert await globex.credential(theirs.id) == CREDENTIAL


async def test_s17_a_credential_that_was_changed_or_moved_suspends_its_desk_alone(
    database: AsyncEngine,
) -> None:
    own = await tenant(database)
    acme = desks(database, own)
    it, hr = [await acme.add(draft(name), CREDENTIAL) for name in ("it", "hr")]
    good = await record(database, own, it.id)
    await overwrite(database, own, it.id, await record(database, own, hr.id))
    with pytest.raises(Unavailable) as refused:
        await acme.credential(it.id)
    assert refused.value.reason == "credential_unreadable"
    suspended = await acme.get(it.id)
    assert (suspended.status, suspended.reason) == (Status.SUSPENDED, UNREADABLE)
    assert await acme.credential(hr.id) == CREDENTIAL
    await overwrite(database, own, it.id, good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(Unavailable):
        await acme.credential(it.id)
    await acme.replace_credential(it.id, CREDENTIAL)
    assert await acme.credential(it.id) == CREDENTIAL


async def test_s17_an_older_credential_put_back_does_not_open(database: AsyncEngine) -> None:
    own = await tenant(database)
    acme = desks(database, own)
    made = await acme.add(draft(), CREDENTIAL)
    old = await record(database, own, made.id)
    await acme.replace_credential(made.id, {"password": "new"})
    await overwrite(database, own, made.id, old)
    with pytest.raises(Unavailable):
        await acme.credential(made.id)


async def test_s17_a_credential_moved_to_another_tenant_does_not_open(
    database: AsyncEngine,
) -> None:
    one, other = [await tenant(database) for _ in range(2)]
    theirs = await desks(database, other).add(draft(), CREDENTIAL)
    mine = await desks(database, one).add(draft(), {"token": "x"})
    await overwrite(database, one, mine.id, await record(database, other, theirs.id))
    with pytest.raises(Unavailable):
        await desks(database, one).credential(mine.id)


async def test_t06_a_deleted_tenant_is_unreadable_and_its_slug_means_another(
    database: AsyncEngine,
) -> None:
    own = await tenant(database, "acme")
    made = await desks(database, own).add(draft(), CREDENTIAL)
    kept = await record(database, own, made.id)
    await SqlTenants(database).remove(own)
    again = await tenant(database, "acme")
    assert again != own
    assert await desks(database, again).every() == ()
    new = await desks(database, again).add(draft(), {"token": "x"})
    await overwrite(database, again, new.id, kept)
    with pytest.raises(Unavailable):
        await desks(database, again).credential(new.id)
    with pytest.raises(NotFound):
        await desks(database, own).add(draft(), CREDENTIAL)
    with pytest.raises(NotFound):
        await SqlTenants(database).remove(own)


async def test_s14_a_wrong_key_is_found_before_anything_is_written(database: AsyncEngine) -> None:
    acme = desks(database, await tenant(database))
    await acme.add(draft(), CREDENTIAL)
    await MasterKeys(database, RING).admit()
    wrong = parse_keys(new_line(1))
    with pytest.raises(Exception, match="not the one this database was sealed with"):
        await MasterKeys(database, wrong).admit()
    with pytest.raises(Exception, match="Version 1 of the master key is missing"):
        await MasterKeys(database, parse_keys(new_line(2))).admit()


async def test_the_tenant_of_the_environment_has_connections_without_a_row(
    database: AsyncEngine,
) -> None:
    made = await desks(database, "default").add(draft(), CREDENTIAL)
    assert await desks(database, "default").credential(made.id) == CREDENTIAL


def _everything(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())
