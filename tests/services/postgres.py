"""A real PostgreSQL for a test run: one cluster for all workers, a fresh database for each test."""

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from tests.services import run

OWNER = "helpdesk_owner"
APPLICATION = "helpdesk_app"
TEMPLATE = "helpdesk_template"
HOW = "run `apt-get install postgresql`, or put the folder of pg_ctl into PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A server on 127.0.0.1. The same password opens every role."""

    port: int
    password: str = field(repr=False)

    def url(self, database: str, role: str) -> str:
        return f"postgresql+psycopg://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", role: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=role,
            password=self.password,
            dbname=database,
            autocommit=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database of one test, with the schema. The owner migrates, the application serves.

    The application's role is not the owner, no superuser, and cannot bypass row-level security.
    """

    name: str
    cluster: Cluster

    @property
    def owner(self) -> str:
        return self.cluster.url(self.name, OWNER)

    @property
    def application(self) -> str:
        return self.cluster.url(self.name, APPLICATION)

    @property
    def above(self) -> str:
        """The URL of the superuser, whom row-level security does not bind."""
        return self.cluster.url(self.name, "postgres")

    def admin(self) -> psycopg.Connection:
        """Connect as the superuser, who sees past row-level security."""
        return self.cluster.connect(self.name)


def binaries() -> Path | None:
    """Return the folder of the newest installed server, None where there is none."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=_version)
    on_path = shutil.which("pg_ctl")
    if installed:
        return installed[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def cluster() -> Cluster:
    """Return the cluster of this run, started by whoever asks first. Skips where it cannot be."""
    if binaries() is None:
        run.missing("PostgreSQL", HOW)
    with run.alone("postgres"):
        known = run.folder() / "postgres.json"
        if not known.exists():
            known.write_text(_started(), "utf-8")
        return Cluster(**json.loads(known.read_text("utf-8")))


@contextmanager
def fresh(*, template: str = TEMPLATE) -> Generator[Database]:
    """Make a database like the template's and drop it afterwards, whoever is still connected."""
    server = cluster()
    name = f"t_{uuid.uuid4().hex[:16]}"
    create = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
    names = (name, template, OWNER)
    with server.connect() as admin:
        admin.execute(sql.SQL(create).format(*map(sql.Identifier, names)))
    try:
        yield Database(name=name, cluster=server)
    finally:
        with server.connect() as admin:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            admin.execute(drop.format(sql.Identifier(name)))


def _started() -> str:
    """Start the keeper, which outlives this worker but not the run, and return what it says."""
    started = subprocess.run(  # noqa: S603 -- our own interpreter
        (sys.executable, "-m", "tests.services.keeper", str(run.folder() / "alive")),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": "src"},
        text=True,
        timeout=60,
        check=True,
        start_new_session=True,
    )
    return started.stdout


def _version(pg_ctl: Path) -> float:
    return float(pg_ctl.parts[-3])
