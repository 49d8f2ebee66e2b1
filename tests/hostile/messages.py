"""What clients of each revision put on the wire, and what they get back."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

MODERN = "2026-07-28"
OLD = "2025-11-25"
REVISIONS = (MODERN, OLD)

Json = Any  # what a test puts on the wire or finds there: any JSON document
Document = dict[str, Json]
Lines = list[tuple[str, str]]

META = "io.modelcontextprotocol/"
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP response, read to its end."""

    status: int
    headers: Lines
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def document(self) -> Document:
        """The JSON in the body, or in the last event of a stream."""
        text = self.body.decode()
        if (self.header("content-type") or "").startswith("text/event-stream"):
            text = [line[5:] for line in text.splitlines() if line.startswith("data:")][-1]
        return json.loads(text)

    @property
    def code(self) -> int | None:
        """The code of the JSON-RPC error."""
        error: Document = self.document.get("error", {})
        return error.get("code")

    @property
    def result(self) -> Document:
        return self.document["result"]

    @property
    def failure(self) -> Document:
        """The facts of a tool result that is an error."""
        assert self.result["isError"] is True
        return self.result["structuredContent"]["error"]


def message(
    method: str, params: Document | None = None, *, revision: str = MODERN, id_: Json = 1
) -> Document:
    """Return a request as a well-behaved client of this revision sends it."""
    given: Document = dict(params or {})
    if revision == MODERN:
        given.setdefault("_meta", meta())
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": given}


def meta(**more: Json) -> Document:
    return {
        META + "protocolVersion": MODERN,
        META + "clientInfo": {"name": "hostile", "version": "1"},
        META + "clientCapabilities": {},
        **more,
    }


def call(name: str, arguments: Json = None, *, revision: str = MODERN) -> Document:
    params: Document = {"name": name, "arguments": {} if arguments is None else arguments}
    return message("tools/call", params, revision=revision)


def headers_for(document: Json, revision: str = MODERN) -> dict[str, str]:
    """Return the headers that repeat what the body says, as 2026-07-28 asks."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": revision,
    }
    if revision == MODERN and isinstance(document, dict):
        headers |= _routing(document)  # pyright: ignore[reportUnknownArgumentType] -- any JSON
    return headers


def _routing(document: Mapping[str, Json]) -> dict[str, str]:
    method: Json = document.get("method")
    if not _fits(method):
        return {}
    params: Json = document.get("params")
    name: Json = None
    if isinstance(params, dict):
        name = cast("Document", params).get(NAMED_BY.get(str(method), ""))
    return {"Mcp-Method": str(method)} | ({"Mcp-Name": _in_header(name)} if name else {})


def _in_header(value: Json) -> str:
    if _fits(value):
        return value
    return f"=?base64?{base64.b64encode(str(value).encode()).decode()}?="


def _fits(value: Json) -> bool:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and bool(value)
        and value == value.strip()
    )


def http(
    document: Json,
    *,
    token: str,
    hosts: tuple[str, ...],
    extra: bytes = b"",
    start: bytes = b"POST /mcp HTTP/1.1",
) -> bytes:
    """Return a whole request as bytes, for what no HTTP client would send."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    lines = [start, *(f"Host: {host}".encode() for host in hosts)]
    lines += [f"{name}: {value}".encode() for name, value in headers_for(document).items()]
    lines += [f"Authorization: Bearer {token}".encode(), b"Connection: close"]
    lines += [b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n" + extra + b"\r\n" + body
