"""Real help desks for tests: one seeded template per test run, a fresh copy per desk."""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import TypeAdapter

from helpdesk_demo.desk.layout import DEFAULT_TICKETS, LOG, RECORD
from helpdesk_demo.desk.process import Auth, DeskProcess, make_desk, start_desk


def desk_template(tmp_path_factory: pytest.TempPathFactory, tickets: int = DEFAULT_TICKETS) -> Path:
    """Return a seeded data directory to copy; the first worker to ask makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.getenv("PYTEST_XDIST_WORKER") else base
    template = shared / f"desk-{tickets}"
    with (shared / f"desk-{tickets}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (template / RECORD).exists():
            make_desk(template, tickets=tickets, fast_hashing=True)
    return template


def start_copy(
    template: Path, data: Path, *, port: int = 0, auth: Sequence[Auth] = ("session", "basic")
) -> DeskProcess:
    """Start a fresh help desk on a copy of the template."""
    shutil.copytree(template, data, ignore=shutil.ignore_patterns(LOG), dirs_exist_ok=True)
    return start_desk(data, port=port, auth=auth, fast_hashing=True)


def seed_record(desk: DeskProcess) -> dict[str, dict[str, int]]:
    """Return the ids of hostile and example tickets that seeding wrote down."""
    record = json.loads((desk.data / RECORD).read_text("utf-8"))
    wanted = {name: record[name] for name in ("hostile", "examples")}
    return TypeAdapter(dict[str, dict[str, int]]).validate_python(wanted)


@contextmanager
def log_in(desk: DeskProcess) -> Generator[httpx2.Client]:
    """Open a client with a staff session."""
    with httpx2.Client(base_url=desk.url, timeout=30) as client:
        form = client.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        who = {"username": desk.username, "password": desk.password}
        answer = client.post("/login/", data=who | {"csrfmiddlewaretoken": token[1]})
        assert answer.status_code == 302
        assert "sessionid" in client.cookies
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        yield client
