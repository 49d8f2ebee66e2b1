"""Who is calling: a bearer token in, a principal in the request's scope out, or 401 (RFC 6750)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.web.callers import PRINCIPAL
from helpdesk_mcp.web.refusals import Refused, answer

Authenticate = Callable[[str], Awaitable[Principal | None]]
"""From a token to its principal; None for a token that is not good. May raise Unavailable."""
METADATA_PATH = "/.well-known/oauth-protected-resource"
"""Where protected resource metadata is found (RFC 9728 §3)."""
LOOK = 1.0
"""Seconds between looks at whether the token of an open stream is still good."""
LONGEST_TOKEN = 8_192
REALM = "helpdesk-mcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a 401 or 403 tells a client, so that it can get a better token (RFC 9728 §5.1)."""

    metadata_url: str
    every: tuple[str, ...] = tuple(sorted(EVERY_SCOPE))
    """All scopes of this resource: what to ask for where nothing narrower is known."""

    def header(self, *, error: str = "", scopes: tuple[str, ...] = ()) -> tuple[bytes, bytes]:
        parts = [f'Bearer realm="{REALM}"']
        if error:
            parts.append(f'error="{error}"')
        parts.append(f'scope="{" ".join(scopes or self.every)}"')
        parts.append(f'resource_metadata="{self.metadata_url}"')
        return b"www-authenticate", ", ".join(parts).encode("ascii")


class Authenticated:
    """ASGI middleware: nothing behind it runs without a principal."""

    def __init__(
        self, app: ASGIApp, authenticate: Authenticate, challenge: Challenge, metrics: Metrics
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._challenge = challenge
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            principal = await self._principal(scope)
        except Refused as refusal:
            await answer(refusal, scope, send)
            return
        scope[PRINCIPAL] = principal
        scope["user"] = _sdk_user(principal)
        if _opens_a_stream(scope):
            await self._while_admitted(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _while_admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a stream; when its token is good no more, it ends as if its client had gone."""
        watching = asyncio.create_task(self._refused(scope))

        async def received() -> Message:
            asking = asyncio.ensure_future(receive())
            try:
                await asyncio.wait({asking, watching}, return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if watching.done() else await asking
            finally:
                asking.cancel()

        unfinished = False

        async def sent(message: Message) -> None:
            nonlocal unfinished
            unfinished = message.get("more_body", message["type"] == "http.response.start")
            await send(message)

        try:
            await self._app(scope, received, sent)
            if unfinished and watching.done():
                await send({"type": "http.response.body"})
        finally:
            watching.cancel()

    async def _refused(self, scope: Scope) -> None:
        """Return when the request's token is good no more (security case T05)."""
        while True:
            await anyio.sleep(LOOK)
            try:
                await self._principal(scope)
            except Refused as refusal:
                if refusal.status == HTTPStatus.UNAUTHORIZED:
                    return

    async def _principal(self, scope: Scope) -> Principal:
        token = _bearer(scope)
        if token is None:
            raise self._unauthorized("missing", "Send a token: Authorization: Bearer <token>.")
        try:
            principal = await self._authenticate(token)
        except Unavailable as error:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, error.message, ((b"retry-after", b"2"),)
            ) from error
        if principal is None:
            raise self._unauthorized(
                "invalid", "This token is unknown, expired or revoked.", error="invalid_token"
            )
        return principal

    def _unauthorized(self, reason: str, detail: str, error: str = "") -> Refused:
        self._metrics.refused.labels(reason).inc()
        return Refused(HTTPStatus.UNAUTHORIZED, detail, (self._challenge.header(error=error),))


def _opens_a_stream(scope: Scope) -> bool:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    accepted = (value for name, value in headers if name == b"accept")
    return scope["method"] == "GET" and any(b"text/event-stream" in value for value in accepted)


def by_shape(prefix: str, made: Authenticate, signed: Authenticate | None) -> Authenticate:
    """Return who knows a token by its shape: those with the prefix are our own, others signed."""

    async def authenticate(token: str) -> Principal | None:
        if signed is None or token.startswith(prefix):
            return await made(token)
        return await signed(token)

    return authenticate


def _bearer(scope: Scope) -> str | None:
    """Return the bearer token; None if there is none, or another scheme (security case M01)."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() != "bearer":
                return None
            return token.strip()[:LONGEST_TOKEN]
    return None


def _sdk_user(principal: Principal) -> AuthenticatedUser:
    """Return the caller as the SDK knows callers: it binds its sessions to them."""
    return AuthenticatedUser(
        AccessToken.model_construct(
            token="",
            client_id=f"{principal.client}:{principal.token_id}",
            scopes=[],
            expires_at=None,
            resource=None,
            subject=f"{principal.tenant}:{principal.subject}",
            claims=None,
        )
    )
