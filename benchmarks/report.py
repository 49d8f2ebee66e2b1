"""The page docs/benchmarks.md, made from results.json and from nothing else."""

from pathlib import Path
from typing import Any

from benchmarks.results import TARGETS, TOOLS_LIST_TARGET_US

PLACE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
SMALLEST = 0.5
"""Microseconds below which a part is not worth a line."""


def page(document: dict[str, Any]) -> str:
    """Return the whole page."""
    return "\n".join(
        [
            _HEAD,
            *_verdicts(document),
            "",
            "![CPU per request](images/benchmark-cpu.svg)",
            "",
            "## All rows",
            "",
            table(document),
            "",
            _READING,
            "## Memory",
            "",
            _memory(document),
            "",
            "## Where the time goes",
            "",
            _PARTS_HEAD,
            parts(document),
            "",
            _how(document),
        ]
    )


def table(document: dict[str, Any]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| | CPU, µs | least to most | requests/s per core | p50, ms | p99, ms | answer, bytes |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['title']} | {row['cpu_us']:.0f} "
        f"| {row['cpu_us_least']:.0f} to {row['cpu_us_most']:.0f} "
        f"| {row['per_second']} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} "
        f"| {row['answer_bytes']} |"
        for row in document["rows"]
    ]
    return "\n".join(lines)


def _verdicts(document: dict[str, Any]) -> list[str]:
    lines = ["| what | measured | target | |", "|---|---:|---:|---|"]
    for ratio, target in TARGETS.items():
        found = document["ratios"][ratio]
        ours, theirs = (f"`{part}`" for part in ratio.split(" / "))
        lines.append(
            f"| CPU of {ours} / {theirs} | {found:.2f} | ≤ {target} | {_met(found, target)} |"
        )
    listing = document["tools_list_cpu_us"]
    lines.append(
        f"| CPU of `tools_list` | {listing:.0f} µs | ≤ {TOOLS_LIST_TARGET_US} µs "
        f"| {_met(listing, TOOLS_LIST_TARGET_US)} |"
    )
    return lines


def _met(found: float, target: float) -> str:
    return "met" if found <= target else "**not met**"


def _memory(document: dict[str, Any]) -> str:
    lines = ["| server | idle, MiB | after the load, MiB |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {found['idle']:.0f} | {found['loaded']:.0f} |"
        for name, found in document["memory_mib"].items()
    ]
    return "\n".join(lines)


def parts(document: dict[str, Any]) -> str:
    ours, bare = (document["parts_us"][name] for name in ("guarded_call", "sdk_echo"))
    names = sorted({*ours, *bare}, key=lambda name: (-ours.get(name, 0.0), name))
    lines = ["| part | guarded call, µs | share | SDK echo, µs |", "|---|---:|---:|---:|"]
    whole = sum(ours.values())
    for name in names:
        mine, theirs = ours.get(name, 0.0), bare.get(name, 0.0)
        if max(mine, theirs) < SMALLEST:
            continue
        lines.append(f"| {name} | {mine:.0f} | {mine / whole:.0%} | {theirs:.0f} |")
    lines.append(f"| **sum** | **{whole:.0f}** | | **{sum(bare.values()):.0f}** |")
    return "\n".join(lines)


def _how(document: dict[str, Any]) -> str:
    effort, machine = document["effort"], document["machine"]
    versions = ", ".join(f"{name} {found}" for name, found in document["versions"].items())
    return _HOW.format(
        rounds=effort["rounds"],
        requests=effort["requests"],
        warmup=effort["warmup"],
        connections=effort["connections"],
        mode=document["mode"],
        versions=versions,
        **machine,
    )


_HEAD = """\
# What a call costs

Every call is authenticated, authorized, validated, limited, shaped, audited, counted and logged.
This page says what that costs, beside servers that do none of it.
`make bench` measures it anew and writes this page; nothing here is typed by hand.
"""
_READING = """\
* A **guarded call** is `tools/call` of `get_ticket` on the desk in memory, which answers at once.
  Every guard of the product is on: token from the store, policy, argument validation,
  rate limit (set too high to refuse), masking, one audit record a call in SQLite with full
  durability, metrics, and a log line at the default level INFO.
  The run fails unless the audit trail holds exactly as many records as calls were made.
* With an **OAuth access token** the caller is a client of an organisation in the database: the
  token's signature, grant, client and organisation are judged, and its desk is opened by its
  connection. An answer about a token is kept for 4 seconds.
* The peers echo a short text: no authentication, no policy, no limit, no audit, no metrics.
* "JSON mode" is the SDK's `json_response=True`: cheaper, but a client that disconnects
  does not cancel its call, and progress is dropped. Ours does not run in that mode.
* The SDK's echo is given its tool's schema (`get_tool_input_schema`), its fastest form.
  FastMCP offers no such choice, and lists its tools before every call.
* p50 and p99 are at full load on one core: they contain the wait behind the other connections.
"""
_PARTS_HEAD = """\
CPU of one request by part of the road, from a sampler inside the server (a sample a millisecond of
CPU; the standard library and C code count for who called them). The server is one of its own,
so no measured number above carries the sampler; its cost is a few per cent of these.
The two columns were sampled in turn.
"""
_HOW = """\
## How it is measured

* Each server is a process of its own with uvicorn, uvloop and httptools, the access log off,
  pinned to one core. The load generator (`benchmarks/load.py`) is pinned to another:
  {connections} keep-alive connections, every answer parsed and checked.
* All servers run at the same time and are measured in turn, {rounds} rounds of {requests} requests
  (fewer for slow rows) after {warmup} for warming up. The numbers are medians of the rounds.
* CPU is the kernel's clock of the whole process, all threads, read before the first request and
  0.4 seconds after the last, so that audit batches written in the background are counted.
* Requests are of revision 2026-07-28 (headers and `_meta` included) where no other is named.
* Mode of ours, and of the peers where no other is named: {mode}.
* Machine: {cpu}, {cores} cores, Python {python}, {system}.
* Versions: {versions}.

All numbers, with the medians under fixed names, are in `benchmarks/results.json`.
"""
