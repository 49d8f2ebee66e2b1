"""An OpenID provider that somebody else runs: its metadata and keys, fetched, checked and kept."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable
from helpdesk_mcp.domain.fetching import Fetch
from helpdesk_mcp.domain.probes import Probe
from helpdesk_mcp.oauth.client_authentication import public_key
from helpdesk_mcp.oauth.strict import BadToken, VerifyingKey, parse_object

WELL_KNOWN = "/.well-known/openid-configuration"
LARGEST = 262_144
METADATA_FRESH = 3_600.0
KEYS_FRESH = 600.0
LEAST_PAUSE = 10.0
"""Seconds between two looks for a key that a token names and nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    """Where it tells more of a person than its ID tokens do; empty if nowhere."""
    names_itself: bool
    """Whether its authorization answers carry `iss` (RFC 9207)."""


class Provider:
    """One provider, as this process knows it. What was good is kept while it does not answer."""

    def __init__(self, issuer: str, fetch: Fetch, clock: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._metadata: ProviderMetadata | None = None
        self._metadata_until = 0.0
        self._keys: dict[str, VerifyingKey] = {}
        self._keys_at = float("-inf")
        self._tried_at = float("-inf")

    async def metadata(self) -> ProviderMetadata:
        """Return the metadata. Raises Unavailable."""
        now = self._clock()
        if self._metadata is None or now >= self._metadata_until:
            try:
                document = await self._document(self.issuer.rstrip("/") + WELL_KNOWN)
                self._metadata = _metadata(document, self.issuer)
            except Unavailable:
                if self._metadata is None:
                    raise
            self._metadata_until = now + METADATA_FRESH
        return self._metadata

    async def key(self, kid: str | None) -> VerifyingKey | None:
        """Return a key; looks again if it is not known, and not more often than makes sense."""
        now = self._clock()
        if kid in self._keys and now < self._keys_at + KEYS_FRESH:
            return self._keys[kid]
        if now >= self._tried_at + LEAST_PAUSE:
            self._tried_at = now
            await self._look(now)
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _look(self, now: float) -> None:
        try:
            document = await self._document((await self.metadata()).jwks_uri)
        except Unavailable:
            if not self._keys:
                raise
            return
        self._keys = _keys(document)
        self._keys_at = now

    async def _document(self, url: str) -> Mapping[str, Any]:
        fetched = await self._fetch.get(url, max_bytes=LARGEST)
        if fetched.status != HTTPStatus.OK:
            raise _unusable()
        try:
            return parse_object(fetched.body)
        except BadToken:
            raise _unusable() from None


class IssuerProber:
    """The administrators' view of a provider: whether it answers as its issuer should."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def probe(self, issuer: str) -> Probe:
        """Ask for its metadata and keys. Never raises for what the provider does."""
        began = time.monotonic()
        try:
            await Provider(issuer, self._fetch).key(None)
        except HelpdeskError as error:
            return Probe(works=False, reason=error.reason, message=error.message)
        return Probe(works=True, seconds=round(time.monotonic() - began, 3))


def _metadata(document: Mapping[str, Any], issuer: str) -> ProviderMetadata:
    words = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    found = {word: document.get(word) for word in words}
    # A provider that calls itself otherwise could be another one (RFC 8414 §3.3, mix-up).
    if found["issuer"] != issuer or not all(isinstance(found[word], str) for word in words):
        raise _unusable()
    userinfo: Any = document.get("userinfo_endpoint", "")
    places = [*map(str, found.values()), *([str(userinfo)] if userinfo else [])]
    if issuer.startswith("https:") and not all(one.startswith("https:") for one in places):
        raise _unusable()
    return ProviderMetadata(
        issuer=issuer,
        authorization_endpoint=str(found["authorization_endpoint"]),
        token_endpoint=str(found["token_endpoint"]),
        jwks_uri=str(found["jwks_uri"]),
        userinfo_endpoint=userinfo if isinstance(userinfo, str) else "",
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _keys(document: Mapping[str, Any]) -> dict[str, VerifyingKey]:
    listed: Any = document.get("keys")
    found: dict[str, VerifyingKey] = {}
    for number, jwk in enumerate(cast("list[Any]", listed) if isinstance(listed, list) else []):
        if isinstance(jwk, dict):
            named = cast("dict[str, Any]", jwk)
            if (key := public_key(named)) is not None:
                found[str(named.get("kid", number))] = key
    return found


def _unusable() -> Unavailable:
    return Unavailable(
        "The OpenID provider does not answer as its issuer should.", reason="provider"
    )
