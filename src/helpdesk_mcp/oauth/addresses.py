"""Addresses that a stranger may have us fetch, judged before anybody looks them up."""

import ipaddress
import re

ADDRESS = re.compile(
    r"https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)(?:\?[A-Za-z0-9._~=&-]*)?"
)
"""Https to a name, on its own port, with a path, and nothing percent-encoded or in capitals."""
NEVER_PUBLIC = tuple(
    f".{word}"
    for word in (
        *("internal", "local", "localhost", "localdomain", "home.arpa", "lan", "intranet"),
        *("corp", "test", "invalid", "onion"),
    )
)


def acceptable(address: str) -> bool:
    """Return whether an address may be a client's id or hold its keys at all (A84)."""
    match = ADDRESS.fullmatch(address)
    if match is None or len(match["path"]) < 2 or ".." in match["host"]:  # noqa: PLR2004 -- a path
        return False
    host = match["host"]
    if any(part in {".", ".."} for part in match["path"].split("/")) or host.endswith(NEVER_PUBLIC):
        return False
    # The last label of an address in numbers is a number; of a name it never is (RFC 3696 §2).
    return not (_is_numeric(host) or host.rpartition(".")[2].isdigit())


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+))*", host))
    return True
