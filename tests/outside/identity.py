"""Identity tokens as a relying party reads them (OpenID Connect Core §3.1.3.7)."""

import base64
import hashlib
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from tests.oauth.harness import World

Claims = dict[str, Any]


async def keys(world: World) -> dict[str, Any]:
    return (await world.http.get(world.oauth.metadata["jwks_uri"])).json()


async def claims_of(
    world: World, token: str, *, client_id: str, nonce: str | None = None
) -> Claims:
    """Verify an identity token by the published keys and return its claims."""
    read = jwt.decode(token, KeySet.import_key_set(await keys(world)), algorithms=["RS256"])  # pyright: ignore[reportArgumentType] -- JSON
    claims: Claims = dict(read.claims)
    assert claims["iss"] == world.issuer
    assert claims["aud"] in (client_id, [client_id])
    assert claims["iat"] <= time.time() + 1 < claims["exp"]
    assert claims.get("nonce") == nonce
    return claims


def half_hash(token: str) -> str:
    """Return what `at_hash` must be (OpenID Connect Core §3.1.3.6)."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
