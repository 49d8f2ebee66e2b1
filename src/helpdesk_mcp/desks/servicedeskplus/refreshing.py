"""One access token for all: refreshed ahead of its end by one process, which the others await."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from helpdesk_mcp.desks.servicedeskplus.zoho import COOL_DOWN, Granted, Revoked
from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited, Unavailable
from helpdesk_mcp.domain.tenants import UpstreamToken, UpstreamTokens

AHEAD = 300.0
"""Seconds before its end that a token is replaced; a quarter of its life if that is less."""
YOUNG = 60.0
"""Seconds for which a token cannot have run out: a 401 then means something else."""
LEASE = 20.0
"""Seconds a refresh may take before somebody else may try."""
PATIENCE = 15.0
"""Seconds to wait for another process's refresh."""
JITTER = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Clock and patience, which tests shorten. `look` is the first pause between two looks."""

    clock: Callable[[], float] = time.time
    patience: float = PATIENCE
    look: float = 0.05


class SharedToken:
    """Gives the token of one credential; `refresh` asks the accounts server for a new one."""

    def __init__(
        self,
        tokens: UpstreamTokens,
        refresh: Callable[[], Awaitable[Granted]],
        pace: Pace | None = None,
    ) -> None:
        self._tokens = tokens
        self._refresh = refresh
        self._pace = pace or Pace()
        self._held: UpstreamToken | None = None
        self._lock = anyio.Lock()
        self._jitter = random.uniform(0, JITTER)  # noqa: S311 -- spreads processes, hides nothing
        self._revoked = ""

    @property
    def scopes(self) -> frozenset[str]:
        """The vendor's scopes of the token, as far as it was told; empty means unknown."""
        return frozenset(self._held.scopes.split()) if self._held is not None else frozenset()

    async def token(self, *, instead_of: str = "") -> str:
        """Return a good token. `instead_of` was answered with 401: another one is given, once.

        A token that is too young to have run out is given again: the 401 means something else.
        """
        if (good := self._good(self._held, instead_of)) is not None:
            return good.value
        async with self._lock:  # in this process one asks, the others find what it got
            if (good := self._good(self._held, instead_of)) is not None:
                return good.value
            self._held = await self._shared(instead_of)
            return self._held.value

    def _good(self, token: UpstreamToken | None, instead_of: str) -> UpstreamToken | None:
        """Return the token if it will do; None means that it must be replaced."""
        now = self._pace.clock()
        if token is None or now >= token.expires_at - _margin(token, self._jitter):
            return None
        if token.value == instead_of and now >= token.issued_at + YOUNG:
            return None
        return token

    async def _shared(self, instead_of: str) -> UpstreamToken:
        """Take what another process got, or become the one who refreshes."""
        if self._revoked:
            raise Revoked(self._revoked)
        began, pause = self._pace.clock(), self._pace.look
        while True:
            found = await self._tokens.current()
            if (good := self._good(found, instead_of)) is not None:
                return good
            if await self._tokens.claim(LEASE):
                return await self._refreshed(instead_of)
            wait = await self._tokens.pause()
            if found is not None and self._pace.clock() < found.expires_at - 1:
                # Still good, and somebody is at it, or nobody may be: it has to do.
                return found
            if wait:
                raise RateLimited(
                    "Zoho gives no token for some minutes.",
                    reason="token_limit",
                    retry_after=wait,
                )
            if self._pace.clock() - began > self._pace.patience:
                raise Unavailable("The help desk's token is still awaited.", reason="token")
            await anyio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    async def _refreshed(self, instead_of: str) -> UpstreamToken:
        """Refresh while holding the claim, which is given up whatever happens."""
        found = await self._tokens.current()
        if (good := self._good(found, instead_of)) is not None:  # somebody was just done
            await self._tokens.release()
            return good
        try:
            granted = await self._refresh()
        except Revoked as error:
            self._revoked = error.message
            await self._tokens.release()
            await self._tokens.suspend(error.message)
            raise
        except HelpdeskError as error:
            resting = error.reason == "token_limit"
            await self._tokens.release(retry_at=self._pace.clock() + COOL_DOWN if resting else 0.0)
            raise
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._tokens.release()
            raise
        now = self._pace.clock()
        token = UpstreamToken(
            value=granted.access_token,
            expires_at=now + granted.seconds,
            address=granted.api_domain,
            issued_at=now,
            scopes=granted.scopes,
        )
        with anyio.CancelScope(shield=True):  # stored before it is used, or others ask in vain
            await self._tokens.store(token)
        return token


def _margin(token: UpstreamToken, jitter: float) -> float:
    life = max(token.expires_at - token.issued_at, 1.0)
    return min(AHEAD + jitter, life / 4)
