"""Starts a help desk in a child process, waits for its one ready line, and ends it again."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

Progress = Callable[[str], None]

_LOG_TAIL_CHARACTERS = 2_000


class ChildEnded(Exception):
    """The child ended before it was ready."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def spawn(module: str, options: Sequence[str], log: Path) -> subprocess.Popen[str]:
    """Start one of our modules in its own session, tied to our life by its standard input."""
    command = [sys.executable, "-m", module, *options, "--exit-with-stdin"]
    with log.open("ab") as errors:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=os.name == "posix",
        )


def ready_line(child: subprocess.Popen[str], log: Path, timeout: float, progress: Progress) -> str:
    """Return the line a child prints when it is ready; raise ChildEnded or TimeoutError.

    Whatever the child writes to its log meanwhile is told to `progress`, line by line.
    """
    deadline, told = time.monotonic() + timeout, 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(_output(child), selectors.EVENT_READ)
        while time.monotonic() < deadline:
            answered = waiting.select(timeout=0.1)
            lines = log.read_text("utf-8", "replace").splitlines()
            for line in lines[told:]:
                progress(line)
            told = len(lines)
            if answered:
                return _first_line(child)
    raise TimeoutError


def reap(child: subprocess.Popen[str], timeout: float) -> int:
    """Wait for the end, insist after `timeout` seconds, and return the exit status."""
    try:
        status = child.wait(timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        status = child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    return status


def tail(log: Path) -> str:
    """Return the last words of a log."""
    return log.read_text("utf-8", "replace")[-_LOG_TAIL_CHARACTERS:].strip()


def _first_line(child: subprocess.Popen[str]) -> str:
    line = _output(child).readline()
    if not line:
        raise ChildEnded(child.wait())
    return line


def _output(child: subprocess.Popen[str]) -> IO[str]:
    if child.stdout is None:  # pragma: no cover - spawn always asks for a pipe
        raise ChildEnded(-1)
    return child.stdout


def silent(_: str) -> None:
    """Make no progress known."""
