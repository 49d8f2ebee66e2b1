"""Signing in through an organisation's own OpenID provider: OIDC Core §3.1, RFC 9700 §4.4.

The state belongs to the browser that began, is used once, and remembers which provider was asked:
an answer of another provider, or brought by another browser, is nothing.
"""

import base64
import hashlib
import re
import secrets as random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from helpdesk_mcp.domain.errors import Denied, NotFound, Unavailable
from helpdesk_mcp.domain.fetching import Fetch
from helpdesk_mcp.oauth import secrets, strict
from helpdesk_mcp.oauth.external import audiences
from helpdesk_mcp.oauth.identities import Identity, identity_of, said
from helpdesk_mcp.oauth.provider import Provider, ProviderMetadata
from helpdesk_mcp.oauth.strict import BadToken, Claims, Form
from helpdesk_mcp.oauth.tokens import kid_of

ID_TOKEN = Form(
    algorithms=("RS256", "ES256"),
    types=frozenset({None, "JWT"}),
    more_headers=frozenset({"x5t", "x5t#S256"}),
)
PATIENCE = 600.0
SKEW = 30.0
LARGEST = 65_536
BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*", re.ASCII)
"""An access token as a header may carry it (RFC 6750 §2.1)."""
CALLBACK_PATH = "/sign-in/callback"
MOST_PROVIDERS = 1_000
"""Providers whose metadata and keys are kept: administrators may name any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamClient:
    """How a tenant's provider knows us. Keyed by issuer: a secret goes to no other server."""

    tenant: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamState:
    """A sign-in that is under way."""

    digest: bytes = field(repr=False)
    browser: bytes = field(repr=False)
    tenant: str
    issuer: str
    question: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    expires_at: float


class UpstreamStates(Protocol):
    async def add(self, state: UpstreamState) -> None: ...

    async def take(self, digest: bytes, browser: bytes, now: float) -> UpstreamState | None:
        """Take a state out, once: one statement, and only for the browser that began."""
        ...


class UpstreamClients(Protocol):
    async def of_slug(self, slug: str) -> UpstreamClient | None: ...

    async def of_tenant(self, tenant: str) -> UpstreamClient | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send the browser. `name` is the provider's host."""

    name: str
    address: str


class UpstreamSignIn:
    """The protocol part of signing in elsewhere. `public_url` has no trailing slash."""

    def __init__(
        self,
        *,
        public_url: str,
        clients: UpstreamClients,
        states: UpstreamStates,
        fetch: Fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._redirect = f"{public_url}{CALLBACK_PATH}"
        self._clients = clients
        self._states = states
        self._fetch = fetch
        self._clock = clock
        self._providers: dict[str, Provider] = {}

    async def start(
        self, slug: str, *, browser: str, question: str, max_age: int | None = None
    ) -> Begun:
        """Begin; with `max_age` the provider signs in anew whoever did so longer ago.

        Raises NotFound if no such organisation has a provider, Unavailable.
        """
        if (client := await self._clients.of_slug(slug)) is None:
            raise NotFound("No organisation of that name signs in elsewhere.", reason="provider")
        metadata = await self._provider(client.issuer).metadata()
        state, nonce, verifier = (random.token_urlsafe(32) for _ in range(3))
        await self._states.add(
            UpstreamState(
                digest=secrets.digest(state),
                browser=secrets.digest(browser),
                tenant=client.tenant,
                issuer=client.issuer,
                question=question,
                nonce=nonce,
                verifier=verifier,
                expires_at=self._clock() + PATIENCE,
            )
        )
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": self._redirect,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        if max_age is not None:
            query["max_age"] = str(max_age)
        return Begun(name=urlsplit(client.issuer).netloc, address=_joined(metadata, query))

    async def finish(self, answer: Mapping[str, str], *, browser: str) -> Identity:
        """End, once. Raises Denied for an answer that is not this browser's, or that says no."""
        taken = await self._states.take(
            secrets.digest(answer.get("state", "")), secrets.digest(browser), self._clock()
        )
        if taken is None:
            raise Denied(
                "This sign-in was not begun here, or is over. Begin again.", reason="state"
            )
        client = await self._clients.of_tenant(taken.tenant)
        if client is None or client.issuer != taken.issuer:
            raise Denied("The organisation's provider has changed. Begin again.", reason="issuer")
        provider = self._provider(taken.issuer)
        metadata = await provider.metadata()
        _check_issuer(answer, metadata)
        if "error" in answer or not answer.get("code"):
            raise Denied("The organisation's provider did not sign you in.", reason="refused")
        tokens = await self._exchanged(answer["code"], taken, client, metadata)
        claims = await self._claims(strict.text(tokens, "id_token"), taken, client, provider)
        told = claims if "email" in claims else await self._told(tokens, claims, metadata)
        return identity_of(claims, told, tenant=taken.tenant, question=taken.question)

    def _provider(self, issuer: str) -> Provider:
        if issuer not in self._providers:
            if len(self._providers) >= MOST_PROVIDERS:
                self._providers.clear()
            self._providers[issuer] = Provider(issuer, self._fetch, self._clock)
        return self._providers[issuer]

    async def _exchanged(
        self, code: str, taken: UpstreamState, client: UpstreamClient, metadata: ProviderMetadata
    ) -> Claims:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "code_verifier": taken.verifier,
        }
        fetched = await self._fetch.post(metadata.token_endpoint, form, max_bytes=LARGEST)
        try:
            body = strict.parse_object(fetched.body) if fetched.status == HTTPStatus.OK else {}
            strict.text(body, "id_token")
        except BadToken:
            raise Unavailable(
                "The organisation's provider did not answer with a token. Begin again; if it "
                "stays, its administrator checks the client secret.",
                reason="provider",
            ) from None

        return body

    async def _claims(
        self, token: str, taken: UpstreamState, client: UpstreamClient, provider: Provider
    ) -> Claims:
        key = await provider.key(kid_of(token))
        try:
            claims = strict.read(token, lambda _: key, ID_TOKEN)
            _check(claims, taken, client, self._clock())
        except BadToken:
            raise Denied(
                "The provider's answer could not be verified. Begin again.", reason="id_token"
            ) from None
        return claims

    async def _told(self, tokens: Claims, claims: Claims, metadata: ProviderMetadata) -> Claims:
        """Return what the provider tells of the person elsewhere than in its ID token.

        It is of nobody unless it names the same person (OpenID Connect Core §5.3.2).
        """
        token = said(tokens, "access_token")
        if not (metadata.userinfo_endpoint and BEARER.fullmatch(token)):
            return {}
        where = metadata.userinfo_endpoint
        try:
            fetched = await self._fetch.get(where, max_bytes=LARGEST, bearer=token)
            told = strict.parse_object(fetched.body) if fetched.status == HTTPStatus.OK else {}
        except (Unavailable, BadToken):
            return {}
        return told if told.get("sub") == claims.get("sub") else {}


def _check_issuer(answer: Mapping[str, str], metadata: ProviderMetadata) -> None:
    """Raise Denied unless the answer is of the provider that was asked (RFC 9207 §2.4)."""
    said = answer.get("iss")
    if said != metadata.issuer and (said is not None or metadata.names_itself):
        raise Denied("Another provider answered than the one asked. Begin again.", reason="issuer")


def _check(claims: Claims, taken: UpstreamState, client: UpstreamClient, now: float) -> None:
    """Raise BadToken unless it is an ID token for us and this sign-in (OIDC Core §3.1.3.7)."""
    expires, issued = strict.moment(claims, "exp"), strict.moment(claims, "iat")
    mine = audiences(claims)
    if strict.text(claims, "iss") != taken.issuer or client.client_id not in mine:
        raise BadToken
    if len(mine) > 1 and claims.get("azp") != client.client_id:
        raise BadToken
    if claims.get("azp", client.client_id) != client.client_id:
        raise BadToken
    if claims.get("nonce") != taken.nonce or expires is None or issued is None:
        raise BadToken
    if now >= expires + SKEW or issued > now + SKEW:
        raise BadToken


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _joined(metadata: ProviderMetadata, query: Mapping[str, str]) -> str:
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"
