"""One HTTP exchange with the desk: no redirects, no cookie jar, three at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import anyio
import httpx2

from helpdesk_mcp.domain.errors import Unavailable, Written

IN_FLIGHT = 3
"""Stock reads are heavy; more at once only makes each slower."""
PLAIN = {"Accept-Language": "en", "Accept-Encoding": "identity"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
File = tuple[str, tuple[str, bytes, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of the desk. `page` is for its HTML pages, which have other manners."""

    method: str = "GET"
    path: str
    params: Mapping[str, str | int] | None = None
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    files: Sequence[File] = ()
    page: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def unsafe(self) -> bool:
        return self.method not in SAFE

    @property
    def doubt(self) -> Written:
        """What is known about the write when the answer is lost or makes no sense."""
        return Written.UNKNOWN if self.unsafe else Written.NO


class Carrier:
    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._limit = anyio.CapacityLimiter(IN_FLIGHT)

    @property
    def base(self) -> httpx2.URL:
        return self._http.base_url

    def web(self, path: str) -> str:
        """Return the web address of a path of the desk, as a person would open it."""
        return str(self.base).rstrip("/") + "/" + path.lstrip("/")

    def ours(self, location: str) -> httpx2.URL | None:
        """Return a location of this very desk, None when it leads anywhere else."""
        url = self.base.join(location)
        return url if _origin(url) == _origin(self.base) else None

    async def send(self, ask: Ask, headers: Mapping[str, str]) -> httpx2.Response:
        """Send once. Raises Unavailable, whose `written` says whether a write may have happened."""
        request = self._http.build_request(
            ask.method,
            ask.path,
            params=ask.params,
            json=ask.json,
            data=None if ask.form is None else dict(ask.form),
            files=list(ask.files) or None,
            headers={**PLAIN, **headers, **ask.headers},
        )
        if "Cookie" not in headers:
            request.headers.pop("Cookie", None)
        try:
            async with self._limit:
                return await self._http.send(request, follow_redirects=False)
        except httpx2.HTTPError as error:
            raise _translated(error, ask) from error
        finally:
            self._http.cookies.clear()  # ours are in Login: a shared jar would mix accounts


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    usual = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or usual


def _translated(error: httpx2.HTTPError, ask: Ask) -> Unavailable:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return Unavailable("The help desk cannot be reached.", reason="unreachable")
    if isinstance(error, httpx2.TimeoutException):
        message, reason = "The help desk did not answer in time.", "timeout"
    else:
        message, reason = "The connection to the help desk broke off.", "unreachable"
    return Unavailable(message, reason=reason, written=ask.doubt)


def redirects(response: httpx2.Response) -> bool:
    return response.status_code in {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
