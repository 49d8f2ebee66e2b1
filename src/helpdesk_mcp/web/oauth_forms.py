"""Forms posted to the authorization server, read strictly: what is unclear is refused."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 16_384
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAY_REPEAT = frozenset({"resource"})
"""RFC 8707 §2 lets a request name several resources; what to say to that is the protocol's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadForm(Exception):
    status: HTTPStatus
    reason: str


async def read_body(request: Request, media_type: str) -> bytes:
    """Return a body of exactly this type. Raises BadForm (413, 415)."""
    said, _, parameter = request.headers.get("content-type", "").lower().partition(";")
    if said.strip() != media_type or parameter.strip() not in {"", "charset=utf-8"}:
        raise BadForm(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason=f"Send it as {media_type}.")
    body = await request.body()
    if len(body) > LARGEST:
        reason = f"At most {LARGEST} bytes."
        raise BadForm(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason=reason)
    return body


async def read_form(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a posted form; only `resource` may come twice. Raises BadForm."""
    if request.scope["query_string"]:
        raise _bad("Send the parameters in the body.")
    fields = parsed(await read_body(request, FORM))
    once = [name for name, _ in fields if name not in MAY_REPEAT]
    if len(once) != len(set(once)):
        raise _bad("A parameter is sent twice.")
    return fields


def parsed(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form. Raises BadForm for what is not one."""
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise _bad("That is not a form in UTF-8 of at most 100 fields.") from None
    if any("\0" in name or "\0" in value for name, value in fields):
        raise _bad("A field holds a NUL character.")
    return fields


def _bad(reason: str) -> BadForm:
    return BadForm(status=HTTPStatus.BAD_REQUEST, reason=reason)
