"""`desks connect-zoho`: the code of a Zoho self client becomes a refresh token."""

import getpass
import json
import sys
from typing import Annotated

import anyio
from cyclopts import Parameter

from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.desks.servicedeskplus import editions
from helpdesk_mcp.desks.servicedeskplus.scopes import asked_for
from helpdesk_mcp.desks.servicedeskplus.zoho import Client, exchanged
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.telemetry import logs


def connect_zoho(
    *,
    data_center: str = "us",
    portal: str = "",
    client_id: str = "",
    accounts_url: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Connect ServiceDesk Plus Cloud: exchange the code of a self client for a refresh token.

    Says what to do in Zoho's API console, then asks for the client's id, its secret and the code.
    Where input is not a terminal they are read from it, one a line.

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
    as_json
        Print the credential as JSON and nothing else, to hand to another command.

    """
    logs.configure("CRITICAL", sys.stderr)  # standard output is for the credential alone
    center = editions.data_center(data_center)
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
    say(f"\nConnected. Zoho granted: {granted.scopes or 'what was asked for'}.")
    _say_settings(credential, _known(data_center), portal)


INSTRUCTIONS = """\
1. Open {console} and add a Self Client; note its client id and secret.
2. Under Generate Code paste these scopes, choose 10 minutes and your portal:

   {scopes}

3. Paste id, secret and code here. The code works once.
"""


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
