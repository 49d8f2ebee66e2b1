"""`doctor`: what is set, what works, and how to fix what does not."""

import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

import anyio

from helpdesk_mcp import settings
from helpdesk_mcp.app import configured
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.desks.kinds import opening
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.scopes import lacking
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, Unavailable
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.environment import keyring_of
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.database import open_database, pending
from helpdesk_mcp.stores.readiness import NOTHING, check_ready
from helpdesk_mcp.telemetry import logs
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS

Finding = tuple[bool, str, str]
"""Whether it is good, what was looked at, and what was found."""
CLOCK_SKEW = 60.0


def doctor() -> None:
    """Check settings, database, help desk and clock; say how to fix what is wrong.

    Exits 0 when everything works, 1 otherwise.
    """
    logs.configure("CRITICAL", sys.stderr)  # the findings say it
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
        findings += await _looked_at(label, one)
    return findings


async def _looked_at(what: str, one: Configured) -> list[Finding]:
    """Examine one desk. It is opened once: each login may count against a limit of its vendor."""
    kind = one.connection.kind
    try:
        async with opening(one.connection, one.credential, Metrics()) as desk:
            found = [
                await _attempt(what, partial(check, desk), kind)
                for check in (_answers, _clock, _scopes)
            ]
    except HelpdeskError as error:
        return [(False, what, error.message)]
    return [finding for finding in found if finding[2]]


async def _attempt(
    what: str, check: Callable[[], Awaitable[str]], kind: str = "django_helpdesk"
) -> Finding:
    try:
        with anyio.fail_after(30):
            return True, what, await check()
    except HelpdeskError as error:
        advice = ADVICE.get(error.reason, "").format(NAMED.get(kind))
        return False, what, f"{error.message} {advice}".rstrip()
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


async def _answers(desk: Desk) -> str:
    began = time.monotonic()
    await desk.ping()
    took = (time.monotonic() - began) * 1000
    offered = {*await desk.capabilities(), Toolbox}
    tools = [o.name for o in TOOLS if o.listed and o.needs in offered]
    missing = [o.name for o in TOOLS if o.listed and o.needs not in offered]
    lacking = f"; not offered there: {', '.join(missing)}" if missing else ""
    return f"answers in {took:.0f} ms and takes our login; {len(tools)} tools{lacking}"


async def _clock(desk: Desk) -> str:
    return f"its clock {compared(await desk.clock(), time.time())}"


async def _scopes(desk: Desk) -> str:
    """Say which of the vendor's scopes our token lacks, and what agents cannot do without them."""
    return without(desk.granted) if isinstance(desk, ServiceDeskPlus) else ""


def without(granted: frozenset[str]) -> str:
    """Return what a token with these vendor's scopes cannot do; nothing where it can do all."""
    lost = [
        f"{scope} lacks {' '.join(missing)}, so these are not offered or fail: "
        + ", ".join(o.name for o in TOOLS if scope in o.scopes)
        for scope, missing in lacking(granted).items()
    ]
    return "; ".join(lost) and f"its token may not do everything. {'; '.join(lost)}"


def compared(theirs: str | None, ours: float) -> str:
    """Say how the desk's clock, an HTTP date, compares with ours. Raises Unavailable if badly."""
    try:
        skew = parsedate_to_datetime(theirs or "").timestamp() - ours
    except ValueError:
        return "the help desk does not tell the time"
    if abs(skew) > CLOCK_SKEW:
        raise Unavailable(f"It differs by {skew:.0f} s from the help desk's.", reason="clock")
    return "agrees with the help desk's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The settings of one kind of desk, as advice names them."""

    address: str
    login: str


NAMED = {
    "django_helpdesk": Named(
        address="HELPDESK_BASE_URL",
        login="HELPDESK_USERNAME and HELPDESK_PASSWORD; the account must be staff",
    ),
    "servicedesk_plus": Named(
        address="SDP_URL", login="SDP_API_KEY; the key may have expired, or its technician left"
    ),
    "servicedesk_plus_cloud": Named(
        address="SDP_DATA_CENTER and SDP_PORTAL_NAME",
        login="SDP_CLIENT_ID, SDP_CLIENT_SECRET and SDP_REFRESH_TOKEN; "
        "`helpdesk-mcp desks connect-zoho` gives new ones",
    ),
}
ADVICE = {
    "clock": "Set both by NTP.",
    "unreachable": "Check {0.address}, and that this machine may reach it.",
    "timeout": "It is slow or a firewall swallows packets; HELPDESK_TIMEOUT sets the patience.",
    "login": "Check {0.login}.",
    "store": "Check DATABASE_URL, and that its directory exists and can be written.",
    "protocol": "{0.address} may point to something else than this kind of help desk.",
}
