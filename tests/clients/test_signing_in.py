"""Real clients sign in by themselves, with a script as the person, and work a ticket."""

import json
import os
import subprocess
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream
from tests.clients.onlooker import watched
from tests.clients.workshop import NODE, Trip, node, python, require
from tests.oauth.harness import World
from tests.oauth.person import answered

CLIENTS = {
    "python-1.30": (python("python-1.30", "python_oauth_v1.py"), "http", "2025-11-25"),
    "python-2.3": (python("python-2.3", "python_oauth_v2.py"), "auto", "2026-07-28"),
    "python-2.3-legacy": (python("python-2.3", "python_oauth_v2.py"), "legacy", "2025-11-25"),
    "typescript-1": (node("typescript_oauth_v1.mjs"), "http", "2025-11-25"),
    "typescript-2": (node("typescript_oauth_v2.mjs"), "auto", "2026-07-28"),
    "typescript-2-legacy": (node("typescript_oauth_v2.mjs"), "legacy", "2025-11-25"),
}
NEEDED = {"list_tickets", "create_ticket", "get_ticket"}


async def signed_in(command: list[str], world: World, subject: str, home: Path) -> Trip:
    """Run a driver, open what it wants opened, and read its report."""
    require(command)
    surroundings = {
        "PATH": os.pathsep.join([str(NODE.parent), os.defpath]),
        "HOME": str(home),
        "MCP_SUBJECT": subject,
    }
    browser = world.browser()
    with anyio.fail_after(90):
        async with await anyio.open_process(
            command, stdin=subprocess.PIPE, env=surroundings
        ) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            lines = BufferedByteReceiveStream(process.stdout)
            try:
                while "ok" not in (said := json.loads(await lines.receive_until(b"\n", 1_000_000))):
                    left = await answered(browser, said["open"], world.people["ana"])
                    await process.stdin.send(json.dumps({"left": left}).encode() + b"\n")
            except (anyio.IncompleteRead, anyio.BrokenResourceError):
                assert process.stderr is not None
                complaint = b"".join([part async for part in process.stderr])
                raise AssertionError(complaint.decode()) from None
    return Trip(version=said["version"], tools=frozenset(said["tools"]), ok=said["ok"])


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_that_knows_only_the_address_signs_in_and_works_a_ticket(
    client: str, world: World, tmp_path: Path
) -> None:
    command, how, version = CLIENTS[client]
    subject = f"The printer of room {uuid4().hex} is on fire"

    made = await signed_in([*command, how, world.resource], world, subject, tmp_path)

    assert (made.version, made.ok, NEEDED - made.tools) == (version, True, set())


async def test_mcp_remote_signs_in_for_a_client_without_http(world: World, tmp_path: Path) -> None:
    subject = f"The printer of room {uuid4().hex} is on fire"
    browser = world.browser()

    async def visit(url: str) -> str:
        return await answered(browser, url, world.people["ana"])

    bridge = [*node("mcp-remote"), world.resource, "--allow-http"]
    command = [*node("typescript_v1.mjs"), "stdio", *bridge]
    said = await watched(command, visit, tmp_path, {"MCP_SUBJECT": subject})

    report = json.loads(said.splitlines()[-1])
    assert (report["version"], report["ok"]) == ("2025-11-25", True)
    assert set(report["tools"]) >= NEEDED


async def test_the_inspector_signs_in_and_lists_the_tools(world: World, tmp_path: Path) -> None:
    browser = world.browser()

    async def visit(url: str) -> str:
        return await answered(browser, url, world.people["ana"])

    inspector = [*node("mcp-inspector"), "--cli", world.resource, "--transport", "http"]
    inspector += ["--method", "tools/list", "--format", "json"]
    given = {"MCP_INSPECTOR_SECRET_STORE": "memory", "MCP_AUTO_OPEN_ENABLED": "true"}
    said = await watched(inspector, visit, tmp_path, given)

    assert {name for name in NEEDED if f'"{name}"' in said} == NEEDED
