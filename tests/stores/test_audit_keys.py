"""D08: each tenant's fingerprints are made with its own key, which is sealed and goes with it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import event
from tests.stores.tenancy import BOTH, RING, Clock, tenant

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.domain.audit import AuditQuery
from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.pipeline.redaction import Fingerprints, fingerprint
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.tenancy_tables import audit_keys
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.transactions import tenant_transaction

ANNA = "anna@example.org"


async def kept(database: AsyncEngine, of: str, key: bytes, number: int, at: float) -> None:
    """Keep an event that names Anna under this key."""
    masked = {"requester": f"person:hmac-sha256:{fingerprint(key, ANNA)}"}
    trail = SqlAuditTrail(database, of)
    moment = datetime.fromtimestamp(at, UTC)
    async with trail.running():
        await trail.begin(event(number, tenant=of, at=moment, arguments=masked))


async def found(database: AsyncEngine, of: str, fingerprints: Sequence[str]) -> list[int]:
    query = AuditQuery(fingerprints=tuple(fingerprints))
    return [int(one.id, 16) async for one in SqlAuditTrail(database, of).search(query)]


async def test_d08_of_two_organisations_the_same_value_has_two_fingerprints(
    database: AsyncEngine,
) -> None:
    acme, globex = await tenant(database), await tenant(database)
    keys, clock = SqlAuditKeys(database, RING), Clock()
    for number, of in enumerate((acme, globex), 1):
        await kept(database, of, await keys.current(of), number, clock())
    [mine] = await Fingerprints(keys=SqlAuditKeys(database, RING), tenant=acme).of(ANNA.upper())
    [theirs] = await Fingerprints(keys=keys, tenant=globex).of(ANNA)
    assert mine != theirs
    assert await found(database, acme, [mine]) == [1]
    assert await found(database, acme, [theirs]) == await found(database, globex, [mine]) == []
    assert await found(database, globex, [mine, theirs]) == [2]


async def test_d08_a_key_is_sealed_found_by_other_processes_and_destroyed_with_its_tenant(
    database: AsyncEngine,
) -> None:
    acme = await tenant(database)
    key = await SqlAuditKeys(database, RING).current(acme)
    async with tenant_transaction(database, acme) as reader:
        stored = (await reader.execute(select(audit_keys.c.key))).scalar_one()
    assert key not in stored
    assert await SqlAuditKeys(database, BOTH).current(acme) == key
    assert (await MasterKeys(database, RING).verify()).readable == 1
    with pytest.raises(Unavailable):
        await SqlAuditKeys(database, parse_keys(new_line(1))).current(acme)
    await SqlTenants(database).remove(acme)
    async with tenant_transaction(database, acme) as reader:
        assert (await reader.execute(select(audit_keys))).all() == []
    with pytest.raises(NotFound):
        await SqlAuditKeys(database, RING).current(acme)


async def test_d08_events_from_before_there_was_a_key_of_ones_own_are_still_found(
    database: AsyncEngine,
) -> None:
    acme, clock = await tenant(database), Clock()
    shared = await SqlAuditKeys(database, None).current(acme)
    await kept(database, acme, shared, 1, clock() - 60)
    keys = SqlAuditKeys(database, RING, clock)
    await kept(database, acme, await keys.current(acme), 2, clock() + 1)
    fingerprints = await Fingerprints(keys=keys, tenant=acme).of(ANNA)
    assert await found(database, acme, fingerprints[:1]) == [2]
    assert await found(database, acme, fingerprints[1:]) == [1]
    assert await found(database, acme, fingerprints) == [1, 2]


async def test_processes_that_meet_a_tenant_at_once_agree_on_its_key(
    database: AsyncEngine,
) -> None:
    acme = await tenant(database)
    made: list[bytes] = []

    async def meet() -> None:
        made.append(await SqlAuditKeys(database, RING).current(acme))

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(meet)
    assert len(made) == 8
    assert len(set(made)) == 1


async def test_who_is_cancelled_gets_the_key_all_the_same(database: AsyncEngine) -> None:
    acme, keys = await tenant(database), SqlAuditKeys(database, RING)
    with anyio.CancelScope() as scope:
        scope.cancel()
        key = await keys.current(acme)
        assert key == await SqlAuditKeys(database, RING).current(acme)
