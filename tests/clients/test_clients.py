"""Real clients from their packages: each lists the tools, opens a ticket and reads it back."""

import json
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.clients.workshop import (
    Arguments,
    HelpDesk,
    Trip,
    command_by_command,
    drive,
    environment_of,
    node,
    python,
    run,
)
from tests.conformance.harness import listening
from tests.conformance.subject import product
from tests.helpdesk import desk_template, start_copy

from helpdesk_demo.desk.process import DeskProcess

FEW = 40  # tickets: the least that a seeded help desk can have

NEEDED = {"list_tickets", "create_ticket", "get_ticket"}

OVER_HTTP = {
    "python-1.9": (python("python-1.9", "python_v1.py"), "http", "2025-03-26"),
    "python-1.20": (python("python-1.20", "python_v1.py"), "http", "2025-06-18"),
    "python-1.30": (python("python-1.30", "python_v1.py"), "http", "2025-11-25"),
    "python-2.3": (python("python-2.3", "python_v2.py"), "auto", "2026-07-28"),
    "python-2.3-legacy": (python("python-2.3", "python_v2.py"), "legacy", "2025-11-25"),
    "typescript-1": (node("typescript_v1.mjs"), "http", "2025-11-25"),
    "typescript-2": (node("typescript_v2.mjs"), "auto", "2026-07-28"),
    "typescript-2-legacy": (node("typescript_v2.mjs"), "legacy", "2025-11-25"),
    "openai-agents": (python("openai-agents", "openai_agents.py"), "http", "2026-07-28"),
}
OVER_SSE = {
    "python-1.9": (python("python-1.9", "python_v1.py"), "2025-03-26"),
    "python-1.20": (python("python-1.20", "python_v1.py"), "2025-06-18"),
    "python-1.30": (python("python-1.30", "python_v1.py"), "2025-11-25"),
    "typescript-1": (node("typescript_v1.mjs"), "2025-11-25"),
    "typescript-2": (node("typescript_v2.mjs"), "2025-11-25"),
}
OVER_STDIO = {
    "python-1.30": (python("python-1.30", "python_v1.py"), "2025-11-25"),
    "python-2.3": (python("python-2.3", "python_v2.py"), "2026-07-28"),
    "typescript-1": (node("typescript_v1.mjs"), "2025-11-25"),
}
# mcp-remote puts the token in from its environment, so that it stands in no list of processes.
BEARER_OF_ENVIRONMENT = ["--allow-http", "--header", "Authorization: Bearer ${MCP_TOKEN}"]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Generator[DeskProcess]:
    template = desk_template(tmp_path_factory, tickets=FEW)
    with start_copy(template, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
async def desk(upstream: DeskProcess, tmp_path: Path) -> AsyncGenerator[HelpDesk]:
    async with product(tmp_path, upstream) as it, listening(it.site) as port:
        yield HelpDesk(
            url=f"http://127.0.0.1:{port}/mcp",
            token=it.token,
            command=(sys.executable, "-m", "helpdesk_mcp", "stdio"),
            environment={
                "HELPDESK_BASE_URL": upstream.url,
                "HELPDESK_USERNAME": upstream.username,
                "HELPDESK_PASSWORD": upstream.password,
                "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'stdio.sqlite3'}",
            },
            home=tmp_path,
        )


@pytest.fixture
def subject() -> str:
    return f"The printer of room {uuid4().hex} is on fire"


def assert_worked(made: Trip, version: str | None) -> None:
    assert (made.version, made.ok, NEEDED - made.tools) == (version, True, set())


@pytest.mark.parametrize("client", OVER_HTTP)
async def test_a_client_works_a_ticket_over_streamable_http(
    client: str, desk: HelpDesk, subject: str
) -> None:
    command, how, version = OVER_HTTP[client]

    made = await drive([*command, how, desk.url], desk, subject)

    assert_worked(made, version)


@pytest.mark.parametrize("client", OVER_SSE)
async def test_a_client_works_a_ticket_over_the_sse_of_2024(
    client: str, desk: HelpDesk, subject: str
) -> None:
    command, version = OVER_SSE[client]

    made = await drive([*command, "sse", desk.url], desk, subject)

    assert_worked(made, version)


@pytest.mark.parametrize("client", OVER_STDIO)
async def test_a_client_works_a_ticket_over_stdio(
    client: str, desk: HelpDesk, subject: str
) -> None:
    command, version = OVER_STDIO[client]

    made = await drive([*command, "stdio", *desk.command], desk, subject)

    assert_worked(made, version)


async def test_a_client_without_http_works_a_ticket_through_mcp_remote(
    desk: HelpDesk, subject: str
) -> None:
    bridge = [*node("mcp-remote"), desk.url, *BEARER_OF_ENVIRONMENT]

    made = await drive([*node("typescript_v1.mjs"), "stdio", *bridge], desk, subject)

    assert_worked(made, "2025-11-25")


async def test_the_client_of_mcp_remote_sees_the_tools(desk: HelpDesk, subject: str) -> None:
    said = await run([*node("mcp-remote-client"), desk.url, *BEARER_OF_ENVIRONMENT], desk, subject)

    assert {name for name in NEEDED if f'"name": "{name}"' in said} == NEEDED
    assert "Exiting OK" in said
    assert desk.token not in said


@pytest.mark.parametrize("era", ["legacy", "auto", "modern"])
async def test_the_inspector_works_a_ticket(era: str, desk: HelpDesk, subject: str) -> None:
    inspector = [*node("mcp-inspector"), "--cli", desk.url, "--transport", "http"]
    inspector += ["--header", f"Authorization: Bearer {desk.token}", "--protocol-era", era]
    inspector += ["--format", "json", "--quiet"]

    def call(name: str, arguments: Arguments) -> list[str]:
        given = ["--tool-name", name, "--tool-args-json", json.dumps(arguments)]
        return [*inspector, "--method", "tools/call", *given]

    made = await command_by_command([*inspector, "--method", "tools/list"], call, desk, subject)

    assert_worked(made, None)


async def test_the_inspector_finds_no_fault_with_the_schemas(desk: HelpDesk, subject: str) -> None:
    inspector = [*node("mcp-inspector"), "--cli", desk.url, "--transport", "http"]
    inspector += ["--header", f"Authorization: Bearer {desk.token}", "--format", "json"]

    said = await run([*inspector, "--method", "tools/list", "--strict"], desk, subject)

    assert {tool["name"] for tool in json.loads(said)["result"]["tools"]} >= NEEDED


async def test_the_command_line_of_fastmcp_works_a_ticket(desk: HelpDesk, subject: str) -> None:
    fastmcp = [str(environment_of("fastmcp") / program) for program in ("python", "fastmcp")]
    access = [desk.url, "--auth", desk.token, "--json"]

    def call(name: str, arguments: Arguments) -> list[str]:
        url, *rest = access
        return [*fastmcp, "call", url, name, *rest, "--input-json", json.dumps(arguments)]

    made = await command_by_command([*fastmcp, "list", *access], call, desk, subject)

    assert_worked(made, None)
