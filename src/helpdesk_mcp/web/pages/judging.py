"""Judging a password: few at a time for one address, fewer and fewer for one account."""

import hashlib
import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from helpdesk_mcp.crypto.passwords import Busy, Verdict
from helpdesk_mcp.domain.sessions import Person
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.web.pages.pacing import SIGN_IN, TRIES, pace
from helpdesk_mcp.web.pages.parts import Happening, Parts
from helpdesk_mcp.web.pages.refusing import Refusal

MOST_BYTES: Final = 1_024


def plain(password: str) -> str:
    """Return a password in its one spelling. Raises Refusal for what no one can have (A29)."""
    if len(password.encode()) > MOST_BYTES:
        raise Refusal(HTTPStatus.BAD_REQUEST, "too_long", again="/sign-in")
    return unicodedata.normalize("NFC", password)


@dataclass(frozen=True, slots=True)
class PasswordJudge:
    """Says whose a password is, and keeps every try in the diary."""

    parts: Parts

    async def spend(self, request: Request) -> None:
        """Count a try of this address. Raises Refusal (429) for one too many."""
        await pace(self.parts, request, SIGN_IN, TRIES)

    async def judged(
        self, email: str, password: str, now: float, name: str = "auth.login"
    ) -> tuple[Person | None, float]:
        """Return whose it is, None for nobody's, and the seconds to wait before another try.

        The same work is done for an address that nobody has (security case A28).
        """
        parts = self.parts
        person = await parts.people.by_email(email)
        account = hashlib.sha256(email.encode()).hexdigest()
        if (wait := await parts.attempts.attempt(account, now)) > 0:
            await self.keep(f"{name}.throttled", person, outcome="denied")
            return None, wait
        usable = person is not None and person.status is Status.ACTIVE
        stored = person.password if person is not None and usable else ""
        verdict = await self._verdict(stored or None, password)
        if not verdict.right or person is None:
            await self.keep(name, person, outcome="denied")
            return None, 0.0
        if verdict.rehashed:
            await parts.people.rehash(person.id, verdict.rehashed)
        await parts.attempts.clear(account)
        return person, 0.0

    async def keep(self, name: str, person: Person | None, outcome: str = "ok") -> None:
        found = person.id if person else ""
        await self.parts.diary.keep(Happening(name=name, outcome=outcome, person=found))

    async def _verdict(self, stored: str | None, password: str) -> Verdict:
        try:
            return await self.parts.passwords.verify(stored, password)
        except Busy:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", retry_after=2, again="/sign-in"
            ) from None
