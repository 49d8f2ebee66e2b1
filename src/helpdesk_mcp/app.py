"""The composition root: the only module that knows every other."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.desks.configured import (
    GIVEN,
    Configured,
    ConfiguredConnections,
    check,
    given,
    holding,
)
from helpdesk_mcp.desks.kinds import KINDS
from helpdesk_mcp.desks.opener import Sources, TenantDesks
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.domain.tenants import Tenant
from helpdesk_mcp.environment import TENANT, desks_of
from helpdesk_mcp.pipeline.cursors import Cursors
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.pipeline.redaction import Redactor
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.database import Database, alive, migrate, open_database, secret
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.tokens import SqlTokens, TokenDoor
from helpdesk_mcp.telemetry import traces
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import Watch
from helpdesk_mcp.tools.catalog import catalogue
from helpdesk_mcp.web.addresses import Addresses
from helpdesk_mcp.web.mcp import known_as, mcp_server
from helpdesk_mcp.web.request_log import RequestLog
from helpdesk_mcp.web.site import Site, SiteOptions, site
from helpdesk_mcp.web.stdio import serve_stdio

STDIO = Principal(tenant=TENANT, subject="stdio", client="stdio", scopes=EVERY_SCOPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running product: what transports, commands and tests stand on."""

    settings: Settings
    database: Database
    desks: TenantDesks
    pipeline: Pipeline
    trail: SqlAuditTrail
    metrics: Metrics

    def site(self, port: int, server: Any = None) -> Site:
        """Return the ASGI application. `port` is the one it is really served on."""
        settings = self.settings
        known_as = addresses(settings, port)
        whole = site(
            self.pipeline,
            authenticate=TokenDoor(self.database).principal,
            options=SiteOptions(
                public_url=known_as.url,
                allowed_hosts=known_as.hosts,
                allowed_origins=known_as.origins,
                max_body=settings.max_body_bytes,
                legacy_sessions=settings.legacy_sessions,
                sessions_per_token=settings.sessions_per_token,
                traced=bool(settings.otel_exporter_otlp_endpoint),
            ),
            metrics=self.metrics,
            checks={"store": self._store_works, **self.desks.checks(TENANT)},
            server=server,
        )
        return RequestLog(whole) if settings.level == "DEBUG" else whole

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
    traced = bool(settings.otel_exporter_otlp_endpoint)
    if traced:
        _send_traces(settings.otel_exporter_otlp_endpoint)
    found = configured(settings, desks) if desk is None else (given(TENANT),)
    kinds = KINDS if desk is None else {GIVEN: holding(desk)}
    async with open_store(settings) as database:
        opener = TenantDesks(_sources(ConfiguredConnections(found)), metrics, kinds=kinds)
        trail = SqlAuditTrail(database, TENANT, metrics.audit)
        recorder = CallRecorder(
            tools,
            trail=trail,
            redactor=Redactor(key=await secret(database, "audit")),
            metrics=metrics,
        )
        pipeline = Pipeline(
            tools,
            opener=opener,
            limiter=MemoryLimiter(),
            recorder=recorder,
            limits=_limits(settings),
            policy=Policy(read_only=settings.read_only, switched_off=frozenset(settings.tools_off)),
            policies=opener.policy,
            cursors=Cursors(await secret(database, "cursors")),
            watch=Watch(metrics, traced=traced),
        )
        async with opener.running(TENANT), trail.running():
            yield App(
                settings=settings,
                database=database,
                desks=opener,
                pipeline=pipeline,
                trail=trail,
                metrics=metrics,
            )


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database with its schema up to date."""
    database = open_database(settings.database_url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.dispose()


def configured(settings: Settings, desks: Sequence[Configured] = ()) -> tuple[Configured, ...]:
    """Return the desks of the one tenant. Raises Invalid that says what to set or to mend."""
    if found := tuple(desks) or desks_of(settings):
        for one in found:
            check(one)
        return found
    raise Invalid(
        "No help desk is configured: set HELPDESK_BASE_URL, HELPDESK_USERNAME and "
        "HELPDESK_PASSWORD, or SDP_URL and SDP_API_KEY (see .env.example), or try `make demo`.",
        reason="settings",
    )


def _sources(connections: ConfiguredConnections) -> Sources:
    async def tenant(tenant_id: str) -> Tenant:
        if tenant_id != TENANT:
            raise NotFound("There is no such tenant.")
        return Tenant(id=TENANT, slug=TENANT, name="This organisation")

    return Sources(tenant=tenant, connections=lambda _: connections)


def audit_trail(database: Database) -> SqlAuditTrail:
    """Return the audit trail to read from."""
    return SqlAuditTrail(database, TENANT)


def tokens(database: Database) -> SqlTokens:
    return SqlTokens(database, TENANT)


def addresses(settings: Settings, port: int) -> Addresses:
    """Return what the server is known as. `port` is the one it is really served on."""
    return Addresses(
        host=settings.host,
        port=port,
        public=settings.public_url,
        more_hosts=settings.allowed_hosts,
        more_origins=settings.allowed_origins,
    )


def _send_traces(endpoint: str) -> None:
    try:
        traces.configure(endpoint)
    except ImportError as error:
        raise Invalid(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the extra: pip install 'helpdesk-mcp[otel]'.",
            reason="settings",
        ) from error


def _limits(settings: Settings) -> Limits:
    reads, writes = settings.reads_per_minute, settings.writes_per_minute
    return Limits(
        reads=Rate(burst=max(1, reads / 10), per_second=reads / 60),
        writes=Rate(burst=max(1, writes / 6), per_second=writes / 60),
    )
