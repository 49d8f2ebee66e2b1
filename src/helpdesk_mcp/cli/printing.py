"""How commands speak: lines and tables on standard output, safe for a terminal."""

import sys
from collections.abc import Sequence


def say(text: str) -> None:
    """Print a line. Control characters are shown as escapes: a ticket could bring them."""
    safe = "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)
    sys.stdout.write(safe + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their columns, aligned."""
    widths = [max(len(r[i]) for r in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
