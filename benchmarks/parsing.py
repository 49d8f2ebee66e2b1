"""A page of 100 ServiceDesk Plus tickets through our parser and shaper, against the raw JSON.

`python -m benchmarks.parsing [--quick]` writes docs/benchmarks-servicedesk-plus.md, but for the
section of benchmarks.path. Needs the `demo` extra: the pages come from simulators of both editions.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import anyio
import httpx2
from benchmarks import path_report

from helpdesk_demo.servicedesk_plus.editions import Config, Edition
from helpdesk_demo.servicedesk_plus.site import Simulator
from helpdesk_mcp.desks.servicedeskplus.editions import MEDIA_TYPE
from helpdesk_mcp.desks.servicedeskplus.envelope import read, rows
from helpdesk_mcp.desks.servicedeskplus.wire import ROW_FIELDS, ticket_of
from helpdesk_mcp.domain.pages import Page
from helpdesk_mcp.pipeline.course import Told
from helpdesk_mcp.pipeline.shaping import shape
from helpdesk_mcp.tools.results import ticket_list
from helpdesk_mcp.tools.tickets import list_tickets

TICKETS = 100
PAGE = 25
"""Tickets of one answer: the most that a tool gives at once."""
A_TOKEN = 4
"""Characters of a token, about; the same estimate as everywhere in this project."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rounds, nothing written")
    rounds = 5 if parser.parse_args().quick else 60
    measured = [(edition, anyio.run(_measured, edition, rounds)) for edition in ("onprem", "cloud")]
    page = _page(measured)
    print(page)
    if rounds > 5:  # noqa: PLR2004 -- the quick one
        path_report.PLACE.write_text(path_report.page(page), "utf-8")


async def _measured(edition: Edition, rounds: int) -> dict[str, float]:
    ours, theirs = await _answers(edition)

    def parse() -> Any:
        found = rows(read(ours))
        tickets = tuple(ticket_of(row, {}) for row in found.items)
        return Page(items=tickets, total=found.total, more=found.more)

    def whole() -> list[str]:
        """Parse once, and shape the page in the parts that a tool answers with."""
        page = parse()
        return [
            shape(list_tickets, Told(result=ticket_list(part, None)), full=False, fenced=True).text
            for part in (
                Page(items=page.items[at : at + PAGE], total=page.total, more=True)
                for at in range(0, TICKETS, PAGE)
            )
        ]

    said = sum(len(text) for text in whole())
    return {
        "load": _cpu(lambda: json.loads(ours.content), rounds),
        "parse": _cpu(parse, rounds),
        "whole": _cpu(whole, rounds),
        "ours": said / A_TOKEN / TICKETS,
        "raw": len(theirs.text) / A_TOKEN / TICKETS,
        "asked": len(ours.text) / A_TOKEN / TICKETS,
    }


def _cpu(work: Callable[[], object], rounds: int) -> float:
    """Return microseconds of CPU a ticket: the median of the rounds, after one to warm up."""
    work()
    spent: list[int] = []
    for _ in range(rounds):
        began = time.process_time_ns()
        work()
        spent.append(time.process_time_ns() - began)
    return statistics.median(spent) / 1000 / TICKETS


async def _answers(edition: Edition) -> tuple[httpx2.Response, httpx2.Response]:
    """Return a page as we ask for it, and as the vendor gives it to who names no fields."""
    simulator = Simulator(Config(edition=edition, tickets=400, seed=7, started=1_780_000_000_000))
    transport = httpx2.ASGITransport(app=simulator)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as http:
        headers = {"Accept": MEDIA_TYPE, **await _login(http, simulator)}
        info = {"row_count": TICKETS, "get_total_count": True}
        fields = list(ROW_FIELDS)
        beside = {"fields_required": fields} if edition == "onprem" else {}
        inside = {} if edition == "onprem" else {"fields_required": fields}
        asked = {"list_info": {**info, **inside}, **beside}
        found: list[httpx2.Response] = []
        for data in (asked, {"list_info": info}):
            response = await http.get(
                f"{simulator.config.base_path}/requests",
                params={"input_data": json.dumps(data)},
                headers=headers,
            )
            if len(response.json()["requests"]) != TICKETS:
                raise RuntimeError("The simulator gave another number of tickets.")
            found.append(response)
    return found[0], found[1]


async def _login(http: httpx2.AsyncClient, simulator: Simulator) -> dict[str, str]:
    config = simulator.config
    if config.edition == "onprem":
        return {"authtoken": config.api_key}
    form = {
        "grant_type": "refresh_token",
        "refresh_token": config.refresh_token,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    token = (await http.post("/oauth/v2/token", data=form)).json()["access_token"]
    return {"Authorization": f"Zoho-oauthtoken {token}"}


def _page(measured: list[tuple[str, dict[str, float]]]) -> str:
    lines = [_HEAD]
    lines += [
        f"| {'on-prem' if name == 'onprem' else 'Cloud'} | {m['load']:.1f} | {m['parse']:.1f} "
        f"| {m['whole']:.1f} | {m['ours']:.0f} | {m['raw']:.0f} | {m['raw'] / m['ours']:.1f} |"
        for name, m in measured
    ]
    lines.append(_FOOT)
    return "\n".join(lines)


_HEAD = """\
# Benchmark: ServiceDesk Plus tickets

One page of 100 tickets of the simulator, through our parser and shaper.
The raw JSON is what the vendor answers to a list call that names no fields.
A server that hands it on spends these tokens.
A token is counted as four characters.

| edition | JSON read, µs | parsed, µs | cleaned, shaped, µs | tokens: ours | raw | raw / ours |
|---|---:|---:|---:|---:|---:|---:|"""
_FOOT = """
All numbers are for one ticket.
CPU is the median of 60 rounds, each of the whole page, on one core.
Ours is the text that a client gets: four answers of 25 tickets, with fences and footers.
`python -m benchmarks.parsing` measures it again.
"""


if __name__ == "__main__":
    main()
