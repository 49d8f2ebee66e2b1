"""Passwords: Argon2id in worker threads, few at a time, the same work for unknown people."""

import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import anyio.to_thread
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_BYTES = 1024
MEMORY_KIB = 19_456
"""With two passes and one lane: what OWASP recommends, some 20 ms."""
PATIENCE = 2.0
"""Seconds that a sign-in may wait for its turn."""
PASSWORD_HASHER = PasswordHasher(
    time_cost=2, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
T = TypeVar("T")


class Busy(Exception):
    """Too many passwords are being checked; try again in a few seconds."""


class TooLong(Exception):
    """A password of more than 1024 bytes, refused before any work is done on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the password is right, and its new hash if the stored one is out of date."""

    right: bool
    rehashed: str = field(default="", repr=False)


class Passwords:
    """Hashes and checks passwords, `at_once` of them; each takes 19 MiB while it runs."""

    def __init__(
        self,
        *,
        at_once: int | None = None,
        patience: float = PATIENCE,
        hasher: PasswordHasher = PASSWORD_HASHER,
    ) -> None:
        self._room = anyio.Semaphore(at_once or 2 * (os.cpu_count() or 1))
        self._threads = anyio.CapacityLimiter(at_once or 2 * (os.cpu_count() or 1))
        self._patience = patience
        self._hasher = hasher
        self._nobody = hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """Return what to store. Raises TooLong, Busy."""
        return await self._in_turn(password, self._hasher.hash)

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Compare with a stored hash; with None, for unknown people, do the same work.

        Raises TooLong, Busy.
        """
        return await self._in_turn(password, lambda plain: self._verdict(stored, plain))

    async def _in_turn(self, password: str, work: Callable[[bytes], T]) -> T:
        plain = normalised(password)
        try:
            with anyio.fail_after(self._patience):
                await self._room.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            return await anyio.to_thread.run_sync(work, plain, limiter=self._threads)
        finally:
            self._room.release()

    def _verdict(self, stored: str | None, plain: bytes) -> Verdict:
        try:
            self._hasher.verify(stored or self._nobody, plain)
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if stored is None:
            return Verdict(right=False)
        fresh = self._hasher.hash(plain) if self._hasher.check_needs_rehash(stored) else ""
        return Verdict(right=True, rehashed=fresh)


def normalised(password: str) -> bytes:
    """Return one spelling for what a person sees as one password (NFC). Raises TooLong."""
    if len(password) > LONGEST_BYTES or len(_encoded(password)) > LONGEST_BYTES:
        raise TooLong
    return _encoded(unicodedata.normalize("NFC", password))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON can bring half a character
