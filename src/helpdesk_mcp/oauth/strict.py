"""Signed tokens (RFC 7515, 7519) read strictly: what could be read in two ways is not read."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

LONGEST = 8_192
DEEPEST = 16
PART = r"[A-Za-z0-9_-]+"
COMPACT = re.compile(rf"({PART})\.({PART})\.({PART})", re.ASCII)
HEADER_NAMES = frozenset({"alg", "typ", "kid"})
"""All that a header may hold: keys are never taken from a token (`jwk`, `jku`, `x5u`)."""

VerifyingKey = ECKey | RSAKey
Claims = Mapping[str, Any]
FindKey = Callable[[str | None], VerifyingKey | None]


class BadToken(Exception):
    """The token is not good. Why is nobody's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Which tokens are meant: their algorithm, fixed by the key and never by the token, and type.

    `types` holds the accepted values of `typ`; None among them means that it may be absent.
    """

    algorithms: tuple[str, ...]
    types: frozenset[str | None]
    more_headers: frozenset[str] = frozenset()


def read(token: str, key: FindKey, form: Form) -> Claims:
    """Return the claims of a token whose signature is good. Raises BadToken."""
    if len(token) > LONGEST or (parts := COMPACT.fullmatch(token)) is None:
        raise BadToken
    header = _object(parts[1])
    kid: Any = header.get("kid")
    typ: Any = header.get("typ")
    if not header.keys() <= HEADER_NAMES | form.more_headers or header.get("alg") not in (
        form.algorithms
    ):
        raise BadToken
    if not isinstance(kid, str | None) or not isinstance(typ, str | None) or typ not in form.types:
        raise BadToken
    if (found := key(kid)) is None:
        raise BadToken
    claims = _object(parts[2])
    _check_signature(token, found, form.algorithms)
    return claims


def _check_signature(token: str, key: VerifyingKey, algorithms: tuple[str, ...]) -> None:
    try:
        jws.deserialize_compact(token, key, algorithms=list(algorithms))
    except (JoseError, ValueError, TypeError, RecursionError, OverflowError):
        raise BadToken from None


def parse_object(raw: bytes) -> dict[str, Any]:
    """Return a JSON object without repeated names, infinite numbers or deep nesting."""
    if raw.count(b"[") + raw.count(b"{") > DEEPEST * 16:
        raise BadToken
    try:
        found: Any = DECODER.decode(raw.decode())
    except (ValueError, RecursionError, OverflowError):
        raise BadToken from None
    if not isinstance(found, dict) or _depth(found) > DEEPEST:
        raise BadToken
    return cast("dict[str, Any]", found)


def _object(part: str) -> dict[str, Any]:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise BadToken from None
    return parse_object(raw)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= DEEPEST:
        deepest += 1
        level = [child for parent in level for child in _children(parent)]
    return deepest


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _finite(text: str) -> float:
    if (number := float(text)) in {float("inf"), float("-inf")}:
        raise ValueError
    return number


def _short(text: str) -> int:
    if len(text) > 20:  # noqa: PLR2004 -- no date or count of ours has more digits
        raise ValueError
    return int(text)


DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=_short
)


def moment(claims: Claims, name: str) -> int | None:
    """Return a NumericDate; None if it is absent. Raises BadToken unless it is a whole number."""
    value: Any = claims.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise BadToken
    return value


def text(claims: Claims, name: str) -> str:
    """Return a claim that must be a text with something in it. Raises BadToken."""
    value: Any = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadToken
    return value
