"""`tokens`: make, list and revoke the bearer tokens of clients."""

import re
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import anyio
from cyclopts import App, Parameter

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import open_store, own_tenant
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.stores.tokens import SqlTokens

app = App(name="tokens")
SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@app.command
def create(
    *,
    scopes: str = "tickets:read people:read knowledge:read",
    expires: str = "30d",
    name: str = "",
    user: str = "operator",
    client: str = "cli-token",
    tenant: str = "",
    quiet: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Make a token and print it once; only its digest is kept.

    Parameters
    ----------
    scopes
        Separated by spaces or commas, or `all` that agents can have: tickets:read tickets:write
        replies:send people:read knowledge:read and more; an unknown one is answered with the list.
    expires
        30m, 12h, 30d, 8w, a date such as 2027-01-31, or `never`.
    name
        What it is for; shown by `tokens list`.
    user
        Who the audit trail says has called.
    client
        Which program the audit trail says was used.
    tenant
        Slug of the organisation it is for, the only one if left out; `deployment` for an
        operator's.
    quiet
        Print the token and nothing else.

    """
    wanted, expires_at = _scopes(scopes), until(expires, time.time())

    async def make() -> tuple[str, str]:
        async with _tokens(tenant) as own:
            return await own.create(
                name=name, subject=user, client=client, scopes=wanted, expires_at=expires_at
            )

    token_id, secret = anyio.run(make)
    if quiet:
        say(secret)
        return
    say(f"Token {token_id} for {user}: {_held(sorted(wanted))}; expires {_when(expires_at)}.")
    say("It is shown this once. Clients send it as  Authorization: Bearer <token>\n")
    say(secret)


@app.command(name="list")
def list_(*, tenant: str = "") -> None:
    """List the tokens of an organisation, without their secrets."""

    async def read() -> list[tuple[str, ...]]:
        async with _tokens(tenant) as own:
            return [
                (
                    t.id,
                    t.name,
                    t.subject,
                    t.client,
                    _held(t.scopes),
                    _when(t.expires_at),
                    f"revoked {_when(t.revoked_at)}" if t.revoked_at else "live",
                )
                for t in await own.every()
            ]

    table(("id", "name", "user", "client", "scopes", "expires", "state"), anyio.run(read))


@app.command
def revoke(token_id: str, *, tenant: str = "") -> None:
    """Revoke a token. Running servers refuse it within 5 seconds."""

    async def end() -> None:
        async with _tokens(tenant) as own:
            await own.revoke(token_id)

    anyio.run(end)
    say(f"Token {token_id} is revoked.")


@asynccontextmanager
async def _tokens(tenant: str) -> AsyncGenerator[SqlTokens]:
    async with open_store(found := settings.load()) as database:
        yield SqlTokens(database, await own_tenant(found, database, tenant))


def _held(scopes: Collection[str]) -> str:
    return "all" if EVERY_SCOPE.issubset(scopes) else " ".join(scopes)


def _scopes(text: str) -> frozenset[Scope]:
    if text.strip() == "all":
        return EVERY_SCOPE
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if unknown := [word for word in words if word not in set(Scope)]:
        raise Invalid(f"There is no scope {unknown[0]!r}. Valid: {' '.join(Scope)}, or all.")
    if not words:
        raise Invalid(f"Give at least one scope: {' '.join(Scope)}, or all.")
    return frozenset(Scope(word) for word in words)


def until(text: str, now: float) -> float | None:
    """Return the end that a duration, a date or `never` means. Raises Invalid."""
    if text == "never":
        return None
    if match := re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text):
        return now + int(match[1]) * SECONDS[match[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("`--expires` is 30m, 12h, 30d, 8w, a date, or never.") from None
    end = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if end <= now:
        raise Invalid("`--expires` lies in the past.")
    return end


def _when(moment: float | None) -> str:
    if moment is None:
        return "never"
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="minutes")
