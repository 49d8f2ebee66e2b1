"""Lists of hosts and origins, compared whole and never by prefix."""

import re
from collections.abc import Iterable


class AllowList:
    """Names with an exact port or none, or with `:*` for any port of exactly that name."""

    __slots__ = ("_any_port", "_exact")

    def __init__(self, entries: Iterable[str]) -> None:
        names = [entry.lower().encode("ascii") for entry in entries]
        self._exact = frozenset(name for name in names if not name.endswith(b":*"))
        self._any_port = frozenset(name[:-2] for name in names if name.endswith(b":*"))

    def __bool__(self) -> bool:
        return bool(self._exact or self._any_port)

    def permits(self, value: bytes) -> bool:
        """Whether this header value, as it was sent, is one of the names."""
        value = value.lower()
        if value in self._exact or value in self._any_port:
            return True
        name, _, port = value.rpartition(b":")
        return name in self._any_port and port.isdigit() and len(port) <= _PORT_DIGITS


def allowed_hosts(entries: Iterable[str]) -> AllowList:
    """Read `HELPDESK_ALLOWED_HOSTS`: `desk.example`, `desk.example:8443`, `127.0.0.1:*`."""
    return AllowList(_checked(entries, _HOST, "HELPDESK_ALLOWED_HOSTS"))


def allowed_origins(entries: Iterable[str]) -> AllowList:
    """Read `HELPDESK_ALLOWED_ORIGINS`: `https://app.example`, `http://127.0.0.1:*`."""
    return AllowList(_checked(entries, _ORIGIN, "HELPDESK_ALLOWED_ORIGINS"))


def _checked(entries: Iterable[str], grammar: re.Pattern[str], setting: str) -> list[str]:
    checked = list(entries)
    for entry in checked:
        if not grammar.fullmatch(entry):
            raise ValueError(f"{setting}: {entry!r} is not one of the forms it takes.")
    return checked


_PORT_DIGITS = 5
_AUTHORITY = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?:[0-9]{1,5}|\*))?"
)
_HOST = re.compile(_AUTHORITY)
_ORIGIN = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*://{_AUTHORITY}")
