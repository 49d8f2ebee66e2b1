"""`make demo`: a real help desk, helpdesk-mcp before it, and a tour by a real MCP client."""

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from anyio.abc import TaskGroup
from rich.console import Console

from helpdesk_demo import advice
from helpdesk_demo.desk.process import DeskDidNotStart
from helpdesk_demo.organisations import master_key, signed_in_to
from helpdesk_demo.servicedesk_plus.process import SimulatorDidNotStart
from helpdesk_demo.signing_in import SignInFailed
from helpdesk_demo.stands import CHOICES, DJANGO, ON_PREM, CannotStart, Stand, started
from helpdesk_demo.together import Tokens, toured
from helpdesk_mcp import settings
from helpdesk_mcp.app import App, opened, tokens
from helpdesk_mcp.cli.http import PunctualProtocol
from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.domain.tenants import Connection as Desk
from helpdesk_mcp.environment import TENANT
from helpdesk_mcp.telemetry import logs

MCP_PORT = 8001
HELPDESK_PORT = 8002
FAILED, UNUSABLE = 1, 2
READ_ONLY = frozenset({Scope.TICKETS_READ})
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What `.demo/connection.json` holds. The token and the password are made anew each time."""

    mcp_url: str
    rest_url: str
    metrics_url: str
    token: str
    helpdesk_url: str
    helpdesk_username: str
    helpdesk_password: str
    desks: dict[str, str]
    admin_url: str
    tenants: list[dict[str, Any]]
    """Organisations with users, their passwords, and a token that one of them signed in for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    once: bool
    desk: str
    port: int
    helpdesk_port: int
    data: Path


def main(arguments: Sequence[str]) -> int:
    """Run the demo and return its exit status."""
    options = _options(arguments)
    out = Console(highlight=False, soft_wrap=True)
    try:
        with _only_one(options.data):
            return anyio.run(_demo, options, out)
    except (
        CannotStart,
        DeskDidNotStart,
        SimulatorDidNotStart,
        SignInFailed,
        HelpdeskError,
    ) as error:
        out.print(f"\n[red]The demo cannot start.[/red] {error}", markup=True)
        return UNUSABLE
    except KeyboardInterrupt:
        out.print("\nStopped.")
        return 0


async def _demo(options: Options, out: Console) -> int:
    began = time.monotonic()
    with (
        started(options.desk, options.data, options.helpdesk_port, out.print) as stands,
        started(ON_PREM, options.data / "globex", 0, out.print) as others,
    ):
        async with _server(options, stands, out) as (product, listener):
            port: int = listener.getsockname()[1]
            tenants = await signed_in_to(
                product, (stands, others), f"http://127.0.0.1:{port}", out.print
            )
            connection = await _connection(product, stands, port, tenants)
            reader = await _token(product, READ_ONLY, "tour, read only")
            _keep(options.data / "connection.json", connection)
            out.print(f"ready after {time.monotonic() - began:.1f} s\n")
            signed = [one["token"] for one in tenants]
            given = Tokens(every=connection.token, reader=reader, signed=signed)
            failed = await toured(connection.mcp_url, given, stands, out)
            if options.once:
                return FAILED if failed else 0
            advice.show(out, asdict(connection), options.data)
            await anyio.sleep_forever()
    return 0


@asynccontextmanager
async def _server(
    options: Options, stands: Sequence[Stand], out: Console
) -> AsyncGenerator[tuple[App, socket.socket]]:
    """Start helpdesk-mcp in this process, with its log in `.demo/helpdesk-mcp.log`."""
    listener = _listen(options.port)
    found = settings.load(
        env_file=None,
        helpdesk_master_key=master_key(options.data / "master.key"),
        desk_networks=("127.0.0.0/8",),
        database_url=f"sqlite+aiosqlite:///{options.data / 'helpdesk-mcp.sqlite3'}",
        host="127.0.0.1",
        mcp_port=options.port,
        public_url="",
        read_only=False,
        tools_off=(),
        reads_per_minute=6_000,
        writes_per_minute=1_200,
    )
    with (options.data / "helpdesk-mcp.log").open("a", encoding="utf-8") as log:
        logs.configure(found.level, log)
        async with (
            opened(found, desks=_configured(stands)) as product,
            anyio.create_task_group() as tasks,
        ):
            port: int = listener.getsockname()[1]
            config = uvicorn.Config(
                product.site(port),
                http=PunctualProtocol,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
            server = uvicorn.Server(config)
            tasks.start_soon(_serve, server, listener, tasks)
            while not server.started:  # noqa: ASYNC110 -- uvicorn tells it by this flag only
                await anyio.sleep(0.02)
            out.print(f"helpdesk-mcp serves http://127.0.0.1:{port}/mcp")
            try:
                yield product, listener
            finally:
                server.should_exit = True


def _configured(stands: Sequence[Stand]) -> list[Configured]:
    return [
        Configured(
            connection=Desk(
                id=stand.name,
                tenant=TENANT,
                name=stand.name,
                kind=stand.kind,
                address=stand.address,
                settings=stand.settings,
                is_default=number == 0,
            ),
            credential=stand.credential,
        )
        for number, stand in enumerate(stands)
    ]


async def _serve(server: uvicorn.Server, listener: socket.socket, tasks: TaskGroup) -> None:
    """Serve until told to stop. Ctrl-C ends the server first, and then everything else."""
    await server.serve(sockets=[listener])
    tasks.cancel_scope.cancel()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"Port {port} is taken: another demo may be running. Choose another with "
            "DEMO_PORT=8011 (0 takes any free one)."
        ) from error
    listener.listen(128)
    return listener


async def _connection(
    product: App, stands: Sequence[Stand], port: int, tenants: list[dict[str, Any]]
) -> Connection:
    here = f"http://127.0.0.1:{port}"
    return Connection(
        mcp_url=f"{here}/mcp",
        rest_url=here,
        metrics_url=f"{here}/metrics",
        token=await _token(product, EVERY_SCOPE, "demo"),
        helpdesk_url=stands[0].address,
        helpdesk_username=stands[0].username,
        helpdesk_password=stands[0].password,
        desks={stand.name: stand.address for stand in stands},
        admin_url=f"{here}/console",
        tenants=tenants,
    )


async def _token(product: App, scopes: frozenset[Scope], name: str) -> str:
    _, secret = await tokens(product.database).create(
        name=name,
        subject="demo@example.com",
        client="demo",
        scopes=scopes,
        expires_at=time.time() + 30 * DAY,
    )
    return secret


def _keep(path: Path, connection: Connection) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(connection), indent=2) + "\n", "utf-8")


@contextmanager
def _only_one(data: Path) -> Generator[None]:
    """Hold the data directory: two demos in one directory would write over each other."""
    data.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415 -- not on Windows

    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Another demo runs in {data}. Stop it, or choose another directory with DEMO_DIR."
            ) from error
        yield


def _options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the tour")
    parser.add_argument("--desk", choices=CHOICES, default=os.getenv("DESK") or DJANGO)
    parser.add_argument("--port", type=int, default=_port("DEMO_PORT", MCP_PORT))
    parser.add_argument(
        "--helpdesk-port", type=int, default=_port("DEMO_HELPDESK_PORT", HELPDESK_PORT)
    )
    parser.add_argument("--data", type=Path, default=Path(os.getenv("DEMO_DIR") or ".demo"))
    found = parser.parse_args(arguments)
    return Options(
        once=found.once,
        desk=found.desk,
        port=found.port,
        helpdesk_port=found.helpdesk_port,
        data=found.data,
    )


def _port(variable: str, usual: int) -> int:
    text = os.getenv(variable) or str(usual)
    if not text.isdigit() or int(text) > 65_535:  # noqa: PLR2004 -- the highest port there is
        raise SystemExit(f"{variable} is a port number from 0 to 65535; 0 takes any free one.")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
