"""The one way out: every exchange with a help desk is guarded here, whichever desk it is."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
import httpx2

from helpdesk_mcp.desks import breaker as circuit
from helpdesk_mcp.desks.breaker import Breaker, Rule
from helpdesk_mcp.desks.reach import DIRECT, Outlet, Reach
from helpdesk_mcp.domain.errors import Unavailable, Written
from helpdesk_mcp.telemetry.logs import logger
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import exchange_span

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """How a desk is talked to. Times in seconds, `most` in bytes of one answer.

    `place` tells desks of one kind apart in metrics, without a name or an id.
    """

    kind: str
    place: str = ""
    connect: float = 3.0
    deadline: float = 15.0
    most: int = 5 * 1024 * 1024
    rule: Rule = field(default_factory=Rule)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Deadline, size limit, circuit breaker, one retry of safe requests, and a measurement.

    Answers are read whole before they are returned, so half an answer is an error here and not a
    surprise later. Raises Unavailable that says whether a write may have happened; requests to
    another origin than the desk's own are refused (no redirect leads away with credentials).
    """

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, origin: httpx2.URL, guard: Guard, metrics: Metrics
    ) -> None:
        self._inner = inner
        self._origin = (origin.scheme, origin.host, origin.port)
        self._guard = guard
        self._metrics = metrics
        self._breaker = Breaker()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        if (url.scheme, url.host, url.port) != self._origin:
            raise Unavailable("The help desk pointed to another server.", reason="origin")
        try:
            return await self._once(request)
        except Unavailable as error:
            if request.method not in SAFE or error.reason not in {"unreachable", "protocol"}:
                raise
            return await self._once(request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _once(self, request: httpx2.Request) -> httpx2.Response:
        now = time.monotonic()
        if pause := circuit.wait(self._breaker, self._guard.rule, now):
            raise Unavailable(
                "The help desk keeps failing; calls to it rest for a moment.",
                reason="breaker_open",
                retry_after=pause,
            )
        self._breaker = circuit.attempted(self._breaker, now)
        with exchange_span(self._guard.kind, request.method):
            return await self._measured(request, now)

    async def _measured(self, request: httpx2.Request, now: float) -> httpx2.Response:
        async with self._watched(request):
            with anyio.fail_after(self._guard.deadline):
                response = await self._inner.handle_async_request(request)
                content = await self._read(request.method, response)
        self._count(failed=response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR)
        self._measure(request.method, f"{response.status_code // 100}xx", now)
        logger().debug(
            "desk.exchange",
            desk=self._guard.kind,
            method=request.method,
            path=request.url.path,
            status=response.status_code,
            ms=round((time.monotonic() - now) * 1000, 1),
        )
        return httpx2.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )

    async def _read(self, method: str, response: httpx2.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.RemoteProtocolError("an encoding that was not asked for")
        parts: list[bytes] = []
        size = 0
        try:
            async for part in response.aiter_raw():
                size += len(part)
                if size > self._guard.most:
                    raise _too_large(method)
                parts.append(part)
        finally:
            await response.aclose()
        return b"".join(parts)

    @asynccontextmanager
    async def _watched(self, request: httpx2.Request) -> AsyncGenerator[None]:
        """Turn what can go wrong on the way into Unavailable, and tell the breaker."""
        began = time.monotonic()
        try:
            yield
        except (httpx2.TransportError, httpx2.DecodingError, TimeoutError) as error:
            self._count(failed=True)
            failure = _failure(request.method, error)
            self._measure(request.method, failure.reason, began)
            logger().warning(
                "desk.exchange.failed",
                desk=self._guard.kind,
                method=request.method,
                reason=failure.reason,
                error=type(error).__name__,
            )
            raise failure from error
        except BaseException:
            self._breaker = circuit.abandoned(self._breaker)
            raise

    def _count(self, *, failed: bool) -> None:
        now = time.monotonic()
        note = circuit.failed if failed else circuit.succeeded
        self._breaker = note(self._breaker, self._guard.rule, now)
        is_open = self._breaker.opened_at is not None
        labels = (self._guard.kind, self._guard.place)
        self._metrics.breaker_open.labels(*labels).set(float(is_open))

    def _measure(self, method: str, outcome: str, began: float) -> None:
        labels = (self._guard.kind, method, outcome)
        self._metrics.upstream.labels(*labels).observe(time.monotonic() - began)


def _failure(method: str, error: Exception) -> Unavailable:
    if isinstance(error, NEVER_SENT):
        return Unavailable("The help desk cannot be reached.", reason="unreachable")
    written = Written.NO if method in SAFE else Written.UNKNOWN
    advice = "" if method in SAFE else " It may have been done: look before you repeat it."
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        message = f"The help desk did not answer in time.{advice}"
        return Unavailable(message, reason="timeout", written=written)
    message = f"The help desk broke off or answered with something unreadable.{advice}"
    return Unavailable(message, reason="protocol", written=written)


def _too_large(method: str) -> Unavailable:
    """Say that the desk works but says too much. Not its failure: the breaker does not count it."""
    return Unavailable(
        "The help desk's answer is larger than helpdesk-mcp takes.",
        reason="too_large",
        written=Written.NO if method in SAFE else Written.UNKNOWN,
    )


def desk_client(
    base_url: str, guard: Guard, metrics: Metrics, reach: Reach = DIRECT
) -> httpx2.AsyncClient:
    """Return the client for one desk: guarded, without redirects or proxies from outside."""
    origin = httpx2.URL(base_url)
    inner = Outlet(reach)
    return httpx2.AsyncClient(
        base_url=base_url,
        transport=GuardedTransport(inner, origin, guard, metrics),
        timeout=httpx2.Timeout(guard.deadline, connect=guard.connect),
        headers={"Accept-Encoding": "identity", "User-Agent": "helpdesk-mcp"},
        follow_redirects=False,
        trust_env=False,
    )
