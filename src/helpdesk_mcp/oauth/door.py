"""The resource server's side: from an access token to its principal (RFC 9068 §4, RFC 6750)."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from helpdesk_mcp.domain.principals import ROLE_SCOPES, Principal, Scope
from helpdesk_mcp.oauth import strict
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.oauth.models import Grant, Standing
from helpdesk_mcp.oauth.ports import Ledger, Records
from helpdesk_mcp.oauth.scopes import IDENTITY
from helpdesk_mcp.oauth.strict import BadToken
from helpdesk_mcp.oauth.tokens import AccessToken, kid_of, read_access_token

REMEMBERED = 4.0
"""Seconds for which an answer is kept. A revocation is seen everywhere within five."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who holds a good token: the principal, and the OpenID facts of the person behind it."""

    principal: Principal
    resource: str
    identity: frozenset[str]
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    bearer: Bearer | None


class AccessDoor:
    """Verifies tokens, and asks the database whether their grants still hold.

    The answer is kept by the token's digest for `REMEMBERED` seconds, so a busy token costs one
    hash a call. What the database cannot tell is not guessed: Unavailable is raised.
    """

    def __init__(
        self,
        ledger: Ledger,
        keys: KeyRing,
        rules: Rules,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._kept: dict[bytes, _Kept] = {}

    async def principal(self, token: str) -> Principal | None:
        """Return who calls the MCP resource with this token; None if it is not good for it."""
        return await self.principal_for(self._rules.resources.mcp, token)

    async def administrator(self, token: str) -> Principal | None:
        """Return who calls the administrators' resource with this token."""
        return await self.principal_for(self._rules.resources.admin, token)

    async def principal_for(self, resource: str, token: str) -> Principal | None:
        bearer = await self.bearer(token)
        return bearer.principal if bearer is not None and bearer.resource == resource else None

    async def bearer(self, token: str) -> Bearer | None:
        """Return who holds this token, for any resource of ours. May raise Unavailable."""
        if len(token) > strict.LONGEST:
            return None
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        now = self._clock()
        if (kept := self._kept.get(digest)) is not None and now < kept.until:
            return kept.bearer
        return await self._looked_up(token, digest, now)

    async def _looked_up(self, token: str, digest: bytes, now: float) -> Bearer | None:
        kid = kid_of(token)
        if kid is None:
            return None
        keys = await self._keys.knowing(kid)
        try:
            read = read_access_token(token, keys, self._rules.issuer, self._rules.resources, now)
        except BadToken:
            return None
        bearer = await self._ledger.look(lambda records: _bearer(records, read, self._rules))
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[digest] = _Kept(min(now + REMEMBERED, read.expires_at), bearer)
        return bearer


def _bearer(records: Records, token: AccessToken, rules: Rules) -> Bearer | None:
    grant = records.grants.find(token.grant)
    if grant is None or grant.revoked_at is not None or not _agrees(grant, token):
        return None
    if records.clients.find(grant.client_id) is None:
        return None
    if not grant.user:
        if not records.members.serves(grant.tenant):
            return None
        return _made(grant, token, None, rules)
    standing = records.members.standing(grant.tenant, grant.user)
    if standing is None or standing.signed_out_at > grant.created_at:
        return None
    return _made(grant, token, standing, rules)


def _agrees(grant: Grant, token: AccessToken) -> bool:
    same_client = grant.client_id == token.client_id
    return (
        same_client
        and grant.resource == token.resource
        and token.user == (grant.user or grant.client_id)
    )


def _made(grant: Grant, token: AccessToken, standing: Standing | None, rules: Rules) -> Bearer:
    words = frozenset(token.scope.split())
    # Capped three times: by the grant, by the role of today, and by what the resource is for.
    scopes = frozenset(scope for scope in Scope if scope in words) & grant.scopes
    scopes &= rules.resources.scopes(grant.resource)
    if standing is not None:
        scopes &= ROLE_SCOPES[standing.role]
    principal = Principal(
        tenant=grant.tenant,
        subject=token.user,
        client=grant.client_id,
        scopes=scopes,
        token_id=token.id[:16],
        desks=grant.desks,
        grant=grant.id,
    )
    identity = words & IDENTITY & grant.identity
    return Bearer(
        principal=principal, resource=grant.resource, identity=identity, standing=standing
    )
