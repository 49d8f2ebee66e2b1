"""T18: one organisation is put back to its backup; others, and every trail, stay as they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import event
from tests.stores.tenancy import BOTH, CREDENTIAL, PASSWORD, QUICK, RING, desks, draft, tenant

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.domain.administration import ClientDraft
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.errors import Conflict, HelpdeskError, Invalid
from helpdesk_mcp.domain.principals import Role, Scope
from helpdesk_mcp.domain.tenants import Tenant, TenantPolicy
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.backups import SqlBackups
from helpdesk_mcp.stores.client_book import SqlClientBook
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.schema import EVERY_TABLE
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenancy_tables import people
from helpdesk_mcp.stores.tenants import SqlPolicies, SqlTenants
from helpdesk_mcp.stores.tokens import SqlTokens
from helpdesk_mcp.stores.transactions import enter_tenant, operator_transaction

READ_ONLY = TenantPolicy(read_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An organisation with one of everything."""

    database: AsyncEngine
    tenant: str
    desk: str
    person: str
    client: str
    key: bytes

    @property
    def people(self) -> SqlPeople:
        return SqlPeople(self.database, self.tenant, QUICK)

    @property
    def policy(self) -> SqlPolicies:
        return SqlPolicies(self.database, self.tenant)

    async def events(self) -> list[AuditEvent]:
        trail = SqlAuditTrail(self.database, self.tenant)
        return [one async for one in trail.search(AuditQuery())]

    async def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that the database holds of it, but for the trail."""
        async with operator_transaction(self.database) as reader:
            await reader.run_sync(enter_tenant, self.tenant)
            found: dict[str, list[tuple[Any, ...]]] = {}
            for table in EVERY_TABLE:
                if table is people:
                    wanted = select(table).where(table.c.home == self.tenant)
                elif "tenant" in table.c and table is not audit:
                    wanted = select(table).where(table.c.tenant == self.tenant)
                else:
                    continue
                rows = (await reader.execute(wanted)).all()
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        return found

    async def disturb(self) -> None:
        """Lose or change one of everything."""
        await desks(self.database, self.tenant).remove(self.desk)
        await desks(self.database, self.tenant).add(draft("new"), {"username": "x"})
        await self.people.remove(self.person)
        await self.policy.set(TenantPolicy())
        await SqlClientBook(self.database, self.tenant).remove(self.client)


async def whole(database: AsyncEngine, slug: str) -> Whole:
    made = await tenant(database, slug)
    desk = await desks(database, made).add(draft(), CREDENTIAL)
    members = SqlPeople(database, made, QUICK)
    await members.enrol(f"boss@{slug}.test", "Boss", Role.ADMINISTRATOR, PASSWORD)
    person = await members.enrol(f"ana@{slug}.test", "Ana", Role.AGENT, PASSWORD)
    await SqlPolicies(database, made).set(READ_ONLY)
    scopes = frozenset({Scope.TICKETS_READ})
    job = ClientDraft(name="Job", headless=True, scopes=scopes)
    client = (await SqlClientBook(database, made).add(job)).client.id
    await SqlTokens(database, made).create(
        name="", subject="job", client="job", scopes=scopes, expires_at=None
    )
    trail = SqlAuditTrail(database, made)
    async with trail.running():
        await trail.begin(event(1, tenant=made))
    key = await SqlAuditKeys(database, RING).current(made)
    return Whole(
        database=database, tenant=made, desk=desk.id, person=person.id, client=client, key=key
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    acme: Whole
    globex: Whole
    backups: SqlBackups
    file: Path

    async def restore(self) -> int:
        return (await self.backups.restore(self.file, "olga")).left_out


@pytest.fixture
async def town(database: AsyncEngine, tmp_path: Path) -> Town:
    acme, globex = await whole(database, "acme"), await whole(database, "globex")
    backups = SqlBackups(database, RING)
    await backups.write(await SqlTenants(database).get("acme"), tmp_path / "acme.backup")
    return Town(acme=acme, globex=globex, backups=backups, file=tmp_path / "acme.backup")


async def test_t18_one_organisation_is_as_it_was_and_no_other_is_touched(town: Town) -> None:
    acme = town.acme
    await acme.disturb()
    await town.globex.policy.set(TenantPolicy(switched_off=frozenset({"add_note"})))
    others = await town.globex.rows()
    assert await town.restore() == 0
    [desk] = await desks(acme.database, acme.tenant).every()
    assert (desk.id, desk.is_default) == (acme.desk, True)
    assert await desks(acme.database, acme.tenant).credential(acme.desk) == CREDENTIAL
    assert {one.email for one in await acme.people.every()} == {"boss@acme.test", "ana@acme.test"}
    assert await acme.policy.get() == READ_ONLY
    assert await town.globex.rows() == others


async def test_t18_the_trail_goes_on_and_shows_the_restoration(town: Town) -> None:
    acme, others = town.acme, await town.globex.events()
    trail = SqlAuditTrail(acme.database, acme.tenant)
    async with trail.running():
        await trail.begin(event(2, tenant=acme.tenant))
    before = await acme.events()
    await town.restore()
    *kept, told = sorted(await acme.events(), key=lambda one: one.tool_name == "restore_tenant")
    assert kept == before
    assert (told.tool_name, told.user, told.target) == ("restore_tenant", "olga", "acme")
    assert await SqlAuditKeys(acme.database, RING).current(acme.tenant) == acme.key
    assert await town.globex.events() == others


async def test_t18_a_deleted_organisation_comes_back_whole(town: Town) -> None:
    acme = town.acme
    await SqlTenants(acme.database).remove(acme.tenant)
    assert await town.restore() == 0
    assert (await SqlTenants(acme.database).get("acme")).id == acme.tenant
    assert await desks(acme.database, acme.tenant).credential(acme.desk) == CREDENTIAL
    assert len(await acme.people.every()) == 2
    assert [one.tool_name for one in await acme.events()].count("restore_tenant") == 1
    assert (await MasterKeys(acme.database, RING).verify()).unreadable == ()


async def test_t18_what_let_agents_in_does_not_come_back(town: Town) -> None:
    acme = town.acme
    await SqlClientBook(acme.database, acme.tenant).remove(acme.client)
    tokens = SqlTokens(acme.database, acme.tenant)
    [token] = await tokens.every()
    await tokens.revoke(token.id)
    await town.restore()
    assert await SqlClientBook(acme.database, acme.tenant).every() == ()
    assert [one.revoked_at is not None for one in await tokens.every()] == [True]
    await SqlTenants(acme.database).remove(acme.tenant)
    await town.restore()
    assert list(await tokens.every()) == []


async def test_t18_a_desk_that_was_open_does_not_pass_for_the_restored_one(town: Town) -> None:
    [now] = await desks(town.acme.database, town.acme.tenant).every()
    await town.restore()
    [restored] = await desks(town.acme.database, town.acme.tenant).every()
    assert restored.version > now.version


async def test_t18_an_account_that_changed_hands_is_left_alone(town: Town) -> None:
    acme = town.acme
    await acme.people.remove(acme.person)
    taken = await town.globex.people.enrol("new@globex.test", "Ana", Role.AGENT, PASSWORD)
    async with operator_transaction(acme.database) as writer:
        await writer.execute(people.delete().where(people.c.id == acme.person))
        moved = people.update().where(people.c.id == taken.id)
        await writer.execute(moved.values(email="ana@acme.test"))
    others = await town.globex.rows()
    assert await town.restore() == 1
    assert [one.email for one in await acme.people.every()] == ["boss@acme.test"]
    assert await town.globex.rows() == others


async def test_t18_a_file_that_is_not_whole_and_ours_restores_nothing(town: Town) -> None:
    acme, data = town.acme, town.file.read_bytes()
    ours, theirs = acme.tenant.encode(), town.globex.tenant.encode()
    before = await acme.rows(), await town.globex.rows(), await acme.events()
    for bad in (
        data[:-1],
        data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        data.replace(ours, theirs),
        data.replace(b"backup 1", b"backup 2"),
        b"{}\n",
        b"[" * 100_000,
        b"\xff",
        b"",
    ):
        town.file.write_bytes(bad)
        with pytest.raises(Invalid) as refused:
            await town.restore()
        assert refused.value.reason == "backup"
    town.file.write_bytes(data)
    for wrong in (new_line(1), new_line(2)):
        with pytest.raises(Invalid):
            await SqlBackups(acme.database, parse_keys(wrong)).restore(town.file, "olga")
    town.file.unlink()
    with pytest.raises(Invalid):
        await town.restore()
    assert (await acme.rows(), await town.globex.rows(), await acme.events()) == before


async def test_t18_nothing_is_restored_over_an_organisation_of_the_same_name(town: Town) -> None:
    database = town.acme.database
    await SqlTenants(database).remove(town.acme.tenant)
    await SqlTenants(database).add(Tenant(id="", slug="acme", name="Another"))
    before = await town.acme.rows()
    with pytest.raises(Conflict):
        await town.restore()
    assert await town.acme.rows() == before


async def test_t18_a_backup_needs_the_master_key_it_was_made_with(town: Town) -> None:
    acme = town.acme
    await MasterKeys(acme.database, BOTH).rotate()
    await SqlBackups(acme.database, BOTH).restore(town.file, "olga")
    assert await desks(acme.database, acme.tenant, BOTH).credential(acme.desk) == CREDENTIAL
    second = Path(f"{town.file}.2")
    await SqlBackups(acme.database, BOTH).write(await SqlTenants(acme.database).get("acme"), second)
    with pytest.raises(Invalid, match="version 2 of the master key") as refused:
        await town.backups.restore(second, "olga")
    assert refused.value.reason == "keys"


async def test_t18_a_backup_shows_nothing_and_is_its_owners_only(town: Town) -> None:
    data = town.file.read_bytes()
    for secret in (*CREDENTIAL.values(), "ana@acme.test", "boss@acme.test"):
        assert secret.encode() not in data
    assert town.file.stat().st_mode & 0o777 == 0o600
    found = await SqlTenants(town.acme.database).get("globex")
    with pytest.raises(HelpdeskError) as refused:
        await town.backups.write(found, town.file)
    assert refused.value.reason == "taken"
    assert town.file.read_bytes() == data
