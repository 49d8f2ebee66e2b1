"""AES-256-GCM over small secrets, bound to the one place in the database where each belongs.

A record is `0x01 | key version (4 bytes) | nonce (12) | ciphertext | tag (16)`. Its associated
data names table, column, tenant, row and key version, so a record that was copied to another place
does not open there.
"""

import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
HEADER = struct.Struct(">BI")
SHORTEST = HEADER.size + NONCE_BYTES + 16
MOST_SEALS = 2**31
"""Records under one key: far below where 96 random bits of nonce could meet (NIST SP 800-38D)."""

Nonce = Callable[[], bytes]


class Unreadable(Exception):
    """A record that cannot be opened: damaged, moved, older than its key, or not ours."""


class SpentKey(Exception):
    """More seals were asked for than were counted in advance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record lives. All of it is authenticated with the record."""

    table: str
    column: str
    tenant: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """32 bytes that seal, and their version. They never show in a `repr`."""

    version: int
    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")


def new_key(version: int) -> SecretKey:
    return SecretKey(version=version, value=secrets.token_bytes(KEY_BYTES))


def random_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def seal(key: SecretKey, place: Place, secret: bytes, nonce: Nonce = random_nonce) -> bytes:
    """Return a record that opens only with this key, at this place."""
    chosen = nonce()
    sealed = AESGCM(key.value).encrypt(chosen, secret, _associated(place, key.version))
    return HEADER.pack(FORMAT, key.version) + chosen + sealed


def unseal(key: SecretKey, place: Place, record: bytes) -> bytes:
    """Return what was sealed. Raises Unreadable, which says nothing about the reason."""
    if key_version(record) != key.version:
        raise Unreadable
    nonce = record[HEADER.size : HEADER.size + NONCE_BYTES]
    sealed = record[HEADER.size + NONCE_BYTES :]
    try:
        return AESGCM(key.value).decrypt(nonce, sealed, _associated(place, key.version))
    except InvalidTag:
        raise Unreadable from None


def key_version(record: bytes) -> int:
    """Return which version of the key opens a record. Raises Unreadable."""
    if len(record) < SHORTEST or record[0] != FORMAT:
        raise Unreadable
    version: int = HEADER.unpack_from(record)[1]
    return version


class Sealer:
    """Seals and opens for one tenant with its data keys, which stay inside.

    `seals` is how many records it may make: the caller has counted them against the newest key.
    """

    def __init__(self, tenant: str, keys: Mapping[int, SecretKey], seals: int = 0) -> None:
        self._tenant = tenant
        self._keys = dict(keys)
        self._left = seals

    def seal(self, table: str, column: str, row: str, secret: bytes) -> bytes:
        """Return the record to store in that column of that row. Raises SpentKey."""
        if self._left <= 0:
            raise SpentKey
        self._left -= 1
        return seal(self._keys[max(self._keys)], self._place(table, column, row), secret)

    def unseal(self, table: str, column: str, row: str, record: bytes) -> bytes:
        """Return the secret that a column of a row holds. Raises Unreadable."""
        if (key := self._keys.get(key_version(record))) is None:
            raise Unreadable
        return unseal(key, self._place(table, column, row), record)

    def _place(self, table: str, column: str, row: str) -> Place:
        return Place(table=table, column=column, tenant=self._tenant, row=row)


def _associated(place: Place, version: int) -> bytes:
    """Join the parts so that no two places read alike: each part's length goes before it."""
    parts = (place.table, place.column, place.tenant, place.row, str(version))
    encoded = (part.encode() for part in parts)
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)
