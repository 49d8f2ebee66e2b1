"""Rounds: every scenario in turn, again and again, so that a noisy minute falls on all of them."""

import asyncio
import sqlite3
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import WrongAnswer, drive
from benchmarks.processes import Served
from benchmarks.scenarios import Scenario

SETTLING = 0.4
"""Seconds a server has to end what it does in the background: its last audit batch counts too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured. `requests` a round; `warmup` before the first, not counted."""

    rounds: int
    requests: int
    warmup: int


QUICK = Effort(rounds=5, requests=120, warmup=50)
FULL = Effort(rounds=7, requests=1_500, warmup=300)


@dataclass(slots=True, kw_only=True)
class Measured:
    """What one scenario came to, one entry a round."""

    cpu_us: list[float] = field(default_factory=list[float])
    per_second: list[float] = field(default_factory=list[float])
    p50_ms: list[float] = field(default_factory=list[float])
    p99_ms: list[float] = field(default_factory=list[float])
    answer_bytes: int = 0


async def measure(
    rows: tuple[Scenario, ...], servers: Mapping[str, Served], effort: Effort
) -> dict[str, Measured]:
    """Warm every scenario up, then measure them in turn. Raises RuntimeError."""
    for row in rows:
        try:
            await drive(servers[row.server].port, row.request, effort.warmup)
        except (WrongAnswer, TimeoutError) as error:
            raise RuntimeError(f"{row.name} did not work: {error}") from error
    await asyncio.sleep(SETTLING)
    measured = {row.name: Measured() for row in rows}
    for number in range(effort.rounds):
        print(f"round {number + 1} of {effort.rounds}", flush=True)
        for row in rows:
            count = max(50, round(effort.requests * row.share))
            await _once(row, servers[row.server], count, measured[row.name])
    return measured


async def _once(row: Scenario, server: Served, count: int, measured: Measured) -> None:
    before = server.cpu()
    load = await drive(server.port, row.request, count)
    if server.writes_behind:
        await asyncio.sleep(SETTLING)
    measured.cpu_us.append((server.cpu() - before) / count / 1000)
    measured.per_second.append(count / load.seconds)
    parts = statistics.quantiles(load.latencies, n=100)
    measured.p50_ms.append(parts[49] / 1e6)
    measured.p99_ms.append(parts[98] / 1e6)
    measured.answer_bytes = load.answer_bytes


def audited(database: Path) -> int:
    """Return how many calls the audit trail holds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as reader:
        (count,) = reader.execute("SELECT count(*) FROM audit WHERE origin = 'mcp'").fetchone()
    return int(count)


def calls_made(rows: tuple[Scenario, ...], server: str, effort: Effort) -> int:
    """Return how many calls a server was sent that it must have written down."""
    return sum(
        effort.warmup + effort.rounds * max(50, round(effort.requests * row.share))
        for row in rows
        if row.server == server and row.name != "tools_list"
    )
