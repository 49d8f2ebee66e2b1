"""How a desk is reached: whose certificates are believed, who we are to it, by which proxy."""

import ssl
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpcore2
import httpx2

from helpdesk_mcp.desks.egress import ANYWHERE, Egress, GuardedBackend
from helpdesk_mcp.domain.errors import Invalid

MOST_CONNECTIONS = 8
PEM = "-----BEGIN "


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Certificates and the key are files, or PEM themselves. `ca` replaces the public ones."""

    ca: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    egress: Egress = ANYWHERE


DIRECT = Reach()


class Outlet(httpx2.AsyncBaseTransport):
    """A pool of connections, each to an address that was judged. It follows nothing."""

    def __init__(self, reach: Reach) -> None:
        self._backend = backend = GuardedBackend(reach.egress)
        self._judges = bool(reach.proxy) and not reach.egress.anywhere
        context = tls_context(reach)
        if not reach.proxy:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=context,
                max_connections=MOST_CONNECTIONS,
                network_backend=backend,
            )
            return
        proxy = httpx2.Proxy(reach.proxy)
        self._pool = httpcore2.AsyncHTTPProxy(
            proxy_url=str(proxy.url),
            proxy_auth=proxy.raw_auth,
            ssl_context=context,
            max_connections=MOST_CONNECTIONS,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        if self._judges:
            await self._judge(url)
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            response = await self._pool.handle_async_request(sent)
        except _BELOW as error:
            raise _translated(error) from error
        return httpx2.Response(response.status, headers=response.headers, stream=_Body(response))

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def _judge(self, url: httpx2.URL) -> None:
        """Judge where a proxy would connect to for us: it is no way around what we may reach."""
        try:
            await self._backend.judged(url.host, url.port or _PORTS.get(url.scheme, 443))
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error


_PORTS = {"http": 80, "https": 443}


class _Body(httpx2.AsyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        stream = self._response.stream
        if not isinstance(stream, AsyncIterable):
            raise httpx2.RemoteProtocolError("a body that cannot be read")
        try:
            async for part in stream:
                yield part
        except _BELOW as error:
            raise _translated(error) from error

    async def aclose(self) -> None:
        await self._response.aclose()


def tls_context(reach: Reach) -> ssl.SSLContext:
    """Return what verifies the desk. There is no way to leave that out. Raises Invalid."""
    try:
        if not (reach.ca or reach.certificate):
            return _public()
        if not reach.ca:
            context = httpx2.create_ssl_context(trust_env=False)
        elif reach.ca.startswith(PEM):
            context = ssl.create_default_context(cadata=reach.ca)
        else:
            context = ssl.create_default_context(cafile=reach.ca)
        if reach.certificate:
            _present(context, reach)
    except (OSError, ValueError) as error:
        raise Invalid(
            "A certificate or key of the desk's settings cannot be read: `ca`, "
            "`client_certificate` and `client_key` are PEM.",
            reason="settings",
        ) from error
    return context


@cache
def _public() -> ssl.SSLContext:
    """Return what believes the public authorities: read once, shared by all that add nothing."""
    return httpx2.create_ssl_context(trust_env=False)


def _present(context: ssl.SSLContext, reach: Reach) -> None:
    """Load our certificate. The library takes files only, so PEM goes through short-lived ones."""
    with ExitStack() as stack:
        files = [_file(stack, text) for text in (reach.certificate, reach.key) if text]
        context.load_cert_chain(*files)


def _file(stack: ExitStack, text: str) -> str:
    if not text.startswith(PEM):
        return text
    directory = stack.enter_context(tempfile.TemporaryDirectory())  # mode 0700
    path = Path(directory) / "part.pem"
    path.write_text(text, "utf-8")
    return str(path)


_BELOW = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
)


def _translated(error: Exception) -> httpx2.TransportError:
    """Return the client's own exception for one of the layer below: they share their names."""
    for kind in type(error).__mro__:
        known = getattr(httpx2, kind.__name__, None)
        if isinstance(known, type) and issubclass(known, httpx2.TransportError):
            return known(str(error))
    return httpx2.TransportError(str(error))
