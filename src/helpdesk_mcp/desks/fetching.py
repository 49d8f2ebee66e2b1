"""Fetching a document whose address somebody else chose, without becoming their tool.

The name is looked up here and the connection goes to the address that was judged, so that it cannot
change in between (DNS rebinding). No redirects, no proxies, no compression, little time and room.
"""

import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import ip_address

import anyio
import httpx2
from anyio import CapacityLimiter

from helpdesk_mcp.desks.addresses import Address, is_outside
from helpdesk_mcp.desks.egress import Egress
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.fetching import Fetched

CONNECT, WHOLE = 3.0, 5.0
"""Seconds to connect, and for all of it."""
AT_ONCE = 4
MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])", re.IGNORECASE)
NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?:$|[\s,])", re.IGNORECASE)

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
Permit = Callable[[Address, int], bool]
"""Whether a connection to this address and port may be made."""


async def resolved(host: str, port: int) -> Sequence[Address]:
    """Return the addresses of a name."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(entry[4][0]) for entry in found]


def outside(address: Address, _: int) -> bool:
    """Permit the public internet: for addresses that anybody may name."""
    return is_outside(address)


def anywhere(_: Address, __: int) -> bool:
    """Permit every address: for servers that the operator named."""
    return True


def opened(networks: Sequence[str]) -> Permit:
    """Permit the public internet and these: for servers that an organisation named."""
    egress = Egress(networks=tuple(networks))

    def permit(address: Address, port: int) -> bool:
        return is_outside(address) or egress.opens(address, port)

    return permit


class GuardedFetch:
    """The port `Fetch`. By default only to public addresses and by https on its own port."""

    def __init__(
        self,
        *,
        permit: Permit = outside,
        resolve: Resolve = resolved,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._permit = permit
        self._resolve = resolve
        self._tls = tls if tls is not None else ssl.create_default_context()
        self._places = CapacityLimiter(AT_ONCE)

    async def get(self, url: str, *, max_bytes: int, bearer: str = "") -> Fetched:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._fetched("GET", url, None, max_bytes, headers)

    async def post(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> Fetched:
        return await self._fetched("POST", url, form, max_bytes, {})

    async def _fetched(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        max_bytes: int,
        headers: Mapping[str, str],
    ) -> Fetched:
        try:
            with anyio.fail_after(WHOLE):
                async with self._places:
                    return await self._exchanged(method, url, form, max_bytes, headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            # TimeoutError is an OSError, and so is a name that cannot be found.
            raise unreachable() from error

    async def _exchanged(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        max_bytes: int,
        headers: Mapping[str, str],
    ) -> Fetched:
        target = httpx2.URL(url)
        address = await self._address(target)
        async with self._client() as http:
            request = http.build_request(
                method,
                target.copy_with(host=str(address)),
                data=dict(form) if form is not None else None,
                headers={**headers, "Host": target.netloc.decode("ascii")},
                extensions={"sni_hostname": target.host},
            )
            response = await http.send(request, stream=True)
            try:
                return await _read(response, max_bytes)
            finally:
                await response.aclose()

    async def _address(self, target: httpx2.URL) -> Address:
        strangers = self._permit is outside
        if target.userinfo or (strangers and (target.scheme != "https" or target.port)):
            raise forbidden()
        port = target.port or (443 if target.scheme == "https" else 80)
        found = await self._resolve(target.host, port)
        # All of them, not the one we would take: a name that is half inside is not outside.
        if not found or not all(self._permit(address, port) for address in found):
            raise forbidden()
        return found[0]

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            verify=self._tls,
            timeout=httpx2.Timeout(WHOLE, connect=CONNECT),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "helpdesk-mcp",
            },
            follow_redirects=False,
            trust_env=False,
        )


async def _read(response: httpx2.Response, max_bytes: int) -> Fetched:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise unreachable()
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > max_bytes:
            raise Unavailable("The answer is larger than is taken.", reason="too_large")
    return Fetched(
        status=response.status_code,
        media_type=response.headers.get("content-type", "").partition(";")[0].strip(),
        body=bytes(body),
        fresh_for=_fresh_for(response.headers.get("cache-control", "")),
    )


def _fresh_for(cache_control: str) -> float:
    if NOT_KEPT.search(cache_control) or (found := MAX_AGE.search(cache_control)) is None:
        return 0.0
    return float(found[1])


def unreachable() -> Unavailable:
    return Unavailable(
        "The server cannot be reached, or does not answer as it should.", reason="unreachable"
    )


def forbidden() -> Unavailable:
    return Unavailable("That address is not one to connect to.", reason="forbidden")
