"""The guard before the MCP SDK: one strict JSON-RPC message, whose version the header repeats.

The SDK accepts what it should not (doubled names, NaN, ids of a megabyte) and picks the leg, modern
or handshake, by the version header alone. What passes here has one meaning only. Posted responses
belong to a session: without one this server has asked nothing, so they are refused, as
every batch is.
"""

from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.pipeline.characters import is_storable
from helpdesk_mcp.web import bodies
from helpdesk_mcp.web.bodies import Disconnected
from helpdesk_mcp.web.refusals import Refused, answer, send_json
from helpdesk_mcp.web.strict_json import (
    INVALID_REQUEST,
    BadJson,
    Json,
    parse,
    without_mark,
)

MESSAGE_KEY = "helpdesk.jsonrpc"
"""Where the guard leaves the parsed message in the scope."""

HEADER_MISMATCH = -32020
VERSION_META_KEY = "io.modelcontextprotocol/protocolVersion"
HANDSHAKE_VERSIONS = frozenset({"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})

RequestId = str | int | None


class RpcRefused(Exception):
    """The message is refused with this JSON-RPC error; `request_id` is echoed when it is known."""

    def __init__(self, code: int, message: str, request_id: RequestId = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.request_id = request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What a request's headers and address say about its body."""

    content_type: bytes | None
    version: str | None
    in_session: bool


class JsonRpcGuard:
    """ASGI middleware for an MCP endpoint; looks at POST only."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = 1_048_576) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            routing = routing_of(scope)
            check_content_type(routing.content_type)
            body = await bodies.read(receive, self._max_bytes)
            scope[MESSAGE_KEY] = read_message(body, routing)
        except Refused as refusal:
            await answer(refusal, scope, send)
        except RpcRefused as refusal:
            await _answer_rpc(refusal, send)
        except Disconnected:
            return  # nobody is left to answer
        else:
            await self._app(scope, bodies.replayed(without_mark(body), receive), send)


def routing_of(scope: Scope) -> Routing:
    """Read the headers that matter here; a version named twice is refused."""
    content_type = version = None
    in_session = b"session_id=" in scope["query_string"]  # the transport of 2024-11-05
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name == b"mcp-protocol-version":
            if version is not None:
                raise RpcRefused(HEADER_MISMATCH, "MCP-Protocol-Version appears more than once.")
            version = value.decode("latin-1").strip()
        elif name == b"mcp-session-id":
            in_session = True
    return Routing(content_type=content_type, version=version, in_session=in_session)


def check_content_type(value: bytes | None) -> None:
    """Raise `Refused` (415) unless the body is said to be JSON in UTF-8."""
    if value == b"application/json":
        return
    media_type, _, parameter = (value or b"").lower().partition(b";")
    if media_type.strip() != b"application/json" or parameter.strip() not in _UTF_8:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json.")


def read_message(body: bytes, routing: Routing) -> dict[str, Json]:
    """Return the one message in the body; raise `RpcRefused` for anything else."""
    try:
        document = parse(body)
    except BadJson as error:
        raise RpcRefused(error.code, error.message, _id_of(error.document)) from None
    if not isinstance(document, dict):
        raise RpcRefused(
            INVALID_REQUEST, "The body is one JSON-RPC message; batches are not taken."
        )
    if "id" in document and not is_valid_id(document["id"]):
        raise RpcRefused(INVALID_REQUEST, "An id is a whole number or a text of at most 256.")
    _check_shape(document, routing)
    _check_version(document, routing)
    return document


def is_valid_id(value: Json) -> bool:
    """Whether a request may carry this id: exact in every client, and short enough to log."""
    if isinstance(value, str):
        return len(value) <= _MAX_ID_LENGTH
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_ID


def _check_shape(message: dict[str, Json], routing: Routing) -> None:
    request_id = _id_of(message)
    if message.get("jsonrpc") != "2.0":
        raise RpcRefused(INVALID_REQUEST, 'The member jsonrpc is not "2.0".', request_id)
    if not _ANSWER.isdisjoint(message):
        _check_response(message, routing, request_id)
        return
    if not isinstance(message.get("method"), str):
        raise RpcRefused(INVALID_REQUEST, "The method is not a text.", request_id)
    if not isinstance(message.get("params"), dict | None):
        raise RpcRefused(INVALID_REQUEST, "The params are not an object.", request_id)


def _check_response(message: dict[str, Json], routing: Routing, request_id: RequestId) -> None:
    whole = "method" not in message and "id" in message and not message.keys() >= _ANSWER
    if not whole:
        raise RpcRefused(INVALID_REQUEST, "A message is a request or a response.", request_id)
    if not routing.in_session or routing.version not in _HANDSHAKE_OR_NONE:
        raise RpcRefused(INVALID_REQUEST, "This server has sent no request to answer.", request_id)


def _check_version(message: dict[str, Json], routing: Routing) -> None:
    """Refuse a modern message that the headers would send down the handshake leg, or the reverse.

    A modern header without the member is the SDK's to answer, as are versions nobody knows.
    """
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    if not isinstance(meta, dict) or VERSION_META_KEY not in meta:
        return
    if routing.version != meta[VERSION_META_KEY] or routing.version in HANDSHAKE_VERSIONS:
        raise RpcRefused(
            HEADER_MISMATCH,
            f'MCP-Protocol-Version does not repeat params._meta["{VERSION_META_KEY}"].',
            _id_of(message),
        )


def _id_of(document: Json) -> RequestId:
    request_id = document.get("id") if isinstance(document, dict) else None
    if isinstance(request_id, str | int) and is_valid_id(request_id) and is_storable(request_id):
        return request_id
    return None


async def _answer_rpc(refusal: RpcRefused, send: Send) -> None:
    document = {
        "jsonrpc": "2.0",
        "id": refusal.request_id,
        "error": {"code": refusal.code, "message": refusal.message},
    }
    await send_json(send, HTTPStatus.BAD_REQUEST, document, b"application/json")


_UTF_8 = frozenset({b"", b"charset=utf-8", b'charset="utf-8"'})
_MAX_ID_LENGTH = 256
_MAX_ID = 2**53
_ANSWER = frozenset({"result", "error"})
_HANDSHAKE_OR_NONE = HANDSHAKE_VERSIONS | {None}
