"""Client authentication: RFC 6749 §2.3, and private_key_jwt of RFC 7523 §2.2 and OIDC Core §9.

A client proves itself by the one method it is registered with, and by no other.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from helpdesk_mcp.oauth import secrets, strict
from helpdesk_mcp.oauth.models import AuthMethod, Client
from helpdesk_mcp.oauth.ports import Records
from helpdesk_mcp.oauth.strict import BadToken, Form

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION = Form(
    algorithms=("ES256", "RS256"), types=frozenset({None, "JWT", "client-authentication+jwt"})
)
LONGEST_ASSERTION = 600.0
"""Seconds for which an assertion may be good: so long its id must be remembered."""
SKEW = 30.0
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a key that its owner keeps (RFC 7518 §6)."""


class InvalidClient(OAuth2Error):
    """Who it says it is cannot be believed. Always 401, so that clients register again (A58)."""

    error = "invalid_client"
    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("WWW-Authenticate", 'Basic realm="helpdesk-mcp"')]


def unbelieved() -> InvalidClient:
    return InvalidClient("The client is unknown, or did not prove itself as it is registered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a request says which client it is from: the id, the method, and the proof."""

    client_id: str
    method: AuthMethod
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKeys:
    """The keys that were found at an address."""

    address: str
    keys: tuple[Mapping[str, Any], ...]


def claimed(form: Mapping[str, str]) -> str:
    """Return which client an assertion says it is from, unverified; nothing if there is none."""
    if "client_assertion" not in form:
        return ""
    try:
        return _assertion(form).client_id
    except OAuth2Error:
        return ""


def authenticate(
    form: Mapping[str, str],
    authorization: str,
    records: Records,
    audiences: tuple[str, ...],
    now: float,
    published: PublishedKeys | None = None,
) -> Client:
    """Return the client that a request proves to be from. Raises an OAuth2Error.

    `published` are keys fetched beforehand, for a client whose keys are at that address.
    """
    shown = read(form, authorization)
    client = records.clients.find(shown.client_id)
    if client is None or client.auth_method is not shown.method or not _served(client, records):
        raise unbelieved()
    if client.jwks_uri:
        found = published is not None and published.address == client.jwks_uri
        keys = list(published.keys) if published is not None and found else []
        client = replace(client, jwks={"keys": keys})
    check = CHECKS[shown.method]
    if not check(client, shown.proof, records, audiences, now):
        raise unbelieved()
    return client


def _served(client: Client, records: Records) -> bool:
    return not client.tenant or records.members.serves(client.tenant)


def read(form: Mapping[str, str], authorization: str) -> Shown:
    """Return what a request shows. Raises an OAuth2Error for none and for more than one."""
    ways = [bool(authorization), "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise InvalidRequestError("Use one method of client authentication.")
    if authorization:
        client_id, secret = _basic(authorization)
        _check_same(form, client_id)
        return Shown(client_id=client_id, method=AuthMethod.BASIC, proof=secret)
    if "client_assertion" in form:
        return _assertion(form)
    if not (client_id := form.get("client_id", "")):
        raise unbelieved()
    if "client_secret" in form:
        proof = form["client_secret"]
        return Shown(client_id=client_id, method=AuthMethod.POST, proof=proof)
    return Shown(client_id=client_id, method=AuthMethod.NONE)


def _basic(authorization: str) -> tuple[str, str]:
    """Read RFC 6749 §2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, rest = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)  # noqa: TRY301 -- one answer for every fault
        client_id, colon, secret = base64.b64decode(rest.strip(), validate=True).partition(b":")
        if not colon:
            raise ValueError(rest)  # noqa: TRY301
        return _decoded(client_id), _decoded(secret)
    except ValueError:
        raise unbelieved() from None


def _decoded(part: bytes) -> str:
    for hexadecimal in part.split(b"%")[1:]:
        int(hexadecimal[:2] if len(hexadecimal) > 1 else b"?", 16)
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()


def _assertion(form: Mapping[str, str]) -> Shown:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise unbelieved()
    assertion = form["client_assertion"]
    parts = strict.COMPACT.fullmatch(assertion) if len(assertion) <= strict.LONGEST else None
    if parts is None:
        raise unbelieved()
    try:
        # Unverified: only to know whose key to verify with.
        padded = parts[2] + "=" * (-len(parts[2]) % 4)
        client_id = strict.text(strict.parse_object(base64.urlsafe_b64decode(padded)), "sub")
    except (BadToken, ValueError):
        raise unbelieved() from None
    _check_same(form, client_id)
    return Shown(client_id=client_id, method=AuthMethod.PRIVATE_KEY, proof=assertion)


def _check_same(form: Mapping[str, str], client_id: str) -> None:
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("client_id differs from the client that authenticates.")


Audiences = tuple[str, ...]
Check = Callable[[Client, str, Records, Audiences, float], bool]


def _public(_client: Client, _proof: str, _records: Records, _to: Audiences, _: float) -> bool:
    return True


def _secret(client: Client, proof: str, _records: Records, _to: Audiences, _: float) -> bool:
    # Hashed before it is compared: how long it takes tells nothing about the secret (A63).
    known = client.digest if client.digest is not None else b""
    return hmac.compare_digest(secrets.digest(proof), known)


def _signed(
    client: Client, proof: str, records: Records, audiences: tuple[str, ...], now: float
) -> bool:
    try:
        claims = strict.read(proof, lambda kid: _key(client, kid), ASSERTION)
        issued, expires = strict.moment(claims, "iat"), strict.moment(claims, "exp")
        not_before = strict.moment(claims, "nbf")
        mine = strict.text(claims, "iss") == client.id == strict.text(claims, "sub")
        token_id = strict.text(claims, "jti")
    except BadToken:
        return False
    if not mine or expires is None or not _meant_for(claims.get("aud"), audiences):
        return False
    if not now - SKEW < expires <= now + LONGEST_ASSERTION:
        return False
    if (issued or 0) > now + SKEW or (not_before or 0) > now + SKEW:
        return False
    return records.assertions.spend(client.id, token_id, expires + SKEW)


def _meant_for(audience: Any, audiences: tuple[str, ...]) -> bool:
    """Return whether an assertion is for us alone: a list with a stranger could be replayed."""
    if isinstance(audience, list):
        return bool(audience) and all(one in audiences for one in audience)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- a stranger's JSON
    return audience in audiences


def _key(client: Client, kid: str | None) -> ECKey | RSAKey | None:
    """Return the client's registered key of that name, or its only one."""
    jwks: Any = (client.jwks or {}).get("keys", [])
    found = [key for key in jwks if kid is None or key.get("kid") == kid]
    if len(found) != 1:
        return None
    return public_key(found[0])


def public_key(jwk: Mapping[str, Any]) -> ECKey | RSAKey | None:
    """Return a public key of a kind that we verify with; None for any other."""
    kind = {"EC": ECKey, "RSA": RSAKey}.get(str(jwk.get("kty")))
    if kind is None or jwk.get("use", "sig") != "sig":
        return None
    try:
        return kind.import_key({str(name): value for name, value in jwk.items()})
    except (JoseError, ValueError, TypeError, KeyError):
        return None


CHECKS: dict[AuthMethod, Check] = {
    AuthMethod.NONE: _public,
    AuthMethod.BASIC: _secret,
    AuthMethod.POST: _secret,
    AuthMethod.PRIVATE_KEY: _signed,
}
