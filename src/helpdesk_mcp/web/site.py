"""The site: routes and what stands before them, in the order a request meets them."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from mcp.server.lowlevel.server import Server
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.domain.principals import ADMIN_SCOPES
from helpdesk_mcp.oauth.server import OAuthServer
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.web import oauth_documents as documents
from helpdesk_mcp.web.admin_endpoints import ADMIN_REST, ROOT
from helpdesk_mcp.web.bodies import BodyLimits
from helpdesk_mcp.web.callers import from_scope
from helpdesk_mcp.web.console.site import browser_routes
from helpdesk_mcp.web.edge import Edge, EdgeLimits
from helpdesk_mcp.web.endpoint import MESSAGES_PATH, Gate, McpEndpoint
from helpdesk_mcp.web.health import Check, Health
from helpdesk_mcp.web.identity import METADATA_PATH, Authenticate, Authenticated, Challenge
from helpdesk_mcp.web.jsonrpc import JsonRpcGuard
from helpdesk_mcp.web.lane import Lane
from helpdesk_mcp.web.mcp import mcp_server
from helpdesk_mcp.web.oauth import OPEN_PATHS, OAuthEndpoints
from helpdesk_mcp.web.pages.parts import Parts
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
    trusted_proxies: tuple[str, ...] = ()
    oauth: OAuthServer | None = None
    issuers: tuple[str, ...] = ()
    """Whose tokens count here, where another authorization server than ours makes them."""
    pages: Parts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """What administrators reach over REST, and who they are: its tokens are not for `/mcp`."""

    pipeline: Pipeline
    authenticate: Authenticate


def site(  # noqa: PLR0913 -- the parts of the site, by keyword
    pipeline: Pipeline,
    *,
    authenticate: Authenticate,
    options: SiteOptions,
    metrics: Metrics,
    admin: Administration | None = None,
    checks: dict[str, Check] | None = None,
    server: Server[Any] | None = None,
) -> Site:
    """Return the whole ASGI application."""
    challenge = Challenge(metadata_url=f"{options.public_url}{METADATA_PATH}/mcp")

    def guarded(app: ASGIApp) -> ASGIApp:
        return Authenticated(app, authenticate, challenge, metrics)

    own = mcp_server(pipeline, from_scope)
    endpoint = McpEndpoint(
        server or own,
        sessions=options.legacy_sessions,
        max_body=options.max_body,
        most_held=options.sessions_per_token,
    )

    def door(app: ASGIApp) -> ASGIApp:
        gate = Gate(app, pipeline, challenge)
        return guarded(JsonRpcGuard(gate, max_bytes=options.max_body))

    mcp = door(Lane(endpoint, own, pipeline, lists=server is None))
    health, pages = Health(checks=checks or {}, metrics=metrics).routes(), _pages(options)
    app = Starlette(
        routes=[*health, *_authorization(options), *pages],
        lifespan=_lifespan(endpoint.running),
    )
    app.router.redirect_slashes = False
    app.router.default = rest_app(pipeline, guarded, options.public_url)
    if admin is not None:
        app.router.default = _below(ROOT, _rest_of(admin, options, metrics), app.router.default)
    doors = {"/mcp": mcp, "/mcp/": mcp, MESSAGES_PATH: door(endpoint.messages)}
    return _edge(_by_path(doors, app), options, pages)


def _rest_of(admin: Administration, options: SiteOptions, metrics: Metrics) -> ASGIApp:
    challenge = Challenge(
        metadata_url=f"{options.public_url}{METADATA_PATH}/admin", every=tuple(sorted(ADMIN_SCOPES))
    )

    def guarded(app: ASGIApp) -> ASGIApp:
        return Authenticated(app, admin.authenticate, challenge, metrics)

    return rest_app(admin.pipeline, guarded, options.public_url, ADMIN_REST)


def _edge(app: ASGIApp, options: SiteOptions, pages: Sequence[Route]) -> Edge:
    return Edge(
        app,
        allowed_hosts=options.allowed_hosts,
        allowed_origins=options.allowed_origins,
        open_to_all=open_to_all,
        browsed=among(pages),
        limits=EdgeLimits(body=BodyLimits(max_bytes=options.max_body)),
    )


def _below(root: str, inside: ASGIApp, otherwise: ASGIApp) -> ASGIApp:
    """Route paths below a root to one application, all else to another."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        below = scope.get("path", "").startswith(f"{root}/")
        await (inside if below else otherwise)(scope, receive, send)

    return routed


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


def _authorization(options: SiteOptions) -> list[Route]:
    server = options.oauth
    issuers = (server.rules.issuer,) if server is not None else options.issuers
    routes = documents.routes(options.public_url, server, issuers)
    if server is None:
        return routes
    return [*routes, *OAuthEndpoints(server, options.trusted_proxies).routes()]


def _pages(options: SiteOptions) -> list[Route]:
    return browser_routes(options.pages) if options.pages is not None else []


def open_to_all(path: str) -> bool:
    return path in OPEN_PATHS or path.removeprefix("/mcp").startswith(documents.WELL_KNOWN)


def among(pages: Sequence[Route]) -> Callable[[str], bool]:
    """Return what tells by its first word whether a path is one of these pages."""
    heads = {_head(page.path) for page in pages}
    return lambda path: _head(path) in heads


def _head(path: str) -> str:
    return path.removeprefix("/").partition("/")[0]
