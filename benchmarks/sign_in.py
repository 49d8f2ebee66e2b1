"""Password sign-ins a second, and the memory they take: `python -m benchmarks.sign_in`.

A server process of its own keeps people, sessions and attempts in SQLite with full durability.
Every sign-in is whole: the page with its form token, then the form, Argon2id as in production.
"""

import argparse
import asyncio
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import httpx2
import uvicorn
from benchmarks import authorization_report
from benchmarks.processes import cpu_of
from benchmarks.results import machine
from starlette.applications import Starlette

from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.sessions import Membership, Person
from helpdesk_mcp.domain.tenants import Tenant
from helpdesk_mcp.oauth.flow import Stop
from helpdesk_mcp.stores.database import migrate, open_database
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.sessions import SqlSessions, SqlSignInAttempts
from helpdesk_mcp.web.console.site import browser_routes
from helpdesk_mcp.web.pages.parts import Happening, Parts

PEOPLE = 64
AT_ONCE = 16
TARGET = 40.0
RESULT = authorization_report.SIGN_IN
TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Everybody:
    """People who all have the same password."""

    def __init__(self, hashed: str) -> None:
        tenant = Tenant(id="a" * 32, slug="acme", name="Acme")
        self._place = (Membership(tenant=tenant, role=Role.AGENT),)
        self._by_id = {
            f"p{n}": Person(id=f"p{n}", email=f"p{n}@acme.example", password=hashed)
            for n in range(PEOPLE)
        }

    async def by_email(self, email: str) -> Person | None:
        return self._by_id.get(email.partition("@")[0])

    async def by_id(self, person_id: str) -> Person | None:
        return self._by_id.get(person_id)

    async def memberships(self, person_id: str) -> tuple[Membership, ...]:
        del person_id
        return self._place

    async def rehash(self, person_id: str, hashed: str) -> None:
        self._by_id[person_id] = replace(self._by_id[person_id], password=hashed)


class NoDiary:
    async def keep(self, happening: Happening) -> None:
        del happening


class NoQuestions:
    """No client asks anything here."""

    async def question(self, question_id: str, *, browser: str) -> Stop:
        del question_id, browser
        return Stop(status=400, error="invalid_request", message="")


async def serve(port: int, directory: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{directory}/sign-in.sqlite3")
    await migrate(database)
    passwords = Passwords()
    parts = Parts(
        public_url=f"http://127.0.0.1:{port}",
        people=Everybody(await passwords.hash("correct horse battery")),
        passwords=passwords,
        sessions=SqlSessions(database),
        attempts=SqlSignInAttempts(database),
        limiter=MemoryLimiter(),
        forms_key=b"k" * 32,
        diary=NoDiary(),
        flow=NoQuestions(),  # pyright: ignore[reportArgumentType] -- nothing else is asked
        desks=_no_desks,
        trusted_proxies=("127.0.0.1",),  # so that every caller has an address of its own
    )
    app = Starlette(routes=browser_routes(parts))
    await uvicorn.Server(uvicorn.Config(app, port=port, log_config=None)).serve()


async def _no_desks(tenant: str) -> list[object]:
    del tenant
    return []


async def sign_in(http: httpx2.AsyncClient, number: int) -> float:
    headers = {"x-forwarded-for": f"192.0.{number % 200}.{number % 251}"}
    began = time.perf_counter()
    page = await http.get("/sign-in", headers=headers)
    found = TOKEN.search(page.text)
    if found is None:
        raise RuntimeError("The page has no form.")
    fields = {"token": found[1], "email": f"p{number % PEOPLE}@acme.example"}
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in page.cookies.items())}
    done = await http.post(
        "/sign-in",
        data={**fields, "password": "correct horse battery"},
        headers={**headers, **cookies},
    )
    if done.status_code != HTTPStatus.SEE_OTHER:
        said = re.sub(r"<[^>]+>", " ", done.text).split()
        raise RuntimeError(f"A sign-in was answered {done.status_code}: {' '.join(said)[:400]}")
    return time.perf_counter() - began


async def measure(url: str, count: int) -> dict[str, float]:
    numbers = iter(range(count))
    taken: list[float] = []

    async def one_after_the_other() -> None:
        async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
            for number in numbers:
                http.cookies.clear()
                taken.append(await sign_in(http, number))

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(one_after_the_other())
    seconds = time.perf_counter() - began
    taken.sort()
    return {
        "per_second": round(count / seconds, 1),
        "p50_ms": round(taken[count // 2] * 1000, 1),
        "p99_ms": round(taken[count * 99 // 100] * 1000, 1),
    }


def memory(process: subprocess.Popen[bytes], what: str) -> float:
    """Return MiB of a process: `VmRSS` now, `VmHWM` at most."""
    text = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return round(int(re.search(rf"{what}:\s+(\d+)", text)[1]) / 1024, 1)  # pyright: ignore[reportOptionalSubscript] -- Linux has it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, default=0)
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--count", type=int, default=600)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve, options.directory))
        return
    with tempfile.TemporaryDirectory() as directory:
        port = _free_port()
        command = [sys.executable, "-m", "benchmarks.sign_in", "--serve", str(port)]
        process = subprocess.Popen([*command, "--directory", directory])  # noqa: S603 -- ours
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            asyncio.run(measure(url, 64))
            idle = memory(process, "VmRSS")
            before = cpu_of(process.pid)
            found = asyncio.run(measure(url, options.count))
            spent = cpu_of(process.pid) - before
            found["cpu_ms"] = round(spent / options.count / 1e6, 1)
            found |= {"memory_mib": memory(process, "VmRSS"), "peak_mib": memory(process, "VmHWM")}
        finally:
            process.terminate()
            process.wait()
    result = {"target_per_second": TARGET, "idle_mib": idle, **found, "machine": machine()}
    authorization_report.save(RESULT, result)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            httpx2.get(f"{url}/sign-in")
        except httpx2.ConnectError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server did not start.")


if __name__ == "__main__":
    main()
