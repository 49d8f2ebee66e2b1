"""Runs the help desk: makes it at the first start, then serves it on loopback until told to stop.

Prints exactly one JSON line to standard output when it is ready; all else goes to standard error.
"""

# pyright: basic
# Django and waitress are untyped.

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import django
from django.core.management import call_command
from waitress.server import create_server

from helpdesk_demo.desk.layout import (
    CREDENTIALS,
    DATABASE,
    DEFAULT_TICKETS,
    LOG,
    PORT_TAKEN_STATUS,
    RECORD,
    SECRET_KEY,
    USERNAME,
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if options.exit_with_stdin:
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    try:
        listener = _listen(options.port)
    except OSError as error:
        _say(f"Cannot listen on 127.0.0.1:{options.port}: {error.strerror}.")
        return PORT_TAKEN_STATUS
    with contextlib.closing(listener):
        data = options.data.resolve()
        _prepare(data, options)
        if not options.prepare_only:
            _serve(listener, data)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpdesk_demo.desk.server")
    add = parser.add_argument
    add("--data", type=Path, required=True, help="directory of the database, mail and attachments")
    add("--port", type=int, default=0, help="0 takes any free port")
    add("--tickets", type=int, default=DEFAULT_TICKETS, help="how many tickets to seed")
    add("--template", type=Path, help="copy this seeded data directory first, if there is none yet")
    add("--auth", default="session,basic", help="of the REST API: session, basic, token")
    add("--fast-hashing", action="store_true", help="weak password hashes, for tests")
    add("--prepare-only", action="store_true", help="make the help desk, but do not serve it")
    add("--exit-with-stdin", action="store_true", help="stop when standard input is closed")
    return parser


def _leave(*_: object) -> None:
    """End in good order; a second signal must not cut that short."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _leave_with_stdin() -> None:
    """Stop when the parent is gone, however it died: its end of the pipe closes with it."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _prepare(data: Path, options: argparse.Namespace) -> None:
    """Set Django up for this data directory; make and fill the database where it is missing."""
    data.mkdir(parents=True, exist_ok=True)
    if options.template and not (data / DATABASE).exists():
        _say(f"Copying {options.template.name}")
        passing = shutil.ignore_patterns(LOG)
        shutil.copytree(options.template, data, ignore=passing, dirs_exist_ok=True)
    _keep_private(data / SECRET_KEY, secrets.token_urlsafe(48))
    password = os.getenv("HD_PASSWORD") or secrets.token_urlsafe(12)
    _keep_private(data / CREDENTIALS, json.dumps({"username": USERNAME, "password": password}))
    os.environ.update(  # noqa: TID251 - Django's settings module can be reached in no other way
        DJANGO_SETTINGS_MODULE="helpdesk_demo.desk.settings",
        HD_DATA=str(data),
        HD_AUTH=options.auth,
        HD_FAST_HASHING="1" if options.fast_hashing else "0",
    )
    django.setup()
    _migrate_and_seed(data, options.tickets)


def _keep_private(path: Path, text: str) -> None:
    """Write a secret that only this user can read, unless it is there already."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a Path cannot hold a mode
            file.write(text)


def _migrate_and_seed(data: Path, tickets: int) -> None:
    versions = {name: version(name) for name in ("django-helpdesk", "django")}
    record = data / RECORD
    if (data / DATABASE).exists() and _versions_in(record) == versions:
        return
    _say("Making the tables of the help desk")
    call_command("migrate", verbosity=0)
    queue = import_module("helpdesk.models").Queue  # models load only after django.setup()
    if not queue.objects.exists():
        _say(f"Writing {tickets} tickets")
        password = json.loads((data / CREDENTIALS).read_text("utf-8"))["password"]
        import_module("helpdesk_demo.desk.seed").seed(
            record, password=password, versions=versions, now=datetime.now(UTC), tickets=tickets
        )
    import_module("django.db").connections.close_all()


def _versions_in(record: Path) -> object:
    if not record.exists():
        return None
    return json.loads(record.read_text("utf-8"))["versions"]


def _serve(listener: socket.socket, data: Path) -> None:
    application = import_module("helpdesk_demo.desk.wsgi").application
    host, port = listener.getsockname()
    _point_links_at(f"{host}:{port}")
    server = create_server(application, sockets=[listener], threads=8)
    ready = {"url": f"http://{host}:{port}/"} | json.loads((data / CREDENTIALS).read_text("utf-8"))
    print(json.dumps(ready), flush=True)
    server.run()


def _point_links_at(host: str) -> None:
    """Let the links in the help desk's mails lead to where it is served this time."""
    sites = import_module("django.contrib.sites.models").Site.objects
    if not sites.filter(pk=1, domain=host).exists():
        sites.update_or_create(pk=1, defaults={"domain": host, "name": "Northgate Lighting"})
    import_module("django.db").connections.close_all()


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
