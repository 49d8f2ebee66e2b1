"""Cursors as clients hold them: good for the tenant, the tool and the desks they were made for."""

import base64
import hashlib
import hmac

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import cursor_at

TAG_BYTES = 9
Place = tuple[str, ...]
"""Tenant, tool and connections: where a cursor is good."""


class Cursors:
    """Seals and opens cursors. `key` is the same on every replica, and known to nobody else."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, place: Place, inner: str) -> str:
        return f"{inner}.{self._tag(place, inner)}"

    def open(self, place: Place, cursor: str) -> str:
        """Return what was sealed. Raises Invalid for what was not, or not for here."""
        inner, _, tag = cursor.rpartition(".")
        if not (cursor.isascii() and hmac.compare_digest(self._tag(place, inner), tag)):
            raise foreign()
        return inner

    def _tag(self, place: Place, inner: str) -> str:
        said = "\x00".join((*place, inner)).encode()
        digest = hmac.digest(self._key, said, hashlib.sha256)[:TAG_BYTES]
        return base64.urlsafe_b64encode(digest).decode()


def foreign() -> Invalid:
    return Invalid(
        "This cursor is not one of ours, or one of another tool or desk; start again without it.",
        reason="cursor",
    )


def joined(starts: dict[int, int]) -> str:
    """Return one cursor for several desks: where each of them goes on, by its number."""
    return "_".join(f"{desk}-{start}" for desk, start in sorted(starts.items()))


def parted(inner: str) -> dict[int, str]:
    """Return the cursor of each desk that goes on, by its number. Undoes `joined`."""
    parts = (part.split("-") for part in inner.split("_"))
    return {int(desk): cursor_at(int(start)) for desk, start in parts}
