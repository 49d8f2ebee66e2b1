"""Token refreshes a second on PostgreSQL, and what a token costs at the door.

`python -m benchmarks.refresh`: server processes of their own, each with its pool, behind one port.
Every refresh is whole: HTTP, the rotation in one transaction, a signed access token.
"""

import argparse
import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from typing import Any

import uvicorn
from benchmarks import authorization_report
from benchmarks.processes import cpu_of
from benchmarks.results import machine
from starlette.applications import Starlette
from tests.oauth.laboratory import ANA, CLIENT, DESKS, MCP, RULES, TENANT, Town
from tests.services import postgres, run

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.desks.fetching import GuardedFetch
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.oauth import secrets
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.oauth.models import Grant, RefreshToken
from helpdesk_mcp.oauth.ports import Records, Remark
from helpdesk_mcp.oauth.server import OAuthServer
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.ledger import SqlLedger
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals
from helpdesk_mcp.web.oauth import OAuthEndpoints

AT_ONCE = 16
TARGET = 240.0
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
CALLS = 20_000
RESULT = authorization_report.REFRESH
FAMILIES = [f"{secrets.REFRESH}family-{number}" for number in range(AT_ONCE)]


async def _unwatched(_: Remark) -> None:
    """Watch nothing: the audit trail is measured elsewhere."""


def server_of(url: str, keys: str) -> tuple[OAuthServer, SqlLedger]:
    database = open_database(url)
    ledger = SqlLedger(database, Town().open, _unwatched)
    ring = KeyRing(SqlSigningKeys(database), SqlSeals(database, DEPLOYMENT, parse_keys(keys)))
    return OAuthServer(ledger, ring, RULES, MemoryLimiter(), GuardedFetch()), ledger


async def serve(url: str, keys: str, listener: int) -> None:
    server, _ = server_of(url, keys)
    app = Starlette(routes=OAuthEndpoints(server).routes())
    config = uvicorn.Config(app, log_config=None, http="httptools", loop="uvloop")
    with socket.socket(fileno=listener) as door:
        await uvicorn.Server(config).serve(sockets=[door])


async def prepare(url: str, keys: str) -> None:
    """Make the signing keys, the client, and one family of refresh tokens for each caller."""
    server, ledger = server_of(url, keys)
    await server.jwks()
    now = time.time()

    def made(records: Records) -> None:
        records.clients.put(CLIENT)
        for number, secret in enumerate(FAMILIES):
            records.grants.add(
                Grant(
                    id=f"{number:032x}",
                    tenant=TENANT,
                    user=ANA,
                    client_id=CLIENT.id,
                    resource=MCP,
                    scopes=EVERY_SCOPE,
                    desks=DESKS,
                    created_at=now,
                    expires_at=now + 3_600,
                )
            )
            records.refresh_tokens.add(
                RefreshToken(
                    digest=secrets.digest(secret),
                    grant=f"{number:032x}",
                    parent=None,
                    issued_at=now,
                    expires_at=now + 3_600,
                )
            )

    await ledger.run(made)


class Caller:
    """One keep-alive connection of a client that costs next to nothing: the cores are shared."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def refresh(self, secret: str) -> dict[str, Any]:
        """Return the new tokens. Raises RuntimeError for any other answer."""
        body = f"grant_type=refresh_token&client_id={CLIENT.id}&refresh_token={secret}"
        self._writer.write(
            b"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body.encode())
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        answer = await self._reader.readexactly(int(length[1])) if length else b""
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer.decode())
        tokens: dict[str, Any] = json.loads(answer)
        return tokens

    def close(self) -> None:
        self._writer.close()


async def refresh_all(port: int, count: int, families: list[str]) -> tuple[dict[str, float], str]:
    """Refresh so often in all, each family one after the other; `families` ends with new tokens."""
    numbers = iter(range(count))
    taken: list[float] = []
    access = ""

    async def family(place: int) -> None:
        nonlocal access
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        for _ in numbers:
            began = time.perf_counter()
            tokens = await caller.refresh(families[place])
            taken.append(time.perf_counter() - began)
            families[place], access = tokens["refresh_token"], tokens["access_token"]
        caller.close()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for place in range(len(families)):
            tasks.create_task(family(place))
    seconds = time.perf_counter() - began
    taken.sort()
    found = {
        "refreshes_per_second": round(count / seconds, 1),
        "p50_ms": round(taken[count // 2] * 1000, 1),
        "p99_ms": round(taken[count * 99 // 100] * 1000, 1),
    }
    return found, access


async def verification(url: str, keys: str, access: str) -> dict[str, float]:
    """Measure the processor's time for a call with a token that is busy, and for a new one."""
    server, _ = server_of(url, keys)
    if await server.door.principal(access) is None:
        raise RuntimeError("The token does not open the door.")
    began = time.process_time()
    for _ in range(CALLS):
        await server.door.principal(access)
    return {"door_us_per_call": round((time.process_time() - began) / CALLS * 1e6, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, default=-1)
    parser.add_argument("--database", default="")
    parser.add_argument("--keys", default="")
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.serve >= 0:
        asyncio.run(serve(options.database, options.keys, options.serve))
        return
    run.begin()
    try:
        measure(options.count, options.processes)
    finally:
        run.end()


def make_durable(database: postgres.Database) -> None:
    """Let commits reach the disk, as in production: the cluster of the tests does without."""
    with database.admin() as superuser:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            superuser.execute(f"ALTER SYSTEM SET {setting} = on")  # pyright: ignore[reportArgumentType, reportCallIssue] -- a constant
        superuser.execute("SELECT pg_reload_conf()")
    with database.admin() as superuser:
        if superuser.execute("SHOW fsync").fetchone() != ("on",):
            raise RuntimeError("The database does not write through.")


def measure(count: int, processes_: int) -> None:
    with postgres.fresh() as database, socket.create_server(("127.0.0.1", 0)) as listener:
        keys = new_line(1)
        make_durable(database)
        asyncio.run(prepare(database.owner, keys))
        handle = listener.fileno()
        command = [sys.executable, "-m", "benchmarks.refresh", "--serve", str(handle)]
        command += ["--database", database.owner, "--keys", keys]
        processes = [
            subprocess.Popen(command, pass_fds=(handle,))  # noqa: S603 -- ours
            for _ in range(processes_)
        ]
        try:
            port: int = listener.getsockname()[1]
            families = list(FAMILIES)
            asyncio.run(refresh_all(port, 10 * AT_ONCE, families))  # until both are up and warm
            before = sum(cpu_of(process.pid) for process in processes)
            found, access = asyncio.run(refresh_all(port, count, families))
            spent = sum(cpu_of(process.pid) for process in processes) - before
            found["cpu_ms_per_refresh"] = round(spent / count / 1e6, 2)
            found |= asyncio.run(verification(database.owner, keys, access))
        finally:
            for process in processes:
                process.terminate()
                process.wait()
    result = {"target_per_second": TARGET, "processes": processes_, **found, "machine": machine()}
    authorization_report.save(RESULT, result)


if __name__ == "__main__":
    main()
