"""The `helpdesk-mcp` command and its subcommands."""

import runpy
import sys
from typing import Annotated, Literal

from cyclopts import App, Parameter

from helpdesk_mcp.cli import (
    audit,
    database,
    desks,
    doctor,
    init,
    keys,
    oauth,
    serve,
    tenants,
    tokens,
    users,
)
from helpdesk_mcp.cli.connect_zoho import connect_zoho
from helpdesk_mcp.cli.running import run
from helpdesk_mcp.telemetry import logs

app = App(
    name="helpdesk-mcp",
    help=(
        "Safe access for AI agents to your help desk, over MCP and REST. Settings come from the "
        "environment and from `.env`; `helpdesk-mcp doctor` checks them."
    ),
    version_flags=["--version"],
)
app.command(init.init)
app.command(serve.serve)
app.command(serve.stdio)
app.command(tokens.app)
app.command(tenants.app)
desks.app.command(connect_zoho)
app.command(desks.app)
app.command(users.app)
app.command(keys.app)
app.command(database.app)
app.command(audit.app)
app.command(oauth.app)
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
    """Run the command line. Expected failures end with a message and status 1, 2 or 78."""
    logs.configure("ERROR", sys.stderr)  # `serve` and `stdio` choose for themselves
    run(app)
