"""Access tokens (RFC 9068) and ID tokens (OpenID Connect Core §2): made, and read back."""

import base64
import hashlib
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt

from helpdesk_mcp.oauth import scopes, strict
from helpdesk_mcp.oauth.keys import ALGORITHMS, LONGEST_LIFE, Keys, Purpose
from helpdesk_mcp.oauth.models import Grant, Standing
from helpdesk_mcp.oauth.strict import BadToken, Form

LIFETIME = 600
"""Seconds for which an access token or an ID token is good."""
SKEW = 5
"""Seconds by which the clocks of two replicas may differ. Expiry knows no such grace."""
ACCESS = Form(algorithms=("ES256",), types=frozenset({"at+jwt"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A good access token: signed by us, for this resource, not expired. Its grant may be gone."""

    id: str
    grant: str
    user: str
    client_id: str
    resource: str
    scope: str
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """What it takes to make tokens at one moment."""

    keys: Keys
    issuer: str
    now: float

    def access_token(self, grant: Grant, words: str) -> str:
        """Return a signed access token. Its `sub` is the client where no person stands behind."""
        claims = {
            "iss": self.issuer,
            "aud": grant.resource,
            "sub": grant.user or grant.client_id,
            "client_id": grant.client_id,
            "scope": words,
            "grant": grant.id,
            "iat": int(self.now),
            "exp": int(self.now) + LIFETIME,
            "jti": random.token_urlsafe(16),
        }
        return self._signed(claims, Purpose.ACCESS, "at+jwt")

    def id_token(self, grant: Grant, standing: Standing, access: str, nonce: str | None) -> str:
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": grant.client_id,
            "sub": grant.user,
            "iat": int(self.now),
            "exp": int(self.now) + LIFETIME,
            "auth_time": int(grant.auth_time),
            "at_hash": _half(access),
            **facts(grant.identity, standing),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return self._signed(claims, Purpose.IDENTITY, "JWT")

    def _signed(self, claims: dict[str, Any], purpose: Purpose, typ: str) -> str:
        signer = self.keys.signer(purpose)
        header = {"typ": typ, "alg": ALGORITHMS[purpose], "kid": signer.kid}
        return jwt.encode(header, claims, signer.key, algorithms=[ALGORITHMS[purpose]])


def facts(identity: frozenset[str], standing: Standing) -> dict[str, Any]:
    """Return what a client may know about a person (OpenID Connect Core §5.4)."""
    known: dict[str, Any] = {}
    if "profile" in identity:
        known |= {"name": standing.name, "locale": standing.locale}
    if "email" in identity:
        known |= {"email": standing.email}
    return {name: value for name, value in known.items() if value}


def read_access_token(
    token: str, keys: Keys, issuer: str, resources: scopes.Resources, now: float
) -> AccessToken:
    """Return a token of ours if it is good now. Raises BadToken for every fault alike."""
    claims = strict.read(token, lambda kid: keys.find(kid, Purpose.ACCESS, now), ACCESS)
    issued, expires = strict.moment(claims, "iat"), strict.moment(claims, "exp")
    not_before = strict.moment(claims, "nbf")
    resource = strict.text(claims, "aud")
    if issued is None or expires is None or strict.text(claims, "iss") != issuer:
        raise BadToken
    if not issued <= now + SKEW or not now < expires <= issued + LONGEST_LIFE:
        raise BadToken
    if (not_before is not None and not_before > now + SKEW) or not resources.serves(resource):
        raise BadToken
    return AccessToken(
        id=strict.text(claims, "jti"),
        grant=strict.text(claims, "grant"),
        user=strict.text(claims, "sub"),
        client_id=strict.text(claims, "client_id"),
        resource=resource,
        scope=_words(claims),
        issued_at=issued,
        expires_at=expires,
    )


def kid_of(token: str) -> str | None:
    """Return which key a token names, unverified: only to know which keys to look for."""
    if len(token) > strict.LONGEST or (parts := strict.COMPACT.fullmatch(token)) is None:
        return None
    try:
        header = strict.parse_object(base64.urlsafe_b64decode(parts[1] + "=="))
    except (BadToken, ValueError):
        return None
    kid: Any = header.get("kid")
    return kid if isinstance(kid, str) else None


def _words(claims: Mapping[str, Any]) -> str:
    scope: Any = claims.get("scope")
    if not isinstance(scope, str):
        raise BadToken
    return scope


def _half(access: str) -> str:
    """Return the left half of a token's hash (OpenID Connect Core §3.1.3.6)."""
    half = hashlib.sha256(access.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")
