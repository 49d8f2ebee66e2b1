"""The benchmark: our guarded call beside bare peers, in one session, alternating."""

import argparse
import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import plot, report, results
from benchmarks.load import drive
from benchmarks.measuring import FULL, QUICK, SETTLING, Effort, audited, calls_made, measure
from benchmarks.processes import Served, cores, started
from benchmarks.scenarios import Scenario, scenarios
from benchmarks.servers import SERVERS

SAMPLED = {"guarded_call": "guarded", "sdk_echo": "sdk"}
"""Scenarios whose CPU is shown by part, and their servers."""
MIB = 1024 * 1024


def main() -> None:
    options = _options()
    effort = QUICK if options.quick else FULL
    where = cores()
    if where.load is not None:
        os.sched_setaffinity(0, {where.load})
    began = time.monotonic()
    document = _measured(effort, where.server)
    if options.quick:
        print(report.table(document), report.parts(document), sep="\n\n")
        print("(a quick run is not written down)")
    else:
        write(document)
    print(f"{time.monotonic() - began:.0f} s")


def write(document: dict[str, Any]) -> None:
    """Write the results, and the page and the plot made from them."""
    results.save(document)
    plot.PLACE.parent.mkdir(parents=True, exist_ok=True)
    plot.PLACE.write_text(plot.svg(document), "utf-8")
    report.PLACE.write_text(report.page(document), "utf-8")
    print(report.table(document))


def _measured(effort: Effort, core: int | None) -> dict[str, Any]:
    print(f"starting {len(SERVERS)} servers", flush=True)
    with started(SERVERS, core) as servers:
        idle = {name: server.memory() for name, server in servers.items()}
        rows = scenarios(_tokens(servers))
        measured = asyncio.run(measure(rows, servers, effort))
        for name, server in servers.items():
            if "database" in server.facts:
                _check_audit(name, server, rows, effort)
        memory = {
            name: {"idle": _mib(idle[name]), "loaded": _mib(server.memory())}
            for name, server in servers.items()
        }
    parts = _parts(effort, core)
    return results.results(rows, measured, memory, parts, effort)


def _check_audit(name: str, server: Served, rows: tuple[Scenario, ...], effort: Effort) -> None:
    """Make sure that what was measured really wrote one durable record a call."""
    wanted, found = calls_made(rows, name, effort), audited(Path(server.facts["database"]))
    if found != wanted:
        raise RuntimeError(f"{name}: {found} audit records for {wanted} calls.")
    print(f"{name}: {found} audit records for {wanted} calls")


def _parts(effort: Effort, core: int | None) -> dict[str, dict[str, float]]:
    """Sample servers of their own, in turn, so that no measured server carries the sampler."""
    with tempfile.TemporaryDirectory() as directory:
        with started(SAMPLED.values(), core, Path(directory)) as servers:
            rows = {row.name: row for row in scenarios(_tokens(servers))}
            for name, server in SAMPLED.items():
                asyncio.run(drive(servers[server].port, rows[name].request, effort.warmup))
                servers[server].process.send_signal(signal.SIGUSR1)
            for _ in range(effort.rounds):
                for name, server in SAMPLED.items():
                    asyncio.run(drive(servers[server].port, rows[name].request, effort.requests))
            time.sleep(SETTLING)
        return {
            name: _spent(Path(directory) / f"{server}.json", effort)
            for name, server in SAMPLED.items()
        }


def _spent(place: Path, effort: Effort) -> dict[str, float]:
    found: dict[str, int] = json.loads(place.read_text("utf-8"))
    count = effort.rounds * effort.requests
    return {part: round(ns / count / 1000, 1) for part, ns in sorted(found.items())}


def _tokens(servers: Mapping[str, Served]) -> dict[str, str]:
    return {name: s.facts["token"] for name, s in servers.items() if "token" in s.facts}


def _mib(size: int) -> float:
    return round(size / MIB, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, nothing written")
    return parser.parse_args()


if __name__ == "__main__":
    main()
