"""Signing keys (RFC 7517): one for each purpose, sealed at rest, rotated without a pause."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import anyio.to_thread
from joserfc.jwk import ECKey, RSAKey

from helpdesk_mcp.oauth.ports import Sealer, Seals, SigningKeys, StoredKey

TABLE, COLUMN = "oauth_signing_keys", "sealed"
LONGEST_LIFE = 900.0
"""Seconds for which a token may live: so long does a retired key still count."""
STALE = 4.0
"""Seconds after which the keys are looked at again: a rotation elsewhere is seen by then."""
LEAST_PAUSE = 1.0
"""Seconds between two looks for a key that nobody knows."""


class Purpose(StrEnum):
    """What a key signs. No key signs two kinds of token (RFC 8725 §3.12)."""

    ACCESS = "at+jwt"
    IDENTITY = "id_token"


ALGORITHMS = {Purpose.ACCESS: "ES256", Purpose.IDENTITY: "RS256"}
"""ES256 is short and fast; RS256 is what every OpenID client can read (OIDC Core §15.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key that is open in memory. Its private half shows in no `repr`."""

    kid: str
    purpose: Purpose
    key: ECKey | RSAKey
    retired_at: float | None

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r}, purpose={self.purpose!r})"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys at one moment, the newest first."""

    keys: tuple[SigningKey, ...]

    def signer(self, purpose: Purpose) -> SigningKey:
        return next(key for key in self.keys if key.purpose is purpose and key.retired_at is None)

    def find(self, kid: str | None, purpose: Purpose, now: float) -> ECKey | RSAKey | None:
        """Return a key that still counts."""
        for key in self.keys:
            if key.kid == kid and key.purpose is purpose and _counts(key, now):
                return key.key
        return None

    def document(self, now: float) -> dict[str, Any]:
        """Return the JWK Set that clients verify with: public members only."""
        return {
            "keys": [
                {
                    **key.key.as_dict(private=False),
                    "kid": key.kid,
                    "use": "sig",
                    "alg": ALGORITHMS[key.purpose],
                }
                for key in self.keys
                if _counts(key, now)
            ]
        }


def _counts(key: SigningKey, now: float) -> bool:
    return key.retired_at is None or now < key.retired_at + LONGEST_LIFE


def generated(purpose: Purpose) -> ECKey | RSAKey:
    """Make a new private key."""
    if purpose is Purpose.ACCESS:
        return ECKey.generate_key("P-256")
    return RSAKey.generate_key(2_048)


class KeyRing:
    """The deployment's signing keys, as this process knows them."""

    def __init__(
        self,
        store: SigningKeys,
        seals: Seals,
        clock: Callable[[], float] = time.time,
        generate: Callable[[Purpose], ECKey | RSAKey] = generated,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._generate = generate
        self._fresh: dict[str, ECKey | RSAKey] = {}
        self._keys = Keys(())
        self._seen_at = 0.0
        self._searched_at = 0.0
        self._searching = anyio.Lock()

    async def current(self) -> Keys:
        """Return the keys, no older than `STALE` seconds. The first call makes missing ones."""
        if self._clock() >= self._seen_at + STALE:
            await self._look()
        return self._keys

    async def knowing(self, kid: str | None) -> Keys:
        """Return the keys, looked at again if nobody here knows the one that is named."""
        keys = await self.current()
        if kid is None or any(key.kid == kid for key in keys.keys):
            return keys
        # Paced by earlier searches alone: a key that just began to sign elsewhere is found at
        # once, and invented names of keys cost the database one look a second.
        if self._clock() >= self._searched_at + LEAST_PAUSE:
            self._searched_at = self._clock()
            async with self._searching:
                await self._look()
        else:
            async with self._searching:  # one that is under way may find it
                pass
        return self._keys

    async def rotate(self) -> tuple[str, ...]:
        """Make a new key for each purpose; the old ones count until their tokens are gone."""
        now = self._clock()
        made = [await self._made(purpose, now) for purpose in Purpose]
        for key in made:
            await self._store.rotate(key, now)
        await self._store.forget(now - 2 * LONGEST_LIFE)
        await self._look()
        return tuple(key.kid for key in made)

    async def _look(self) -> None:
        stored = await self._store.every()
        for purpose in Purpose:
            if not any(key.purpose == purpose and key.retired_at is None for key in stored):
                await self._store.start(await self._made(purpose, self._clock()))
                stored = await self._store.every()
        known = {key.kid: key for key in self._keys.keys}
        if any(key.kid not in known for key in stored):
            sealer = await self._seals.sealer()
            known |= {
                key.kid: _opened(key, sealer, self._fresh) for key in stored if key.kid not in known
            }
            self._fresh.clear()
        # What was opened stays open; what may have changed is when it was retired.
        self._keys = Keys(
            tuple(replace(known[key.kid], retired_at=key.retired_at) for key in stored)
        )
        self._seen_at = self._clock()

    async def _made(self, purpose: Purpose, now: float) -> StoredKey:
        key = await anyio.to_thread.run_sync(self._generate, purpose)  # RSA takes a moment
        kid = key.thumbprint()
        self._fresh[kid] = key
        private = json.dumps(key.as_dict(private=True)).encode()
        sealer = await self._seals.sealer(seals=1)
        return StoredKey(
            kid=kid,
            purpose=purpose,
            public=dict(key.as_dict(private=False)),
            sealed=sealer.seal(TABLE, COLUMN, kid, private),
            created_at=now,
        )


def _opened(stored: StoredKey, sealer: Sealer, fresh: Mapping[str, ECKey | RSAKey]) -> SigningKey:
    private = json.loads(sealer.unseal(TABLE, COLUMN, stored.kid, stored.sealed))
    kind = ECKey if stored.purpose == Purpose.ACCESS else RSAKey
    return SigningKey(
        kid=stored.kid,
        purpose=Purpose(stored.purpose),
        key=fresh.get(stored.kid) or kind.import_key(private),
        retired_at=stored.retired_at,
    )
