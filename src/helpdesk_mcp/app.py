"""The composition root: the only module that knows every other."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from helpdesk_mcp.admin.catalog import ADMIN
from helpdesk_mcp.authority import Authority, external_door
from helpdesk_mcp.back_office import offices, open_store, sign_in_providers
from helpdesk_mcp.desks.configured import GIVEN, Configured, given, holding
from helpdesk_mcp.desks.kinds import KINDS, within
from helpdesk_mcp.desks.opener import TenantDesks
from helpdesk_mcp.desks.prober import KindProber
from helpdesk_mcp.domain.audit import AuditKeys
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.environment import (
    TENANT,
    addresses,
    configured,
    external_of,
    keyring_of,
    sources_of,
)
from helpdesk_mcp.pipeline.cursors import Cursors
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.approvals import SqlApprovals
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.database import Database, alive, secret
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.readiness import check_ready
from helpdesk_mcp.stores.sweeping import kept_clean
from helpdesk_mcp.stores.tenants import Gate
from helpdesk_mcp.stores.tokens import PREFIX, SqlTokens, TokenDoor
from helpdesk_mcp.telemetry import traces
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import Watch
from helpdesk_mcp.tools.catalog import catalogue
from helpdesk_mcp.web.identity import Authenticate, by_shape
from helpdesk_mcp.web.mcp import known_as, mcp_server
from helpdesk_mcp.web.request_log import RequestLog
from helpdesk_mcp.web.site import Administration, Site, SiteOptions, site
from helpdesk_mcp.web.stdio import serve_stdio

STDIO = Principal(tenant=TENANT, subject="stdio", client="stdio", scopes=EVERY_SCOPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running product: what transports, commands and tests stand on."""

    settings: Settings
    database: Database
    desks: TenantDesks
    pipeline: Pipeline
    admin: Pipeline
    gate: Gate
    trail: SqlAuditTrail
    metrics: Metrics
    authority: Authority | None
    """Signs people and programs in; None where there are no keys to sign with."""

    def site(self, port: int, server: Any = None) -> Site:
        """Return the ASGI application. `port` is the one it is really served on."""
        settings = self.settings
        known_as = addresses(settings, port)
        oauth, pages = (None, None)
        if self.authority:
            oauth, pages = self.authority.at(known_as.url, settings.trusted_proxies)
        signed = oauth.door.principal if oauth else None
        if (external := external_of(settings, known_as.url)) is not None:
            pages = pages and replace(pages, asks=False)
            oauth, signed = None, self.gate.guarding(external_door(self.database, external))
        whole = site(
            self.pipeline,
            authenticate=self._door(signed),
            options=SiteOptions(
                public_url=known_as.url,
                allowed_hosts=known_as.hosts,
                allowed_origins=known_as.origins,
                max_body=settings.max_body_bytes,
                legacy_sessions=settings.legacy_sessions,
                sessions_per_token=settings.sessions_per_token,
                trusted_proxies=settings.trusted_proxies,
                oauth=oauth,
                issuers=(external.issuer,) if external else (),
                pages=pages,
            ),
            metrics=self.metrics,
            admin=Administration(
                pipeline=self.admin,
                authenticate=self._door(oauth.door.administrator if oauth else None),
            ),
            checks={"store": self._store_works, **self.desks.checks(TENANT)},
            server=server,
        )
        return RequestLog(whole) if settings.level == "DEBUG" else whole

    def _door(self, signed: Authenticate | None) -> Authenticate:
        made = self.gate.guarding(TokenDoor(self.database).principal)
        return by_shape(PREFIX, made, signed)

    async def stdio(self) -> None:
        """Serve one client over standard input and output until it goes away."""
        await serve_stdio(mcp_server(self.pipeline, known_as(STDIO)))

    async def _store_works(self) -> None:
        await alive(self.database)


@asynccontextmanager
async def opened(
    settings: Settings, desk: Desk | None = None, desks: Sequence[Configured] = ()
) -> AsyncGenerator[App]:
    """Open everything the settings name. Raises Invalid or Unavailable that says what to do.

    `desk` or `desks` take the place of the configured ones.
    """
    metrics, tools = Metrics(), catalogue(settings.toolsets)
    found = configured(settings, desks) if desk is None else (given(TENANT),)
    kinds = within(KINDS, settings.desk_networks) if desk is None else {GIVEN: holding(desk)}
    async with open_store(settings) as database:
        await check_ready(database, keyring := keyring_of(settings), desks=bool(found))
        gate, trail = Gate(database), SqlAuditTrail(database, TENANT, metrics.audit)
        sources = sources_of(found, gate, database, keyring)
        opener, limiter = TenantDesks(sources, metrics, kinds=kinds), MemoryLimiter()
        road = _road(settings, trail, keys := SqlAuditKeys(database, keyring), metrics)
        shared = partial(road, limiter=limiter)
        pipeline = await _for_agents(partial(shared, tools), settings, database, opener)
        prober = KindProber(metrics, within(KINDS, settings.desk_networks))
        office = replace(
            offices(database, gate, keyring, prober, keys, [tool.name for tool in tools]),
            provider=sign_in_providers(database, keyring, settings.desk_networks),
        )
        admin = shared(ADMIN, opener=office)
        found_authority = partial(Authority.founded, database, trail=trail, limiter=limiter)
        authority = keyring and await found_authority(
            keyring,
            connections=sources.connections,
            administration=admin,
            tools=tools,
            networks=settings.desk_networks,
        )
        async with opener.running(TENANT), trail.running(), kept_clean(database):
            yield App(
                settings=settings,
                database=database,
                desks=opener,
                pipeline=pipeline,
                admin=admin,
                gate=gate,
                trail=trail,
                metrics=metrics,
                authority=authority,
            )


async def _for_agents(
    road: Callable[..., Pipeline], settings: Settings, database: Database, opener: TenantDesks
) -> Pipeline:
    return road(
        opener=opener,
        policy=_policy(settings),
        policies=opener.policy,
        approvals=SqlApprovals(database),
        cursors=Cursors(await secret(database, "cursors")),
    )


def _road(
    settings: Settings, trail: SqlAuditTrail, keys: AuditKeys, metrics: Metrics
) -> Callable[..., Pipeline]:
    """Return what makes a pipeline of operations that is recorded, limited and watched."""
    watch = Watch(metrics, traced=_send_traces(settings.otel_exporter_otlp_endpoint))

    def road(operations: tuple[AnyOperation, ...], **parts: Any) -> Pipeline:
        recorder = CallRecorder(operations, trail=trail, keys=keys, metrics=metrics)
        return Pipeline(
            operations, recorder=recorder, limits=_limits(settings), watch=watch, **parts
        )

    return road


def tokens(database: Database, tenant: str = TENANT) -> SqlTokens:
    return SqlTokens(database, tenant)


def _send_traces(endpoint: str) -> bool:
    """Send traces there; False where nobody collects them."""
    if not endpoint:
        return False
    try:
        traces.configure(endpoint)
    except ImportError as error:
        raise Invalid(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the extra: pip install 'helpdesk-mcp[otel]'.",
            reason="settings",
        ) from error
    return True


def _policy(settings: Settings) -> Policy:
    """Return what the deployment allows at all, whatever its tenants allow."""
    return Policy(read_only=settings.read_only, switched_off=frozenset(settings.tools_off))


def _limits(settings: Settings) -> Limits:
    reads, writes = settings.reads_per_minute, settings.writes_per_minute
    return Limits(
        reads=Rate(burst=max(1, reads / 10), per_second=reads / 60),
        writes=Rate(burst=max(1, writes / 6), per_second=writes / 60),
    )
