"""Run the official suite against an ASGI application on loopback and read its verdicts."""

import json
import os
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.cli.http import PunctualProtocol

HERE = Path(__file__).parent
NODE = HERE.parents[1] / ".venv" / "bin" / "node"
SUITE = HERE / "node_modules" / "@modelcontextprotocol" / "conformance"
Site = Callable[[int], ASGIApp]  # from the port it is served on
RESULT_FOLDER = re.compile(r"server-(?P<scenario>.+?)-\d{4}-\d\d-\d\dT.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the suite found, scenario by scenario. `required` may be smaller than what ran."""

    required: frozenset[str]
    ran: frozenset[str]
    failures: dict[str, list[str]]

    @property
    def passed(self) -> frozenset[str]:
        return (self.required & self.ran) - self.failures.keys()

    @property
    def failed(self) -> frozenset[str]:
        return self.required - self.passed


def require_suite() -> None:
    """Skip where the suite is not installed; on CI a skip would hide a failure, so fail."""
    if SUITE.exists() and NODE.exists():
        return
    how = "The conformance suite is not installed: run `make conformance-tools`."
    if "CI" in os.environ:  # noqa: TID251 - not a setting of the product
        pytest.fail(how)
    pytest.skip(how)


async def verdicts_for_revision(site: Site, token: str, revision: str, out: Path) -> Verdicts:
    """Run what `revision` requires, a set that was frozen when it was released."""
    await run_suite(site, token, ["--requirements", revision], out)
    return read_verdicts(out, required=required_by(revision))


async def verdicts_on_the_wire_of(site: Site, token: str, version: str, out: Path) -> Verdicts:
    """Run every scenario that exists on an older wire; all of them count."""
    await run_suite(site, token, ["--suite", "all", "--spec-version", version], out)
    return read_verdicts(out, required=None)


async def run_suite(site: Site, token: str, options: list[str], out: Path) -> None:
    async with listening(lambda port: WithToken(site(port), token)) as port:
        # "localhost" by name: the scenario on DNS rebinding insists on it.
        url = f"http://localhost:{port}/mcp"
        program = [str(NODE), str(SUITE / "dist" / "index.js")]
        with anyio.fail_after(100):
            await anyio.run_process(
                [*program, "server", "--url", url, *options, "-o", str(out)], check=False
            )


def required_by(revision: str) -> frozenset[str]:
    """Read the `server:` list of a requirement set, without a YAML parser."""
    text = (SUITE / "requirements" / f"{revision}.yaml").read_text()
    section = re.search(r"^server:\n((?:(?: .*|#.*)?\n)*)", text, re.MULTILINE)
    assert section
    return frozenset(re.findall(r"^ +- ([\w-]+)", section[1], re.MULTILINE))


def read_verdicts(out: Path, *, required: frozenset[str] | None) -> Verdicts:
    """A required scenario that left no result behind has not passed."""
    failures: dict[str, list[str]] = {}
    ran: set[str] = set()
    for folder in out.iterdir():
        if not (match := RESULT_FOLDER.fullmatch(folder.name)):
            continue
        ran.add(match["scenario"])
        checks = json.loads((folder / "checks.json").read_text())
        if failed := [check["id"] for check in checks if check["status"] == "FAILURE"]:
            failures[match["scenario"]] = failed
    return Verdicts(
        required=frozenset(ran) if required is None else required,
        ran=frozenset(ran),
        failures=failures,
    )


class WithToken:
    """Add the bearer token to every request: the suite cannot send headers of its own."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.authorization = (b"authorization", f"Bearer {token}".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], self.authorization]}
        await self.app(scope, receive, send)


@asynccontextmanager
async def listening(site: Site) -> AsyncGenerator[int]:
    """Serve a site on a free port of 127.0.0.1 while the block runs."""
    door = socket.create_server(("127.0.0.1", 0))
    port: int = door.getsockname()[1]
    async with served(site(port), door):
        yield port


@asynccontextmanager
async def served(app: ASGIApp, door: socket.socket) -> AsyncGenerator[None]:
    """Serve an application on a socket that listens already."""
    config = uvicorn.Config(
        app,
        http=PunctualProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [door])
        try:
            yield
        finally:
            server.should_exit = True
