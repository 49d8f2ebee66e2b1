"""Tokens of another authorization server (AUTH=external): RFC 9068 as far as its maker keeps it."""

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal, Scope
from helpdesk_mcp.oauth import strict
from helpdesk_mcp.oauth.provider import Provider
from helpdesk_mcp.oauth.strict import BadToken, Claims, Form
from helpdesk_mcp.oauth.tokens import kid_of

FORM = Form(
    algorithms=("RS256", "ES256"),
    types=frozenset({None, "JWT", "at+jwt", "application/at+jwt"}),
    more_headers=frozenset({"x5t", "x5t#S256"}),
)
SKEW = 30.0
"""Seconds by which another server's clock may differ from ours."""
REMEMBERED = 4.0
MOST_REMEMBERED = 10_000
IDENTITY_ONLY = frozenset({"nonce", "at_hash", "c_hash"})
"""Claims of ID tokens: those tell a client who signed in, and are no keys to anything."""

FindTenant = Callable[[str], Awaitable[str | None]]
"""From what a token's claim says to a tenant's id; None if there is no such tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalRules:
    """How tokens of the other server are read.

    `scopes` maps its words to ours; a word that is one of ours needs no entry. Without a
    `tenant_claim`, everybody works for `tenant`.
    """

    audience: str
    tenant: str
    tenant_claim: str = ""
    scope_claim: str = "scope"
    scopes: Mapping[str, frozenset[Scope]]


class ExternalDoor:
    """From a token of another server to its principal. Good answers are kept for four seconds."""

    def __init__(
        self,
        provider: Provider,
        rules: ExternalRules,
        find_tenant: FindTenant,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._provider = provider
        self._rules = rules
        self._find_tenant = find_tenant
        self._clock = clock
        self._kept: dict[bytes, tuple[float, Principal]] = {}

    async def principal(self, token: str) -> Principal | None:
        """Return who calls; None if the token is not good. Raises Unavailable."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        now = self._clock()
        if (kept := self._kept.get(digest)) is not None and now < kept[0]:
            return kept[1]
        claims = await self._claims(token, now)
        if claims is None or (tenant := await self._tenant(claims)) is None:
            return None
        principal = self._principal(claims, tenant)
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[digest] = (min(now + REMEMBERED, cast("float", claims["exp"])), principal)
        return principal

    async def _claims(self, token: str, now: float) -> Claims | None:
        if len(token) > strict.LONGEST or strict.COMPACT.fullmatch(token) is None:
            return None
        key = await self._provider.key(kid_of(token))
        try:
            claims = strict.read(token, lambda _: key, FORM)
            check(claims, self._provider.issuer, self._rules.audience, now)
        except BadToken:
            return None
        return claims

    async def _tenant(self, claims: Claims) -> str | None:
        if not self._rules.tenant_claim:
            return self._rules.tenant
        said: Any = claims.get(self._rules.tenant_claim)
        return await self._find_tenant(said) if isinstance(said, str) and said else None

    def _principal(self, claims: Claims, tenant: str) -> Principal:
        scopes: set[Scope] = set()
        for word in words(claims.get(self._rules.scope_claim)):
            scopes |= self._rules.scopes.get(word, frozenset())
            scopes |= {scope for scope in EVERY_SCOPE if scope == word}
        client: Any = claims.get("client_id") or claims.get("azp") or claims.get("appid")
        return Principal(
            tenant=tenant,
            subject=strict.text(claims, "sub"),
            client=client if isinstance(client, str) else self._provider.issuer,
            # Another server's tokens never hold a scope of administration here.
            scopes=frozenset(scopes) & EVERY_SCOPE,
            token_id=str(claims.get("jti", ""))[:16],
        )


def check(claims: Claims, issuer: str, audience: str, now: float) -> None:
    """Raise BadToken unless these are claims of an access token for us, good now."""
    expires, issued = strict.moment(claims, "exp"), strict.moment(claims, "iat")
    not_before = strict.moment(claims, "nbf")
    strict.text(claims, "sub")
    if strict.text(claims, "iss") != issuer or audience not in audiences(claims):
        raise BadToken
    if expires is None or now >= expires + SKEW or (issued or 0) > now + SKEW:
        raise BadToken
    if (not_before or 0) > now + SKEW or IDENTITY_ONLY & claims.keys() or claims.get("typ") == "ID":
        raise BadToken


def audiences(claims: Claims) -> list[str]:
    """Return for whom a token is. Raises BadToken unless that is a text or a list of texts."""
    said: Any = claims.get("aud")
    listed = cast("list[Any]", said) if isinstance(said, list) else [said]
    if not listed or not all(isinstance(one, str) for one in listed):
        raise BadToken
    return cast("list[str]", listed)


def words(said: Any) -> list[str]:
    """Return the words of a scope claim, whether it is a text or a list."""
    if isinstance(said, str):
        return said.split()
    listed = cast("list[Any]", said) if isinstance(said, list) else []
    return [word for word in listed if isinstance(word, str)]
