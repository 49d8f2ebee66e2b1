"""An OpenID provider of somebody else, small and in memory, that errs when it is told to."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.fetching import Fetched

ISSUER = "https://login.acme.example/realms/acme"


@dataclass(slots=True)
class Elsewhere:
    """Answers fetches as a provider would. `changes` go into every ID token."""

    now: float
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2_048, {"kid": "r1"}))
    down: bool = False
    names_itself: bool = True
    calls_itself: str = ISSUER
    fetched: list[str] = field(default_factory=list[str])
    posted: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    nonces: dict[str, str] = field(default_factory=dict[str, str])
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    token_status: int = 200
    userinfo: dict[str, Any] | None = None
    """What it tells of a person elsewhere than in ID tokens; None for nothing."""

    async def get(self, url: str, *, max_bytes: int, bearer: str = "") -> Fetched:
        del max_bytes
        self.fetched.append(url)
        if self.down:
            raise Unavailable("It does not answer.", reason="unreachable")
        if url.endswith("/me"):
            return answer(self.userinfo or {}, 200 if bearer == "the-access-token" else 401)
        if url.endswith("/keys"):
            return answer({"keys": [dict(self.key.as_dict(private=False)), {"kty": "oct"}]})
        return answer(
            {
                "issuer": self.calls_itself,
                "authorization_endpoint": f"{ISSUER}/authorize?theme=dark",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
                **({} if self.userinfo is None else {"userinfo_endpoint": f"{ISSUER}/me"}),
                "authorization_response_iss_parameter_supported": self.names_itself,
            }
        )

    async def post(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> Fetched:
        del max_bytes
        assert url == f"{ISSUER}/token"
        self.posted.append(form)
        usual: dict[str, Any] = {
            "iss": ISSUER,
            "aud": form["client_id"],
            "sub": "00u1",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": self.nonces.get(form["code"], ""),
            "email": "ana@acme.example",
            "email_verified": True,
            "name": "Ana",
        }
        tokens = {
            "id_token": self.signed(usual | self.changes),
            "access_token": "the-access-token",
        }
        return answer(tokens, self.token_status)

    def signed(self, claims: Mapping[str, Any], **header: Any) -> str:
        kept = {name: value for name, value in claims.items() if value is not ...}
        said = {"alg": "RS256", "kid": self.key.kid, "typ": "JWT"} | header
        return jwt.encode(said, kept, self.key, algorithms=["RS256"])

    def access_token(self, **changes: Any) -> str:
        usual: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "https://desk.example/mcp",
            "sub": "00u1",
            "azp": "claude",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "jti": uuid.uuid4().hex,
            "scope": "openid tickets:read helpdesk.write admin",
            "org": "acme",
        }
        return self.signed(usual | changes, typ="at+jwt")

    def visited(self, address: str) -> dict[str, str]:
        """Be the browser at the provider: return the query, and remember its nonce."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.nonces["the-code"] = asked["nonce"]
        return asked


def answer(body: Mapping[str, Any], status: int = 200) -> Fetched:
    return Fetched(status=status, media_type="application/json", body=json.dumps(body).encode())
