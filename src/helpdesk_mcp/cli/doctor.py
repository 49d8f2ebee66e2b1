"""`doctor`: what is set, what works, and how to fix what does not."""

import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from functools import partial

import anyio

from helpdesk_mcp import settings
from helpdesk_mcp.app import configured
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.desks.kinds import opening
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, Unavailable
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.environment import keyring_of
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.database import open_database, pending
from helpdesk_mcp.stores.readiness import NOTHING, check_ready
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS

Finding = tuple[bool, str, str]
"""Whether it is good, what was looked at, and what was found."""
CLOCK_SKEW = 60.0


def doctor() -> None:
    """Check settings, database, help desk and clock; say how to fix what is wrong.

    Exits 0 when everything works, 1 otherwise.
    """
    findings = anyio.run(_examine)
    for good, what, found in findings:
        say(f"{'ok  ' if good else 'FAIL'}  {what:10} {found}")
    if not all(good for good, _, _ in findings):
        raise SystemExit(1)


async def _examine() -> list[Finding]:
    try:
        found = settings.load()
    except HelpdeskError as error:
        return [(False, "settings", error.message)]
    address = f"will listen on {found.host}:{found.mcp_port}"
    findings: list[Finding] = [(True, "settings", address)]
    findings.append(await _attempt("database", partial(_database, found)))
    try:
        desks = configured(found)
        keys = await _ready(found, desks=bool(desks))
    except HelpdeskError as error:
        return [*findings, (False, "help desk", error.message)]
    findings += [(True, "keys", keys)] if keys else []
    for one in desks:
        label = "help desk" if len(desks) == 1 else one.connection.name
        findings.append(await _attempt(label, partial(_desk, one)))
        findings.append(await _attempt(label, partial(_clock, one)))
    return findings


async def _attempt(what: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        with anyio.fail_after(30):
            return True, what, await check()
    except HelpdeskError as error:
        return False, what, f"{error.message} {ADVICE.get(error.reason, '')}".rstrip()
    except TimeoutError:
        return False, what, "No answer within 30 seconds."


async def _database(found: Settings) -> str:
    database = open_database(found.database_url)
    try:
        old = await pending(database)
    finally:
        await database.dispose()
    state = "will be brought up to date at start" if old else "is up to date"
    return f"works; its schema {state}"


async def _ready(found: Settings, *, desks: bool) -> str:
    """Return what there is to say of the keys. Raises Invalid that says what a start lacks."""
    keyring = keyring_of(found)
    database = open_database(found.database_url)
    try:
        if not await pending(database):
            await check_ready(database, keyring, desks=desks)
        elif not desks:
            raise Invalid(NOTHING, reason="settings")
    finally:
        await database.dispose()
    if keyring is None:
        return ""
    return f"master keys are good: version {', '.join(str(one) for one in keyring.versions)}"


async def _desk(one: Configured) -> str:
    async with opening(one.connection, one.credential, Metrics()) as desk:
        began = time.monotonic()
        await desk.ping()
        took = (time.monotonic() - began) * 1000
        offered = await desk.capabilities()
        offered = {*offered, Toolbox}
        tools = [o.name for o in TOOLS if o.listed and o.needs in offered]
        missing = [o.name for o in TOOLS if o.listed and o.needs not in offered]
    lacking = f"; not offered there: {', '.join(missing)}" if missing else ""
    return f"answers in {took:.0f} ms and takes our login; {len(tools)} tools{lacking}"


async def _clock(one: Configured) -> str:
    async with opening(one.connection, one.credential, Metrics()) as desk:
        return f"its clock {compared(await desk.clock(), time.time())}"


def compared(theirs: str | None, ours: float) -> str:
    """Say how the desk's clock, an HTTP date, compares with ours. Raises Unavailable if badly."""
    try:
        skew = parsedate_to_datetime(theirs or "").timestamp() - ours
    except ValueError:
        return "the help desk does not tell the time"
    if abs(skew) > CLOCK_SKEW:
        raise Unavailable(f"It differs by {skew:.0f} s from the help desk's.", reason="clock")
    return "agrees with the help desk's"


ADVICE = {
    "clock": "Set both by NTP.",
    "unreachable": "Check HELPDESK_BASE_URL, and that this machine may reach it.",
    "timeout": "It is slow or a firewall swallows packets; HELPDESK_TIMEOUT sets the patience.",
    "login": "Check HELPDESK_USERNAME and HELPDESK_PASSWORD; the account must be staff.",
    "store": "Check DATABASE_URL, and that its directory exists and can be written.",
    "protocol": "HELPDESK_BASE_URL may point to something else than django-helpdesk.",
}
