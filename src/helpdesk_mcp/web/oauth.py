"""The endpoints of the authorization server for programs; people meet it on `web.pages`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.oauth.core import Answer, TokenRequest
from helpdesk_mcp.oauth.server import OAuthServer
from helpdesk_mcp.oauth.userinfo import NotForIdentity
from helpdesk_mcp.web.identity import REALM
from helpdesk_mcp.web.oauth_forms import JSON, BadForm, read_body, read_form
from helpdesk_mcp.web.pages.addresses import client_of

TOKEN_PATH = "/oauth/token"  # noqa: S105 -- a path
OPEN_PATHS = frozenset(
    {
        TOKEN_PATH,
        "/oauth/register",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/userinfo",
        "/oauth/jwks.json",
    }
)
"""Any page may call these: they take no cookie, so nothing of a person's is at stake (A64)."""
NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}

Endpoint = Callable[[Request], Awaitable[Response]]


class OAuthEndpoints:
    """`proxies` are those whose word counts for where a registration comes from."""

    def __init__(self, server: OAuthServer, proxies: Sequence[str] = ()) -> None:
        self._server = server
        self._proxies = proxies

    def routes(self) -> list[Route]:
        server = self._server
        return [
            Route(TOKEN_PATH, _answering(self._posted(server.token)), methods=["POST"]),
            Route("/oauth/revoke", _answering(self._posted(server.revoke)), methods=["POST"]),
            Route(
                "/oauth/introspect", _answering(self._posted(server.introspect)), methods=["POST"]
            ),
            Route("/oauth/register", _answering(self._register), methods=["POST"]),
            Route("/oauth/userinfo", _answering(self._userinfo), methods=["GET", "POST"]),
        ]

    def _posted(self, endpoint: Callable[[TokenRequest], Awaitable[Answer]]) -> Endpoint:
        async def posted(request: Request) -> Response:
            fields = await read_form(request)
            return _response(
                await endpoint(
                    TokenRequest(
                        form={name: value for name, value in fields if name != "resource"},
                        resources=[value for name, value in fields if name == "resource"],
                        authorization=request.headers.get("authorization", ""),
                    )
                )
            )

        return posted

    async def _register(self, request: Request) -> Response:
        body = await read_body(request, JSON)
        address = client_of(request, self._proxies)
        return _response(await self._server.register(body, address))

    async def _userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _challenged(HTTPStatus.UNAUTHORIZED, "")
        found = await self._server.userinfo(token.strip())
        if found is None:
            return _challenged(HTTPStatus.UNAUTHORIZED, "invalid_token")
        if isinstance(found, NotForIdentity):
            return _challenged(HTTPStatus.FORBIDDEN, "insufficient_scope")
        return JSONResponse(found, headers=NOT_STORED)


def _challenged(status: HTTPStatus, error: str) -> Response:
    parts = [f'Bearer realm="{REALM}"', 'scope="openid"']
    body: Mapping[str, str] = {}
    if error:
        parts.insert(1, f'error="{error}"')
        body = {"error": error}
    headers = {"WWW-Authenticate": ", ".join(parts), **NOT_STORED}
    return JSONResponse(body, status.value, headers)


def _answering(endpoint: Endpoint) -> Endpoint:
    """Turn what can go wrong before the protocol begins into its errors."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadForm as bad:
            body = {"error": "invalid_request", "error_description": bad.reason}
            return JSONResponse(body, bad.status.value, NOT_STORED)
        except Unavailable as error:
            body = {"error": "temporarily_unavailable", "error_description": error.message}
            headers = {**NOT_STORED, "Retry-After": "1"}
            return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE.value, headers)

    return answered


def _response(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status, dict(answer.headers))
