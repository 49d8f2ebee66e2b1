"""From an HTTP request to an operation's arguments: nothing is guessed, nothing is ignored."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from helpdesk_mcp.domain.errors import Conflict, Invalid
from helpdesk_mcp.web import strict_json
from helpdesk_mcp.web.rest_endpoints import DESK, SEEN, Arguments, Endpoint

MOST_PARAMETERS = 100


async def arguments_of(endpoint: Endpoint, request: Request) -> Arguments:
    """Return the arguments a request gives by path, query, body and `If-Match`.

    Raises Invalid, or Conflict where `If-Match` names nothing that a ticket can be.

    Unknown names stay in: the pipeline refuses them, and says which are known.
    """
    in_path: Arguments = dict(request.path_params)
    query = _query(request.scope["query_string"])
    if not strict_json.is_storable([in_path, query]):
        raise _malformed("The address holds a NUL character or half a surrogate pair.")
    body = await request.body()
    given = _in_body(request, query, body) if endpoint.takes_body else _in_query(query, body)
    given = _folded(endpoint, _allowed(endpoint, given))
    given |= _precondition(endpoint, request, given)
    return given | in_path


def has_precondition(request: Request) -> bool:
    return "if-match" in request.headers


def _in_query(query: Arguments, body: bytes) -> Arguments:
    if body:
        raise _malformed("This method takes no body; give arguments in the query.")
    return query


def _in_body(request: Request, query: Arguments, body: bytes) -> Arguments:
    desk = {name: value for name, value in query.items() if name == DESK}
    if query != desk:
        raise Invalid("Give arguments in the body, only `desk` in the query.", reason="arguments")
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise Invalid("Send JSON with Content-Type: application/json.", reason="media_type")
    try:
        document = strict_json.parse(body)
    except strict_json.BadJson as error:
        raise _malformed(error.message) from None
    if not isinstance(document, dict):
        raise Invalid("The body is a JSON object.", reason="arguments")
    if desk and DESK in document:
        raise Invalid("Give `desk` in the query or in the body, not both.", reason="arguments")
    return {**document, **desk}


def _query(encoded: bytes) -> Arguments:
    """Return the query. A name given more than once has a list of its values."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise _malformed("The query is not one that can be read.") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: all_[0] if len(all_) == 1 else all_ for name, all_ in values.items()}


def _allowed(endpoint: Endpoint, given: Arguments) -> Arguments:
    for name in given:
        ours = endpoint.operation.renamed.get(name, name)
        if ours in endpoint.in_path:
            raise Invalid(f"`{ours}` is in the address; leave it out here.", reason="arguments")
        if ours in endpoint.omits:
            raise Invalid(f"`{ours}` is not taken here.", reason="arguments")
    return given


def _folded(endpoint: Endpoint, given: Arguments) -> Arguments:
    extra = endpoint.extra
    if extra is None or extra.name not in given:
        return given
    rest = {name: value for name, value in given.items() if name != extra.name}
    return extra.fold(rest, given[extra.name])


def _precondition(endpoint: Endpoint, request: Request, given: Mapping[str, Any]) -> dict[str, str]:
    """Return what `If-Match` expects. A precondition is never ignored (RFC 9110 §13.1.1)."""
    if not has_precondition(request):
        return {}
    if not endpoint.conditional:
        raise _malformed("If-Match works for PATCH /tickets/{ticket_id} only.")
    value = ", ".join(request.headers.getlist("if-match")).strip()
    if value == "*":
        return {}
    if (tag := _ETAG.fullmatch(value)) is None:
        raise _malformed("If-Match takes one ETag, as GET /tickets/{ticket_id} gave it.")
    if not _is_moment(tag[1]):
        raise Conflict("The ticket is no longer what If-Match names.", reason="stale")
    if SEEN in given:
        raise Invalid(f"Give If-Match or `{SEEN}`, not both.", reason="arguments")
    return {SEEN: tag[1]}


def _is_moment(tag: str) -> bool:
    try:
        datetime.fromisoformat(tag)
    except ValueError:
        return False
    return True


def _malformed(detail: str) -> Invalid:
    return Invalid(detail, reason="malformed")


_JSON = re.compile(r'application/json\s*(?:;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)
_ETAG = re.compile(r'"([\x21\x23-\x7e]{1,200})"')
