"""A whole server on a database of its own, with tenants, people and desks, seen from outside."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import uvicorn
from sqlalchemy import Float, text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp
from tests.oauth.harness import World, world_at
from tests.outside.town import Ground

from helpdesk_mcp.authority import Authority
from helpdesk_mcp.cli.http import PunctualProtocol
from helpdesk_mcp.desks.configured import holding
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.memory_rules import QUEUES
from helpdesk_mcp.desks.opener import Sources, TenantDesks
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.pipeline.redaction import Redactor
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.tables import metadata
from helpdesk_mcp.stores.tenants import Gate, SqlTenants
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.web.site import SiteOptions, site

KEEPS_ITS_AGE = {"oauth_signing_keys", "audit", "master_keys", "tenant_keys"}
AN_EPOCH = 1_000_000_000
"""Numbers above it are moments, those below are durations."""
FAST = Rate(burst=1e9, per_second=1e9)


class Unlimited:
    """Limits of their own tests: here many tests share one address."""

    async def take(self, key: str, rate: Rate) -> float:
        del key, rate
        return 0.0

    def wait(self, key: str, rate: Rate) -> float:
        del key, rate
        return 0.0


@asynccontextmanager
async def running(ground: Ground) -> AsyncGenerator[World]:
    """Serve the ground on a free port and look at it from outside."""
    door = socket.create_server(("127.0.0.1", 0), backlog=512)
    issuer = f"http://127.0.0.1:{door.getsockname()[1]}"
    database = open_database(ground.url)
    trail = SqlAuditTrail(database, ground.tenants["acme"])

    async def later(seconds: float) -> None:
        await aged(database, seconds)

    async def suspend(slug: str) -> None:
        await SqlTenants(database).set_status(ground.tenants[slug], Status.SUSPENDED, "Unpaid")

    try:
        app = await composed(ground, database, issuer, trail)
        async with (
            trail.running(),
            served(app, door),
            world_at(issuer, ground.people, later) as world,
        ):
            world.tenants, world.suspend = ground.tenants, suspend
            yield world
    finally:
        await database.dispose()


def desk_of(slug: str) -> MemoryDesk:
    """Return a desk that tells whose it is."""
    own = replace(QUEUES[-1], id=slug, name=f"Queue of {slug}")
    return MemoryDesk(queues=(*QUEUES, own))


async def aged(database: AsyncEngine, seconds: float) -> None:
    """Make all that the server keeps so much older, as if it had slept."""
    async with database.begin() as transaction:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Float) and table.name not in KEEPS_ITS_AGE:
                    name = f'"{column.name}"'
                    await transaction.execute(
                        text(
                            f"UPDATE {table.name} SET {name} = {name} - :seconds "  # noqa: S608 -- our own names
                            f"WHERE {name} > {AN_EPOCH}"
                        ),
                        {"seconds": seconds},
                    )


@asynccontextmanager
async def served(app: ASGIApp, door: socket.socket) -> AsyncGenerator[None]:
    config = uvicorn.Config(
        app,
        http=PunctualProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [door])
        try:
            yield
        finally:
            server.should_exit = True


async def composed(
    ground: Ground, database: AsyncEngine, issuer: str, trail: SqlAuditTrail
) -> ASGIApp:
    metrics = Metrics()

    def connections(tenant: str) -> SqlConnections:
        return SqlConnections(database, tenant, ground.ring)

    opener = TenantDesks(
        Sources(tenant=Gate(database).tenant, connections=connections),
        metrics,
        kinds={slug: holding(desk_of(slug)) for slug in ground.tenants},
    )
    recorder = CallRecorder(TOOLS, trail=trail, redactor=Redactor(key=b"k" * 32), metrics=metrics)
    pipeline = Pipeline(
        TOOLS,
        opener=opener,
        limiter=Unlimited(),
        recorder=recorder,
        limits=Limits(reads=FAST, writes=FAST),
        policy=Policy(),
        policies=opener.policy,
    )
    authority = await Authority.founded(
        database,
        ground.ring,
        trail=trail,
        limiter=Unlimited(),
        passwords=ground.passwords,
        connections=connections,
    )
    server, pages = authority.at(issuer)
    return site(
        pipeline,
        authenticate=server.door.principal,
        options=SiteOptions(
            public_url=issuer,
            allowed_hosts=(issuer.removeprefix("http://"),),
            allowed_origins=(issuer,),
            oauth=server,
            pages=pages,
            legacy_sessions=True,
        ),
        metrics=metrics,
    )
