"""Imports point down, and every outside thing has one door: the contracts in `pyproject.toml`."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_every_import_contract_is_kept() -> None:
    ended = subprocess.run(  # noqa: S603 -- our own interpreter
        (sys.executable, "-c", LINT, "--no-cache"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
