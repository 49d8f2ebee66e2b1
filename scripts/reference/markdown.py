"""Small pieces of Markdown."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by scripts/docs from the code. Change the code, then run scripts/docs. -->"


def page(title: str, *parts: str) -> str:
    """Return a generated page: its title, the note that it is generated, its parts."""
    return "\n\n".join([f"# {title}", NOTE, *(part for part in parts if part)]) + "\n"


def code(text: object) -> str:
    """Return text as inline code; nothing for no text."""
    return f"`{text}`" if str(text) else ""


def codes(words: Iterable[object]) -> str:
    return ", ".join(code(word) for word in words)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. A bar inside a cell is escaped, a line end becomes a space."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
