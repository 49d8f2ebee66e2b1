"""Client ID Metadata Documents: a client's id is the address of what it says of itself.

The address is a stranger's, so it is judged before anything is fetched, and fetched by the guarded
client only (no redirects, public addresses at the moment of connecting, 5 KiB, 5 s).
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited
from helpdesk_mcp.domain.fetching import Fetch, Fetched
from helpdesk_mcp.domain.limits import Limiter, Rate
from helpdesk_mcp.oauth import client_metadata
from helpdesk_mcp.oauth.addresses import acceptable
from helpdesk_mcp.oauth.authorization import stop, unknown_client
from helpdesk_mcp.oauth.client_metadata import BadMetadata, Metadata
from helpdesk_mcp.oauth.flow import Stop
from helpdesk_mcp.oauth.models import AuthMethod, Client, Source
from helpdesk_mcp.oauth.pinned import PINNED
from helpdesk_mcp.oauth.ports import Ledger
from helpdesk_mcp.oauth.strict import BadToken, parse_object

LARGEST = 5_120
LEAST_FRESH = 300.0
MOST_FRESH = 86_400.0
STALE_FOR = 7 * 86_400.0
"""Seconds for which a good copy serves while its address fails."""
PER_HOST = Rate(burst=10, per_second=10 / 60)
JSON_TYPES = re.compile(r"application/(?:json|[a-z0-9.+-]+\+json)", re.IGNORECASE)
FORBIDDEN = frozenset({"client_secret", "client_secret_expires_at"})


class DocumentClients:
    """Finds clients of all kinds; those whose id is an address by their document."""

    def __init__(
        self,
        ledger: Ledger,
        fetch: Fetch,
        limiter: Limiter,
        clock: Callable[[], float] = time.time,
        pinned: Mapping[str, bytes] = PINNED,
    ) -> None:
        self._ledger = ledger
        self._fetch = fetch
        self._limiter = limiter
        self._clock = clock
        self._pinned = pinned

    async def find(self, client_id: str) -> Client | Stop:
        known = await self._ledger.look(lambda records: records.clients.find(client_id))
        if known is not None and (
            known.source is not Source.DOCUMENT or self._clock() < known.fresh_until
        ):
            return known
        if "://" not in client_id:
            return unknown_client()
        if not acceptable(client_id):
            return _unusable("Its address is not one that a client may have.")
        return await self._renewed(client_id, known)

    async def _renewed(self, client_id: str, known: Client | None) -> Client | Stop:
        try:
            fetched = await self._got(client_id)
        except HelpdeskError:
            return await self._without(client_id, known)
        if isinstance(made := self._made(client_id, fetched), Client):
            return await self._kept(made)
        if fetched.status == HTTPStatus.OK:
            return made  # it says something else now: an old copy must not speak for it
        return await self._without(client_id, known) if known or self._pin(client_id) else made

    async def _got(self, client_id: str) -> Fetched:
        host = urlsplit(client_id).netloc
        if wait := await self._limiter.take(f"client-document:{host}", PER_HOST):
            raise RateLimited("Its address is asked too often.", retry_after=wait)
        return await self._fetch.get(client_id, max_bytes=LARGEST)

    async def _without(self, client_id: str, known: Client | None) -> Client | Stop:
        """Go on with a good copy that is not too old, or with the one we ship."""
        now = self._clock()
        if known is not None and now < known.fresh_until + STALE_FOR:
            return known
        if (pinned := self._pin(client_id)) is not None:
            made = self._made(client_id, pinned)
            if isinstance(made, Client):
                return await self._kept(made)
        return _unusable("Its description cannot be fetched.")

    def _pin(self, client_id: str) -> Fetched | None:
        body = self._pinned.get(client_id)
        if body is None:
            return None
        return Fetched(status=HTTPStatus.OK, media_type="application/json", body=body)

    def _made(self, client_id: str, fetched: Fetched) -> Client | Stop:
        try:
            metadata = read(client_id, fetched)
        except BadMetadata as error:
            return _unusable(error.reason)
        now = self._clock()
        fresh = min(MOST_FRESH, max(LEAST_FRESH, fetched.fresh_for))
        return Client(
            id=client_id,
            name=metadata.name,
            source=Source.DOCUMENT,
            redirect_uris=metadata.redirect_uris,
            auth_method=metadata.auth_method,
            grant_types=metadata.grant_types,
            native=metadata.native,
            host=urlsplit(client_id).hostname or "",
            jwks=metadata.jwks,
            jwks_uri=metadata.jwks_uri,
            scopes=metadata.scopes,
            document=hashlib.sha256(fetched.body).hexdigest(),
            created_at=now,
            fresh_until=now + fresh,
        )

    async def _kept(self, client: Client) -> Client:
        await self._ledger.run(lambda records: records.clients.put(client))
        return replace(client, used_at=None)


def read(client_id: str, fetched: Fetched) -> Metadata:
    """Return what a document says. Raises BadMetadata."""
    if fetched.status != HTTPStatus.OK:
        raise BadMetadata(reason="Its description cannot be fetched.")
    if not JSON_TYPES.match(fetched.media_type) or len(fetched.body) > LARGEST:
        raise BadMetadata(reason="Its description is not a short JSON document.")
    try:
        said = parse_object(fetched.body)
    except BadToken:
        raise BadMetadata(reason="Its description is not a JSON object.") from None
    if said.get("client_id") != client_id:
        raise BadMetadata(reason="Its description is another client's.")
    if FORBIDDEN & said.keys():
        raise BadMetadata(reason="Its description holds a secret, which is none.")
    metadata = client_metadata.read(said, default_method=AuthMethod.NONE)
    if metadata.auth_method not in {AuthMethod.NONE, AuthMethod.PRIVATE_KEY}:
        raise BadMetadata(reason="Its description asks for a shared secret, which it cannot have.")
    return metadata


def _unusable(reason: str) -> Stop:
    return stop(
        "invalid_client",
        f"This program cannot be recognised. {reason}",
        "Its developer can check the client ID metadata document.",
        reason="document",
    )
