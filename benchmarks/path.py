"""What our whole path adds to a direct call of ServiceDesk Plus: `python -m benchmarks.path`.

A served helpdesk-mcp and a simulator are processes of their own. Each tool is called over MCP, one
request after the other, in turn with the exchanges that it made: sent without us, as they were
seen by the simulator. Writes path.json and its section of docs/benchmarks-servicedesk-plus.md;
`--quick` writes nothing. Needs the `demo` extra.
"""

import argparse
import http.client
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks import path_report
from benchmarks.load import Answer, WrongAnswer
from benchmarks.results import machine
from benchmarks.scenarios import MODERN, modern
from tests.cli.servers import COMMAND, command, environment

from helpdesk_demo.servicedesk_plus.editions import MEDIA_TYPE, Edition
from helpdesk_demo.servicedesk_plus.process import Ready, start_simulator

EDITIONS: tuple[Edition, ...] = ("onprem", "cloud")
TICKETS = 400
PAGE = 25
LOOKED_AT = 10
"""Tickets of which the one is chosen that costs the most exchanges."""
WARM_UP = 30
ROUNDS = {"get_ticket": 600, "list_tickets": 300}
QUICK = 40
LOG = "server.log"
PATIENCE = 30.0
"""Seconds a server may take to start, and any answer to come."""
LISTENING = re.compile(r'http://127\.0\.0\.1:(\d+)".*"server\.listening"')
PACKAGES = ("helpdesk-mcp", "mcp", "httpx2", "starlette", "uvicorn")
Exchange = tuple[str, str]
"""A method, and a path with its query."""
Work = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rounds, nothing written")
    quick = parser.parse_args().quick
    rounds = dict.fromkeys(ROUNDS, QUICK) if quick else ROUNDS
    document = {
        "protocol": MODERN,
        "page": PAGE,
        "warm_up": WARM_UP,
        "rounds": rounds,
        "rows": rows(rounds),
        "machine": machine(),
        "versions": {name: version(name) for name in PACKAGES},
    }
    print(path_report.section(document))
    if not quick:
        path_report.save(document)


def rows(rounds: dict[str, int]) -> list[dict[str, Any]]:
    """Start everything at once, and measure one edition after the other."""
    with tempfile.TemporaryDirectory() as kept, ExitStack() as running:
        first = Path(kept) / "first"
        first.mkdir()
        token = made_token(first)
        up: list[tuple[Ready, subprocess.Popen[bytes], Path]] = []
        for edition in EDITIONS:
            log = Path(kept) / f"{edition}.log"
            simulator = start_simulator(log, edition=edition, tickets=TICKETS, seed=7)
            desk = running.enter_context(simulator).ready
            own = shutil.copytree(first, Path(kept) / edition)
            up.append((desk, running.enter_context(serving(own, desk)), own / LOG))
        ports = [port_of(process, log) for _, process, log in up]
        return [
            row
            for (desk, _, _), port in zip(up, ports, strict=True)
            for row in measured(desk, port, token, rounds)
        ]


def measured(desk: Ready, port: int, token: str, rounds: dict[str, int]) -> list[dict[str, Any]]:
    """Measure both tools on one edition."""
    with closing(Ours(port, token)) as ours, closing(Direct(desk)) as direct:
        listed = ours.call("list_tickets", {"page_size": PAGE})["tickets"]
        if len(listed) != PAGE:
            raise WrongAnswer(f"{len(listed)} tickets for a page of {PAGE}")
        tickets = [{"ticket_id": str(ticket["id"])} for ticket in listed[:LOOKED_AT]]
        one = max(tickets, key=lambda given: len(exchanges(ours, direct, "get_ticket", given)))
        asked = {"get_ticket": one, "list_tickets": {"page_size": PAGE}}
        return [
            {"edition": desk.edition, "tool": tool}
            | compared(ours, direct, tool, given, rounds[tool])
            for tool, given in asked.items()
        ]


def compared(
    ours: "Ours", direct: "Direct", tool: str, given: dict[str, Any], rounds: int
) -> dict[str, Any]:
    """Time a call, its first exchange alone, and all its exchanges, in turn."""
    ours.call(tool, given)  # what is asked only once and remembered is no part of a call
    made = exchanges(ours, direct, tool, given)
    works: dict[str, Work] = {
        "whole": lambda: ours.call(tool, given),
        "direct": lambda: direct.send(made[0]),
    }
    if len(made) > 1:
        works["same"] = lambda: [direct.send(one) for one in made]
    found = {name: percentiles(taken) for name, taken in timed(works, rounds).items()}
    if exchanges(ours, direct, tool, given) != made:
        raise WrongAnswer(f"{tool} makes other exchanges at the end than at the beginning.")
    found.setdefault("same", found["direct"])
    return {"exchanges": [f"{method} {path.partition('?')[0]}" for method, path in made], **found}


def timed(works: dict[str, Work], rounds: int) -> dict[str, list[int]]:
    """Return nanoseconds of each work; each round begins with another one."""
    taken: dict[str, list[int]] = {name: [] for name in works}
    names = list(works)
    for number in range(-WARM_UP, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            began = time.perf_counter_ns()
            works[name]()
            spent = time.perf_counter_ns() - began
            if number >= 0:
                taken[name].append(spent)
    return taken


def percentiles(taken: Sequence[int]) -> dict[str, float]:
    ordered = sorted(taken)
    at = {"p50_ms": len(ordered) // 2, "p99_ms": len(ordered) * 99 // 100}
    return {name: round(ordered[place] / 1e6, 3) for name, place in at.items()}


def exchanges(
    ours: "Ours", direct: "Direct", tool: str, given: dict[str, Any]
) -> tuple[Exchange, ...]:
    """Return what a call asks of the desk, as the desk saw it."""
    direct.control("DELETE")
    ours.call(tool, given)
    return tuple(map(_again, direct.control("GET")["requests"]))


def _again(seen: dict[str, Any]) -> Exchange:
    """Return what must be sent to ask the same again. Only reads can be repeated."""
    if seen["method"] != "GET":
        raise WrongAnswer(f"a {seen['method']} where only reads belong")
    fields = dict(seen["parameters"])
    if seen["input"] is not None:
        fields["input_data"] = json.dumps(seen["input"], separators=(",", ":"))
    query = f"?{urlencode(fields)}" if fields else ""
    return "GET", f"{seen['path']}{query}"


@dataclass(slots=True)
class Line:
    """One keep-alive connection, used by one request at a time."""

    http: http.client.HTTPConnection

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Any:
        """Return the document of an answer, read to its end and parsed. Raises WrongAnswer."""
        self.http.request(method, path, body or None, headers)
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status != HTTPStatus.OK:
            raise WrongAnswer(f"{answer.status} {content[:500].decode(errors='replace')}")
        return Answer(b"200", content).document()


class Ours:
    """The MCP client of the measurement: as little as a client can be."""

    def __init__(self, port: int, token: str) -> None:
        self._line = Line(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
        self._bearer = {"Authorization": f"Bearer {token}"}
        self._sent = 0

    def call(self, tool: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return the structured content. Raises WrongAnswer where the tool failed."""
        self._sent += 1
        request = modern("tools/call", {"name": tool, "arguments": given}, bool, self._bearer)
        headers = {"Content-Type": "application/json", **request.headers}
        body = request.body.replace("%d", str(self._sent), 1).encode()
        document = self._line.ask("POST", request.path, headers, body)
        if "result" not in document or document["result"].get("isError"):
            raise WrongAnswer(json.dumps(document)[:500])
        found: dict[str, Any] = document["result"]["structuredContent"]
        return found

    def close(self) -> None:
        self._line.http.close()


class Direct:
    """A desk without us: requests in its own notation, and its control endpoint."""

    def __init__(self, desk: Ready) -> None:
        place = urlsplit(desk.origin)
        self._line = Line(
            http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
        )
        self._secret = {"X-Control-Secret": desk.control_secret or ""}
        self._headers = {"Accept": MEDIA_TYPE, **self._login(desk)}

    def send(self, exchange: Exchange) -> Any:
        return self._line.ask(*exchange, self._headers)

    def control(self, method: str) -> Any:
        """Read (GET) or forget (DELETE) what the desk was asked."""
        return self._line.ask(method, "/__control__/requests", self._secret)

    def close(self) -> None:
        self._line.http.close()

    def _login(self, desk: Ready) -> dict[str, str]:
        if desk.edition == "onprem":
            return {"authtoken": desk.api_key}
        form = {"grant_type": "refresh_token", **_zoho(desk)}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._line.ask("POST", "/oauth/v2/token", headers, urlencode(form).encode())
        return {"Authorization": f"Zoho-oauthtoken {answer['access_token']}"}


def _zoho(desk: Ready) -> dict[str, str]:
    names = ("client_id", "client_secret", "refresh_token")
    return {name: getattr(desk, name) for name in names}


def made_token(directory: Path) -> str:
    """Return a token that the real command made, in a database that it prepared."""
    made = command(directory, "tokens", "create", "--quiet")
    if made.returncode:
        raise RuntimeError(made.stderr)
    return made.stdout.strip()


@contextmanager
def serving(directory: Path, desk: Ready) -> Generator[subprocess.Popen[bytes]]:
    """Start the real command before a desk. Its output is a file: nobody would read a pipe."""
    variables = {"READS_PER_MINUTE": "1000000", **_settings(desk)}
    with (directory / LOG).open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter
            (*COMMAND, "serve"),
            cwd=directory,
            env=environment(directory, **variables),
            stdout=output,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _settings(desk: Ready) -> dict[str, str]:
    """Return the environment of an operator who connects this desk."""
    if desk.edition == "onprem":
        return {"SDP_URL": desk.origin, "SDP_API_KEY": desk.api_key}
    return {
        "SDP_URL": desk.origin,
        "SDP_PORTAL_NAME": desk.portal,
        "SDP_OPTIONS": json.dumps({"accounts_url": desk.accounts_url}),
        **{f"SDP_{name.upper()}": value for name, value in _zoho(desk).items()},
    }


def port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the server says where it listens. Raises RuntimeError."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if (said := LISTENING.search(log.read_text("utf-8"))) is not None:
            return int(said[1])
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start. {log.read_text('utf-8')[-2_000:]}")


if __name__ == "__main__":
    main()
