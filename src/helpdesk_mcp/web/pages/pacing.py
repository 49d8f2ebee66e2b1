"""How often one network address may do what costs us something."""

from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.web.pages.addresses import client_of
from helpdesk_mcp.web.pages.parts import Parts
from helpdesk_mcp.web.pages.refusing import Refusal

SIGN_IN: Final = "sign-in"
TRIES: Final = Rate(burst=20, per_second=20 / 60)
"""Passwords and invitations that one address may try (security case A27)."""
REQUESTS: Final = Rate(burst=600, per_second=5)
"""Authorization requests of one address: each waits in the database for its person."""


async def pace(parts: Parts, request: Request, what: str, rate: Rate) -> None:
    """Count one act of this address. Raises Refusal (429) for one too many."""
    address = client_of(request, parts.trusted_proxies)
    if (wait := await parts.limiter.take(f"{what}\0{address}", rate)) > 0:
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_often", retry_after=wait)
