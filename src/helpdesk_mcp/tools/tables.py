"""Figures as a table, as CSV that no spreadsheet runs, and as sentences."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

Rows = Sequence[Sequence[Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: Any) -> str:
    """Return a value as the text of a CSV cell that a spreadsheet shows and never runs (D11)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\r", " ").replace("\n", " ")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def as_csv(header: Sequence[str], rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def as_table(header: Sequence[str], rows: Rows) -> str:
    """Return aligned columns; numbers stand to the right."""
    texts = [[_shown(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    lines = [_line(header, header, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, given, widths) for row, given in zip(texts, rows, strict=True)]
    return "\n".join(line.rstrip() for line in lines)


def _line(texts: Iterable[str], given: Iterable[Any], widths: Iterable[int]) -> str:
    cells = zip(texts, given, widths, strict=True)
    return "  ".join(
        text.rjust(width) if isinstance(value, int | float) else text.ljust(width)
        for text, value, width in cells
    )


def _shown(value: Any) -> str:
    return " ".join(cell(value).replace("|", "/").split()) if value is not None else "-"


def listed(pairs: Sequence[tuple[str, int]], most: int = 5) -> str:
    """Return counts as words: `Open 12, Closed 7, 3 more`."""
    said = [f"{name} {count}" for name, count in pairs[:most]]
    rest = f", {len(pairs) - most} more" if len(pairs) > most else ""
    return ", ".join(said) + rest
