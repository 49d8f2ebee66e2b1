"""`oauth`: an operator's work on the authorization server: its keys, its sweep, its providers."""

import time
from pathlib import Path
from typing import Any

import anyio
from cyclopts import App

from helpdesk_mcp import settings
from helpdesk_mcp.authority import signing_keys
from helpdesk_mcp.back_office import open_store
from helpdesk_mcp.cli.office import Desk, in_organisation
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.environment import keyring_of
from helpdesk_mcp.oauth.upstream import CALLBACK_PATH
from helpdesk_mcp.stores.sweeping import sweep as swept

app = App(name="oauth")


@app.command
def rotate_keys() -> None:
    """Sign with new keys from now on; the old ones are published until their tokens are gone."""

    async def rotate() -> tuple[str, ...]:
        found = settings.load()
        async with open_store(found) as database:
            return await signing_keys(database, _keyring(found)).rotate()

    kids = anyio.run(rotate)
    say(f"New signing keys: {', '.join(kids)}. Every server uses them within 5 seconds.")


@app.command
def sweep() -> None:
    """Remove clients that nobody uses and what expired long ago, as servers do every hour."""

    async def clean() -> str:
        async with open_store(settings.load()) as database:
            gone = await swept(database, time.time())
        return (
            f"Removed {gone.clients} clients, {gone.requests} requests, {gone.tokens} tokens "
            f"and {gone.grants} grants."
        )

    say(anyio.run(clean))


@app.command
def set_provider(tenant: str, *, issuer: str, client_id: str, secret_file: Path) -> None:
    """Let an organisation's people sign in at their own OpenID provider.

    Parameters
    ----------
    tenant
        Slug or id of the organisation.
    issuer
        The provider's issuer, exactly as it writes it.
    client_id
        How the provider knows this server.
    secret_file
        File with the client secret; it is sealed and never shown again.

    """
    try:
        secret = secret_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid("The file of the client secret cannot be read.") from None

    async def work(office: Desk) -> dict[str, Any]:
        await office.run("set_provider", issuer=issuer, client_id=client_id, client_secret=secret)
        return await office.run("test_provider")

    found = in_organisation(work, tenant)
    say(f"Register this redirect URI there: <the server's address>{CALLBACK_PATH}")
    if not found["works"]:
        say(f"It is set, but its test failed: {found['message']}")
        raise SystemExit(1)


@app.command
def remove_provider(tenant: str) -> None:
    """Let an organisation's people sign in with passwords only."""

    async def work(office: Desk) -> dict[str, Any]:
        return await office.run("remove_provider")

    in_organisation(work, tenant)
    say("Removed.")


def _keyring(found: settings.Settings) -> Keyring:
    if (keyring := keyring_of(found)) is None:
        raise Invalid(
            "There is no master key: set HELPDESK_MASTER_KEY_FILE to the servers' own.",
            reason="keys",
        )
    return keyring
