"""Errors as RFC 9457 documents: one type for each code, the same facts as in MCP results."""

import math
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from helpdesk_mcp.domain.errors import Code, HelpdeskError
from helpdesk_mcp.web.identity import Challenge

MEDIA_TYPE = "application/problem+json"

TITLES = {
    Code.INVALID: "The request is not valid",
    Code.DENIED: "The caller may not do this",
    Code.NOT_FOUND: "There is no such thing",
    Code.CONFLICT: "The help desk's state stands against it",
    Code.RATE_LIMITED: "Too many calls",
    Code.UNAVAILABLE: "The help desk cannot be used now",
    Code.INTERNAL: "Something went wrong in helpdesk-mcp",
}
"""What each problem type means; a type's address is `/docs#` and its code."""

_STATUSES = {
    Code.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.DENIED: HTTPStatus.FORBIDDEN,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_STATUSES_BY_REASON = {
    (Code.INVALID, "malformed"): HTTPStatus.BAD_REQUEST,
    (Code.INVALID, "media_type"): HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    (Code.INVALID, "method"): HTTPStatus.METHOD_NOT_ALLOWED,
    (Code.UNAVAILABLE, "timeout"): HTTPStatus.GATEWAY_TIMEOUT,
}


def status_of(error: HelpdeskError, *, conditional: bool = False) -> HTTPStatus:
    """Return the status that says this. `conditional`: the request carried `If-Match`."""
    if conditional and error.reason == "stale":
        return HTTPStatus.PRECONDITION_FAILED
    return _STATUSES_BY_REASON.get((error.code, error.reason), _STATUSES[error.code])


def problem(
    error: HelpdeskError,
    challenge: Challenge,
    *,
    conditional: bool = False,
    allow: str = "",
) -> Response:
    """Return the problem document of an error, with the headers that belong to its status."""
    status = status_of(error, conditional=conditional)
    facts = error.facts()
    detail = facts.pop("message")
    document: dict[str, Any] = {
        "type": f"/docs#{error.code.value}",
        "title": TITLES[error.code],
        "status": status.value,
        "detail": detail,
        **facts,
    }
    response = Response(to_json(document), status, media_type=MEDIA_TYPE)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.scopes:
        name, value = challenge.header(error="insufficient_scope", scopes=error.scopes)
        response.headers[name.decode()] = value.decode()
    if allow:
        response.headers["Allow"] = allow
    return response


def problem_schema() -> dict[str, Any]:
    """Return the JSON Schema of a problem document. Refusals at the edge carry no facts."""
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457 problem details",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**text, "description": "What to do about it; never repeats what was sent"},
            "code": {"enum": [code.value for code in Code]},
            "reason": {**text, "description": "A stable word for programs"},
            "retryable": {"type": "boolean", "description": "Whether the same call may work later"},
            "written": {
                "enum": ["no", "partly", "unknown"],
                "description": "Whether a failed write reached the help desk; if it is "
                "`unknown`, look before you repeat",
            },
            "retry_after": {"type": "number", "description": "Seconds"},
            "reference": {**text, "description": "For the operator: where to look in the log"},
        },
    }
