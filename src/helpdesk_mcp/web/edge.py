"""The edge of the site: one pass over every request before any other code of ours sees it.

HTTP servers let through what they should not (two `Host` headers, endless headers, bodies that
never end); this middleware is outermost and refuses it, so that nothing behind it has to ask.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk_mcp.web import bodies, hosts
from helpdesk_mcp.web.bodies import BodyLimits, Disconnected
from helpdesk_mcp.web.queries import without_secrets
from helpdesk_mcp.web.refusals import Headers, Refused, answer


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLimits:
    """What one request may cost before it is understood."""

    body: BodyLimits = field(default_factory=BodyLimits)
    max_headers: int = 100
    max_header_bytes: int = 32_768
    max_path_bytes: int = 8_192
    max_query_bytes: int = 8_192
    max_running: int = 1_000
    """Requests served at once; open connections that ask nothing are not counted."""


_BUSY = Refused(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The server has all the requests it can serve; try again in a moment.",
    ((b"retry-after", b"1"),),
)


class Edge:
    """ASGI middleware around the whole site; it must be the outermost."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str] = (),
        open_to_all: Callable[[str], bool] | None = None,
        browsed: Callable[[str], bool] | None = None,
        limits: EdgeLimits | None = None,
    ) -> None:
        """`open_to_all` tells which paths any page may call: those that take no cookie.

        `browsed` tells which are pages themselves. They are shared with no origin (security case
        A64), and judge the senders of their forms themselves: a client's page may post to one.
        """
        self._app = app
        self._open_to_all = open_to_all or _never
        self._browsed = browsed or _never
        self._hosts = hosts.allowed_hosts(allowed_hosts)
        self._origins = hosts.allowed_origins(allowed_origins)
        self._limits = limits or EdgeLimits()
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._admit(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:  # nothing on this site speaks WebSocket
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running >= self._limits.max_running:
            await answer(_BUSY, scope, hardened(send, ()))
            return
        self._running += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._running -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared: Headers = ()
        try:
            headers = once_only_headers(scope, self._limits)
            self._check_host(headers)
            shared = self._shared_with(headers.get(b"origin"), scope["path"])
            _check_target(scope, self._limits)
            _check_framing(headers, self._limits.body.max_bytes)
            if scope["method"] not in _BODILESS or not _BODY_HEADERS.isdisjoint(headers):
                body = await bodies.read_in_time(receive, self._limits.body)
                receive = bodies.replayed(body, receive)
        except Refused as refusal:
            await answer(refusal, scope, hardened(send, shared))
        except Disconnected:
            return  # nobody is left to answer
        else:
            app = _preflight if _is_preflight(scope, headers) else self._app
            await app(scope, receive, hardened(send, shared))

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host")
        if not host:
            raise Refused(HTTPStatus.BAD_REQUEST, "A request names exactly one Host.")
        if not self._hosts.permits(host):
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                "This server does not answer for that host. "
                "Its operator lists its hosts in HELPDESK_ALLOWED_HOSTS.",
            )

    def _shared_with(self, origin: bytes | None, path: str) -> Headers:
        if self._open_to_all(path):
            return _ANYONE
        if self._browsed(path):
            return ()
        if origin is None:
            return _VARY if self._origins else ()
        if not self._origins.permits(origin):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "Pages of that origin may not call this server. "
                "Its operator lists their origins in HELPDESK_ALLOWED_ORIGINS.",
            )
        return ((b"access-control-allow-origin", origin), *_VARY, *_EXPOSED)


def once_only_headers(scope: Scope, limits: EdgeLimits) -> dict[bytes, bytes]:
    """Return the headers that may come once, tidying all values; raise `Refused` (400, 431)."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > limits.max_headers:
        raise Refused(_HEADERS_TOO_LARGE, f"At most {limits.max_headers} headers.")
    once: dict[bytes, bytes] = {}
    size = 0
    untidy = False
    for name, value in headers:
        size += len(name) + len(value)
        tidy = value.strip(_OWS)
        untidy = untidy or tidy != value
        if name in _ONCE_ONLY:
            if name in once:
                raise _repeated(name)
            once[name] = tidy
    if size > limits.max_header_bytes:
        raise Refused(_HEADERS_TOO_LARGE, f"At most {limits.max_header_bytes} bytes of headers.")
    if untidy:
        scope["headers"] = [(name, value.strip(_OWS)) for name, value in headers]
    return once


def hardened(send: Send, extra: Headers) -> Send:
    """Return a `send` that adds the headers every response carries."""

    async def harden(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), *extra]
            names = {name.lower() for name, _ in headers}
            headers += [header for header in _ALWAYS if header[0] not in names]
            message = {**message, "headers": headers}
        await send(message)

    return harden


def _check_target(scope: Scope, limits: EdgeLimits) -> None:
    query: bytes = scope["query_string"]
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(path) > limits.max_path_bytes or len(query) > limits.max_query_bytes:
        raise Refused(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long.")
    if query:
        if not query.isascii():  # uvicorn's access log would fail on it
            raise Refused(HTTPStatus.BAD_REQUEST, "The address holds unencoded characters.")
        scope["query_string"] = without_secrets(query)


def _check_framing(headers: dict[bytes, bytes], max_bytes: int) -> None:
    if _BODY_HEADERS.isdisjoint(headers):
        return
    if headers.get(b"content-encoding", b"identity").lower() not in _UNENCODED:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as it is, without Content-Encoding."
        )
    transfer = headers.get(b"transfer-encoding")
    length = headers.get(b"content-length")
    # RFC 9112 §6.1, §6.3: what could be read in two ways is not read at all.
    if transfer is not None and (length is not None or transfer.lower() != b"chunked"):
        raise Refused(HTTPStatus.BAD_REQUEST, "The length of the body is ambiguous.")
    if length is not None:
        if not length.isdigit():
            raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length is a number.")
        if len(length) > _LENGTH_DIGITS or int(length) > max_bytes:
            raise bodies.too_large(max_bytes)


def _never(_: str) -> bool:
    return False


def _repeated(name: bytes) -> Refused:
    detail = f"A request carries at most one {name.decode().title()} header."
    if name == b"authorization":  # RFC 6750 §3.1
        challenge = (b"www-authenticate", b'Bearer error="invalid_request"')
        return Refused(HTTPStatus.BAD_REQUEST, detail, (challenge,))
    return Refused(HTTPStatus.BAD_REQUEST, detail)


def _is_preflight(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    return (
        scope["method"] == "OPTIONS"
        and b"origin" in headers
        and b"access-control-request-method" in headers
    )


async def _preflight(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
    await send({"type": "http.response.body", "body": b""})


_OWS = b" \t"
_LENGTH_DIGITS = 15
_HEADERS_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding", b"content-encoding"})
_UNENCODED = frozenset({b"identity", b""})
_ONCE_ONLY = _BODY_HEADERS | {
    b"host",
    b"origin",
    b"authorization",
    b"content-type",
    b"access-control-request-method",
}

_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_VARY = ((b"vary", b"origin"),)
_ANYONE = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"WWW-Authenticate, Retry-After"),
)
"""Never with credentials: a page gets what a program without a browser would get, and no more."""
_EXPOSED = (
    (
        b"access-control-expose-headers",
        b"Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After",
    ),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        (
            b"Authorization, Content-Type, Accept, Last-Event-ID, "
            b"MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id"
        ),
    ),
    (b"access-control-max-age", b"600"),
)
