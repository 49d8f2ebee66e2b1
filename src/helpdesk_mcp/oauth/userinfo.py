"""The userinfo endpoint (OpenID Connect Core §5.3): who stands behind an access token."""

from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.oauth.door import AccessDoor
from helpdesk_mcp.oauth.tokens import facts


@dataclass(frozen=True, slots=True, kw_only=True)
class NotForIdentity:
    """The token is good, but was not given for `openid`."""


async def claims(door: AccessDoor, token: str) -> dict[str, Any] | NotForIdentity | None:
    """Return the claims; None for a token that is not good. May raise Unavailable."""
    bearer = await door.bearer(token)
    if bearer is None:
        return None
    if "openid" not in bearer.identity or bearer.standing is None:
        return NotForIdentity()
    return {"sub": bearer.principal.subject, **facts(bearer.identity, bearer.standing)}
