"""An organisation's provider in SQL: whom it vouched for ends with it."""

import time

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.tenancy import PASSWORD, QUICK, RING, tenant

from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.sessions import Session
from helpdesk_mcp.domain.tenants import Member
from helpdesk_mcp.oauth.upstream import UpstreamClient
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.providers import SqlUpstreamClients
from helpdesk_mcp.stores.sessions import SqlSessions

OLD, NEW = "https://old.example", "https://new.example"


def client(own: str, issuer: str) -> UpstreamClient:
    return UpstreamClient(tenant=own, issuer=issuer, client_id="us", client_secret="canary")


async def vouched(database: AsyncEngine, own: str, name: str) -> Member:
    """Enrol somebody, and have the organisation's provider sign them in."""
    email = f"{name}@example.org"
    made = await SqlPeople(database, own, QUICK).enrol(email, "", Role.AGENT, PASSWORD)
    accounts = SqlAccounts(database, QUICK)
    assert await accounts.vouched_for(OLD, name, tenant=own, email=email)
    now = time.time()
    for via in (OLD, "password"):
        session = Session(person=made.id, auth_time=now, seen_at=now, tenant=own, via=via)
        await SqlSessions(database).add(f"{name} {via}", session)
    return made


async def test_people_of_a_former_provider_are_known_by_their_address_again(
    database: AsyncEngine,
) -> None:
    one, other = [await tenant(database) for _ in range(2)]
    providers, accounts = SqlUpstreamClients(database, RING), SqlAccounts(database, QUICK)
    sessions = SqlSessions(database)
    for own in (one, other):
        await providers.put(client(own, OLD))
    ana, bob = await vouched(database, one, "ana"), await vouched(database, other, "bob")

    await providers.put(client(one, OLD))
    assert await accounts.by_identity(OLD, "ana"), "a new secret changes nobody"
    assert await sessions.find(f"ana {OLD}")
    await providers.put(client(one, NEW))

    assert await accounts.by_identity(OLD, "ana") is None
    assert await sessions.find(f"ana {OLD}") is None
    assert await sessions.find("ana password")
    found = await accounts.vouched_for(NEW, "a1", tenant=one, email=ana.email)
    assert found
    assert found.id == ana.id
    kept = await accounts.by_identity(OLD, "bob")
    assert kept
    assert kept.id == bob.id
    assert await sessions.find(f"bob {OLD}")

    assert await providers.remove(one)
    assert await accounts.by_identity(NEW, "a1") is None
    await SqlPeople(database, one, QUICK).set_password(ana.id, "a password at last")
