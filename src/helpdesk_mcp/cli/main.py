"""The `helpdesk-mcp` command and its subcommands."""

import runpy
import sys
from typing import Annotated, Literal

from cyclopts import App, Parameter

from helpdesk_mcp.cli import audit, doctor, oauth, serve, tokens
from helpdesk_mcp.cli.connect_zoho import connect_zoho
from helpdesk_mcp.cli.running import run

app = App(
    name="helpdesk-mcp",
    help=(
        "Safe access for AI agents to your help desk, over MCP and REST. Settings come from the "
        "environment and from `.env`; `helpdesk-mcp doctor` checks them."
    ),
    version_flags=["--version"],
)
app.command(serve.serve)
app.command(serve.stdio)
app.command(tokens.app)
app.command(audit.app)
app.command(oauth.app)
desks = App(name="desks", help="Connect help desks.")
desks.command(connect_zoho)
app.command(desks)
app.command(doctor.doctor)


@app.command
def demo(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Try it: a real help desk with sample tickets, this server, and a guided tour.

    Needs the `demo` extra: pip install 'helpdesk-mcp[demo]'.
    """
    sys.argv = ["helpdesk-mcp demo", *arguments]
    runpy.run_module("helpdesk_demo.demo", run_name="__main__")


@app.command
def simulate(
    product: Literal["servicedesk-plus"],
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True)],
) -> None:
    """Serve a simulator of a help desk that cannot be installed here, for tests and trials.

    For ServiceDesk Plus: --edition onprem|cloud --seed N --build N --port N --tickets N. It prints
    one line of JSON with its address and credentials when it is ready. Needs the `demo` extra.
    """
    sys.argv = [f"helpdesk-mcp simulate {product}", *arguments]
    runpy.run_module("helpdesk_demo.servicedesk_plus", run_name="__main__")


def main() -> None:
    """Run the command line. Expected failures end with a message and status 1 or 2."""
    run(app)
