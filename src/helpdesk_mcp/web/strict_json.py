"""JSON as RFC 8259 and PostgreSQL both accept it, parsed in bounded time."""

import json
import math
import re
from functools import lru_cache
from itertools import accumulate
from typing import NoReturn, TypeAlias

from helpdesk_mcp.pipeline.characters import is_storable

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602


class BadJson(ValueError):
    """The body was refused: `code` is the JSON-RPC error code, `message` may be shown to anyone.

    `document` is what was parsed when only a text inside it is unacceptable, so that a caller
    can still find the request's id.
    """

    def __init__(self, code: int, message: str, document: Json = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.document = document


def parse(
    body: bytes, *, max_depth: int = 64, max_digits: int = 100, max_values: int = 20_000
) -> Json:
    """Return the document in `body`, or raise `BadJson`.

    One leading byte order mark is ignored. `max_digits` counts the characters of one number.
    """
    _check_size(body, max_depth, max_values)
    try:
        document: Json = _decoder(max_digits).decode(without_mark(body).decode())
    except json.JSONDecodeError as error:
        raise BadJson(
            PARSE_ERROR, f"The body is not valid JSON (at character {error.pos})."
        ) from None
    except UnicodeDecodeError:
        raise BadJson(PARSE_ERROR, "The body is not valid UTF-8.") from None
    if b"\\u" in body and _SUSPECT_ESCAPE.search(body) and not is_storable(document):
        raise BadJson(
            INVALID_PARAMS, "A text holds a NUL character or half a surrogate pair.", document
        )
    return document


def without_mark(body: bytes) -> bytes:
    """Return the body less its byte order mark, which not every parser after us ignores."""
    return body.removeprefix(_BOM)


def _check_size(body: bytes, max_depth: int, max_values: int) -> None:
    # Counting raw bytes also counts what is inside strings, so it can only overestimate:
    # the exact look below is for the few bodies that fail it.
    openings = body.count(b"[") + body.count(b"{")
    if openings <= max_depth and openings + body.count(b",") <= max_values:
        return
    # A value or a name has two quotes, a member both: more quotes need not be looked at.
    if body.count(b'"') - body.count(b'\\"') > 4 * max_values:
        raise _too_many(max_values)
    steps = _STRING.sub(b"", body).translate(_STEP_OF, _NOT_STRUCTURE)
    # A balanced document closes what it opens, so `steps` is at most twice its values.
    if len(steps) > 2 * max_values or len(steps) - steps.count(_CLOSE) > max_values:
        raise _too_many(max_values)
    if max(accumulate(memoryview(steps).cast("b")), default=0) > max_depth:
        raise BadJson(INVALID_REQUEST, f"The body nests deeper than {max_depth} levels.")


def _too_many(max_values: int) -> BadJson:
    return BadJson(INVALID_REQUEST, f"The body holds more than {max_values} values.")


@lru_cache(maxsize=8)
def _decoder(max_digits: int) -> json.JSONDecoder:
    def bounded(text: str) -> str:
        if len(text) > max_digits:
            raise BadJson(PARSE_ERROR, f"A number is longer than {max_digits} characters.")
        return text

    def whole(text: str) -> int:
        return int(bounded(text))

    def real(text: str) -> float:
        number = float(bounded(text))
        return number if math.isfinite(number) else _constant(text)

    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=whole, parse_float=real, parse_constant=_constant
    )


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJson(INVALID_REQUEST, "A name appears twice in one object.")
    return members


def _constant(_: str) -> NoReturn:
    raise BadJson(PARSE_ERROR, "NaN and infinite numbers are not JSON.")


_BOM = b"\xef\xbb\xbf"

# Written so that every quote starts a match, closed or not: one pass, whatever the body holds.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)

# Each opening is +1, each closing -1 (as a signed byte), each comma 0; the rest is dropped.
_CLOSE = b"\xff"
_STEP_OF = bytes.maketrans(b"[{]},", b"\x01\x01\xff\xff\x00")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b"[{]},"))

_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
