"""Starts a simulator in a child process and stops it again."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from helpdesk_demo.child import ChildEnded, ready_line, reap, silent, spawn, tail
from helpdesk_demo.servicedesk_plus.editions import DEFAULT_BUILD, DEFAULT_TICKETS, Edition

PORT_TAKEN_STATUS = 2


class SimulatorDidNotStart(Exception):
    """The simulator ended, or said nothing in time; the message carries its last words."""


class PortTaken(SimulatorDidNotStart):
    """Something else listens on the port that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a simulator says when it is ready; keys on-prem, OAuth in the Cloud."""

    edition: Edition
    url: str
    """What an administrator would configure: the origin on-prem, with /app/<portal> otherwise."""
    origin: str
    portal: str
    build: int
    control_url: str | None = None
    control_secret: str | None = field(default=None, repr=False)
    api_key: str = field(default="", repr=False)
    reader_api_key: str = field(default="", repr=False)
    accounts_url: str = ""
    data_center: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorProcess:
    """A running simulator; leaving it as a context manager stops it."""

    ready: Ready
    log: Path
    _child: subprocess.Popen[str] = field(repr=False)

    @property
    def url(self) -> str:
        return self.ready.url

    @property
    def api_url(self) -> str:
        return f"{self.ready.url}/api/v3"

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

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


def start_simulator(  # noqa: PLR0913 - each is one independent choice, and all have defaults
    log: Path,
    *,
    edition: Edition,
    port: int = 0,
    seed: int = 1,
    tickets: int = DEFAULT_TICKETS,
    build: int = DEFAULT_BUILD,
    options: Sequence[str] = (),
    timeout: float = 30,
) -> SimulatorProcess:
    """Start a simulator and return it once it is ready; its errors go to the file `log`.

    `options` are further ones of the command line, such as --data-center=eu.
    """
    log.write_bytes(b"")
    chosen = {"edition": edition, "port": port, "seed": seed, "tickets": tickets, "build": build}
    arguments = [f"--{name}={value}" for name, value in chosen.items()]
    child = spawn("helpdesk_demo.servicedesk_plus", [*arguments, *options], log)
    try:
        ready = _await_ready(child, log, timeout)
    except BaseException:
        child.kill()
        reap(child, timeout=10)
        raise
    return SimulatorProcess(ready=ready, log=log, _child=child)


def _await_ready(child: subprocess.Popen[str], log: Path, timeout: float) -> Ready:
    try:
        line = ready_line(child, log, timeout, silent)
    except ChildEnded as end:
        kind = PortTaken if end.status == PORT_TAKEN_STATUS else SimulatorDidNotStart
        raise kind(f"The simulator ended with status {end.status}. {tail(log)}") from end
    except TimeoutError as error:
        message = f"The simulator was not ready after {timeout:g} s. {tail(log)}"
        raise SimulatorDidNotStart(message) from error
    return TypeAdapter(Ready).validate_json(line)
