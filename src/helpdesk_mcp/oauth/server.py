"""The authorization server as the web speaks to it: one method an endpoint, no HTTP."""

import time
from collections.abc import Callable
from typing import Any

from helpdesk_mcp.domain.fetching import Fetch
from helpdesk_mcp.domain.limits import Limiter
from helpdesk_mcp.oauth import introspection, metadata, registration, revocation, token, userinfo
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.client_authentication import PublishedKeys, claimed
from helpdesk_mcp.oauth.client_keys import ClientKeys
from helpdesk_mcp.oauth.core import Answer, Core, TokenRequest
from helpdesk_mcp.oauth.door import AccessDoor
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.oauth.ports import Ledger, Records
from helpdesk_mcp.oauth.tokens import Mint, kid_of
from helpdesk_mcp.oauth.userinfo import NotForIdentity

Respond = Callable[[Core, TokenRequest], Answer]


class OAuthServer:
    """Endpoints for programs. Those for people are the `Flow`, behind pages."""

    def __init__(
        self,
        ledger: Ledger,
        keys: KeyRing,
        rules: Rules,
        limiter: Limiter,
        fetch: Fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._client_keys = ClientKeys(fetch, limiter, clock)
        self._limiter = limiter
        self._clock = clock
        self.rules = rules
        self.door = AccessDoor(ledger, keys, rules, clock)

    async def token(self, posted: TokenRequest) -> Answer:
        return await self._responded(token.respond, posted)

    async def revoke(self, posted: TokenRequest) -> Answer:
        return await self._responded(revocation.respond, posted)

    async def introspect(self, posted: TokenRequest) -> Answer:
        return await self._responded(introspection.respond, posted)

    async def register(self, body: bytes, address: str) -> Answer:
        """Register a client that speaks from this network address."""
        said = registration.check(body)
        if isinstance(said, Answer):
            return said
        if wait := await self._limiter.take(f"register:{address}", registration.PER_ADDRESS):
            return registration.limited(wait)
        now = self._clock()
        return await self._ledger.run(lambda records: registration.register(records, said, now))

    async def userinfo(self, access_token: str) -> dict[str, Any] | NotForIdentity | None:
        return await userinfo.claims(self.door, access_token)

    async def jwks(self) -> dict[str, Any]:
        return (await self._keys.current()).document(self._clock())

    def metadata(self) -> dict[str, Any]:
        return metadata.server(self.rules)

    async def _responded(self, respond: Respond, posted: TokenRequest) -> Answer:
        keys = await self._keys.knowing(kid_of(posted.form.get("token", "")))
        published = await self._published(posted)
        now = self._clock()

        def work(records: Records) -> Answer:
            mint = Mint(keys=keys, issuer=self.rules.issuer, now=now)
            return respond(Core(records, mint, self.rules, published), posted)

        return await self._ledger.run(work)

    async def _published(self, posted: TokenRequest) -> PublishedKeys | None:
        """Return the keys of the client that asks, fetched before its transaction begins."""
        if not (client_id := claimed(posted.form)):
            return None
        client = await self._ledger.look(lambda records: records.clients.find(client_id))
        if client is None or not client.jwks_uri:
            return None
        kid = kid_of(posted.form["client_assertion"])
        return await self._client_keys.at(client.jwks_uri, kid)
