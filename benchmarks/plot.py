"""The plot: CPU per request as bars, drawn by hand so that nothing has to be installed."""

from html import escape
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent.parent / "docs" / "images" / "benchmark-cpu.svg"
ROWS = (
    "starlette_echo",
    "sdk_echo_json",
    "sdk_echo",
    "guarded_call",
    "fastmcp_echo_json",
    "fastmcp_echo",
    "tools_list",
    "sdk_list",
)
WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 860, 290, 90, 24, 12, 62
OURS, THEIRS = "#0b6e4f", "#9aa5b1"
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 aria-label="CPU per request in microseconds" {font}>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="20" y="28" font-size="18" font-weight="600" fill="#1f2933">CPU per request, microseconds
 (less is better)</text>
<text x="20" y="48" font-size="13" fill="#52606d">{caption}</text>"""
FONT = "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\""


def svg(document: dict[str, Any]) -> str:
    """Return the bars of the results, ours in colour."""
    rows = {row["name"]: row for row in document["rows"]}
    most = max(rows[name]["cpu_us"] for name in ROWS)
    height = TOP + len(ROWS) * (BAR + GAP) + 20
    bars = (_bar(rows[name], place, most) for place, name in enumerate(ROWS))
    head = HEAD.format(width=WIDTH, height=height, font=FONT, caption=escape(_caption(document)))
    return "\n".join([head, *bars, "</svg>", ""])


def _caption(document: dict[str, Any]) -> str:
    machine, effort = document["machine"], document["effort"]
    return (
        f"one core of {machine['cpu']}, Python {machine['python']}, "
        f"median of {effort['rounds']} rounds"
    )


def _bar(row: dict[str, Any], place: int, most: float) -> str:
    y = TOP + place * (BAR + GAP)
    width = max(1.0, (WIDTH - LEFT - RIGHT) * row["cpu_us"] / most)
    ours = row["server"].startswith("guarded")
    title = escape(row["title"].replace("*", "").replace("`", ""))
    weight = "600" if ours else "400"
    middle = y + BAR - 7
    return (
        f'<text x="{LEFT - 10}" y="{middle}" font-size="14" font-weight="{weight}" '
        f'text-anchor="end" fill="#1f2933">{title}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3" '
        f'fill="{OURS if ours else THEIRS}"/>'
        f'<text x="{LEFT + width + 8:.1f}" y="{middle}" font-size="14" font-weight="{weight}" '
        f'fill="#1f2933">{row["cpu_us"]:.0f}</text>'
    )
