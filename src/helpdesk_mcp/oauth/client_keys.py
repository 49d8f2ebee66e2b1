"""Keys that clients publish at an address of their own (RFC 7591 §2, OIDC Registration §2).

The address is a stranger's: it was judged when the client came, and is fetched by the guarded
client only. What was fetched is kept; a key that nobody knows is looked for once a minute at most.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

import anyio

from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited, Unavailable
from helpdesk_mcp.domain.fetching import Fetch
from helpdesk_mcp.domain.limits import Limiter, Rate
from helpdesk_mcp.oauth.client_authentication import PRIVATE_MEMBERS, PublishedKeys, public_key
from helpdesk_mcp.oauth.strict import BadToken, parse_object

LARGEST = 16_384
MOST_KEYS = 20
LEAST_FRESH = 300.0
MOST_FRESH = 86_400.0
STALE_FOR = 86_400.0
"""Seconds for which good keys serve while their address fails."""
LEAST_PAUSE = 60.0
"""Seconds between two looks at one address, whatever is asked."""
PER_HOST = Rate(burst=10, per_second=10 / 60)
MOST_KEPT = 1_000


@dataclass(slots=True)
class _Kept:
    """What is known of one address. The lock is held while it is asked: others wait for that."""

    tried_at: float = float("-inf")
    fresh_until: float = 0.0
    keys: tuple[Mapping[str, Any], ...] = ()
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    def answers(self, kid: str | None, now: float) -> bool:
        """Whether there is no use in asking again, or it is too early for it."""
        known = bool(self.keys) and (kid is None or any(key.get("kid") == kid for key in self.keys))
        return (known and now < self.fresh_until) or now < self.tried_at + LEAST_PAUSE


class ClientKeys:
    """The published keys of clients, as this process knows them."""

    def __init__(
        self, fetch: Fetch, limiter: Limiter, clock: Callable[[], float] = time.time
    ) -> None:
        self._fetch = fetch
        self._limiter = limiter
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def at(self, address: str, kid: str | None) -> PublishedKeys:
        """Return the keys at an address; none if it does not answer as it should."""
        if address not in self._kept and len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        kept = self._kept.setdefault(address, _Kept())
        if not kept.answers(kid, self._clock()):
            async with kept.lock:
                if not kept.answers(kid, self._clock()):
                    await self._look(address, kept, self._clock())
        usable = self._clock() < kept.fresh_until + STALE_FOR
        return PublishedKeys(address=address, keys=kept.keys if usable else ())

    async def _look(self, address: str, kept: _Kept, now: float) -> None:
        kept.tried_at = now
        with suppress(HelpdeskError):  # what was good goes on being so for a while
            kept.keys, fresh_for = await self._fetched(address)
            kept.fresh_until = now + min(MOST_FRESH, max(LEAST_FRESH, fresh_for))

    async def _fetched(self, address: str) -> tuple[tuple[Mapping[str, Any], ...], float]:
        if wait := await self._limiter.take(f"client-keys:{urlsplit(address).netloc}", PER_HOST):
            raise RateLimited("Its address is asked too often.", retry_after=wait)
        found = await self._fetch.get(address, max_bytes=LARGEST)
        if found.status != HTTPStatus.OK or len(found.body) > LARGEST:
            raise _unusable()
        return _keys(found.body), found.fresh_for


def _keys(body: bytes) -> tuple[Mapping[str, Any], ...]:
    """Return the keys we verify with; a private one that somebody published is nobody's proof."""
    try:
        listed: Any = parse_object(body).get("keys")
    except BadToken:
        raise _unusable() from None
    if not isinstance(listed, list) or len(cast("list[Any]", listed)) > MOST_KEYS:
        raise _unusable()
    found: list[Mapping[str, Any]] = []
    for key in cast("list[Any]", listed):
        if isinstance(key, dict) and not PRIVATE_MEMBERS & cast("dict[str, Any]", key).keys():
            jwk = cast("dict[str, Any]", key)
            if public_key(jwk) is not None:
                found.append(jwk)
    return tuple(found)


def _unusable() -> Unavailable:
    return Unavailable("The client's keys cannot be fetched.", reason="client_keys")
