"""From a token of either kind to the grant it stands on."""

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidGrantError

from helpdesk_mcp.oauth import secrets
from helpdesk_mcp.oauth.core import Core
from helpdesk_mcp.oauth.models import Grant
from helpdesk_mcp.oauth.scopes import spoken
from helpdesk_mcp.oauth.strict import BadToken
from helpdesk_mcp.oauth.tokens import read_access_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A token we know. `active`: it works now, and so does its grant."""

    kind: str
    grant: Grant
    scope: str
    issued_at: float
    expires_at: float
    active: bool


def of_token(core: Core, secret: str) -> Found | None:
    """Return what we know of a token. The hint of a request is not needed: the kinds differ."""
    if secret.startswith(secrets.REFRESH):
        return _refresh(core, secret)
    return _access(core, secret)


def _refresh(core: Core, secret: str) -> Found | None:
    token = core.records.refresh_tokens.find(secrets.digest(secret))
    grant = core.records.grants.find(token.grant) if token is not None else None
    if token is None or grant is None:
        return None
    live = token.used_at is None and token.dead_at is None and core.now < token.expires_at
    return Found(
        kind="refresh_token",
        grant=grant,
        scope=spoken(grant.scopes, grant.identity),
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        active=live and holds(core, grant),
    )


def _access(core: Core, secret: str) -> Found | None:
    rules, mint = core.rules, core.mint
    try:
        token = read_access_token(secret, mint.keys, rules.issuer, rules.resources, mint.now)
    except BadToken:
        return None
    grant = core.records.grants.find(token.grant)
    if grant is None:
        return None
    return Found(
        kind="Bearer",
        grant=grant,
        scope=token.scope,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        active=holds(core, grant),
    )


def holds(core: Core, grant: Grant) -> bool:
    """Return whether a grant still counts, as do the person and the client behind it."""
    if core.records.clients.find(grant.client_id) is None:
        return False
    if not grant.user:
        return grant.revoked_at is None and core.records.members.serves(grant.tenant)
    try:
        core.living(grant)
    except InvalidGrantError:
        return False
    return True
