"""Scopes and resources: what may be asked for where (RFC 6749 §3.3, RFC 8707)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from helpdesk_mcp.domain.principals import ADMIN_SCOPES, EVERY_SCOPE, READ_SCOPES, Scope

IDENTITY = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes of OpenID Connect. `offline_access` is taken and changes nothing (refresh is usual)."""
KNOWN = IDENTITY | frozenset(str(scope) for scope in Scope)
TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
MOST = 100
LONGEST_RESOURCE = 1_024


class BadScope(Exception):
    """A scope that cannot be asked for."""


class BadTarget(Exception):
    """A resource that is not served here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The scopes of a request, those for people's identity apart from those for work."""

    scopes: frozenset[Scope]
    identity: frozenset[str]


def parse(text: str | None, allowed: frozenset[str] | None) -> Wanted:
    """Return what a `scope` parameter asks for. Raises BadScope.

    Empty means the least that is useful: what the client registered for, else reading.
    """
    words = [word for word in (text or "").split(" ") if word]
    if not words:
        words = sorted(allowed if allowed is not None else READ_SCOPES)
    if len(words) > MOST or not all(TOKEN.fullmatch(word) for word in words):
        raise BadScope
    asked = frozenset(words)
    if not asked <= KNOWN or (allowed is not None and not asked <= allowed | {"offline_access"}):
        raise BadScope
    return Wanted(
        scopes=frozenset(Scope(word) for word in asked - IDENTITY), identity=asked & IDENTITY
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What tokens can be for: canonical resource URIs and the scopes that make sense there.

    The MCP resource never holds a scope of administration, whatever is asked or allowed.
    """

    mcp: str
    admin: str

    def scopes(self, resource: str) -> frozenset[Scope]:
        return self._table().get(resource, frozenset())

    def canonical(self, asked: str) -> str:
        """Return our own name of a resource; case of the host and one slash may differ.

        Raises BadTarget for anything else (RFC 8707 §2).
        """
        if len(asked) <= LONGEST_RESOURCE:
            wanted = _folded(asked)
            for resource in self._table():
                if wanted == _folded(resource):
                    return resource
        raise BadTarget

    def matches(self, asked: str, resource: str) -> bool:
        return len(asked) <= LONGEST_RESOURCE and _folded(asked) == _folded(resource)

    def serves(self, resource: str) -> bool:
        return resource in self._table()

    def _table(self) -> Mapping[str, frozenset[Scope]]:
        return {self.mcp: EVERY_SCOPE, self.admin: ADMIN_SCOPES}


def _folded(resource: str) -> str:
    try:
        parts = urlsplit(resource)
    except ValueError:
        return ""
    if not parts.netloc or "#" in resource:
        return ""
    head, _, tail = resource.partition("//")
    host, slash, path = tail.partition("/")
    return f"{head.lower()}//{host.lower()}{slash}{path}".removesuffix("/")


def spoken(scopes: frozenset[Scope], identity: frozenset[str]) -> str:
    """Return the `scope` parameter of an answer."""
    return " ".join([*sorted(identity), *sorted(scopes)])
