"""The page docs/benchmarks-authorization.md, made from refresh.json and sign_in.json alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REFRESH = HERE / "refresh.json"
SIGN_IN = HERE / "sign_in.json"
PLACE = HERE.parent / "docs" / "benchmarks-authorization.md"
DOOR_TARGET_US = 40.0
"""Microseconds of CPU that judging a token may cost a call."""


def save(place: Path, result: Mapping[str, Any]) -> None:
    """Write one of the results, print it, and make the page anew if both are there."""
    text = json.dumps(result, indent=2)
    place.write_text(f"{text}\n", "utf-8")
    print(text)
    if REFRESH.exists() and SIGN_IN.exists():
        PLACE.write_text(page(load(REFRESH), load(SIGN_IN)), "utf-8")


def load(place: Path) -> dict[str, Any]:
    """Return committed results."""
    document: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return document


def page(refresh: Mapping[str, Any], sign_in: Mapping[str, Any]) -> str:
    """Return the whole page."""
    rate, logins = refresh["refreshes_per_second"], sign_in["per_second"]
    door = refresh["door_us_per_call"]
    return _PAGE.format(
        refresh=refresh,
        sign_in=sign_in,
        machine=refresh["machine"],
        refreshed=_met(rate >= refresh["target_per_second"]),
        signed_in=_met(logins >= sign_in["target_per_second"]),
        judged=_met(door <= DOOR_TARGET_US),
        door_target=DOOR_TARGET_US,
    )


def _met(found: bool) -> str:  # noqa: FBT001 -- the one thing it says
    return "met" if found else "**not met**"


_PAGE = """\
# Benchmark: the authorization server

| what | measured | target | |
|---|---:|---:|---|
| token refreshes a second, PostgreSQL | {refresh[refreshes_per_second]:.0f} | \
≥ {refresh[target_per_second]:.0f} | {refreshed} |
| password sign-ins a second | {sign_in[per_second]:.0f} | \
≥ {sign_in[target_per_second]:.0f} | {signed_in} |
| CPU of judging an access token, a call | {refresh[door_us_per_call]:.1f} µs | \
≤ {door_target:.0f} µs | {judged} |

The guarded call with an access token is a row of [what a call costs](benchmarks.md).

## Token refresh

{refresh[processes]} server processes behind one port, 16 clients that refresh one after the other.
Each refresh is whole: HTTP, the rotation in one transaction with full durability, a signed token.
The server processes, the clients and PostgreSQL share {machine[cores]} cores.

| p50, ms | p99, ms | CPU of the server, ms |
|---:|---:|---:|
| {refresh[p50_ms]:.1f} | {refresh[p99_ms]:.1f} | {refresh[cpu_ms_per_refresh]:.2f} |

`python -m benchmarks.refresh` measures it again.

## Sign-in with a password

One server process, 16 browsers at once, Argon2id as in production, sessions in SQLite.
Each sign-in is whole: the page with its form token, then the form.

| p50, ms | p99, ms | CPU of the server, ms | memory idle, MiB | after the load | at most |
|---:|---:|---:|---:|---:|---:|
| {sign_in[p50_ms]:.0f} | {sign_in[p99_ms]:.0f} | {sign_in[cpu_ms]:.1f} | \
{sign_in[idle_mib]:.0f} | {sign_in[memory_mib]:.0f} | {sign_in[peak_mib]:.0f} |

`python -m benchmarks.sign_in` measures it again.

Machine: {machine[cpu]}, {machine[cores]} cores, Python {machine[python]}, {machine[system]}.
"""
