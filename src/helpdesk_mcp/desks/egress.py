"""Which addresses we connect to: the check is made on the address that is really used.

A name is resolved once, every address it has is judged, and the connection goes to a judged one:
what a name means cannot change in between (security case U17). An operator may open private
networks, each with a port or with all.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import anyio
import httpcore2

from helpdesk_mcp.desks.addresses import Address, is_outside
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.domain.tenants import Connection

_NAT64 = IPv6Network("64:ff9b::/96")
"""Where an IPv6-only network shows us the IPv4 internet (RFC 6052): what is inside counts."""
METADATA = frozenset({ip_address("169.254.169.254"), ip_address("fd00:ec2::254")})
"""Where clouds hand out their machines' credentials: never reached, whatever is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """`networks` are opened besides the public internet: `10.0.0.0/8`, `10.1.2.3/32:8443`.

    `anywhere` is for a desk that the operator named himself.
    """

    networks: tuple[str, ...] = ()
    anywhere: bool = False

    def __post_init__(self) -> None:
        for network in self.networks:
            parsed(network)

    def allows(self, address: str, port: int) -> bool:
        """Whether a connection to this address may be made."""
        found = inner(ip_address(address.partition("%")[0]))
        if found in METADATA:
            return False
        return self.anywhere or is_outside(found) or self.opens(found, port)

    def opens(self, address: Address, port: int) -> bool:
        """Whether this is in an opened network, at the port it is opened for."""
        found = inner(address)
        return found not in METADATA and any(
            found.version == network.version and found in network and at in {0, port}
            for network, at in map(parsed, self.networks)
        )


ANYWHERE = Egress(anywhere=True)
OPERATORS = "default"
"""The tenant whose desks the operator himself configures: they may be anywhere."""


def egress_of(connection: Connection) -> Egress:
    """Return where a connection may lead: a tenant's to the public, and to opened networks."""
    if connection.tenant == OPERATORS:
        return ANYWHERE
    return Egress(networks=connection.networks)


def inner(address: Address) -> Address:
    """Return the address that is really meant: mapped and translated ones are opened."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, long out of use
        return IPv4Address(int(address))
    return address


def parsed(network: str) -> tuple[IPv4Network | IPv6Network, int]:
    """Read a network and the port it is opened for; 0 is any. Raises Invalid."""
    plain, _, port = network.strip().partition("/")
    size, _, port = port.partition(":")
    try:
        return ip_network(f"{plain.strip('[]')}/{size}"), int(port or 0)
    except ValueError as error:
        raise Invalid(
            "A network is written 10.0.0.0/8, or 10.1.2.3/32:8443 for one port.", reason="settings"
        ) from error


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Makes TCP connections to addresses that were judged, and to no others."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._inner: Any = httpcore2.AnyIOBackend()  # its type is hidden behind an optional import

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the base class's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            with anyio.fail_after(timeout):
                address = await self.judged(host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return await self._inner.connect_tcp(
            address,
            port,
            timeout=timeout,
            local_address=local_address,
            socket_options=socket_options,
        )

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def judged(self, host: str, port: int) -> str:
        """Return the first address of a host. One that must not be reached spoils them all."""
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(self._egress.allows(a, port) for a in addresses):
            raise Unavailable(
                "The help desk's address is not one that may be reached from here: whoever runs "
                "the server can open its network, for example with DESK_NETWORKS=10.0.0.0/8.",
                reason="egress",
            )
        return addresses[0]
