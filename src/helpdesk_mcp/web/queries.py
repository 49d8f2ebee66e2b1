"""Query strings without credentials: what is not in the scope cannot reach an access log."""

from urllib.parse import unquote_to_bytes

_SECRET_NAMES = frozenset(
    {b"access_token", b"token", b"refresh_token", b"id_token", b"client_secret", b"api_key"}
)


def without_secrets(query: bytes) -> bytes:
    """Return the query less every parameter that is named like a credential (RFC 6750 §5.3)."""
    lowered = query.lower()
    # A name can be hidden behind percent signs; a query with neither has nothing to hide.
    if b"%" not in lowered and not any(name in lowered for name in _SECRET_NAMES):
        return query
    return b"&".join(part for part in query.split(b"&") if not _is_secret(part))


def _is_secret(part: bytes) -> bool:
    name = part.partition(b"=")[0].replace(b"+", b" ")
    return unquote_to_bytes(name).strip().lower() in _SECRET_NAMES
