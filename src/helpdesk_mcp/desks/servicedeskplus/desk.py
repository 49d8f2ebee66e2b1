"""ServiceDesk Plus, either edition, as one of our desks: each capability, and who does the work."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx2

from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.servicedeskplus.auth import TechnicianKey
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS, KINDS, Edition, base_url
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.options import Options, options_of
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tenants import Connection, UpstreamTokens
from helpdesk_mcp.telemetry.metrics import Metrics


class ServiceDeskPlus(Desk):
    """`http` is guarded, logged in, and stands at the API's base address."""

    def __init__(self, http: httpx2.AsyncClient, edition: Edition, options: Options) -> None:
        self._link = link = Link(http, edition)
        self._names = Names(link, options)

    async def ping(self) -> None:
        await self._link.rows("requests", Query(count=False), Window(size=1))


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
