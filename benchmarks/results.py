"""Results as one JSON document: medians first, then everything a reader may want to check."""

import json
import os
import platform
import statistics
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.load import CONNECTIONS
from benchmarks.measuring import Effort, Measured
from benchmarks.scenarios import Scenario

PLACE = Path(__file__).parent / "results.json"
PACKAGES = (
    "helpdesk-mcp",
    "mcp",
    "fastmcp",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "sqlalchemy",
)
MODE = "SSE-capable (the SDK's default): an answer may become a stream, a disconnect cancels"
TARGETS = {
    "guarded_call / fastmcp_echo": 0.5,
    "guarded_call / sdk_echo": 1.3,
    "guarded_call_oauth / fastmcp_echo": 0.5,
    "guarded_call_oauth / sdk_echo": 1.3,
}
"""Ratios of CPU to stay under; both peers in the mode that ours serves."""
TOOLS_LIST_TARGET_US = 1000


def results(
    rows: tuple[Scenario, ...],
    measured: Mapping[str, Measured],
    memory: Mapping[str, dict[str, float]],
    parts: Mapping[str, Mapping[str, float]],
    effort: Effort,
) -> dict[str, Any]:
    """Return the document. Keys that end in `_cpu_us` are medians over the rounds."""
    medians = {
        f"{name}_cpu_us": round(statistics.median(found.cpu_us), 1)
        for name, found in measured.items()
    }
    return {
        **medians,
        "mode": MODE,
        "ratios": ratios(medians),
        "rows": [_row(row, measured[row.name]) for row in rows],
        "memory_mib": dict(memory),
        "parts_us": {name: dict(spent) for name, spent in parts.items()},
        "effort": {
            "rounds": effort.rounds,
            "requests": effort.requests,
            "warmup": effort.warmup,
            "connections": CONNECTIONS,
        },
        "machine": machine(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def ratios(medians: Mapping[str, float]) -> dict[str, float]:
    """Return the ratios that have a target."""
    found: dict[str, float] = {}
    for ratio in TARGETS:
        ours, theirs = ratio.split(" / ")
        found[ratio] = round(medians[f"{ours}_cpu_us"] / medians[f"{theirs}_cpu_us"], 3)
    return found


def _row(row: Scenario, found: Measured) -> dict[str, Any]:
    cpu = found.cpu_us
    return {
        "name": row.name,
        "server": row.server,
        "title": row.title,
        "cpu_us": round(statistics.median(cpu), 1),
        "cpu_us_least": round(min(cpu), 1),
        "cpu_us_most": round(max(cpu), 1),
        "per_second": round(statistics.median(found.per_second)),
        "p50_ms": round(statistics.median(found.p50_ms), 2),
        "p99_ms": round(statistics.median(found.p99_ms), 2),
        "answer_bytes": found.answer_bytes,
    }


def machine() -> dict[str, Any]:
    """Return what the numbers were measured on."""
    text = Path("/proc/cpuinfo").read_text("utf-8")
    models = (line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line)
    return {
        "cpu": next(models, platform.machine()),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def save(document: dict[str, Any]) -> None:
    PLACE.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def load() -> dict[str, Any]:
    """Return the committed results."""
    document: dict[str, Any] = json.loads(PLACE.read_text("utf-8"))
    return document
