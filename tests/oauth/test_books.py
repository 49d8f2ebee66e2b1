"""What an organisation's administrators do with clients and grants, inside their tenant only."""

import pytest
from joserfc.jwk import ECKey
from tests.oauth.laboratory import ANA, Laboratory
from tests.oauth.test_token import basic

from helpdesk_mcp.domain.administration import ClientDraft
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.stores.client_book import SqlClientBook
from helpdesk_mcp.stores.grant_book import SqlGrantBook

JOB = ClientDraft(
    name="Night job",
    headless=True,
    scopes=frozenset({"tickets:read", "admin"}),
    desks=frozenset({"it"}),
)


async def test_a_headless_client_works_until_it_is_removed(lab: Laboratory) -> None:
    clients = SqlClientBook(lab.database, "acme", lab.clock)
    made = await clients.add(JOB)
    form = {"grant_type": "client_credentials"}
    headers = basic(made.client.id, made.secret)
    token = (await lab.http.post("/oauth/token", data=form, headers=headers)).json()
    assert token["scope"] == "tickets:read"
    assert await lab.works(token["access_token"])
    [listed] = await clients.every()
    assert (listed.name, listed.source, listed.scopes) == (
        "Night job",
        "administrator",
        ("tickets:read",),
    )
    assert listed.used_at is not None
    elsewhere = SqlClientBook(lab.database, "globex", lab.clock)
    assert await elsewhere.every() == ()
    with pytest.raises(NotFound):
        await elsewhere.remove(made.client.id)
    await clients.remove(made.client.id)
    assert not await lab.works(token["access_token"])
    with pytest.raises(NotFound):
        await clients.remove(made.client.id)


async def test_clients_that_could_not_be_used_are_not_made(quick: Laboratory) -> None:
    clients = SqlClientBook(quick.database, "acme", quick.clock)
    private = ECKey.generate_key("P-256").as_dict(private=True)
    for draft in (
        ClientDraft(name="No scope", headless=True),
        ClientDraft(name="No redirect"),
        ClientDraft(name="Bad redirect", redirect_uris=("http://app.example/cb",)),
        ClientDraft(name="Private key", headless=True, jwks={"keys": [private]}, scopes=JOB.scopes),
        ClientDraft(name="No key", headless=True, jwks={}, scopes=JOB.scopes),
    ):
        with pytest.raises(Invalid):
            await clients.add(draft)
    assert await clients.every() == ()


async def test_a_client_with_its_own_key_has_no_secret(quick: Laboratory) -> None:
    clients = SqlClientBook(quick.database, "acme", quick.clock)
    public = ECKey.generate_key("P-256").as_dict(private=False)
    signed = await clients.add(
        ClientDraft(name="Key", headless=True, jwks={"keys": [public]}, scopes=JOB.scopes)
    )
    assert signed.secret == ""
    app = await clients.add(ClientDraft(name="App", redirect_uris=("https://app.example/cb",)))
    question = await quick.asked(client_id=app.client.id, redirect_uri="https://app.example/cb")
    assert question.client_name == "App"


async def test_connected_agents_are_seen_and_ended(lab: Laboratory) -> None:
    grants = SqlGrantBook(lab.database, "acme", lab.clock)
    token = await lab.tokens()
    [found] = await grants.every()
    assert (found.user, found.client, found.client_name) == (ANA, "app", "An app")
    assert (found.scopes, found.desks) == (("tickets:read", "tickets:write"), ("it",))
    assert await grants.every("bob") == ()
    assert await SqlGrantBook(lab.database, "globex", lab.clock).every() == ()
    for other in (("globex", None), ("acme", "bob")):
        with pytest.raises(NotFound):
            await SqlGrantBook(lab.database, other[0], lab.clock).revoke(found.id, other[1])
    await grants.revoke(found.id, ANA)
    assert not await lab.works(token["access_token"])
    assert await grants.every() == ()
    again = await lab.asked()
    assert await lab.flow.remembered(again.id, browser="x", user=ANA) is None
    assert await grants.alarms(ANA) == (), "who ended it needs no telling"


async def test_a68_a_reused_token_is_told_to_its_person_until_they_take_note(
    lab: Laboratory,
) -> None:
    grants = SqlGrantBook(lab.database, "acme", lab.clock)
    first = (await lab.tokens())["refresh_token"]
    second = (await lab.refresh(first)).json()["refresh_token"]
    assert (await lab.refresh(second)).status_code == 200
    assert (await lab.refresh(first)).status_code == 400
    [alarm] = await grants.alarms(ANA)
    assert (alarm.client, alarm.client_name, alarm.reason) == ("app", "An app", "reuse")
    assert alarm.ended_at.timestamp() == lab.clock.now
    elsewhere = SqlGrantBook(lab.database, "globex", lab.clock)
    assert (await grants.alarms("bob"), await elsewhere.alarms(ANA)) == ((), ())
    for book, user in ((grants, "bob"), (elsewhere, ANA)):
        with pytest.raises(NotFound):
            await book.dismiss(alarm.id, user)
    await grants.dismiss(alarm.id, ANA)
    assert await grants.alarms(ANA) == ()
    with pytest.raises(NotFound):
        await grants.dismiss(alarm.id, ANA)
