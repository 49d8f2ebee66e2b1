"""An administrator sets the organisation's own provider; its secret is never seen again."""

import pytest
from tests.oauth.elsewhere import ISSUER
from tests.web.console.town import RING, Town, press

from helpdesk_mcp.domain.audit import AuditQuery
from helpdesk_mcp.stores.providers import SqlUpstreamClients

HERE = "/console/sign-in"
SECRET = "canary-provider-secret"
FORM = {"issuer": ISSUER, "client_id": "helpdesk", "client_secret": SECRET}


async def test_a_provider_is_set_tested_and_removed(town: Town) -> None:
    providers = SqlUpstreamClients(town.database, RING)
    async with town.signed_in("ada") as ada:
        empty = await ada.get(HERE)
        assert "https://desk.example/sign-in/callback" in empty.text
        assert f'action="{HERE}/test"' not in empty.text
        done = await press(ada, HERE, f"{HERE}/set", **FORM)
        shown = await ada.get(done.headers["location"])
        assert "The provider is set" in shown.text
        assert ISSUER in shown.text
        assert SECRET not in shown.text
        tested = await press(ada, HERE, f"{HERE}/test")
        assert "The provider answers as it should." in tested.text
        town.login.calls_itself = "https://evil.example"
        tested = await press(ada, HERE, f"{HERE}/test")
        assert "does not answer as its issuer should" in tested.text
        found = await providers.of_tenant(town.tenant.id)
        assert found
        assert (found.issuer, found.client_secret) == (ISSUER, SECRET)
        await press(ada, HERE, f"{HERE}/remove")
        assert f'action="{HERE}/remove"' not in (await ada.get(HERE)).text
    assert await providers.of_tenant(town.tenant.id) is None
    found = [event async for event in town.trail.search(AuditQuery())]
    changed = [e.tool_name for e in found if e.tool_name in {"set_provider", "remove_provider"}]
    assert changed == ["set_provider", "remove_provider"]
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example",
        "https://login.example?x=1",
        "https://user:pw@login.example",
        "https://login.example#x",
        "https://[::1]/",
        "javascript:alert(1)",
        "login.example",
        "",
    ],
)
async def test_what_is_no_issuer_is_refused_and_nothing_is_kept(town: Town, issuer: str) -> None:
    async with town.signed_in("ada") as ada:
        done = await press(ada, HERE, f"{HERE}/set", **FORM | {"issuer": issuer})
    assert done.status_code == 422
    assert "issuer" in done.text
    assert 'value="helpdesk"' in done.text, "what was typed stays"
    assert SECRET not in done.text, "but no secret"
    assert await SqlUpstreamClients(town.database, RING).of_tenant(town.tenant.id) is None


async def test_only_administrators_see_it_and_only_their_own(town: Town) -> None:
    async with town.signed_in("ada") as ada:
        await press(ada, HERE, f"{HERE}/set", **FORM)
    async with town.signed_in("sam") as sam:
        assert (await sam.get(HERE)).status_code == 403
    assert await SqlUpstreamClients(town.database, RING).of_tenant(town.other.id) is None
