"""The site: routes and what stands before them, in the order a request meets them."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from mcp.server.lowlevel.server import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.web.bodies import BodyLimits
from helpdesk_mcp.web.callers import from_scope
from helpdesk_mcp.web.edge import Edge, EdgeLimits
from helpdesk_mcp.web.endpoint import MESSAGES_PATH, Gate, McpEndpoint
from helpdesk_mcp.web.health import Check, Health
from helpdesk_mcp.web.identity import METADATA_PATH, Authenticate, Authenticated, Challenge
from helpdesk_mcp.web.jsonrpc import JsonRpcGuard
from helpdesk_mcp.web.lane import Lane
from helpdesk_mcp.web.mcp import mcp_server
from helpdesk_mcp.web.rest import rest_app

Site = ASGIApp
Running = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What the site must know about its surroundings. `public_url` has no trailing slash."""

    public_url: str
    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...] = ()
    max_body: int = 1_048_576
    legacy_sessions: bool = False
    sessions_per_token: int = 50
    traced: bool = False


def site(
    pipeline: Pipeline,
    *,
    authenticate: Authenticate,
    options: SiteOptions,
    metrics: Metrics,
    checks: dict[str, Check] | None = None,
    server: Server[Any] | None = None,
) -> Site:
    """Return the whole ASGI application."""
    challenge = Challenge(metadata_url=f"{options.public_url}{METADATA_PATH}/mcp")

    def guarded(app: ASGIApp) -> ASGIApp:
        return Authenticated(app, authenticate, challenge, metrics)

    own = mcp_server(pipeline, from_scope, traced=options.traced)
    endpoint = McpEndpoint(
        server or own,
        sessions=options.legacy_sessions,
        max_body=options.max_body,
        most_held=options.sessions_per_token,
    )

    def door(app: ASGIApp) -> ASGIApp:
        gate = Gate(app, pipeline, challenge)
        return guarded(JsonRpcGuard(gate, max_bytes=options.max_body))

    mcp = door(endpoint if options.traced else Lane(endpoint, own, pipeline, lists=server is None))
    routes = [*Health(checks=checks or {}, metrics=metrics).routes(), *_described(options)]
    app = Starlette(routes=routes, lifespan=_lifespan(endpoint.running))
    app.router.redirect_slashes = False
    app.router.default = rest_app(pipeline, guarded, options.public_url)
    doors = {"/mcp": mcp, "/mcp/": mcp, MESSAGES_PATH: door(endpoint.messages)}
    return Edge(
        _by_path(doors, app),
        allowed_hosts=options.allowed_hosts,
        allowed_origins=options.allowed_origins,
        limits=EdgeLimits(body=BodyLimits(max_bytes=options.max_body)),
    )


def _by_path(doors: Mapping[str, ASGIApp], otherwise: ASGIApp) -> ASGIApp:
    """Route exact paths to applications, for every method; all else goes to another."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await doors.get(scope.get("path", ""), otherwise)(scope, receive, send)

    return routed


def _lifespan(running: Running) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with running():
            yield

    return lifespan


def _described(options: SiteOptions) -> list[Route]:
    metadata = _metadata(options.public_url)
    return [Route(METADATA_PATH, metadata), Route(f"{METADATA_PATH}/mcp", metadata)]


def _metadata(public_url: str) -> Callable[[Request], Any]:
    """Protected resource metadata (RFC 9728 §3.2)."""

    async def metadata(_: Request) -> Response:
        return JSONResponse(
            {
                "resource": f"{public_url}/mcp",
                "resource_name": "helpdesk-mcp",
                "scopes_supported": sorted(EVERY_SCOPE),
                "bearer_methods_supported": ["header"],
            },
            headers={"Cache-Control": "max-age=300", "Access-Control-Allow-Origin": "*"},
        )

    return metadata
