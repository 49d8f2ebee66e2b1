"""The section of docs/benchmarks-servicedesk-plus.md about the whole path, made from path.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULT = Path(__file__).with_name("path.json")
PLACE = Path(__file__).parent.parent / "docs" / "benchmarks-servicedesk-plus.md"
HEADING = "## What the whole path adds"
NAMES = {"onprem": "on-prem", "cloud": "Cloud"}


def save(document: Mapping[str, Any]) -> None:
    """Write the results, and the page with a new section; the rest of the page stays."""
    RESULT.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    PLACE.write_text(page(PLACE.read_text("utf-8").partition(f"\n{HEADING}")[0]), "utf-8")


def page(rest: str) -> str:
    """Return the page: the rest of it, and the section if there are results."""
    if not RESULT.exists():
        return rest
    return f"{rest}\n{section(json.loads(RESULT.read_text('utf-8')))}"


def section(document: Mapping[str, Any]) -> str:
    """Return the section, from its heading to its last line."""
    rows = document["rows"]
    return "\n".join(
        [
            HEADING,
            "",
            _HEAD,
            *(line for row in rows for line in _lines(row)),
            "",
            "Added, and how many times as long as the direct calls:",
            "",
            "| edition | tool | over | p50, ms | p50, times | p99, ms | p99, times |",
            "|---|---|---|---:|---:|---:|---:|",
            *(_added(row, *over) for row in rows for over in _overs(row)),
            "",
            "The exchanges of each call:",
            "",
            *(_exchanges(row) for row in rows),
            "",
            _how(document),
        ]
    )


def _lines(row: Mapping[str, Any]) -> list[str]:
    start = f"| {NAMES[row['edition']]} | `{row['tool']}` |"
    return [
        f"{start} {title} | {exchanges} | {row[name]['p50_ms']:.2f} | {row[name]['p99_ms']:.2f} |"
        for name, title, exchanges in (
            ("whole", "through helpdesk-mcp", len(row["exchanges"])),
            *_overs(row),
        )
    ]


def _overs(row: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Return what a call is compared with: one exchange, and as many as it makes itself."""
    count = len(row["exchanges"])
    one = ("direct", "direct, one exchange", 1)
    return [one, ("same", "direct, the same exchanges", count)] if count > 1 else [one]


def _added(row: Mapping[str, Any], name: str, title: str, _: int) -> str:
    cells = [NAMES[row["edition"]], f"`{row['tool']}`", title]
    for at in ("p50_ms", "p99_ms"):
        ours, theirs = row["whole"][at], row[name][at]
        cells += [f"{ours - theirs:+.2f}", f"{ours / theirs:.1f}"]
    return f"| {' | '.join(cells)} |"


def _exchanges(row: Mapping[str, Any]) -> str:
    made = ", ".join(f"`{one}`" for one in row["exchanges"])
    return f"- {NAMES[row['edition']]}, `{row['tool']}`: {made}"


def _how(document: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in document["versions"].items())
    rounds = ", ".join(f"{count} of `{tool}`" for tool, count in document["rounds"].items())
    return _HOW.format(
        rounds=rounds, versions=versions, warm_up=document["warm_up"], **document["machine"]
    )


_HEAD = """\
A tool called over HTTP and MCP 2026-07-28, beside the same asked of the simulator without us.
Each call is authenticated, authorized, validated, limited, cleaned, audited, counted and logged.
`get_ticket` reads a ticket that has a conversation; `list_tickets` gives a page of 25.

| edition | tool | how | exchanges with the desk | p50, ms | p99, ms |
|---|---|---|---:|---:|---:|"""
_HOW = """\
The server is `helpdesk-mcp serve` with a token of `helpdesk-mcp tokens create`.
It and the simulator are processes of their own on one machine, so there is no network in between.
The direct exchanges are those that the simulator saw from us, repeated one after the other.
They ask for no more fields than we do, and their answers are parsed as JSON and nothing more.
One request is under way at a time, on connections that stay open.
All kinds alternate: rounds are {rounds}, for each edition, after {warm_up} for warming up.
Added is the difference of the percentiles.
Machine: {cpu}, {cores} cores, Python {python}, {system}.
Versions: {versions}.
`python -m benchmarks.path` measures it again; all numbers are in `benchmarks/path.json`.
"""
