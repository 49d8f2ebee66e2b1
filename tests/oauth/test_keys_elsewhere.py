"""Signing keys that another replica made: found at once, and looked for no more than needed."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.oauth.laboratory import Drawer, Laboratory

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.oauth.ports import StoredKey
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals


class Counted(SqlSigningKeys):
    """Counts how often the database is asked."""

    def __init__(self, database: AsyncEngine) -> None:
        super().__init__(database)
        self.looks = 0

    async def every(self) -> list[StoredKey]:
        self.looks += 1
        return await super().every()


async def test_s16_a_key_of_another_replica_is_found_by_all_who_need_it_with_one_look(
    quick: Laboratory,
) -> None:
    master, drawer = parse_keys(new_line(1)), Drawer()
    stores = (Counted(quick.database), Counted(quick.database))
    here, there = (
        KeyRing(store, SqlSeals(quick.database, DEPLOYMENT, master), quick.clock, drawer.draw)
        for store in stores
    )
    await here.current()
    kids = await there.rotate()
    before = stores[0].looks
    found = await asyncio.gather(*(here.knowing(kid) for kid in kids * 5))
    assert all({key.kid for key in keys.keys} >= {*kids} for keys in found)
    assert stores[0].looks == before + 1


async def test_a_request_that_names_no_key_looks_for_none(quick: Laboratory) -> None:
    store = Counted(quick.database)
    seals = SqlSeals(quick.database, DEPLOYMENT, parse_keys(new_line(1)))
    ring = KeyRing(store, seals, quick.clock, Drawer().draw)
    await ring.current()
    before = store.looks
    for _ in range(3):
        await ring.knowing(None)
    assert store.looks == before
