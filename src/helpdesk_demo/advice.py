"""What to paste where, once the demo is up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.rule import Rule


def show(out: Console, connection: Mapping[str, Any], data: Path) -> None:
    """Print how to connect each client, and how to look behind the scenes."""
    url, token = connection["mcp_url"], connection["token"]
    out.print(Rule("It stays up: connect your own client", style="cyan"))
    for title, text in _clients(url, token, connection["rest_url"]).items():
        out.print(f"\n[bold]{title}[/bold]")
        out.print(text, markup=False)
    out.print(
        "\nOr sign in: clients that know OAuth need the address only "
        f"({url}); ChatGPT reaches it over public https."
    )
    _people(out, connection)
    _behind(out, connection, data)
    out.print("\nCtrl-C stops everything that was started.")


def _clients(url: str, token: str, rest_url: str) -> dict[str, str]:
    return {
        "Claude Code": (
            f"claude mcp add --transport http helpdesk {url} "
            f'--header "Authorization: Bearer {token}"'
        ),
        "Claude Desktop (claude_desktop_config.json)": (
            '{"mcpServers": {"helpdesk": {"command": "npx", "args": ["-y", "mcp-remote", '
            f'"{url}", "--allow-http", "--header", "Authorization: Bearer {token}"]}}}}}}'
        ),
        "Inspector": (
            f"npx @modelcontextprotocol/inspector --cli {url} --transport http "
            f'--header "Authorization: Bearer {token}" --method tools/list'
        ),
        "OpenAI Responses API (the server needs a public https address, e.g. through a tunnel)": (
            'tools=[{"type": "mcp", "server_label": "helpdesk", "server_url": "https://…/mcp", '
            f'"headers": {{"Authorization": "Bearer {token}"}}}}]'
        ),
        "REST": (f"curl -H 'Authorization: Bearer {token}' '{rest_url}/tickets?page_size=3'"),
    }


def _people(out: Console, connection: Mapping[str, Any]) -> None:
    out.print(f"\n[bold]Two organisations[/bold], to sign in or at {connection['admin_url']}")
    for tenant in connection["tenants"]:
        for user in tenant["users"]:
            said = f"{tenant['name']:8} {user['email']:32} {user['password']}"
            out.print(said, markup=False)


def _behind(out: Console, connection: Mapping[str, Any], data: Path) -> None:
    out.print("\n[bold]Look behind the scenes[/bold]")
    name, password = connection["helpdesk_username"], connection["helpdesk_password"]
    entry = f"log in as {name} / {password}" if name else "a simulator of its API, without pages"
    out.print(f"help desk      {connection['helpdesk_url']}  {entry}", markup=False)
    out.print(f"REST docs      {connection['rest_url']}/docs")
    out.print(f"metrics        {connection['metrics_url']}")
    out.print(
        f"audit trail    DATABASE_URL=sqlite+aiosqlite:///{data}/helpdesk-mcp.sqlite3 "
        ".venv/bin/helpdesk-mcp audit list"
    )
    out.print(f"all of this    {data}/connection.json")
