"""Logging in: a technician's key on-prem, an access token of Zoho's in the Cloud."""

from collections.abc import AsyncGenerator, Generator
from http import HTTPStatus
from typing import Protocol

import httpx2


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
    """Sends an access token. A 401 gets a new one once, then it is what it is."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        token = await self._source.token()
        request.headers["Authorization"] = f"Zoho-oauthtoken {token}"
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        fresh = await self._source.token(instead_of=token)
        if fresh != token:
            request.headers["Authorization"] = f"Zoho-oauthtoken {fresh}"
            yield request
