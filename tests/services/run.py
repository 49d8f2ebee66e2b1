"""One test run: a folder that all its processes share, and a lock that tells when it is over."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Never

import pytest

VARIABLE = "HELPDESK_TEST_RUN"
_held: list[int] = []


def begin() -> None:
    """Begin a run in the process that the developer started. Its workers inherit the folder."""
    if VARIABLE in os.environ:  # noqa: TID251 -- of the tests, not of the product
        return
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-mcp-tests-"))
    _held.append(_locked(folder / "alive"))
    os.environ[VARIABLE] = str(folder)  # noqa: TID251 -- of the tests, not of the product


def end() -> None:
    """End the run that this process began: what waits on its lock stops."""
    while _held:
        os.close(_held.pop())
        shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)  # noqa: TID251 -- ours


def folder() -> Path:
    return Path(os.environ[VARIABLE])  # noqa: TID251 -- of the tests, not of the product


@contextmanager
def alone(name: str) -> Generator[None]:
    """Let one process of the run at a time into the block."""
    lock = _locked(folder() / f"{name}.lock")
    try:
        yield
    finally:
        os.close(lock)


def wait_until_over(alive: Path) -> None:
    """Return when the process that began the run has gone, however it went."""
    os.close(_locked(alive))


def missing(what: str, how: str) -> Never:
    """Skip a test whose service is not installed; on CI a skip would hide a failure, so fail."""
    if os.environ.get("CI"):  # noqa: TID251 -- not a setting of the product
        pytest.fail(f"{what} is not installed: {how}.")
    pytest.skip(f"{what} is not installed: {how}.")


def _locked(file: Path) -> int:
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock
