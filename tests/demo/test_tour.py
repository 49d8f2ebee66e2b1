"""`make demo`: the same tour works on every kind of help desk."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk_demo.stands import ALL, CLOUD


# One desk by itself; and on-prem, Cloud and django-helpdesk side by side under one token.
@pytest.mark.parametrize(("desk", "steps"), [(CLOUD, 18), (ALL, 53)])
def test_every_step_of_the_tour_works(desk: str, steps: int, tmp_path: Path) -> None:
    ports = ("--port", "0", "--helpdesk-port", "0", "--data", str(tmp_path))
    command = [sys.executable, "-m", "helpdesk_demo.demo", "--once", "--desk", desk, *ports]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 -- our own module
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{steps} of {steps} steps worked" in ended.stdout


def test_the_tutorial_says_how_many_steps_there_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "tutorial" / "first-ticket.md"
    assert "`18 of 18 steps worked`" in page.read_text("utf-8")
