"""Server processes: started on one core, asked by the kernel what they have used."""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 10.0
"""Seconds a server may take to end."""
ROOT = Path(__file__).parent.parent
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Where the servers and where the load run; None where there is only one core."""

    server: int | None
    load: int | None


def cores() -> Cores:
    """Choose two of the cores this process may use."""
    mine = sorted(os.sched_getaffinity(0))
    return Cores(server=mine[-1], load=mine[0]) if len(mine) > 1 else Cores(server=None, load=None)


def cpu_of(pid: int) -> int:
    """Return nanoseconds of CPU of all threads of a process since it started."""
    clock = ctypes.c_int()
    if _LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        raise ProcessLookupError(pid)
    return time.clock_gettime_ns(clock.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    facts: dict[str, Any]

    @property
    def writes_behind(self) -> bool:
        """Whether it ends work after its last answer."""
        return "database" in self.facts

    def cpu(self) -> int:
        """Return nanoseconds of CPU of all its threads since it started."""
        return cpu_of(self.process.pid)

    def memory(self) -> int:
        """Return bytes of resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Starting:
    """A server that is on its way up. Many can start at a time."""

    def __init__(self, name: str, core: int | None, samples: Path | None = None) -> None:
        self._name = name
        arguments = [name, "" if core is None else str(core), str(samples or "")]
        self._process = subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-m", "benchmarks.servers", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> Served:
        """Wait for its line. Raises RuntimeError if it ends without one."""
        assert self._process.stdout is not None  # noqa: S101 -- asked for above
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The server {self._name} did not start.")
        facts = json.loads(line)
        return Served(process=self._process, port=facts.pop("port"), facts=facts)

    def stop(self) -> None:
        with self._process as process:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def started(
    names: Iterable[str], core: int | None, samples: Path | None = None
) -> Generator[dict[str, Served]]:
    """Start some of `benchmarks.servers` and stop them at the end. Raises RuntimeError."""
    starting: dict[str, Starting] = {}
    try:
        for name in names:
            starting[name] = Starting(name, core, samples)
        yield {name: server.ready() for name, server in starting.items()}
    finally:
        for server in starting.values():
            server.stop()
