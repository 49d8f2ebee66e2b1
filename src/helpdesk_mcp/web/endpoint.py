"""The MCP endpoint: five protocol revisions at one address."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from mcp.server.auth.middleware.bearer_auth import AuthorizationContext, authorization_context
from mcp.server.lowlevel.server import Server
from mcp.server.sse import SseServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import FORBIDDEN, PRINCIPAL, RATE_LIMITED
from helpdesk_mcp.web.identity import Challenge
from helpdesk_mcp.web.jsonrpc import MESSAGE_KEY
from helpdesk_mcp.web.refusals import Refused, answer, send_json

MESSAGES_PATH = "/mcp/messages"
SESSION_IDLE = 300.0
"""Seconds after which a session of an old client is forgotten, where sessions are on at all."""
MOST_SESSIONS = 1_000


class McpEndpoint:
    """Routes to the SDK by what the request is, never by what an earlier one was.

    POST goes to the streamable transport, which serves 2026-07-28 without state and the older
    revisions without sessions (with them if `sessions`). GET opens the stream of 2024-11-05 for
    clients that ask for it in its way; any other GET is answered 405 at once, never held open.
    One token may hold `most_held` sessions, and as many streams, open (security case M30).
    """

    def __init__(
        self, server: Server[Any], *, sessions: bool, max_body: int, most_held: int
    ) -> None:
        self._server = server
        self._most_held = most_held
        self._sessions = sessions
        self._streamable = StreamableHTTPSessionManager(
            server,
            stateless=not sessions,
            session_idle_timeout=SESSION_IDLE,
            max_sessions=MOST_SESSIONS,
            max_request_body_size=max_body,
        )
        self._sse = SseServerTransport(MESSAGES_PATH, max_request_body_size=max_body)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with self._streamable.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
        if method == "POST":
            if self._sessions and b"mcp-session-id" not in headers and self._holds_many(scope):
                await answer(_too_many(self._most_held, "sessions"), scope, send)
                return
            await self._streamable.asgi_app(scope, receive, send)
        elif method == "GET" and _asks_for_old_stream(headers):
            await self._old_stream(scope, receive, send)
        elif self._sessions and b"mcp-session-id" in headers:
            await self._streamable.asgi_app(scope, receive, send)
        else:
            await answer(_not_allowed("GET, POST" if method != "GET" else "POST"), scope, send)

    async def messages(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a message of a 2024-11-05 client; its answer goes out on its stream."""
        await self._sse.handle_post_message(scope, receive, send)

    def _holds_many(self, scope: Scope) -> bool:
        owners = self._streamable._session_owners  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- the SDK caps all callers together only
        return _held(owners.values(), scope) >= self._most_held

    async def _old_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        owners = self._sse._session_owners  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- the SDK does not cap streams
        if _held(owners.values(), scope) >= self._most_held:
            await answer(_too_many(self._most_held, "streams"), scope, send)
            return
        async with self._sse.connect_sse(scope, receive, send) as (reader, writer):
            await self._server.run(reader, writer, self._server.create_initialization_options())


def _held(owners: Iterable[AuthorizationContext], scope: Scope) -> int:
    mine = authorization_context(scope["user"])
    return sum(owner == mine for owner in owners)


def _too_many(most: int, what: str) -> Refused:
    detail = f"This token holds {most} {what} open; close one first."
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, detail, ((b"retry-after", b"60"),))


def _asks_for_old_stream(headers: Mapping[bytes, bytes]) -> bool:
    return (
        b"mcp-session-id" not in headers
        and b"mcp-protocol-version" not in headers
        and b"text/event-stream" in headers.get(b"accept", b"")
    )


def _not_allowed(allow: str) -> Refused:
    detail = "Send MCP messages by POST."
    return Refused(HTTPStatus.METHOD_NOT_ALLOWED, detail, ((b"allow", allow.encode()),))


class Gate:
    """Answers what must be an HTTP status before the SDK begins: 403 and 429 for tools/call.

    The pipeline decides and records; this only asks it beforehand, because a transport that has
    begun to stream can no longer change its status.
    """

    def __init__(self, app: ASGIApp, pipeline: Pipeline, challenge: Challenge) -> None:
        self._app = app
        self._pipeline = pipeline
        self._challenge = challenge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message: Any = scope.get(MESSAGE_KEY)
        if message is not None and message.get("method") == "tools/call":
            params: dict[str, Any] = message.get("params") or {}
            name: Any = params.get("name")
            refusal = None
            if isinstance(name, str):
                refusal = await self._pipeline.forecast(scope[PRINCIPAL], name, _arguments(params))
            if refusal is not None:
                await self._refuse(scope, send, message, refusal)
                return
        await self._app(scope, receive, send)

    async def _refuse(
        self, scope: Scope, send: Send, message: dict[str, Any], error: HelpdeskError
    ) -> None:
        params: dict[str, Any] = message.get("params") or {}
        call = Call(
            principal=scope[PRINCIPAL],
            operation=params["name"],
            arguments=_arguments(params),
            origin="mcp",
        )
        await self._pipeline.refuse(call, error)
        if isinstance(error, RateLimited):
            status, code = HTTPStatus.TOO_MANY_REQUESTS, RATE_LIMITED
            seconds = max(1, round(error.retry_after or 1))
            header = (b"retry-after", str(seconds).encode())
        else:
            status, code = HTTPStatus.FORBIDDEN, FORBIDDEN
            header = self._challenge.header(error="insufficient_scope", scopes=error.scopes)
        body = {
            "jsonrpc": "2.0",
            "id": message.get("id"),
            "error": {"code": code, "message": error.message, "data": {"error": error.facts()}},
        }
        await send_json(send, status, body, b"application/json", [header])


def _arguments(params: dict[str, Any]) -> dict[str, Any]:
    arguments: Any = params.get("arguments")
    return cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else {}
