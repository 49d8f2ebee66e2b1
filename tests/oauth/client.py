"""An OAuth client that keeps to the letter of the protocol, and departs from it when told to."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

CALLBACK = "https://app.test/callback"
"""Where nobody listens: browsers of tests stop before they leave."""
LOOPBACK = "http://127.0.0.1/callback"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client as the authorization server knows it."""

    id: str
    secret: str = field(default="", repr=False)
    redirect_uri: str = CALLBACK
    method: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorization request, with what only its client knows."""

    client: Registered
    url: str
    state: str
    verifier: str = field(repr=False)
    redirect_uri: str = CALLBACK
    resource: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of an endpoint."""

    status: int
    headers: httpx2.Headers
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document  # pyright: ignore[reportUnknownVariableType] -- JSON

    @property
    def error(self) -> str:
        return str(self.json.get("error", ""))


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def parameters(url: str) -> dict[str, str]:
    """Return the query of an address; a parameter twice is an error."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    found = dict(pairs)
    assert len(found) == len(pairs), f"a parameter twice: {pairs}"
    return found


def replaced(pairs: Mapping[str, str], changes: Mapping[str, str | None]) -> Pairs:
    """Return the pairs with some changed, added or, by None, left out."""
    merged: dict[str, str | None] = {**pairs, **changes}
    return [(name, value) for name, value in merged.items() if value is not None]


class OAuthClient:
    """Speaks to the endpoints that the server's own metadata names."""

    def __init__(self, issuer: str, http: httpx2.AsyncClient) -> None:
        self.issuer = issuer
        self.http = http
        self.metadata: dict[str, Any] = {}

    async def discover(self, path: str = "/.well-known/oauth-authorization-server") -> None:
        answer = await self.http.get(self.issuer + path)
        assert answer.status_code == 200, answer.text
        self.metadata = answer.json()
        assert self.metadata["issuer"] == self.issuer

    async def register(self, **metadata: Any) -> Registered:
        """Register, by default as a public native client."""
        answer = await self.try_register(**metadata)
        assert answer.status == 201, answer.body
        document = answer.json
        return Registered(
            id=document["client_id"],
            secret=document.get("client_secret", ""),
            redirect_uri=(document.get("redirect_uris") or [""])[0],
            method=document["token_endpoint_auth_method"],
        )

    async def try_register(self, **metadata: Any) -> Answer:
        usual: dict[str, Any] = {
            "client_name": "Proof",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        body = {k: v for k, v in (usual | metadata).items() if v is not None}
        url = self.metadata["registration_endpoint"]
        return _answer(await self.http.post(url, json=body))

    def ask(self, client: Registered, **changes: str | None) -> Asked:
        """Begin: return an authorization request, by default a good one."""
        verifier = changes.pop("verifier", None) or secrets.token_urlsafe(32)
        usual = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect_uri,
            "scope": "tickets:read",
            "state": secrets.token_urlsafe(8),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        pairs = replaced(usual, changes)
        sent = dict(pairs)
        return Asked(
            client=client,
            url=f"{self.metadata['authorization_endpoint']}?{urlencode(pairs)}",
            state=sent.get("state", ""),
            verifier=verifier,
            redirect_uri=sent.get("redirect_uri", ""),
            resource=sent.get("resource", ""),
        )

    async def redeem(self, asked: Asked, code: str, **changes: str | None) -> Answer:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": asked.verifier,
            "redirect_uri": asked.redirect_uri,
        }
        if asked.resource:
            usual["resource"] = asked.resource
        return await self.token(asked.client, replaced(usual, changes))

    async def refresh(
        self, client: Registered, refresh_token: str, **changes: str | None
    ) -> Answer:
        usual = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.token(client, replaced(usual, changes))

    async def token(
        self, client: Registered, pairs: Pairs, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return await self.authenticated("token_endpoint", client, pairs, headers)

    async def revoke(self, client: Registered, token: str, **changes: str | None) -> Answer:
        pairs = replaced({"token": token}, changes)
        return await self.authenticated("revocation_endpoint", client, pairs)

    async def introspect(self, client: Registered, token: str) -> Answer:
        return await self.authenticated("introspection_endpoint", client, [("token", token)])

    async def userinfo(self, token: str | None) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = self.metadata["userinfo_endpoint"]
        return _answer(await self.http.get(url, headers=headers))

    async def authenticated(
        self,
        endpoint: str,
        client: Registered,
        pairs: Pairs,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Post a form as this client authenticates itself."""
        given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        fields = list(pairs)
        if client.method == "client_secret_basic":
            given["Authorization"] = basic(client.id, client.secret)
        else:
            fields.append(("client_id", client.id))
        if client.method == "client_secret_post":
            fields.append(("client_secret", client.secret))
        return await self.post(self.metadata[endpoint], urlencode(fields).encode(), given)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return _answer(await self.http.post(url, content=body, headers=dict(headers)))


def basic(user: str, password: str) -> str:
    """Return a Basic authorization whose parts are form-encoded first (RFC 6749 §2.3.1)."""
    parts = urlencode({"": user})[1:], urlencode({"": password})[1:]
    return "Basic " + base64.b64encode(":".join(parts).encode()).decode()


def _answer(answer: httpx2.Response) -> Answer:
    return Answer(status=answer.status_code, headers=answer.headers, body=answer.content)
