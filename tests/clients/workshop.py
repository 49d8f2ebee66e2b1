"""Where the real clients are installed, and how one of them is run."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DRIVERS = HERE / "drivers"
NODE = ROOT / ".venv" / "bin" / "node"

Arguments = dict[str, Any]  # of a tool call, a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpDesk:
    """A running server, the command that serves the same over stdio, and a place for clients."""

    url: str
    token: str = field(repr=False)
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    home: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What a client saw: the revision it agreed on, the tools, and whether its ticket came back."""

    version: str | None
    tools: frozenset[str]
    ok: bool


def python(client: str, driver: str) -> list[str]:
    """A driver of ours in the virtual environment of its client."""
    return [str(environment_of(client) / "python"), str(DRIVERS / driver)]


def node(program: str) -> list[str]:
    """A driver of ours, or a program that a package brought."""
    folder = DRIVERS if program.endswith(".mjs") else HERE / "node_modules" / ".bin"
    return [str(NODE), str(folder / program)]


def environment_of(client: str) -> Path:
    return ROOT / ".venvs" / client / "bin"


async def drive(command: list[str], desk: HelpDesk, subject: str) -> Trip:
    """Run a driver, which makes the whole journey; its last line of output is its report."""
    report = json.loads((await run(command, desk, subject)).splitlines()[-1])
    return Trip(version=report["version"], tools=frozenset(report["tools"]), ok=report["ok"])


async def command_by_command(
    tools: list[str], call: Callable[[str, Arguments], list[str]], desk: HelpDesk, subject: str
) -> Trip:
    """Make the journey with a command line program that prints JSON, one process for each step."""
    listing = json.loads(await run(tools, desk, subject))
    names = frozenset(tool["name"] for tool in listing.get("result", listing)["tools"])
    listed = await run(call("list_tickets", {"page_size": 2}), desk, subject)
    draft = {"subject": subject, "description": subject, "queue": "IT Support"}
    created = await run(call("create_ticket", draft), desk, subject)
    found = re.search(r"ticket_id\W+([\w-]+)", created)
    assert found, created
    ticket = await run(call("get_ticket", {"ticket_id": found[1]}), desk, subject)
    return Trip(version=None, tools=names, ok=bool(listed) and subject in ticket)


async def run(command: list[str], desk: HelpDesk, subject: str) -> str:
    """Return what a client that ended well wrote on stdout; some write all they say on stderr."""
    require(command)
    surroundings = {
        **desk.environment,
        # Nothing else of this machine: a client must not find settings that are not ours.
        "PATH": os.pathsep.join([str(NODE.parent), os.defpath]),
        "HOME": str(desk.home),
        "MCP_TOKEN": desk.token,
        "MCP_SUBJECT": subject,
    }
    with anyio.fail_after(60):
        # A pipe that nobody writes to: to mcp-remote an end of its input is a wish to stop.
        done = await anyio.run_process(
            command,
            stdin=subprocess.PIPE,
            stderr=subprocess.STDOUT if "mcp-remote-client" in command[1] else subprocess.PIPE,
            env=surroundings,
            check=False,
        )
    assert done.returncode == 0, (done.stderr or done.stdout).decode()
    return done.stdout.decode()


def require(command: list[str]) -> None:
    """Skip where a client is not installed; on CI a skip would hide a failure, so fail."""
    if all(Path(part).exists() for part in command[:2] if part.startswith("/")):
        return
    how = "A real client is not installed: run `make client-tools`."
    if "CI" in os.environ:  # noqa: TID251 - not a setting of the product
        pytest.fail(how)
    pytest.skip(how)
