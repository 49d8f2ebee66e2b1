"""Certified relying parties against our discovery, keys, identity tokens and userinfo."""

import pytest
from tests.oauth.client import CALLBACK
from tests.oauth.harness import World
from tests.oauth.person import answered
from tests.oidc.relying import relying_party

SCOPE = "openid profile email offline_access tickets:read"
DRIVERS = ["openid_client", "oauth4webapi"]
METHODS = ["none", "client_secret_basic", "client_secret_post"]


@pytest.mark.parametrize("algorithm", ["oidc", "oauth2"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_certified_relying_party_registers_signs_in_and_refreshes(
    driver: str, method: str, algorithm: str, world: World
) -> None:
    browser = world.browser()

    async def visit(url: str) -> str:
        return await answered(browser, url, world.people["ana"])

    found = await relying_party(
        driver,
        visit,
        issuer=world.issuer,
        algorithm=algorithm,
        metadata={
            "client_name": driver,
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": method,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        },
        scope=SCOPE,
        resource=world.resource,
    )

    assert found["issuer"] == world.issuer
    assert found["claims"]["sub"] == found["person"]["sub"]
    assert found["person"]["email"] == world.people["ana"].email
    assert (found["rotated"], found["refreshed"]) == (True, True)
    assert found.get("signature", "accepted") == "accepted"
    assert found.get("access", "accepted") == "accepted"
    assert found.get("afterwards", "invalid_grant") == "invalid_grant"
