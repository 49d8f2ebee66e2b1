"""The `helpdesk-mcp` command and its subcommands."""

import runpy
import sys
from importlib.util import find_spec
from inspect import cleandoc
from typing import Annotated, Literal

from cyclopts import App, Parameter

from helpdesk_mcp.cli.running import run
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.telemetry import logs


def _worth_saying(default: object) -> str | None:
    """Return a default as `--help` shows it; that nothing is set there needs no words."""
    return None if default in {"", "{}", None, False} else str(default)


app = App(
    name="helpdesk-mcp",
    help=(
        "Safe access for AI agents to your help desk, over MCP and REST. Settings come from the "
        "environment and from `.env`; `helpdesk-mcp doctor` checks them."
    ),
    version_flags=["--version"],
    default_parameter=Parameter(show_default=_worth_saying),
)
# What a command needs is imported when it is run: everything together takes seconds.
COMMANDS = {
    "init": """Set up: master key, database, first organisation, its administrator and its desk.

        What is not given is asked for. What is there already stays, so it can be run again.""",
    "serve": """Serve MCP at /mcp and REST, by default on 127.0.0.1:8001.

        Options are environment variables: HELPDESK_BASE_URL, HELPDESK_USERNAME, HELPDESK_PASSWORD,
        HOST, MCP_PORT, PUBLIC_URL, DATABASE_URL and more; see `.env.example`.""",
    "stdio": """Serve one MCP client over standard input and output.

        Claude Desktop and other clients start servers so. Settings are those of `serve`. Logs go
        to standard error; MCP_DEBUG makes them more.""",
    "doctor": """Check settings, database, help desks and clocks; say how to fix what is wrong.

        Looks at the help desk of the settings and at those that organisations connected. Exits 0
        when everything works, 1 otherwise.""",
}
GROUPS = {
    "tokens": "Make, list and revoke the bearer tokens that clients use.",
    "tenants": "Create, list, suspend, resume, back up, restore and delete organisations.",
    "desks": "Connect, test, change and disconnect help desks.",
    "users": "Create, invite, disable and remove people; give roles and passwords.",
    "keys": "Make, show, rotate and verify the master keys.",
    "database": "Prepare the database.",
    "audit": "Read the audit trail: who did what, when, with which outcome.",
    "oauth": "Keys, cleaning and sign-in providers of the authorization server.",
}
for _name, _help in COMMANDS.items():
    _module = "serve" if _name == "stdio" else _name
    app.command(f"helpdesk_mcp.cli.{_module}:{_name}", help=cleandoc(_help))
for _name, _help in GROUPS.items():
    app.command(f"helpdesk_mcp.cli.{_name}:app", name=_name, help=_help)


@app.command
def demo(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Try it: a real help desk with sample tickets, this server, and a guided tour.

    Needs the `demo` extra: pip install 'helpdesk-mcp[demo]'.

    Parameters
    ----------
    arguments
        --desk django-helpdesk|servicedesk-plus|servicedesk-plus-cloud|all; --port and
        --helpdesk-port, where 0 takes any free one; --data for its directory; --once ends after
        the tour.

    """
    sys.argv = ["helpdesk-mcp demo", *arguments]
    if find_spec("django") is None:
        raise Invalid(
            "The demo needs the `demo` extra. Run `make demo` in the directory of helpdesk-mcp, or "
            "pip install 'helpdesk-mcp[demo]'."
        )
    runpy.run_module("helpdesk_demo.demo", run_name="__main__")


@app.command
def simulate(
    product: Literal["servicedesk-plus"],
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True)],
) -> None:
    """Serve a simulator of a help desk that cannot be installed here, for tests and trials.

    It prints one line of JSON with its address and credentials when it is ready.

    Parameters
    ----------
    product
        What is simulated.
    arguments
        --edition onprem|cloud is needed; --seed N, --build N, --port N (0 takes any free one) and
        --tickets N are not.

    """
    sys.argv = [f"helpdesk-mcp simulate {product}", *arguments]
    runpy.run_module("helpdesk_demo.servicedesk_plus", run_name="__main__")


def main() -> None:
    """Run the command line. Expected failures end with a message and status 1, 2 or 78."""
    logs.configure("ERROR", sys.stderr)  # `serve` and `stdio` choose for themselves
    run(app)
