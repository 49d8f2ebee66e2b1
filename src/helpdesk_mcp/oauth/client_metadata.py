"""Client metadata (RFC 7591 §2): what a program may say of itself, checked the same everywhere."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from helpdesk_mcp.oauth import redirects
from helpdesk_mcp.oauth.addresses import acceptable
from helpdesk_mcp.oauth.client_authentication import PRIVATE_MEMBERS, public_key
from helpdesk_mcp.oauth.models import AuthMethod, GrantType
from helpdesk_mcp.oauth.redirects import BadRedirect
from helpdesk_mcp.oauth.scopes import KNOWN, TOKEN

LONGEST_NAME = 64
MOST_KEYS = 10
ADDRESSES = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadMetadata(Exception):
    """Metadata that is not taken. `reason` is for the client's developer."""

    error: str = "invalid_client_metadata"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a client said of itself, as far as it matters here."""

    name: str
    redirect_uris: tuple[str, ...]
    auth_method: AuthMethod
    grant_types: frozenset[GrantType]
    native: bool
    scopes: frozenset[str] | None
    jwks: Mapping[str, Any] | None
    jwks_uri: str


def read(said: Mapping[str, Any], *, default_method: AuthMethod) -> Metadata:
    """Return checked metadata. Raises BadMetadata. Members that we do not know are ignored."""
    grant_types = _grant_types(said)
    method = _method(said, default_method)
    uris, native = _redirects(said)
    for member in ADDRESSES:
        _check_address(said, member)
    jwks, jwks_uri = keys_of(said), _keys_at(said)
    if (jwks is not None) + bool(jwks_uri) != (method is AuthMethod.PRIVATE_KEY):
        raise BadMetadata(reason="private_key_jwt goes with one of jwks and jwks_uri.")
    return Metadata(
        name=_name(said),
        redirect_uris=uris,
        auth_method=method,
        grant_types=grant_types,
        native=native,
        scopes=_scopes(said),
        jwks=jwks,
        jwks_uri=jwks_uri,
    )


def shown_name(name: str) -> str:
    """Return a name that can be shown: one line, without characters that turn text round (A37)."""
    plain = BIDIRECTIONAL.sub("", unicodedata.normalize("NFC", name))
    visible = "".join(c if c.isprintable() else " " for c in plain)
    return " ".join(visible.split())[:LONGEST_NAME]


def _name(said: Mapping[str, Any]) -> str:
    name = said.get("client_name", "")
    if not isinstance(name, str) or len(name) > 1_000:  # noqa: PLR2004 -- nobody's name
        raise BadMetadata(reason="client_name is a short text.")
    if "\0" in name or BIDIRECTIONAL.search(name):
        raise BadMetadata(reason="client_name holds characters that cannot be shown.")
    return shown_name(name) or "A program without a name"


def _redirects(said: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    kind = said.get("application_type", "web")
    if kind not in {"web", "native"}:
        raise BadMetadata(reason="application_type is web or native.")
    uris: Any = said.get("redirect_uris")
    if not isinstance(uris, list):
        raise BadMetadata(error="invalid_redirect_uri", reason="redirect_uris is a list.")
    try:
        checked = redirects.check_registrable(cast("list[object]", uris), native=kind == "native")
    except BadRedirect as error:
        raise BadMetadata(error="invalid_redirect_uri", reason=error.reason) from None
    # Command-line clients say nothing of their kind, but only listen on the person's machine.
    return checked, kind == "native" or all(redirects.is_local(uri) for uri in checked)


def _grant_types(said: Mapping[str, Any]) -> frozenset[GrantType]:
    grants: Any = said.get("grant_types", ["authorization_code", "refresh_token"])
    responses: Any = said.get("response_types", ["code"])
    if not isinstance(grants, list):
        raise BadMetadata(reason="grant_types is a list.")
    # Extension grants are for other servers: an editor's metadata names the device grant for all.
    asked = {str(word) for word in cast("list[object]", grants) if not _is_extension(word)}
    if not asked <= {GrantType.CODE, GrantType.REFRESH}:
        raise BadMetadata(reason="grant_types holds authorization_code and refresh_token.")
    if responses not in (["code"], ["code", "none"]) or GrantType.CODE not in asked:
        raise BadMetadata(reason="response_types is code, for the grant authorization_code.")
    return frozenset(GrantType(word) for word in asked)


def _is_extension(grant: object) -> bool:
    """Whether a grant type has a name of its own making (RFC 6749 §4.5)."""
    return isinstance(grant, str) and grant.startswith("urn:")


def _method(said: Mapping[str, Any], default: AuthMethod) -> AuthMethod:
    method = said.get("token_endpoint_auth_method", default)
    if method not in set(AuthMethod):
        raise BadMetadata(reason="token_endpoint_auth_method is not one that the server supports.")
    return AuthMethod(method)


def _scopes(said: Mapping[str, Any]) -> frozenset[str] | None:
    if not (text := said.get("scope")):
        return None
    if not isinstance(text, str) or not all(TOKEN.fullmatch(word) for word in text.split()):
        raise BadMetadata(reason="scope is a text of scopes with spaces between.")
    # Scopes of other servers are common in one client's metadata for all: they mean nothing here.
    known = frozenset(text.split()) & KNOWN
    return known or None


def _check_address(said: Mapping[str, Any], member: str) -> None:
    address: Any = said.get(member, "https://none.example")
    if not isinstance(address, str) or len(address) > redirects.LONGEST * 4:
        raise BadMetadata(reason=f"{member} is an https address.")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise BadMetadata(reason=f"{member} is an https address.") from None
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise BadMetadata(reason=f"{member} is an https address.")


def _keys_at(said: Mapping[str, Any]) -> str:
    """Return where a client publishes its keys, if it does. Raises BadMetadata."""
    address: Any = said.get("jwks_uri")
    if address is None:
        return ""
    if not isinstance(address, str) or len(address) > redirects.LONGEST or not acceptable(address):
        raise BadMetadata(reason="jwks_uri is an https address of a public host, on its own port.")
    return address


def keys_of(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the public keys of metadata, if it has any. Raises BadMetadata."""
    jwks: Any = said.get("jwks")
    if jwks is None:
        return None
    keys: Any = cast("dict[str, Any]", jwks).get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 0 < len(cast("list[Any]", keys)) <= MOST_KEYS:
        raise BadMetadata(reason="jwks holds a list of public keys.")
    for key in cast("list[Any]", keys):
        if not isinstance(key, dict) or PRIVATE_MEMBERS & cast("dict[str, Any]", key).keys():
            raise BadMetadata(reason="jwks holds public keys, never private ones.")
        if public_key(cast("dict[str, Any]", key)) is None:
            raise BadMetadata(reason="jwks holds EC or RSA keys for signatures.")
    return {"keys": cast("list[Any]", keys)}
