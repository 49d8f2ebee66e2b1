"""Logging in: a technician's key on-prem, an access token of Zoho's in the Cloud."""

import time
from collections.abc import AsyncGenerator, Callable, Generator
from http import HTTPStatus
from typing import Protocol

import httpx2

GOOD_TOKEN = "helpdesk_mcp.good_token"  # noqa: S105 -- the name of a mark
"""Marks a request whose token cannot have run out: its 401 means that a scope is missing."""
BARRED = 600.0
"""Seconds for which a part of the API that a good token does not open is believed closed."""


class TechnicianKey(httpx2.Auth):
    """Sends the key of a technician, and which portal is meant where a desk has several."""

    def __init__(self, key: str, portal_id: str = "") -> None:
        self._headers = {"authtoken": key} | ({"PORTALID": portal_id} if portal_id else {})

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers.update(self._headers)
        yield request


class TokenSource(Protocol):
    """Where access tokens come from; one refresh at a time, whoever asks."""

    async def token(self, *, instead_of: str = "") -> str:
        """Return a token that is good for a while, and is another than `instead_of`.

        Returns `instead_of` itself when it is too young to have run out: then a 401 means
        something else. Raises Unavailable or RateLimited when there is none to be had.
        """
        ...


class ZohoToken(httpx2.Auth):
    """Sends an access token. A 401 gets a new one once, then it is what it is.

    A missing scope is a 401 as well (reference §2.3). Where a good token did not help, the
    request says so to whoever reads its answer, and the same part of the API costs no further
    token for a while.
    """

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._barred: dict[tuple[str, str], float] = {}

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        token = await self._source.token()
        request.headers["Authorization"] = f"Zoho-oauthtoken {token}"
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        part = (request.method, request.url.path.partition("/api/v3/")[2].partition("/")[0])
        if self._barred.get(part, 0.0) > self._clock():
            request.extensions[GOOD_TOKEN] = True
            return
        fresh = await self._source.token(instead_of=token)
        request.extensions[GOOD_TOKEN] = True
        if fresh != token:
            request.headers["Authorization"] = f"Zoho-oauthtoken {fresh}"
            response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._barred[part] = self._clock() + BARRED
