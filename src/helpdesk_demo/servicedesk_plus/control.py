"""The control endpoint: knobs, faults, tokens, the clock, reset, and what was asked."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.editions import Config
from helpdesk_demo.servicedesk_plus.faults import FAULT, Faults
from helpdesk_demo.servicedesk_plus.knobs import knobs_for, turn
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text, parse_json

SECRET_HEADER = "x-control-secret"  # noqa: S105 - the name of a header
PREFIX = "/__control__/"


class Site(Protocol):
    """What the control endpoint reaches of a simulator."""

    config: Config
    state: State
    accounts: Accounts
    faults: Faults

    @property
    def asked(self) -> list[Row]: ...
    def forget_asked(self) -> None: ...
    def reset(self) -> None: ...


Command = Callable[[Site, Row], Json]


async def answer_control(site: Site, request: Request) -> Response:
    """Answer a call below /__control__/; it needs the secret of this simulator."""
    given = request.headers.get(SECRET_HEADER, "")
    wanted = site.config.control_secret or ""
    if not wanted or not secrets.compare_digest(given.encode(), wanted.encode()):
        return JSONResponse({"error": "wrong secret"}, status_code=403)
    name = request.url.path.removeprefix(PREFIX)
    command = _COMMANDS.get((request.method, name))
    if command is None:
        return JSONResponse({"error": "no such control"}, status_code=404)
    body = await request.body()
    try:
        data = as_row(parse_json(body)) if body else {}
        return JSONResponse(command(site, data | dict(request.query_params)))
    except (ValidationError, ValueError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)


def _read_knobs(site: Site, _: Row) -> Json:
    return dict(asdict(site.state.knobs))


def _turn_knobs(site: Site, data: Row) -> Json:
    site.state.knobs = turn(site.state.knobs, data)
    return _read_knobs(site, {})


def _choose_build(site: Site, data: Row) -> Json:
    """Behave as another on-prem build; the data stays."""
    build = data.get("build")
    if not isinstance(build, int):
        raise ValueError("A build is a number.")  # noqa: TRY004 - the caller sees one kind of error
    site.state.knobs = knobs_for(site.config.edition, build)
    return _read_knobs(site, {})


def _reset(site: Site, _: Row) -> Json:
    site.reset()
    return {"reset": True}


def _dump(site: Site, data: Row) -> Json:
    """Return one table, or the number of rows of each."""
    table = data.get("table")
    if isinstance(table, str):
        return {"table": table, "rows": list(site.state.tables[table].values())}
    counts: Row = {name: len(rows) for name, rows in site.state.tables.items()}
    return {"tables": counts, "now": site.state.now, "build": site.config.build}


def _seen(site: Site, _: Row) -> Json:
    return {"requests": list[Json](site.asked)}


def _forget_seen(site: Site, _: Row) -> Json:
    site.forget_asked()
    return {"requests": []}


def _outbox(site: Site, _: Row) -> Json:
    return {"outbox": list[Json](site.state.outbox)}


def _add_fault(site: Site, data: Row) -> Json:
    site.faults.waiting.append(FAULT.validate_python(data))
    return {"waiting": len(site.faults.waiting)}


def _clear_faults(site: Site, _: Row) -> Json:
    site.faults.waiting.clear()
    return {"waiting": 0}


def _tokens(site: Site, data: Row) -> Json:
    """Expire the access tokens, revoke every refresh token, or forget the limits' counts."""
    match data.get("action"):
        case "expire":
            site.accounts.expire_access_tokens()
        case "revoke":
            for grant in list(site.accounts.grants):
                site.accounts.drop(grant)
        case "forget_limits":
            for grant in site.accounts.grants:
                grant.issued.clear()
        case _:
            raise ValueError("An action is expire, revoke or forget_limits.")
    return {"live": len(site.accounts.access), "refresh_tokens": len(site.accounts.grants)}


def _generate_code(site: Site, data: Row) -> Json:
    """Do what "Generate Code" of the API console does for a self client."""
    scopes = as_text(data.get("scopes")) or site.config.scopes
    redirect = data.get("redirect_uri")
    uri = redirect if isinstance(redirect, str) else None
    return {"code": site.accounts.new_code(scopes, site.state.now, uri)}


def _move_clock(site: Site, data: Row) -> Json:
    offset = data.get("offset")
    if isinstance(offset, bool) or not isinstance(offset, (int, float)):
        raise ValueError("An offset is a number of seconds.")  # noqa: TRY004 - as above
    site.state.clock_offset = offset
    return {"now": site.state.now}


_COMMANDS: Mapping[tuple[str, str], Command] = {
    ("GET", "knobs"): _read_knobs,
    ("PATCH", "knobs"): _turn_knobs,
    ("POST", "build"): _choose_build,
    ("POST", "reset"): _reset,
    ("GET", "state"): _dump,
    ("GET", "requests"): _seen,
    ("DELETE", "requests"): _forget_seen,
    ("GET", "outbox"): _outbox,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "tokens"): _tokens,
    ("POST", "codes"): _generate_code,
    ("POST", "clock"): _move_clock,
}
