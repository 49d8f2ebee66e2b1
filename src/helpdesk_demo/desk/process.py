"""Starts the help desk in a child process and stops it again, without importing Django here."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import TypeAdapter

from helpdesk_demo.child import ChildEnded, ready_line, reap, silent, spawn, tail
from helpdesk_demo.desk.layout import (
    CREDENTIALS,
    DEFAULT_TICKETS,
    LOG,
    PORT_TAKEN_STATUS,
    USERNAME,
)

Auth = Literal["session", "basic", "token"]


class DeskDidNotStart(Exception):
    """The help desk ended, or said nothing in time; the message carries its last words."""


class PortTaken(DeskDidNotStart):
    """Something else listens on the port that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    url: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskProcess:
    """A running help desk; leaving it as a context manager stops it."""

    url: str
    username: str
    password: str = field(repr=False)
    data: Path
    _child: subprocess.Popen[str] = field(repr=False)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    @property
    def log(self) -> Path:
        return _log(self.data)

    def stop(self, timeout: float = 10) -> int:
        """Ask it to end, insist after `timeout` seconds, and return its exit status."""
        self._child.terminate()
        return reap(self._child, timeout)

    def kill(self) -> int:
        """End it at once, as a crash would."""
        self._child.kill()
        return reap(self._child, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start_desk(  # noqa: PLR0913 - each is one independent choice, and all have defaults
    data: Path,
    *,
    port: int = 0,
    tickets: int = DEFAULT_TICKETS,
    auth: Sequence[Auth] = ("session", "basic"),
    password: str | None = None,
    fast_hashing: bool = False,
    timeout: float = 60,
    progress: Callable[[str], None] | None = None,
) -> DeskProcess:
    """Start the help desk of a data directory and return it once it answers.

    `tickets` and `password` count only for a directory that has no help desk yet.
    """
    _prepare(data, password)
    options = [f"--port={port}", f"--tickets={tickets}", f"--auth={','.join(auth)}"]
    child = _spawn(data, [*options, *_hashing(fast=fast_hashing)])
    try:
        ready = _await_ready(child, data, timeout, progress or silent)
    except BaseException:
        child.kill()
        reap(child, timeout=10)
        raise
    return DeskProcess(
        url=ready.url,
        username=ready.username,
        password=ready.password,
        data=data,
        _child=child,
    )


def make_desk(data: Path, *, tickets: int = DEFAULT_TICKETS, fast_hashing: bool = False) -> None:
    """Make a seeded data directory without serving it; it can be copied for others to start."""
    _prepare(data, None)
    child = _spawn(data, ["--prepare-only", f"--tickets={tickets}", *_hashing(fast=fast_hashing)])
    status = child.wait()
    reap(child, timeout=10)
    if status:
        raise _failure(status, data)


def _prepare(data: Path, password: str | None) -> None:
    """Empty the log and leave a chosen password where the child looks for it first."""
    data.mkdir(parents=True, exist_ok=True)
    _log(data).write_bytes(b"")
    credentials = data / CREDENTIALS
    if password is None or credentials.exists():
        return
    credentials.touch(mode=0o600)
    credentials.write_text(json.dumps({"username": USERNAME, "password": password}), "utf-8")


def _hashing(*, fast: bool) -> list[str]:
    return ["--fast-hashing"] if fast else []


def _log(data: Path) -> Path:
    return data / LOG


def _spawn(data: Path, options: Sequence[str]) -> subprocess.Popen[str]:
    return spawn("helpdesk_demo.desk.server", [f"--data={data}", *options], _log(data))


def _await_ready(
    child: subprocess.Popen[str], data: Path, timeout: float, progress: Callable[[str], None]
) -> _Ready:
    try:
        line = ready_line(child, _log(data), timeout, progress)
    except ChildEnded as end:
        raise _failure(end.status, data) from end
    except TimeoutError as error:
        message = f"The help desk was not ready after {timeout:g} s. {tail(_log(data))}"
        raise DeskDidNotStart(message) from error
    return TypeAdapter(_Ready).validate_json(line)


def _failure(status: int, data: Path) -> DeskDidNotStart:
    if status == PORT_TAKEN_STATUS:
        return PortTaken(tail(_log(data)))
    return DeskDidNotStart(f"The help desk ended with status {status}. {tail(_log(data))}")
