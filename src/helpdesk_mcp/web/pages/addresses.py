"""The address a request really came from, through proxies that the operator trusts."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Address = IPv4Address | IPv6Address
_OF_ONE_HOUSEHOLD = 64
"""Bits of an IPv6 address that one subscriber cannot choose."""


def client_of(request: Request, trusted: Sequence[str]) -> str:
    """Return whom to count attempts by: an IPv4 address, or an IPv6 network of one subscriber.

    `X-Forwarded-For` is believed as far as trusted proxies wrote it: from its end backwards.
    """
    peer = request.client.host if request.client else ""
    networks = [ip_network(entry, strict=False) for entry in trusted]
    found = _address(peer)
    claims = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for claim in reversed(claims):
        if found is None or not any(found in network for network in networks):
            break
        found = _address(claim) or found
    return peer[:64] if found is None else _counted(found)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _counted(found: Address) -> str:
    if isinstance(found, IPv4Address):
        return str(found)
    return str(IPv6Network((found, _OF_ONE_HOUSEHOLD), strict=False))
