"""The command as an operator meets it, in a process of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from tests.cli.conftest import Cli
from tests.cli.servers import command, serving

DESK = {
    "HELPDESK_BASE_URL": "http://127.0.0.1:9/",
    "HELPDESK_USERNAME": "agent",
    "HELPDESK_PASSWORD": "canary-7261",
}


def test_help_says_what_this_is_and_what_it_can_do(tmp_path: Path) -> None:
    ended = command(tmp_path, "--help")
    assert ended.returncode == 0
    lines = [line.strip("│ ").rstrip() for line in ended.stdout.splitlines()]
    assert lines[:5] == [
        "Usage: helpdesk-mcp COMMAND",
        "",
        "Safe access for AI agents to your help desk, over MCP and REST. Settings come",
        "from the environment and from .env; helpdesk-mcp doctor checks them.",
        "",
    ]
    for name in ("audit", "demo", "doctor", "serve", "stdio", "tokens"):
        assert any(line.startswith(f"{name} ") for line in lines)


def test_a_reader_that_has_seen_enough_ends_a_command_quietly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = (sys.executable, "-m", "helpdesk_mcp", "tokens", "list")
    ended = subprocess.run(run, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False)  # noqa: S603 -- our own
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_what_a_command_needs_is_imported_when_it_is_run(tmp_path: Path) -> None:
    look = "import sys, helpdesk_mcp.cli.main; print(*sys.modules)"
    run = (sys.executable, "-c", look)
    seen = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 -- our own
    heavy = {"mcp", "sqlalchemy", "fastapi", "pydantic", "helpdesk_mcp.app"}
    assert heavy & set(seen.stdout.split()) == set()


@pytest.mark.parametrize("name", ["serve", "stdio", "tokens", "audit", "doctor"])
def test_every_command_has_help_of_its_own(cli: Cli, name: str) -> None:
    ended = cli(name, "--help")
    assert ended.status == 0
    assert f"Usage: helpdesk-mcp {name}" in ended.out


def test_an_unknown_command_is_a_short_message(cli: Cli) -> None:
    ended = cli("serv")
    assert ended.status != 0
    assert "Unknown command" in ended.out + ended.err


def test_a_server_answers_and_ends_well_when_told_to_stop(tmp_path: Path) -> None:
    with serving(tmp_path, **DESK) as server:
        answer = httpx2.get(f"http://127.0.0.1:{server.port}/healthz")
        assert answer.status_code == 200
        assert server.stop() == 0


def test_a_server_says_in_its_log_that_the_desk_is_down_and_nothing_secret(tmp_path: Path) -> None:
    with serving(tmp_path, **DESK) as server:
        answer = httpx2.get(f"http://127.0.0.1:{server.port}/readyz")
        assert answer.status_code == 503
        assert server.stop() == 0
        assert server.process.stdout is not None
        assert "canary" not in answer.text + server.process.stdout.read()


def test_a_taken_port_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = command(tmp_path, "serve", **DESK | {"MCP_PORT": str(port)})
    assert ended.returncode == 1
    assert ended.stderr == (
        f"helpdesk-mcp: Port {port} of 127.0.0.1 is taken or not ours; choose another with "
        "MCP_PORT (0 takes any free one), or another address of this machine with HOST.\n"
    )


@pytest.mark.parametrize("name", ["serve", "stdio"])
def test_without_a_desk_nothing_starts_and_the_settings_are_named(
    tmp_path: Path, name: str
) -> None:
    ended = command(tmp_path, name)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "HELPDESK_BASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bad_setting_is_named_and_its_value_never_shown(tmp_path: Path) -> None:
    ended = command(tmp_path, "serve", **DESK | {"MCP_PORT": "canary-1", "LOG_LEVEL": "canary-2"})
    assert ended.returncode == 2
    assert ended.stderr.startswith("helpdesk-mcp: Bad settings. MCP_PORT: ")
    assert "; LOG_LEVEL: " in ended.stderr
    assert "canary" not in ended.stderr


def test_a_bad_allowed_host_is_refused_by_its_setting(tmp_path: Path) -> None:
    ended = command(tmp_path, "serve", **DESK | {"HELPDESK_ALLOWED_HOSTS": "http://x/"})
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert "ALLOWED_HOSTS" in ended.stderr or "allowed_hosts" in ended.stderr


def test_stdio_ends_when_its_client_goes_away(tmp_path: Path) -> None:
    ended = command(tmp_path, "stdio", **DESK)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "Traceback" not in ended.stderr
