"""Fetching a short document from a server that is neither a help desk nor ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a server answered, read whole. `fresh_for`: seconds it said it may be kept."""

    status: int
    media_type: str
    body: bytes
    fresh_for: float = 0.0


class Fetch(Protocol):
    """Fetches within limits of time, size and address. Raises Unavailable; never redirects."""

    async def get(self, url: str, *, max_bytes: int, bearer: str = "") -> Fetched:
        """Fetch, with a token if the server takes one (RFC 6750 §2.1)."""
        ...

    async def post(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> Fetched: ...
