"""The official suite's scenarios for authorization servers, with a script as the person."""

import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import httpx2
from anyio.streams.buffered import BufferedByteReceiveStream
from tests.conformance.harness import NODE, SUITE, require_suite

DATES = ("2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
SCENARIOS = frozenset({"authorization-server-metadata-endpoint", "authorization-code-grant"})
Visit = Callable[[str], Awaitable[str]]
"""Open an address as a person and return where the browser was sent in the end."""


async def judgements(
    issuer: str, client_id: str, *, date: str, resource: str, out: Path, visit: Visit
) -> dict[str, str]:
    """Run both scenarios and return each check's status. Warnings are statuses too."""
    require_suite()
    port = _free_port()
    given = ["--url", issuer, "--client-id", client_id, "--resource", resource]
    given += ["--spec-version", date, "--port", str(port), "-o", str(out)]
    command = [str(NODE), str(SUITE / "dist" / "index.js"), "authorization", *given]
    with anyio.fail_after(60):
        async with await anyio.open_process(command, stderr=None) as suite:
            assert suite.stdout is not None
            lines = BufferedByteReceiveStream(suite.stdout)
            said = await _answered(lines, issuer, visit)
            await suite.wait()
    found = _checks(out)
    assert found, said
    return {check["id"]: check["status"] for check in found}


def _checks(out: Path) -> list[dict[str, str]]:
    files = out.rglob("checks.json")
    return [check for file in files for check in json.loads(file.read_text("utf-8"))]


async def _answered(lines: BufferedByteReceiveStream, issuer: str, visit: Visit) -> str:
    """Follow the address that the suite prints; return all that it said."""
    said = ""
    while True:
        try:
            line = (await lines.receive_until(b"\n", 1_000_000)).decode().strip()
        except anyio.IncompleteRead:
            return said
        said += line + "\n"
        if line.startswith(issuer) and "code_challenge=" in line:
            async with httpx2.AsyncClient(trust_env=False) as browser:
                await browser.get(await visit(line))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
