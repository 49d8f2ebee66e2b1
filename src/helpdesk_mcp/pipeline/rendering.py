"""Results as compact text: a list as a table with an exact footer, one thing as lines."""

from collections.abc import Callable, Iterable
from typing import Any, cast

Bare = Callable[[str], str]
FOOTER = frozenset({"shown", "total", "next_cursor", "cut"})
Row = dict[str, Any]


def render(data: Row, bare: Bare) -> tuple[str, str]:
    """Return what the desk said and, apart from it, our footer. `bare` undoes a fence."""
    rows = {key: value for key, value in data.items() if key not in FOOTER}
    body = "\n".join(_lines(rows, bare))
    return body, _footer(data, rows)


def _footer(data: Row, rows: Row) -> str:
    if "shown" not in data:
        return ""
    what = next((key for key, value in rows.items() if isinstance(value, list)), "items")
    of = f" of {data['total']}" if "total" in data else ""
    parts = [f"{data['shown']}{of} {what} shown."]
    if "cut" in data:
        parts.append(data["cut"])
    parts.append(f"More: cursor={data['next_cursor']}" if "next_cursor" in data else "No more.")
    return " ".join(parts)


def _lines(data: Row, bare: Bare) -> Iterable[str]:
    late: list[tuple[str, Any]] = []
    for key, value in data.items():
        if value in ([], {}, ""):
            continue
        if _is_long(value, bare):
            late.append((key, value))
        else:
            yield f"{key}: {_short(value)}"
    for key, value in late:
        yield from _long(key, value, bare)


def _is_long(value: Any, bare: Bare) -> bool:
    if isinstance(value, str):
        return "\n" in value or bare(value) is not value
    return isinstance(value, list) and any(isinstance(v, dict) for v in cast("list[Any]", value))


def _short(value: Any) -> str:
    if isinstance(value, dict):
        parts = cast("Row", value).items()
        return ", ".join(f"{k}={_short(v)}" for k, v in parts if v not in ([], {}, ""))
    if isinstance(value, list):
        return ", ".join(_short(v) for v in cast("list[Any]", value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _long(key: str, value: Any, bare: Bare) -> Iterable[str]:
    if isinstance(value, str):
        yield f"{key}:"
        yield bare(value)
        return
    rows = cast("list[Row]", value)
    if any(_is_long(cell, bare) for row in rows for cell in row.values()):
        for row in rows:
            yield f"--- {key[:-1]}"
            yield from _lines(row, bare)
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    yield " | ".join(columns)
    for row in rows:
        yield " | ".join(_short(row.get(name)).replace("|", "/") for name in columns)
