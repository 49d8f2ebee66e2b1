"""The tokens that a call is measured with: one of the store, and one signed for an organisation."""

import httpx2
from starlette.types import ASGIApp

from helpdesk_mcp.app import App, tokens
from helpdesk_mcp.desks.configured import GIVEN
from helpdesk_mcp.domain.principals import EVERY_SCOPE, READ_SCOPES, Principal, Scope
from helpdesk_mcp.domain.tenants import Connection, Tenant
from helpdesk_mcp.environment import keyring_of
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.tenants import SqlTenants


async def stored_token(product: App) -> str:
    """Make a token of the store, for the one desk that is there."""
    _, token = await tokens(product.database).create(
        name="benchmark",
        subject="benchmark",
        client="benchmark",
        scopes=EVERY_SCOPE,
        expires_at=None,
    )
    return token


async def access_token(product: App, site: ASGIApp, settings: Settings) -> str:
    """Make the organisation with a headless client, and redeem the client's secret for a token."""
    tenant = await SqlTenants(product.database).add(Tenant(id="", slug="acme", name="Acme"))
    keyring = keyring_of(settings)
    assert keyring is not None  # noqa: S101 -- the settings name a key
    desk = Connection(id="", tenant=tenant.id, name="it", kind=GIVEN, address="", is_default=True)
    kept = await SqlConnections(product.database, tenant.id, keyring).add(desk, {"none": "none"})
    who = Principal(tenant=tenant.id, subject="ana", client="cli", scopes=frozenset(Scope))
    arguments = {
        "name": "Benchmark",
        "headless": True,
        "scopes": sorted(READ_SCOPES),
        "desks": [kept.id],
    }
    call = Call(principal=who, operation="register_client", arguments=arguments, origin="cli")
    client = (await product.admin.run(call)).data
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(site), base_url=str(settings.public_url)
    ) as http:
        answer = await http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client["client"]["id"], client["secret"]),
        )
    token: str = answer.raise_for_status().json()["access_token"]
    return token
