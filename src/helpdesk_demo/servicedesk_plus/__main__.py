"""Runs a simulator on loopback: one JSON line when it is ready, an orderly end on SIGTERM."""

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import uvicorn

from helpdesk_demo.servicedesk_plus.connections import BreakableProtocol
from helpdesk_demo.servicedesk_plus.editions import (
    DATA_CENTERS,
    DEFAULT_BUILD,
    DEFAULT_SCOPES,
    DEFAULT_TICKETS,
    Config,
)
from helpdesk_demo.servicedesk_plus.site import Simulator

PORT_TAKEN_STATUS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        listener = _listen(options.port)
    except OSError as error:
        print(f"Cannot listen on 127.0.0.1:{options.port}: {error.strerror}.", file=sys.stderr)
        return PORT_TAKEN_STATUS
    if options.exit_with_stdin:
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    with contextlib.closing(listener):
        config = config_from(options)
        simulator = Simulator(config)
        server = uvicorn.Server(_uvicorn(simulator, options))
        host, port = listener.getsockname()
        scheme = "https" if options.certificate else "http"
        print(json.dumps(ready_line(config, f"{scheme}://{host}:{port}")), flush=True)
        server.run(sockets=[listener])
    return 0


def ready_line(config: Config, origin: str) -> dict[str, object]:
    """Return all that a client needs, secrets included: they open nothing but this simulator."""
    line: dict[str, object] = {
        "edition": config.edition,
        "url": origin if config.edition == "onprem" else f"{origin}/app/{config.portal}",
        "origin": origin,
        "portal": config.portal,
        "build": config.build,
        "control_url": f"{origin}/__control__/" if config.control_secret else None,
        "control_secret": config.control_secret,
    }
    if config.edition == "onprem":
        return {**line, "api_key": config.api_key, "reader_api_key": config.reader_api_key}
    return {
        **line,
        "accounts_url": origin,
        "data_center": config.data_center,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "refresh_token": config.refresh_token,
    }


def config_from(options: argparse.Namespace) -> Config:
    """Return the configuration of the command line, with fresh secrets."""
    config = Config(
        edition=options.edition,
        build=options.build,
        seed=options.seed,
        tickets=options.tickets,
        portal=options.portal,
        data_center=options.data_center,
        scopes=options.scopes,
        control_secret=None if options.no_control else secrets.token_urlsafe(24),
    )
    if options.now is None:
        return config
    return replace(config, started=int(datetime.fromisoformat(options.now).timestamp() * 1000))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpdesk_demo.servicedesk_plus")
    add = parser.add_argument
    add("--edition", choices=("onprem", "cloud"), required=True)
    add("--port", type=int, default=0, help="0 takes any free port")
    add("--seed", type=int, default=1, help="the same seed makes the same tickets")
    add("--tickets", type=int, default=DEFAULT_TICKETS)
    add("--build", type=int, default=DEFAULT_BUILD, help="on-prem build number")
    add("--portal", default="itdesk", help="name in the Cloud's address")
    add("--data-center", choices=tuple(DATA_CENTERS), default="us")
    add("--scopes", default=DEFAULT_SCOPES, help="of the Cloud's refresh token")
    add("--now", help="ISO moment at which the seeded tickets end; the default is now")
    add("--certificate", type=Path, help="serve TLS with this certificate, as on-prem does")
    add("--key", type=Path, help="the certificate's private key")
    add("--client-ca", type=Path, help="ask clients for a certificate of this authority")
    add("--no-control", action="store_true", help="serve no control endpoint")
    add("--exit-with-stdin", action="store_true", help="stop when standard input is closed")
    return parser


def _uvicorn(simulator: Simulator, options: argparse.Namespace) -> uvicorn.Config:
    return uvicorn.Config(
        simulator,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        timeout_graceful_shutdown=1,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        ssl_ca_certs=options.client_ca and str(options.client_ca),
        ssl_cert_reqs=ssl.CERT_REQUIRED if options.client_ca else ssl.CERT_NONE,
    )


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


def _leave(*_: object) -> None:
    """End in good order: uvicorn hands the signal on to us once it has shut down."""
    sys.exit(0)


def _leave_with_stdin() -> None:
    """Stop when the parent is gone, however it died: its end of the pipe closes with it."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
