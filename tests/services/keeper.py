"""Keeps a temporary PostgreSQL until the test run is over: python -m tests.services.keeper LOCK."""

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
from tests.services.postgres import APPLICATION, OWNER, TEMPLATE, Cluster, binaries
from tests.services.run import wait_until_over

from helpdesk_mcp.stores.database import migrate, open_database

OPTIONS = (
    "listen_addresses='127.0.0.1'",
    "unix_socket_directories=''",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=300",
    "shared_buffers=64MB",
    "jit=off",
)


def main(alive: Path) -> None:
    """Print where the server is when it is ready; stop it when nobody holds the lock any more."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-mcp-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        server = _initialised(folder)
        with _serving(folder, server):
            _prepare(server)
            _tell(json.dumps({"port": server.port, "password": server.password}))
            wait_until_over(alive)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tell(where: str) -> None:
    """Print where the server is and go on in the background."""
    sys.stdout.write(where)
    sys.stdout.flush()
    if os.fork():
        os._exit(0)
    for stream in (0, 1, 2):
        os.close(stream)


def _initialised(folder: Path) -> Cluster:
    password = folder / "password"
    password.write_text(secrets.token_hex(16), "ascii")
    if os.geteuid() == 0:
        shutil.chown(password, "postgres", "postgres")
    options = ("--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale")
    where = ("--pgdata", str(folder / "data"), "--username=postgres", "--no-sync")
    _as_postgres("initdb", *where, *options)
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\n".join(OPTIONS))  # there, so that ALTER SYSTEM can change one
    return Cluster(port=_free_port(), password=password.read_text("ascii"))


@contextmanager
def _serving(folder: Path, server: Cluster) -> Generator[None]:
    options = f"-c port={server.port}"
    where = ("--pgdata", str(folder / "data"), "--silent", "--wait")
    _as_postgres("pg_ctl", "start", *where, "--log", str(folder / "log"), "--options", options)
    try:
        yield
    finally:
        _as_postgres("pg_ctl", "stop", *where, "--mode=immediate")


def _prepare(server: Cluster) -> None:
    """Make the two roles and the template, whose schema the product's own migrations make."""
    with server.connect() as admin:
        for role in (OWNER, APPLICATION):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{server.password}'".encode())
        admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}".encode())
    with server.connect(TEMPLATE) as admin:
        admin.execute(f"ALTER SCHEMA public OWNER TO {OWNER}".encode())
    with server.connect(TEMPLATE, OWNER) as owner:
        owner.execute(
            "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "
            f"{APPLICATION}".encode()
        )
    anyio.run(_migrate, server.url(TEMPLATE, OWNER))


async def _migrate(url: str) -> None:
    database = open_database(url)
    await migrate(database)
    await database.dispose()


def _as_postgres(program: str, *arguments: str) -> None:
    """Run a program of the server, which refuses to be root."""
    folder = binaries()
    assert folder is not None
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    subprocess.run(  # noqa: S603 -- installed by the distribution
        (str(folder / program), *arguments),
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
