"""From a connection and its credential to an open ServiceDesk Plus: what `kinds` calls."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from helpdesk_mcp.desks.egress import OPERATORS, egress_of
from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.reach import PEM, Reach
from helpdesk_mcp.desks.servicedeskplus.auth import TechnicianKey, ZohoToken
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import (
    CLOUD,
    EDITIONS,
    KINDS,
    base_url,
    data_center,
)
from helpdesk_mcp.desks.servicedeskplus.memory_tokens import MemoryUpstreamTokens
from helpdesk_mcp.desks.servicedeskplus.options import Options, options_of
from helpdesk_mcp.desks.servicedeskplus.refreshing import SharedToken
from helpdesk_mcp.desks.servicedeskplus.zoho import Client, refreshed
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tenants import Connection, UpstreamTokens
from helpdesk_mcp.telemetry.metrics import Metrics, place_of


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
    edition = EDITIONS[KINDS[connection.kind]]
    options = options_of(connection.settings)
    options = replace(options, time_zone=options.time_zone or connection.zone)
    address = base_url(
        edition.name, connection.address, center=options.data_center, portal=options.portal
    )
    place = place_of(connection.id)
    guard = Guard(kind=connection.kind, place=place, deadline=options.timeout)
    reach = _reach(connection, options, credential)
    async with desk_client(address, guard, metrics, reach) as http:
        if edition is not CLOUD:
            key = _part(credential, "api_key", "SDP_API_KEY to the key of a technician")
            http.auth = TechnicianKey(key, options.portal_id)
            yield ServiceDeskPlus(http, edition, options)
            return
        accounts = Guard(kind="zoho_accounts", place=place, deadline=options.timeout)
        async with _shared(options, credential, metrics, tokens, reach, accounts) as source:
            http.auth = ZohoToken(source)
            yield ServiceDeskPlus(http, edition, options, source)


@asynccontextmanager
async def _shared(
    options: Options,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None,
    reach: Reach,
    guard: Guard,
) -> AsyncGenerator[SharedToken]:
    """Yield where the Cloud's access tokens come from."""
    hint = "SDP_{0}; `helpdesk-mcp desks connect-zoho` gives it"
    client = Client(
        accounts=options.accounts_url or data_center(options.data_center).accounts,
        client_id=_part(credential, "client_id", hint.format("CLIENT_ID")),
        client_secret=_part(credential, "client_secret", hint.format("CLIENT_SECRET")),
    )
    refresh_token = _part(credential, "refresh_token", hint.format("REFRESH_TOKEN"))
    async with desk_client(client.accounts, guard, metrics, reach) as http:
        yield SharedToken(
            tokens or MemoryUpstreamTokens(), lambda: refreshed(http, client, refresh_token)
        )


def _reach(connection: Connection, options: Options, credential: Mapping[str, str]) -> Reach:
    """Return how to reach the desk. Only the operator may name files of the server."""
    operators = connection.tenant == OPERATORS
    key = credential.get("client_key", "")
    for text in (options.ca, options.client_certificate, key):
        if text and not operators and not text.startswith(PEM):
            raise Invalid("Give certificates and keys as PEM, not as files.", reason="settings")
    return Reach(
        ca=options.ca,
        certificate=options.client_certificate,
        key=key,
        proxy=options.proxy,
        egress=egress_of(connection),
    )


def _part(credential: Mapping[str, str], name: str, hint: str) -> str:
    if not (value := credential.get(name, "")):
        raise Invalid(f"The credential lacks {name}: set {hint}.", reason="credential")
    return value
