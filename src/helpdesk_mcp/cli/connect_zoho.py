"""`desks connect-zoho`: the code of a Zoho self client becomes a refresh token."""

import getpass
import json
import sys
from typing import Annotated, Any

import anyio
from cyclopts import Parameter

from helpdesk_mcp.cli.desks import tell
from helpdesk_mcp.cli.office import Desk, in_organisation
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.desks.servicedeskplus import editions
from helpdesk_mcp.desks.servicedeskplus.scopes import asked_for
from helpdesk_mcp.desks.servicedeskplus.zoho import Client, exchanged
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.telemetry import logs

CLOUD = "servicedesk_plus_cloud"


def connect_zoho(
    *,
    data_center: str = "us",
    portal: str = "",
    client_id: str = "",
    accounts_url: str = "",
    desk: str = "",
    tenant: str = "",
    address: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Exchange the code of a self client for a refresh token.

    Parameters
    ----------
    data_center
        us, eu, in, cn, au, jp, ca, uk or sa: where your ServiceDesk Plus lives.
    portal
        The word after /app/ in its address.
    client_id
        Of the self client; asked for if it is not given.
    accounts_url
        Another accounts server than the data centre's.
    desk
        Keep the credential, sealed, as this desk of an organisation: a new one, or the one of this
        name, whose credential is replaced. Nothing is printed then.
    tenant
        Slug of the organisation; the only one if left out.
    address
        Custom domain of a new desk, if it has one.
    as_json
        Print the credential as JSON and nothing else, to hand to another command.

    """
    logs.configure("CRITICAL", sys.stderr)  # standard output is for the credential alone
    center = editions.data_center(data_center)
    if as_json and desk:
        raise Invalid("--json prints the credential and --desk keeps it: give one of them.")
    keeping = _found(desk, tenant) if desk else None  # before the code is spent, which works once
    if not as_json:
        say(INSTRUCTIONS.format(console=center.console, scopes=asked_for()))
    client = Client(
        accounts=accounts_url or center.accounts,
        client_id=client_id or _asked("Client id: "),
        client_secret=_asked("Client secret: ", hidden=True),
    )
    code = _asked("Code: ", hidden=True)
    granted = anyio.run(exchanged, client, code)
    credential = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "refresh_token": granted.refresh_token,
    }
    if as_json:
        say(json.dumps(credential))
        return
    if keeping is not None:
        named = {"portal": portal, "accounts_url": accounts_url}
        options = {"data_center": _known(data_center), **{k: v for k, v in named.items() if v}}
        _keep(desk, tenant, keeping, {"address": address, "settings": options}, credential)
        return
    say(f"\nConnected. Zoho granted: {granted.scopes or 'what was asked for'}.")
    _say_settings(credential, _known(data_center), portal)


INSTRUCTIONS = """\
1. Open {console} and add a Self Client; note its client id and secret.
2. Under Generate Code paste these scopes, choose 10 minutes and your portal:

   {scopes}

3. Paste id, secret and code here. The code works once.
"""


def _found(desk: str, tenant: str) -> dict[str, Any]:
    """Return the desk of this name, or nothing. Raises Invalid for one of another kind."""

    async def look(office: Desk) -> dict[str, Any]:
        desks: list[dict[str, Any]] = (await office.run("list_desks"))["desks"]
        nothing: dict[str, Any] = {}
        return next((d for d in desks if desk in {d["id"], d["name"]}), nothing)

    found = in_organisation(look, tenant)
    if found and found["kind"] != CLOUD:
        raise Invalid(f"{desk} is a desk of another kind: choose another name.", reason="kind")
    return found


def _keep(
    desk: str,
    tenant: str,
    known: dict[str, Any],
    given: dict[str, Any],
    credential: dict[str, str],
) -> None:
    """Seal the credential as a desk's, and test it. Exits 1 if that does not work."""

    async def keep(office: Desk) -> dict[str, Any]:
        if known:
            await office.run("replace_desk_credential", desk=known["id"], credential=credential)
            return await office.run("test_desk", desk=known["id"])
        made = await office.run("add_desk", name=desk, kind=CLOUD, credential=credential, **given)
        return await office.run("test_desk", desk=made["id"])

    tested = in_organisation(keep, tenant)
    say(f"The credential of {desk} is {'replaced' if known else 'kept'}, sealed.")
    tell(tested)
    if known.get("status") == "suspended":
        say(f"It is still suspended: `helpdesk-mcp desks resume {desk}` lets agents use it again.")


def _say_settings(credential: dict[str, str], center: str, portal: str) -> None:
    say("Put this into .env or your secret store; it is shown this once:\n")
    say(f"SDP_CLIENT_ID={credential['client_id']}")
    say(f"SDP_CLIENT_SECRET={credential['client_secret']}")
    say(f"SDP_REFRESH_TOKEN={credential['refresh_token']}")
    say(f"SDP_DATA_CENTER={center}")
    say(f"SDP_PORTAL_NAME={portal or '<the word after /app/ in its address>'}")


def _known(name: str) -> str:
    editions.data_center(name)
    return name.strip().lower()


def _asked(question: str, *, hidden: bool = False) -> str:
    """Ask a person, or take the next line of input; secrets are never shown."""
    if not sys.stdin.isatty():
        answer = sys.stdin.readline()
    else:
        answer = getpass.getpass(question) if hidden else input(question)
    if not (plain := answer.strip()):
        raise Invalid(f"{question.rstrip(': ')} is missing.", reason="settings")
    return plain
