"""Refusing a request at the edge: a small RFC 9457 document, and the connection is closed."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from starlette.types import Scope, Send

Headers = Sequence[tuple[bytes, bytes]]


class Refused(Exception):
    """The request goes no further; `detail` tells its sender what to do about it."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Headers = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


async def answer(refusal: Refused, scope: Scope, send: Send) -> None:
    """Send the problem document; what the client has yet to send will not be read."""
    document = {
        "type": "about:blank",
        "title": refusal.status.phrase,
        "status": refusal.status.value,
        "detail": refusal.detail,
    }
    headers = list(refusal.headers)
    if scope.get("http_version", "1.1").startswith("1"):
        headers.append((b"connection", b"close"))
    await send_json(send, refusal.status, document, b"application/problem+json", headers)


async def send_json(
    send: Send, status: HTTPStatus, document: object, media_type: bytes, headers: Headers = ()
) -> None:
    """Send one whole JSON response."""
    body = json.dumps(document, separators=(",", ":")).encode()
    start = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": start})
    await send({"type": "http.response.body", "body": body})
