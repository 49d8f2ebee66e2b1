"""What the authorization server keeps: clients, requests under way, grants, codes, refresh tokens.

Secrets never stand in these values: only their digests do. Times are epoch seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from helpdesk_mcp.domain.principals import Role, Scope


class Source(StrEnum):
    """How a client became known, which is how far its own words about itself are believed."""

    REGISTERED = "registered"
    DOCUMENT = "document"
    ADMINISTRATOR = "administrator"


class AuthMethod(StrEnum):
    """How a client proves itself at the token endpoint (RFC 7591 §2). Exactly one per client."""

    NONE = "none"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY = "private_key_jwt"


class GrantType(StrEnum):
    CODE = "authorization_code"
    REFRESH = "refresh_token"
    CLIENT_CREDENTIALS = "client_credentials"


INTERACTIVE = frozenset({GrantType.CODE, GrantType.REFRESH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that asks for access.

    `host` is verified: the host of a client ID metadata document, else empty. `digest` is the
    SHA-256 of the secret. Its public keys are `jwks`, or at `jwks_uri`. `scopes` is what it may
    ask for, None for anything. `tenant` is set for
    clients that an administrator made for one tenant; a headless one works there on `desks`.
    `document` is the digest of the metadata document, so that a grant can remember which text was
    approved.
    """

    id: str
    name: str
    source: Source
    redirect_uris: tuple[str, ...]
    auth_method: AuthMethod = AuthMethod.NONE
    grant_types: frozenset[GrantType] = INTERACTIVE
    native: bool = False
    host: str = ""
    tenant: str = ""
    digest: bytes | None = field(default=None, repr=False)
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str = ""
    scopes: frozenset[str] | None = None
    desks: frozenset[str] = frozenset()
    document: str = ""
    created_at: float = 0.0
    fresh_until: float = 0.0
    used_at: float | None = None
    disabled_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorization request that was judged and found good (RFC 6749 §4.1.1).

    `redirect_sent` tells whether the client named the redirect URI itself, because then the token
    request must repeat it. `challenge` is the S256 challenge of RFC 7636.
    """

    client_id: str
    redirect_uri: str
    redirect_sent: bool
    resource: str
    scopes: frozenset[Scope]
    identity: frozenset[str]
    challenge: str
    state: str | None = None
    nonce: str | None = None
    form_post: bool = False
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A question: a good request that waits for a person at one browser."""

    id: str
    browser: bytes
    asked: Asked
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person allowed. Tokens stand on it. A headless client's token has one of its own.

    `user` is empty for headless clients, which an administrator allowed once and for all. `scopes`
    is the most that any token of it may hold; `identity` holds its OpenID scopes.
    """

    id: str
    tenant: str
    user: str
    client_id: str
    resource: str
    scopes: frozenset[Scope]
    identity: frozenset[str] = frozenset()
    desks: frozenset[str] = frozenset()
    auth_time: float = 0.0
    created_at: float = 0.0
    used_at: float = 0.0
    expires_at: float = 0.0
    revoked_at: float | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code as it is stored. `used_at` and `failures` only ever grow."""

    digest: bytes = field(repr=False)
    grant: str
    client_id: str
    redirect_uri: str
    redirect_sent: bool
    challenge: str
    nonce: str | None
    expires_at: float
    used_at: float | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is stored. `used_at`: rotated; `dead_at`: replaced before any use."""

    digest: bytes = field(repr=False)
    grant: str
    parent: bytes | None = field(repr=False)
    issued_at: float
    expires_at: float
    used_at: float | None = None
    dead_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A consent given before, to exactly this request."""

    tenant: str
    scopes: frozenset[Scope]
    desks: frozenset[str]
    given_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person in a tenant, both active. `role` caps what any token of theirs may do."""

    role: Role
    email: str = ""
    name: str = ""
    locale: str = ""
    signed_out_at: float = 0.0
    """Grants made before this moment are void: the person signed out everywhere."""
