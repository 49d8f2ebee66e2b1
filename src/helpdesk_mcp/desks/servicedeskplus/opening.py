"""From a connection and its credential to an open ServiceDesk Plus: what `kinds` calls."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.servicedeskplus.auth import TechnicianKey
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS, KINDS, base_url
from helpdesk_mcp.desks.servicedeskplus.options import options_of
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tenants import Connection, UpstreamTokens
from helpdesk_mcp.telemetry.metrics import Metrics


@asynccontextmanager
async def opened(
    connection: Connection,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None = None,
) -> AsyncGenerator[ServiceDeskPlus]:
    """Open a desk of kind `servicedesk_plus` or `servicedesk_plus_cloud`. Nothing is sent yet.

    On-prem the credential holds `api_key`; in the Cloud `client_id`, `client_secret` and
    `refresh_token`, and `tokens` shares the access token between processes. Raises Invalid that
    says what is missing or wrong.
    """
    edition = KINDS[connection.kind]
    options = options_of(connection.settings)
    address = base_url(
        edition, connection.address, center=options.data_center, portal=options.portal
    )
    key = credential.get("api_key", "")
    if not key:
        raise Invalid("Set SDP_API_KEY to the key of a technician.", reason="settings")
    del tokens
    guard = Guard(kind=connection.kind, deadline=options.timeout)
    async with desk_client(address, guard, metrics) as http:
        http.auth = TechnicianKey(key, options.portal_id)
        yield ServiceDeskPlus(http, EDITIONS[edition], options)
