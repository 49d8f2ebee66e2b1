"""What a tenant's administrators see of clients and grants, and that it is only their own."""

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import tenant
from tests.stores.tenancy import granted

from helpdesk_mcp.domain.administration import ClientDraft
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.oauth.models import AuthMethod, GrantType
from helpdesk_mcp.stores.client_book import SqlClientBook
from helpdesk_mcp.stores.clients import SqlClients
from helpdesk_mcp.stores.grant_book import SqlGrantBook
from helpdesk_mcp.stores.transactions import door_transaction

HEADLESS = ClientDraft(
    name="Night job", headless=True, scopes=frozenset({"tickets:read", "admin"}), desks=frozenset()
)


async def test_a_headless_client_has_a_secret_once_and_no_administrators_scope(
    database: AsyncEngine,
) -> None:
    book = SqlClientBook(database, tenant(), lambda: 100.0)
    made = await book.add(HEADLESS)
    assert made.secret.startswith("hds_")
    assert made.client.scopes == ("tickets:read",)
    assert await book.every() == (made.client,)
    assert made.secret not in repr(made)
    async with door_transaction(database) as reader:
        kept = await reader.run_sync(lambda c: SqlClients(c).find(made.client.id))
    assert kept is not None
    assert kept.grant_types == {GrantType.CLIENT_CREDENTIALS}
    assert kept.auth_method is AuthMethod.BASIC


async def test_a_client_with_keys_of_its_own_gets_no_secret(database: AsyncEngine) -> None:
    book = SqlClientBook(database, tenant())
    public = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}).as_dict(private=False)
    made = await book.add(replace(HEADLESS, jwks={"keys": [public]}))
    assert made.secret == ""


async def test_a_client_without_a_single_key_is_refused(database: AsyncEngine) -> None:
    with pytest.raises(Invalid, match="list of public keys"):
        await SqlClientBook(database, tenant()).add(replace(HEADLESS, jwks={"keys": []}))


async def test_a_client_for_people_needs_somewhere_to_send_them_back(
    database: AsyncEngine,
) -> None:
    with pytest.raises(Invalid, match="redirect URI"):
        await SqlClientBook(database, tenant()).add(ClientDraft(name="App"))


async def test_another_tenants_client_is_no_client(database: AsyncEngine) -> None:
    book = SqlClientBook(database, tenant())
    made = await book.add(HEADLESS)
    stranger = SqlClientBook(database, tenant())
    assert await stranger.every() == ()
    for client_id in (made.client.id, "nothing"):
        with pytest.raises(NotFound, match="no such client"):
            await stranger.remove(client_id)
    await book.remove(made.client.id)
    assert await book.every() == ()


async def test_connected_agents_are_the_tenants_own_and_can_be_ended(database: AsyncEngine) -> None:
    own = tenant()
    book = SqlGrantBook(database, own, lambda: 200.0)
    hers = await granted(database, own)
    his = await granted(database, own, user="bob", used_at=150.0)
    await granted(database, own, expires_at=199.0)
    await granted(database, own, user="")
    assert [info.id for info in await book.every()] == [his.id, hers.id]
    assert [info.id for info in await book.every("ana")] == [hers.id]
    for grant_id, user in ((his.id, "ana"), ("nothing", None)):
        with pytest.raises(NotFound):
            await book.revoke(grant_id, user)
    with pytest.raises(NotFound):
        await SqlGrantBook(database, tenant(), lambda: 200.0).revoke(hers.id)
    await book.revoke(hers.id, "ana")
    assert [info.id for info in await book.every()] == [his.id]
