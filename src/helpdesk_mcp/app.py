"""The composition root: the only module that knows every other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from helpdesk_mcp.desks.django_helpdesk.desk import Account, DjangoHelpdesk
from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.opener import OneDesk
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.pipeline.pipeline import Limits, Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.pipeline.redaction import Redactor
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.database import Database, alive, migrate, open_database, secret
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.tokens import SqlTokens, TokenDoor
from helpdesk_mcp.telemetry import traces
from helpdesk_mcp.telemetry.logs import logger
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import Watch
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.web.mcp import known_as, mcp_server
from helpdesk_mcp.web.request_log import RequestLog
from helpdesk_mcp.web.site import Site, SiteOptions, site
from helpdesk_mcp.web.stdio import serve_stdio

TENANT = "default"
"""The one tenant of a server that serves one organisation."""
STDIO = Principal(tenant=TENANT, subject="stdio", client="stdio", scopes=EVERY_SCOPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running product: what transports, commands and tests stand on."""

    settings: Settings
    database: Database
    desk: Desk
    pipeline: Pipeline
    trail: SqlAuditTrail
    metrics: Metrics

    def site(self, port: int, server: Any = None) -> Site:
        """Return the ASGI application. `port` is the one it is really served on."""
        settings = self.settings
        whole = site(
            self.pipeline,
            authenticate=TokenDoor(self.database).principal,
            options=SiteOptions(
                public_url=public_url(settings, port),
                allowed_hosts=allowed_hosts(settings, port),
                allowed_origins=allowed_origins(settings, port),
                max_body=settings.max_body_bytes,
                legacy_sessions=settings.legacy_sessions,
                sessions_per_token=settings.sessions_per_token,
                traced=bool(settings.otel_exporter_otlp_endpoint),
            ),
            metrics=self.metrics,
            checks={"store": self._store_works, "desk": self.desk.ping},
            server=server,
        )
        return RequestLog(whole) if settings.level == "DEBUG" else whole

    async def stdio(self) -> None:
        """Serve one client over standard input and output until it goes away."""
        await serve_stdio(mcp_server(self.pipeline, known_as(STDIO)))

    async def _store_works(self) -> None:
        await alive(self.database)


@asynccontextmanager
async def opened(settings: Settings, desk: Desk | None = None) -> AsyncGenerator[App]:
    """Open everything the settings name. Raises Invalid or Unavailable that says what to do.

    `desk` takes the place of the configured one.
    """
    metrics = Metrics()
    traced = bool(settings.otel_exporter_otlp_endpoint)
    if traced:
        _send_traces(settings.otel_exporter_otlp_endpoint)
    async with open_store(settings) as database, open_desk(settings, metrics, desk) as open_:
        opener = OneDesk(open_)
        await _probe(opener)
        trail = SqlAuditTrail(database, TENANT, metrics.audit)
        recorder = CallRecorder(
            TOOLS,
            trail=trail,
            redactor=Redactor(key=await secret(database, "audit")),
            metrics=metrics,
        )
        pipeline = Pipeline(
            TOOLS,
            opener=opener,
            limiter=MemoryLimiter(),
            recorder=recorder,
            limits=_limits(settings),
            policy=Policy(read_only=settings.read_only, switched_off=frozenset(settings.tools_off)),
            watch=Watch(metrics, traced=traced),
        )
        async with trail.running():
            yield App(
                settings=settings,
                database=database,
                desk=open_,
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


@asynccontextmanager
async def open_desk(
    settings: Settings, metrics: Metrics, desk: Desk | None = None
) -> AsyncGenerator[Desk]:
    """Open the configured help desk. Nothing is sent yet. Raises Invalid if none is configured."""
    if desk is not None:
        yield desk
        return
    if not settings.helpdesk_base_url:
        raise Invalid(
            "No help desk is configured: set HELPDESK_BASE_URL, HELPDESK_USERNAME and "
            "HELPDESK_PASSWORD (see .env.example), or try `make demo`.",
            reason="settings",
        )
    account = Account(
        username=settings.helpdesk_username,
        password=settings.helpdesk_password.get_secret_value(),
        token=settings.helpdesk_token.get_secret_value(),
    )
    guard = Guard(kind="django_helpdesk", deadline=settings.helpdesk_timeout)
    async with desk_client(settings.helpdesk_base_url, guard, metrics) as http:
        yield DjangoHelpdesk(http, account, default_queue=settings.helpdesk_default_queue)


def audit_trail(database: Database) -> SqlAuditTrail:
    """Return the audit trail to read from."""
    return SqlAuditTrail(database, TENANT)


def tokens(database: Database) -> SqlTokens:
    return SqlTokens(database, TENANT)


def public_url(settings: Settings, port: int) -> str:
    """Return the address clients use, without a trailing slash. Never taken from a request."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 -- compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def allowed_hosts(settings: Settings, port: int) -> tuple[str, ...]:
    """Return the Host headers to accept: this machine's, the public one, and those configured."""
    here = tuple(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
    public = urlsplit(public_url(settings, port)).netloc
    return tuple(dict.fromkeys((*here, public, *settings.allowed_hosts)))


def allowed_origins(settings: Settings, port: int) -> tuple[str, ...]:
    """Return the browser origins to accept: our own pages', and those configured."""
    here = tuple(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
    public = urlsplit(public_url(settings, port))
    own = (*here, f"{public.scheme}://{public.netloc}")
    return tuple(dict.fromkeys((*own, *settings.allowed_origins)))


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


async def _probe(opener: OneDesk) -> None:
    """Ask the desk what it really offers. A desk that is down is asked again by its first call."""
    try:
        await opener.probe()
    except HelpdeskError as error:
        logger().warning("desk.probe.failed", reason=error.reason)
