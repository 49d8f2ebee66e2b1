"""The real command in a child process, as an operator starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "helpdesk_mcp")


def environment(directory: Path, **variables: str) -> dict[str, str]:
    """Return an environment with a database of its own and no desk but the one given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 -- for a child
    usual = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{directory}/child.sqlite3",
        "COLUMNS": "80",
        "MCP_PORT": "0",
    }
    covered = {k: v for k, v in os.environ.items() if k.startswith("COVERAGE")}  # noqa: TID251 -- for a child
    return kept | covered | usual | variables


def command(directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own interpreter
        (*COMMAND, *arguments),
        cwd=directory,
        env=environment(directory, **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that listens. Its output is read line by line."""

    process: subprocess.Popen[str]
    port: int

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@contextmanager
def serving(directory: Path, **variables: str) -> Generator[Serving]:
    """Start `serve` and wait until it says where it listens."""
    with subprocess.Popen(  # noqa: S603 -- our own interpreter
        (*COMMAND, "serve"),
        cwd=directory,
        env=environment(directory, **variables),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Serving(process, _port(process))
        finally:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if '"server.listening"' in line:
            return int(line.partition("http://127.0.0.1:")[2].partition('"')[0])
    raise AssertionError("the server ended before it listened")
