"""The documents that clients discover, at every address where one looks (RFC 8414, RFC 9728)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import ADMIN_SCOPES, EVERY_SCOPE
from helpdesk_mcp.oauth import metadata
from helpdesk_mcp.oauth.server import OAuthServer

WELL_KNOWN = "/.well-known/"
RESOURCE = f"{WELL_KNOWN}oauth-protected-resource"
SERVER = f"{WELL_KNOWN}oauth-authorization-server"
OPENID = f"{WELL_KNOWN}openid-configuration"
SHARED = {"Cache-Control": "public, max-age=300"}

Document = Callable[[], Awaitable[Mapping[str, Any]]]


def routes(
    public_url: str, server: OAuthServer | None, authorities: tuple[str, ...]
) -> list[Route]:
    """Return the routes of all documents. `authorities` are the issuers whose tokens count here."""
    found = [
        *_protected(f"{public_url}/mcp", "/mcp", sorted(EVERY_SCOPE), authorities),
    ]
    # Nobody else's token administers here, so no other server is named for it.
    own = authorities if server is not None else ()
    found += _protected(f"{public_url}/admin", "/admin", sorted(ADMIN_SCOPES), own)[1:]
    if server is not None:
        found += _served(public_url, server)
    return [*found, Route(f"{WELL_KNOWN}{{anything:path}}", _absent)]


def _protected(
    resource: str, path: str, scopes: list[str], authorities: tuple[str, ...]
) -> list[Route]:
    async def document() -> Mapping[str, Any]:
        return metadata.resource(resource, scopes, list(authorities))

    return [Route(RESOURCE, _serve(document)), Route(f"{RESOURCE}{path}", _serve(document))]


def _served(public_url: str, server: OAuthServer) -> list[Route]:
    async def document() -> Mapping[str, Any]:
        return server.metadata()

    own = urlsplit(public_url).path
    # Clients of 2025-03-26 and some of today take the resource's path for the issuer's.
    paths = dict.fromkeys(
        f"{place}{suffix}" for place in (SERVER, OPENID) for suffix in ("", own, "/mcp")
    )
    paths |= dict.fromkeys(f"/mcp{place}" for place in (SERVER, OPENID))
    return [
        *(Route(path, _serve(document)) for path in paths),
        Route("/oauth/jwks.json", _serve(server.jwks)),
    ]


async def _absent(_: Request) -> Response:
    """Answer 404 and not 401: a client that looks for a server here must go on elsewhere."""
    return Response(status_code=404)


def _serve(document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_: Request) -> Response:
        try:
            return JSONResponse(await document(), headers=SHARED)
        except Unavailable as error:
            body = {"error": "temporarily_unavailable", "error_description": error.message}
            return JSONResponse(body, 503, {"Retry-After": "1", "Cache-Control": "no-store"})

    return serve
