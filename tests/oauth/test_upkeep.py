"""What keeps the server tidy and its people linked: the sweep, and who vouches for whom."""

import anyio
from sqlalchemy import func, select
from tests.oauth.elsewhere import ISSUER
from tests.oauth.laboratory import BROWSER, Laboratory, consent
from tests.oauth.test_token_care import HEADLESS

from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Tenant
from helpdesk_mcp.oauth.models import Source
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.oauth_tables import questions
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.sweeping import KEPT, Swept, kept_clean, sweep
from helpdesk_mcp.stores.tenants import SqlTenants

PASSWORD = "correct horse battery"


async def test_a_sweep_removes_what_is_over_and_nothing_else(lab: Laboratory) -> None:
    await lab.add(HEADLESS)
    form = {"grant_type": "client_credentials", "client_id": "job", "client_secret": "s3"}
    await lab.post("/oauth/token", form)
    token = await lab.tokens()
    await lab.asked()
    assert await sweep(lab.database, lab.clock.now) == Swept(
        clients=0, requests=0, tokens=0, grants=0
    )
    assert (await lab.refresh(token["refresh_token"])).status_code == 200
    lab.clock.now += 2 * 86_400
    soon = await sweep(lab.database, lab.clock.now)
    assert (soon.requests, soon.grants, soon.tokens) == (2, 1, 0)
    lab.clock.now += 4 * KEPT
    late = await sweep(lab.database, lab.clock.now)
    assert (late.grants, late.tokens) == (1, 3)


async def test_a83_a_server_sweeps_by_itself_and_goes_on_when_it_could_not(
    lab: Laboratory,
) -> None:
    said = {"client_name": "An app", "redirect_uris": ["https://app.example/cb"]}
    await lab.asked()
    assert (await lab.http.post("/oauth/register", json=said)).status_code == 201
    asked: list[float] = []

    def clock() -> float:
        asked.append(lab.clock.now + 2 * 86_400)
        if len(asked) == 1:
            raise Unavailable("The database cannot be reached.", reason="store")
        return asked[-1]

    async def left() -> tuple[int, int]:
        unused = await lab.ledger.look(lambda records: records.clients.unused(Source.REGISTERED))
        async with lab.database.connect() as reader:
            found = await reader.execute(select(func.count()).select_from(questions))
            return unused, found.scalar_one()

    before = await left()
    assert min(before) >= 1
    async with kept_clean(lab.database, first=0, every=0.01, clock=clock):
        with anyio.fail_after(5):
            while any(await left()):  # noqa: ASYNC110 -- seen from outside
                await anyio.sleep(0.01)
    assert len(asked) >= 2


async def test_a_used_client_is_never_swept(quick: Laboratory) -> None:
    question = await quick.asked()
    await quick.flow.approve(question.id, consent(), browser=BROWSER)
    assert (await sweep(quick.database, quick.clock.now)).clients == 0
    await quick.asked()


async def organisation(lab: Laboratory, slug: str, *people: str) -> str:
    made = await SqlTenants(lab.database).add(Tenant(id="", slug=slug, name=slug))
    for email in people:
        await SqlPeople(lab.database, made.id, Passwords()).enrol(email, "", Role.AGENT, PASSWORD)
    return made.id


async def test_a_provider_vouches_for_accounts_of_its_own_organisation_only(
    lab: Laboratory,
) -> None:
    acme = await organisation(lab, "acme", "ana@acme.example")
    globex = await organisation(lab, "globex", "bob@globex.example")
    accounts = SqlAccounts(lab.database, Passwords())
    found = await accounts.vouched_for(ISSUER, "s1", tenant=acme, email="Ana@acme.example")
    assert found is not None
    assert found.email == "ana@acme.example"
    again = await accounts.vouched_for(ISSUER, "s1", tenant=acme, email="")
    assert again is not None
    assert again.id == found.id
    for subject, tenant, email in (
        ("s2", acme, "bob@globex.example"),
        ("s2", globex, "ana@acme.example"),
        ("s2", acme, "ana@acme.example"),
        ("s2", acme, "nobody@acme.example"),
        ("s2", acme, ""),
    ):
        assert await accounts.vouched_for(ISSUER, subject, tenant=tenant, email=email) is None
