"""Figures to the geometry of plots: pure, in units of the drawing."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 720
HEIGHT: Final = 160
GAP: Final = 2.0
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar from the ground up, and its part that stands out."""

    x: float
    width: float
    height: float
    marked: float
    at: str
    value: float
    marked_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """`top` is the value at the drawing's upper edge; `lines` are paths over the bars."""

    name: str
    unit: str
    top: float
    bars: tuple[Bar, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()


def plots(buckets: Sequence[Row]) -> tuple[Plot, ...]:
    return (
        _bars("calls", buckets, "calls", "errors"),
        _latency(buckets),
        _bars("limits", buckets, "limited", "limited"),
    )


def ceiling(value: float) -> float:
    """Return the next round number: 1, 2 or 5 times a power of ten."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power)


def _bars(name: str, buckets: Sequence[Row], whole: str, part: str) -> Plot:
    top = ceiling(max((row[whole] for row in buckets), default=0))
    width = WIDTH / max(1, len(buckets))
    bars = tuple(
        Bar(
            x=round(number * width + GAP / 2, 1),
            width=round(width - GAP, 1),
            height=round(row[whole] / top * HEIGHT, 1),
            marked=round(row[part] / top * HEIGHT, 1),
            at=row["at"],
            value=row[whole],
            marked_value=row[part],
        )
        for number, row in enumerate(buckets)
    )
    return Plot(name=name, unit="", top=top, bars=bars)


def _latency(buckets: Sequence[Row]) -> Plot:
    top = ceiling(max((row["p95_ms"] for row in buckets), default=0))
    return Plot(
        name="latency",
        unit="ms",
        top=top,
        lines=(
            ("p95", _path(buckets, lambda row: row["p95_ms"] / top)),
            ("median", _path(buckets, lambda row: row["median_ms"] / top)),
        ),
    )


def _path(buckets: Sequence[Row], share: Callable[[Row], float]) -> str:
    """Return a line through the buckets that had calls, with a gap where none came."""
    step = WIDTH / max(1, len(buckets))
    parts: list[str] = []
    pen = "M"
    for number, row in enumerate(buckets):
        if not row["calls"]:
            pen = "M"
            continue
        x, y = (number + 0.5) * step, HEIGHT * (1 - share(row))
        # A round cap makes a bucket without neighbours visible as a dot.
        parts.append(f"{pen}{x:.1f} {y:.1f}" + (f"L{x:.1f} {y:.1f}" if pen == "M" else ""))
        pen = "L"
    return "".join(parts)
