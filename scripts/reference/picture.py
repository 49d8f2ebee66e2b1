"""The picture of the tour, drawn from what a real run of it prints."""

import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "tour.svg"
COLUMNS = 110
INDENT = "   "
STEPS = {1: (2, 0), 2: (5, 3), 6: (4, 9), 8: (4, 9), 10: (4, 0), 13: (2, 0), 17: (2, 0), 18: (2, 0)}
"""The steps that tell the story, with how many of their first and last lines are drawn."""
OUTSIDE = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)
FREE_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+(?=/tickets)")
USUAL_PORT = "8002"
TITLE = re.compile(r"✓ (\d+)\.")


def main() -> int:
    """Run the demo once and write the picture. Returns 1 if a step of the tour failed."""
    said, status = _tour()
    if status != 0:
        print(said)
        return 1
    PICTURE.write_text(drawn(said), "utf-8")
    print(f"written: {PICTURE.relative_to(ROOT)}")
    return 0


def drawn(said: str) -> str:
    """Return the picture of what a terminal showed, without fonts from other hosts."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for line in shown(FREE_PORT.sub(USUAL_PORT, said)):
        for part in _fitting(Text.from_ansi(line), console):
            console.print(part, no_wrap=True)
    svg = console.export_svg(title="make demo", unique_id="tour")
    svg = OUTSIDE.sub("", svg).replace("Fira Code, monospace", "monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def shown(said: str) -> list[str]:
    """Return the chosen lines of the chosen steps, and the result."""
    blocks = [block.strip("\n").splitlines() for block in said.split("\n\n")]
    lines: list[str] = []
    for block in blocks:
        title = TITLE.match(Text.from_ansi(block[0]).plain) if block else None
        if title is None or int(title[1]) not in STEPS:
            continue
        head, tail = STEPS[int(title[1])]
        end = [line for line in block if "steps worked" not in line]
        rest = ["   …", *end[len(end) - tail :]] if tail else []
        lines += [*end[:head], *rest, ""]
    return [*lines, *blocks[-1][-1:]]


def _fitting(text: Text, console: Console) -> list[Text]:
    """Return a sentence on as many lines as it needs, a row of a table cut to one."""
    if " | " in text.plain or text.cell_len <= COLUMNS:
        text.truncate(COLUMNS, overflow="ellipsis")
        return [text]
    first, *rest = text.wrap(console, COLUMNS - len(INDENT))
    return [first, *(Text(INDENT).append_text(part) for part in rest)]


def _tour() -> tuple[str, int]:
    with tempfile.TemporaryDirectory() as data:
        ports = ["--port", "0", "--helpdesk-port", "0", "--data", data]
        command = [sys.executable, "-m", "helpdesk_demo.demo", "--once", *ports]
        ran = subprocess.run(  # noqa: S603 -- our own module
            command,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    return ran.stdout + ran.stderr, ran.returncode


if __name__ == "__main__":
    raise SystemExit(main())
