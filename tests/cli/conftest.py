"""The command line in this process: an empty directory, an empty environment, its own database."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpdesk_mcp.cli.main import app
from helpdesk_mcp.cli.running import run
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.telemetry import logs


@dataclass(frozen=True, slots=True)
class Ended:
    status: int
    out: str
    err: str


Cli = Callable[..., Ended]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    logs.configure("CRITICAL", io.StringIO())
    monkeypatch.chdir(tmp_path)
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(str(field.validation_alias or name).upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/cli.sqlite3")

    def ask(*arguments: str) -> Ended:
        status = 0
        try:
            run(lambda: app(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return ask
