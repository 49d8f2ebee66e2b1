"""The provider and the relying parties of others with each other: the control of what follows."""

from typing import Any

import httpx2
import pytest
from tests.oauth.browsing import Browser
from tests.oauth.client import LOOPBACK, OAuthClient, Registered, parameters
from tests.oidc.provider import provider, through_its_pages
from tests.oidc.relying import relying_party

ACCOUNTS: dict[str, dict[str, Any]] = {"ana": {"email": "ana@example.org"}}
RESOURCE = "http://127.0.0.1:9/mcp"
CLI = {
    "client_id": "cli",
    "redirect_uris": [LOOPBACK],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
    "grant_types": ["authorization_code", "refresh_token"],
}


async def test_a_person_signs_in_with_the_provider_and_a_client_gets_tokens() -> None:
    with provider(audience=RESOURCE, clients=[CLI], accounts=ACCOUNTS) as issuer:
        async with httpx2.AsyncClient(trust_env=False) as http, Browser(issuer) as browser:
            client = OAuthClient(issuer, http)
            await client.discover("/.well-known/openid-configuration")
            asked = client.ask(
                Registered(id="cli", redirect_uri=LOOPBACK), scope="openid tickets:read"
            )
            page = await browser.open(asked.url)
            left = (await through_its_pages(browser, page, "ana")).left
            answer = await client.redeem(asked, parameters(left)["code"])
    assert parameters(left)["iss"] == issuer
    assert answer.json["scope"] == "tickets:read"
    assert "id_token" in answer.json


@pytest.mark.parametrize("driver", ["openid_client", "oauth4webapi"])
async def test_a_relying_party_is_content_with_the_provider(driver: str) -> None:
    with provider(audience=None, clients=[CLI], accounts=ACCOUNTS) as issuer:
        async with Browser(issuer) as browser:

            async def visit(url: str) -> str:
                return (await through_its_pages(browser, await browser.open(url), "ana")).left

            found = await relying_party(
                driver,
                visit,
                issuer=issuer,
                client={"id": "cli", "method": "none", "redirect_uri": LOOPBACK},
                scope="openid email offline_access",
            )
    assert found["claims"]["sub"] == found["person"]["sub"] == "ana"
    assert found["rotated"]
