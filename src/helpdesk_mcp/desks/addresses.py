"""Which network addresses are out on the internet: all others are somebody's inside."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

NOT_OUTSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' shared addresses (RFC 6598)
        "168.63.129.16/32",  # Azure's fabric, which looks public
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "224.0.0.0/4",
        "240.0.0.0/4",
        "64:ff9b::/96",  # NAT64: an IPv4 address inside (RFC 6052)
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
        "ff00::/8",
    )
)
"""What `is_global` of the standard library takes for public, or leaves to others to know."""


def is_outside(address: Address) -> bool:
    """Return whether a stranger may make us connect to this address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_outside(address.ipv4_mapped)
    if not address.is_global or address.is_multicast:
        return False
    return not any(
        address.version == network.version and address in network for network in NOT_OUTSIDE
    )
