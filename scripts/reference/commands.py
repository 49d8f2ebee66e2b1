"""The command line: each command's own help."""

import io
from collections.abc import Iterator

from cyclopts import App
from rich.console import Console
from scripts.reference.markdown import page

from helpdesk_mcp.cli.main import app


def command_lines(above: App = app, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command, those with commands of their own too."""
    yield names
    for name in above:
        if not name.startswith("-"):
            yield from command_lines(above[name], (*names, name))


def help_of(names: tuple[str, ...]) -> str:
    """Return what `--help` prints, at a fixed width."""
    out = io.StringIO()
    console = Console(file=out, width=90, force_terminal=False, color_system=None)
    app.help_print(list(names), console=console)
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def commands_page() -> str:
    sections = [
        f"## {' '.join(('helpdesk-mcp', *names))}\n\n```text\n{help_of(names)}\n```"
        for names in command_lines()
    ]
    return page(
        "Command line",
        "Settings come from the environment and from `.env`; see [Settings](settings.md).\n"
        "Exit status: 0 done, 1 something did not work, 2 bad input or settings.",
        *sections,
    )
