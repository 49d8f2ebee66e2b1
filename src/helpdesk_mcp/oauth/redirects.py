"""Redirect URIs: which may be registered, and which a request may name (RFC 9700 §4.1.3)."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 512
MOST = 10
LOOPBACK = re.compile(
    r"(?P<before>http://(?P<host>127\.0\.0\.1|\[::1\]|localhost))"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<after>/[!-~]*)?"
)
"""A loopback redirect of a native app (RFC 8252 §7.3). Everything after the port is compared."""
HTTPS = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?:/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?"
)
PRIVATE_SCHEME = re.compile(
    r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/{0,3}[A-Za-z0-9._~!$&'()+,;=:@/?%-]*"
)
"""A scheme of a native app's own: a domain name turned round, so it has a dot (RFC 8252 §7.1)."""
HIGHEST_PORT = 65_535


def matched(requested: str, registered: Iterable[str], *, native: bool) -> bool:
    """Return whether a client may be sent to this URI: byte for byte, but for a loopback port.

    `native` also lets the port of `localhost` differ, which command-line clients need (A06).
    """
    registered = tuple(registered)
    if requested in registered:
        return LOOPBACK.match(requested) is None or _loopback(requested) is not None
    if (wanted := _loopback(requested)) is None or (wanted[0] == "http://localhost" and not native):
        return False
    return any(_loopback(uri) == wanted for uri in registered)


def _loopback(uri: str) -> tuple[str, str] | None:
    """Return a loopback URI without its port; None if it is another or names no real port."""
    if (match := LOOPBACK.fullmatch(uri)) is None or "#" in uri or "\\" in uri:
        return None
    if (port := match["port"]) is not None and not 0 < int(port) <= HIGHEST_PORT:
        return None
    return match["before"], match["after"] or ""


def is_local(uri: str) -> bool:
    """Return whether a URI leads to the person's own machine, where any program may listen."""
    return _loopback(uri) is not None or not uri.startswith("https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRedirect(Exception):
    """A redirect URI that may not be registered. `reason` is for its developer."""

    reason: str


def check_registrable(uris: Iterable[object], *, native: bool) -> tuple[str, ...]:
    """Return the redirect URIs if all may be registered. Raises BadRedirect."""
    found = tuple(uris)
    if not 0 < len(found) <= MOST:
        raise BadRedirect(reason=f"Register between 1 and {MOST} redirect URIs.")
    checked = [_checked(uri, native=native) for uri in found]
    return tuple(dict.fromkeys(checked))


def _checked(uri: object, *, native: bool) -> str:
    if not isinstance(uri, str) or not 0 < len(uri) <= LONGEST:
        raise BadRedirect(reason=f"A redirect URI is a text of at most {LONGEST} characters.")
    if _loopback(uri) is not None or (_is_https(uri) and not _hides_something(uri)):
        return uri
    if native and PRIVATE_SCHEME.fullmatch(uri):
        return uri
    raise BadRedirect(
        reason="A redirect URI is https without user name, fragment or wildcard; or, for native "
        "applications, http on 127.0.0.1, [::1] or localhost, or a scheme with a dot."
    )


def _is_https(uri: str) -> bool:
    if (match := HTTPS.fullmatch(uri)) is None:
        return False
    host = match["host"]
    if int(match["port"] or 0) > HIGHEST_PORT:
        return False
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return False
    return ".." not in host


def _hides_something(uri: str) -> bool:
    """Return whether a path steps up, which programs read differently, or looks like a pattern."""
    path = urlsplit(uri).path.lower().replace("%2e", ".")
    return "*" in uri or any(part in {".", ".."} for part in path.split("/"))
