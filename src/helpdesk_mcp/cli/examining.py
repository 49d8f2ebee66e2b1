"""What `doctor` finds out about one help desk: its answer, its clock, what its token lacks."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

import anyio

from helpdesk_mcp.cli.running import OF_STORES
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.scopes import lacking
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.catalog import TOOLS

Finding = tuple[bool, str, str]
"""Whether it is good, what was looked at, and what was found."""
CLOCK_SKEW = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Where an administrator changes what: for advice."""

    address: str
    login: str
    patience: str = "HELPDESK_TIMEOUT"


CONNECT = "`helpdesk-mcp desks connect-zoho{0}` gives new ones"
IN_SETTINGS = {
    "django_helpdesk": Named(
        address="HELPDESK_BASE_URL",
        login="HELPDESK_USERNAME and HELPDESK_PASSWORD; the account must be staff",
    ),
    "servicedesk_plus": Named(
        address="SDP_URL", login="SDP_API_KEY; the key may have expired, or its technician left"
    ),
    "servicedesk_plus_cloud": Named(
        address="SDP_DATA_CENTER and SDP_PORTAL_NAME",
        login="SDP_CLIENT_ID, SDP_CLIENT_SECRET and SDP_REFRESH_TOKEN; " + CONNECT.format(""),
    ),
}
"""For desks that the environment configures, by kind."""
ADVICE = {
    "clock": "Set both by NTP.",
    "unreachable": "Check {0.address}, and that this machine may reach it.",
    "timeout": "It is slow or a firewall swallows packets; {0.patience} sets the patience.",
    "login": "Check {0.login}.",
    "reauth_required": "Renew {0.login}.",
    "store": OF_STORES,
    "web_page": "Check {0.address}.",
    "not_found": "Check {0.address}.",
    "protocol": "{0.address} may point to something else than this kind of help desk.",
}


def in_store(desk: str, tenant: str, kind: str) -> Named:
    """Return the same for a desk that an organisation connected."""
    which = f"{desk} --tenant {tenant}"
    renewed = f"`helpdesk-mcp desks replace-credential {which}` takes a new one"
    if kind == "servicedesk_plus_cloud":
        renewed = CONNECT.format(f" --desk {which}")
    return Named(
        address=f"its address (`helpdesk-mcp desks update {which} --address`)",
        login=f"its credential; {renewed}",
        patience="`timeout` in its settings",
    )


async def looked_at(
    what: str, desk: AbstractAsyncContextManager[Desk], named: Named
) -> list[Finding]:
    """Examine one desk. It is opened once: each login may count against a limit of its vendor."""
    try:
        async with desk as opened:
            first = await attempt(what, partial(_answers, opened), named)
            rest = (_clock, _labels, _scopes) if first[0] else (_scopes,)
            found = [first, *[await attempt(what, partial(c, opened), named) for c in rest]]
    except HelpdeskError as error:
        return [(False, what, error.message)]
    return [finding for finding in found if finding[2]]


async def attempt(
    what: str,
    check: Callable[[], Awaitable[str]],
    named: Named = IN_SETTINGS["django_helpdesk"],
) -> Finding:
    try:
        with anyio.fail_after(30):
            return True, what, await check()
    except HelpdeskError as error:
        advice = ADVICE.get(error.reason, "").format(named)
        return False, what, f"{error.message} {advice}".rstrip()
    except TimeoutError:
        return False, what, "No answer within 30 seconds."


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


async def _labels(desk: Desk) -> str:
    """Say so where a desk does not tell what its custom fields are called."""
    return await desk.unnamed() or "" if isinstance(desk, ServiceDeskPlus) else ""


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
