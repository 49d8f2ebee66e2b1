"""Refresh tokens: rotated at each use, one living leaf, and a family that dies of reuse."""

import asyncio
from dataclasses import replace

import pytest
from tests.oauth.laboratory import ANA, CLIENT, MCP, RULES, Laboratory
from tests.oauth.test_token import refused

from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.oauth.asking import GRANT_LIFETIME
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.core import IDLE
from helpdesk_mcp.oauth.models import AuthMethod, Standing
from helpdesk_mcp.oauth.scopes import Resources
from helpdesk_mcp.oauth.token import GRACE


async def test_a_refresh_token_is_rotated(lab: Laboratory) -> None:
    first = await lab.tokens()
    second = (await lab.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert await lab.works(second["access_token"])
    third = await lab.refresh(second["refresh_token"])
    assert third.status_code == 200


async def test_an_id_token_comes_again_with_its_first_auth_time(quick: Laboratory) -> None:
    first = await quick.tokens(scope="openid tickets:read")
    second = (await quick.refresh(first["refresh_token"])).json()
    assert second["id_token"].count(".") == 2


async def test_a65_a_wider_scope_is_refused_and_spends_nothing(lab: Laboratory) -> None:
    token = await lab.tokens(scope="tickets:read")
    for wider in ("tickets:read tickets:write", "openid", "nonsense"):
        refused(await lab.refresh(token["refresh_token"], scope=wider), "invalid_scope")
    assert (await lab.refresh(token["refresh_token"])).status_code == 200


async def test_a66_a_narrower_scope_lasts_for_one_token(lab: Laboratory) -> None:
    first = await lab.tokens(scope="openid tickets:read tickets:write")
    narrow = (await lab.refresh(first["refresh_token"], scope="tickets:read")).json()
    assert narrow["scope"] == "tickets:read"
    wide = (await lab.refresh(narrow["refresh_token"])).json()
    assert wide["scope"] == "openid tickets:read tickets:write"


async def test_a67_a_lost_answer_is_given_again_and_one_leaf_lives(lab: Laboratory) -> None:
    first = await lab.tokens()
    lost = (await lab.refresh(first["refresh_token"])).json()
    lab.clock.now += GRACE - 1
    again = await lab.refresh(first["refresh_token"])
    assert again.status_code == 200
    refused(await lab.refresh(lost["refresh_token"]), "invalid_grant")
    assert (await lab.refresh(again.json()["refresh_token"])).status_code == 200
    assert "oauth.refresh.reuse" not in lab.events()


async def test_a68_an_old_token_kills_the_family_once_its_successor_was_used(
    lab: Laboratory,
) -> None:
    first = await lab.tokens()
    second = (await lab.refresh(first["refresh_token"])).json()
    third = (await lab.refresh(second["refresh_token"])).json()
    refused(await lab.refresh(first["refresh_token"]), "invalid_grant")
    refused(await lab.refresh(third["refresh_token"]), "invalid_grant")
    assert not await lab.works(third["access_token"])
    assert lab.events().count("oauth.refresh.reuse") == 1


async def test_a68_an_old_token_kills_the_family_after_the_grace(lab: Laboratory) -> None:
    first = await lab.tokens()
    second = (await lab.refresh(first["refresh_token"])).json()
    lab.clock.now += GRACE + 1
    refused(await lab.refresh(first["refresh_token"]), "invalid_grant")
    refused(await lab.refresh(second["refresh_token"]), "invalid_grant")
    assert lab.events()[-1] == "oauth.refresh.reuse"


async def test_a68_a_leaf_that_was_replaced_kills_the_family_later(lab: Laboratory) -> None:
    first = await lab.tokens()
    replaced = (await lab.refresh(first["refresh_token"])).json()
    living = (await lab.refresh(first["refresh_token"])).json()
    lab.clock.now += GRACE + 1
    refused(await lab.refresh(replaced["refresh_token"]), "invalid_grant")
    refused(await lab.refresh(living["refresh_token"]), "invalid_grant")


async def test_a69_of_many_refreshes_at_once_one_leaf_lives(lab: Laboratory) -> None:
    first = await lab.tokens()
    answers = await asyncio.gather(*(lab.refresh(first["refresh_token"]) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 400}
    leaves = [a.json()["refresh_token"] for a in answers if a.status_code == 200]
    tried = [(await lab.refresh(leaf)).status_code for leaf in leaves]
    assert tried.count(200) == 1
    assert "oauth.refresh.reuse" not in lab.events()


async def test_a70_another_client_cannot_refresh(lab: Laboratory) -> None:
    await lab.add(replace(CLIENT, id="other"))
    token = await lab.tokens()
    refused(await lab.refresh(token["refresh_token"], client_id="other"), "invalid_grant")
    await lab.add(replace(CLIENT, auth_method=AuthMethod.BASIC, digest=b"x" * 32))
    refused(await lab.refresh(token["refresh_token"]), "invalid_client", 401)
    await lab.add(CLIENT)
    assert (await lab.refresh(token["refresh_token"])).status_code == 200


@pytest.mark.parametrize("what", ["disabled", "suspended", "signed out", "withdrawn"])
async def test_a71_who_lost_access_cannot_refresh(lab: Laboratory, what: str) -> None:
    token = await lab.tokens()
    standing = lab.town.people["acme", ANA]
    match what:
        case "disabled":
            del lab.town.people["acme", ANA]
        case "suspended":
            lab.town.suspended.add("acme")
        case "signed out":
            lab.town.people["acme", ANA] = replace(standing, signed_out_at=lab.clock.now + 1)
        case _:
            principal = await lab.server.door.principal(token["access_token"])
            assert principal is not None
            grant = principal.grant
            await lab.ledger.run(lambda records: records.grants.revoke(grant, 1.0, "withdrawn"))
    refused(await lab.refresh(token["refresh_token"]), "invalid_grant")
    assert not await lab.works(token["access_token"])


async def test_a71_a_smaller_role_is_seen_at_the_next_refresh_and_at_the_door(
    lab: Laboratory,
) -> None:
    token = await lab.tokens()
    lab.town.people["acme", ANA] = Standing(role=Role.AUDITOR)
    lab.clock.now += 5
    principal = await lab.server.door.principal(token["access_token"])
    assert principal is not None
    assert principal.scopes == {"tickets:read"}
    assert (await lab.refresh(token["refresh_token"])).json()["scope"] == "tickets:read"


async def test_a72_a_resource_that_is_gone_is_an_invalid_grant(quick: Laboratory) -> None:
    token = await quick.tokens()
    moved = Resources(mcp="https://desk.example/new", admin="https://desk.example/admin")
    quick.server.rules = Rules(issuer=RULES.issuer, resources=moved)
    refused(await quick.refresh(token["refresh_token"]), "invalid_grant")
    refused(await quick.refresh(token["refresh_token"], resource=MCP), "invalid_grant")


async def test_a73_idle_and_absolute_lifetimes(lab: Laboratory) -> None:
    token = await lab.tokens()
    lab.clock.now += IDLE + 1
    refused(await lab.refresh(token["refresh_token"]), "invalid_grant")
    busy = await lab.tokens()
    for _ in range(3):
        lab.clock.now += GRANT_LIFETIME / 3 - 1
        busy = (await lab.refresh(busy["refresh_token"])).json()
    lab.clock.now += 4
    refused(await lab.refresh(busy["refresh_token"]), "invalid_grant")


async def test_a_refresh_token_is_sent_at_all(quick: Laboratory) -> None:
    answer = await quick.refresh("")
    refused(answer, "invalid_grant")
    refused(
        await quick.post("/oauth/token", {"grant_type": "refresh_token", "client_id": CLIENT.id}),
        "invalid_request",
    )
