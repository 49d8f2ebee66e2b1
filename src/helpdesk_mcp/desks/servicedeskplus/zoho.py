"""The accounts server of Zoho: codes and refresh tokens for access tokens, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.reach import DIRECT, Reach
from helpdesk_mcp.desks.servicedeskplus.values import number_of, row_of, text_of
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, RateLimited, Unavailable
from helpdesk_mcp.telemetry.metrics import Metrics

TOKEN = "oauth/v2/token"  # noqa: S105 -- a path
COOL_DOWN = 600.0
"""Seconds to leave the accounts server alone after "Access Denied" (reference §2.3)."""
SHORTEST, USUAL, LONGEST = 60, 3600, 86_400
"""Seconds a token may be good for, whatever the server says."""
REVOKED = {
    "invalid_code": "Zoho has revoked the refresh token, or never knew it: connect the desk again.",
    "invalid_token": "Zoho has revoked the refresh token: connect the desk again.",
    "invalid_grant": "Zoho has revoked the refresh token: connect the desk again.",
    "invalid_client": "Zoho does not know this client id in this data centre.",
    "invalid_client_secret": "Zoho does not accept the client's secret.",
}
"""Errors that do not pass, and what an administrator reads about each."""


class Revoked(Unavailable):
    """The accounts server will never again take what we have; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="reauth_required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the API console. `accounts` is the accounts server of its data centre."""

    accounts: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a good answer says. A refresh gives no new refresh token: the old one stays."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    seconds: int = USUAL
    api_domain: str = ""
    scopes: str = ""


async def refreshed(http: httpx2.AsyncClient, client: Client, refresh_token: str) -> Granted:
    """Ask for an access token. Raises Revoked, RateLimited or Unavailable."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return granted(*await _asked(http, client, form))


async def exchanged(client: Client, code: str, reach: Reach = DIRECT) -> Granted:
    """Exchange the code of a self client, which works once and for minutes."""
    guard = Guard(kind="zoho_accounts")
    async with desk_client(client.accounts, guard, Metrics(), reach) as http:
        form = {"grant_type": "authorization_code", "code": code.strip()}
        try:
            found = granted(*await _asked(http, client, form))
        except Revoked as error:
            if error.message != REVOKED["invalid_code"]:
                raise
            raise Invalid(
                "Zoho does not take this code: it works once, for a few minutes, and in the data "
                "centre it was made in. Generate another.",
                reason="code",
            ) from None
    if not found.refresh_token:
        raise Unavailable("Zoho gave no refresh token: generate another code.", reason="protocol")
    return found


def granted(status: int, body: Mapping[str, Any]) -> Granted:
    """Read an answer: what counts is whether there is a token, not the HTTP status."""
    if (token := text_of(body.get("access_token"))) is None:
        raise _refused(status, text_of(body.get("error")) or "")
    seconds = number_of(body.get("expires_in"))
    return Granted(
        access_token=token,
        refresh_token=text_of(body.get("refresh_token")) or "",
        seconds=min(max(USUAL if seconds is None else seconds, SHORTEST), LONGEST),
        api_domain=text_of(body.get("api_domain")) or "",
        scopes=" ".join((text_of(body.get("scope")) or "").replace(",", " ").split()),
    )


def _refused(status: int, error: str) -> HelpdeskError:
    if error in REVOKED:
        return Revoked(REVOKED[error])
    if error == "Access Denied" or status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            "Zoho was asked for too many tokens and gives none for some minutes.",
            reason="token_limit",
            retry_after=COOL_DOWN,
        )
    return Unavailable("Zoho's accounts server gave no token.", reason="token")


async def _asked(
    http: httpx2.AsyncClient, client: Client, form: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """Post a form: in a query the secrets would stand in logs."""
    secrets = {"client_id": client.client_id, "client_secret": client.client_secret}
    response = await http.post(TOKEN, data={**form, **secrets})
    try:
        body = row_of(json.loads(response.content))
    except ValueError:
        body = {}
    return response.status_code, body
