"""Tools that say how the help desk and this server are, and why a tool is not to be had."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Literal

from helpdesk_mcp.domain.desk import Desk, capability_names
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import Effect, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.toolbox import Refused, Toolbox

State = Literal["works", "rests", "fails"]
ADVICE = {
    "breaker_open": "It failed often; calls rest for some seconds. Wait, then look again.",
    "unreachable": "An administrator checks its address, the network, and that it runs.",
    "timeout": "It is slow or overloaded. Try again later, with fewer or smaller calls.",
    "login": "An administrator renews the credential: it is wrong, expired or revoked.",
    "token": "An administrator connects the desk anew: its token is no longer taken.",
    "desk_suspended": "An administrator tests the desk and resumes it.",
    "forbidden": "An administrator gives the desk's account more rights.",
    "protocol": "The address may be no help desk, or a proxy answers in its place.",
    "web_page": "The address answers with a web page: an administrator corrects it.",
    "scope": "Your token lacks the scope to look; ask for one with tickets:read.",
}
"""What helps, by the reason of an error."""
ELSE = "An administrator runs `helpdesk-mcp doctor`."
MOST_NAMES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """How one desk answered just now. `clock_off` is how far its clock is from ours, in seconds."""

    answers_in_ms: float
    offers: tuple[str, ...]
    clock_off: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHealth:
    """A desk "rests" while its circuit breaker is open; `look_again` is in seconds."""

    state: State
    desk: str | None = None
    credential_accepted: bool | None = None
    answers_in_ms: float | None = None
    clock_off: float | None = None
    offers: tuple[str, ...] | None = None
    problem: str | None = None
    reason: str | None = None
    advice: str | None = None
    look_again: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHealth:
    version: str
    desks: tuple[DeskHealth, ...]
    tools: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailables:
    """Tools that one reason keeps away. `more` counts those not named."""

    reason: str
    why: str
    tools: tuple[str, ...]
    more: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    version: str
    scopes: tuple[str, ...]
    desks: tuple[DeskHealth, ...]
    tools: int
    unavailable: tuple[Unavailables, ...]


@operation(Scope.TICKETS_READ, Effect.READ, title="Check the help desk", listed=False)
async def get_desk_health(desk: Desk) -> DeskStatus:
    """Ask the help desk whether it answers and takes our login, how fast, and what it offers."""
    began = time.monotonic()
    await desk.ping()
    took = time.monotonic() - began
    offered = await desk.capabilities()
    return DeskStatus(
        answers_in_ms=round(took * 1000, 1),
        offers=capability_names(offered),
        clock_off=_off(await desk.clock()),
    )


@operation((), Effect.READ, title="Server health", listed=False, own_words=True)
async def get_server_health(toolbox: Toolbox) -> ServerHealth:
    """Say whether each help desk answers and takes our login, and how fast (performance)."""
    return ServerHealth(
        version=version("helpdesk-mcp"),
        desks=await _desks(toolbox, whole=False),
        tools=len(await toolbox.tools()),
    )


@operation((), Effect.READ, title="Diagnose the connection", listed=False, own_words=True)
async def diagnose_connection(toolbox: Toolbox) -> Diagnosis:
    """Say what keeps tools away: desk down, credential refused, scopes or capabilities missing.

    With advice for each problem.
    """
    return Diagnosis(
        version=version("helpdesk-mcp"),
        scopes=tuple(sorted(toolbox.scopes())),
        desks=await _desks(toolbox, whole=True),
        tools=len(await toolbox.tools()),
        unavailable=_grouped(await toolbox.refused()),
    )


async def _desks(toolbox: Toolbox, *, whole: bool) -> tuple[DeskHealth, ...]:
    names = await toolbox.desks()
    if len(names) < 2:  # noqa: PLR2004 -- one desk needs no name
        return (await _one(toolbox, None, {}, whole=whole),)
    return tuple([await _one(toolbox, name, {"desk": name}, whole=whole) for name in names])


async def _one(
    toolbox: Toolbox, name: str | None, arguments: Mapping[str, Any], *, whole: bool
) -> DeskHealth:
    try:
        status: DeskStatus = await toolbox.run(get_desk_health.name, arguments)
    except HelpdeskError as error:  # what is wrong is the answer
        return _ill(name, error)
    return DeskHealth(
        state="works",
        desk=name,
        credential_accepted=True,
        answers_in_ms=status.answers_in_ms,
        clock_off=status.clock_off,
        offers=status.offers if whole else None,
    )


def _ill(name: str | None, error: HelpdeskError) -> DeskHealth:
    return DeskHealth(
        state="rests" if error.reason == "breaker_open" else "fails",
        desk=name,
        credential_accepted=False if error.reason in {"login", "token"} else None,
        problem=error.message,
        reason=error.reason,
        advice=ADVICE.get(error.reason, ELSE),
        look_again=round(error.retry_after, 1) if error.retry_after else None,
    )


def _grouped(refused: Mapping[str, Refused]) -> tuple[Unavailables, ...]:
    groups: dict[tuple[str, str], list[str]] = {}
    for name, one in refused.items():
        groups.setdefault((one.reason, one.message), []).append(name)
    return tuple(
        Unavailables(
            reason=reason,
            why=why,
            tools=tuple(names[:MOST_NAMES]),
            more=max(len(names) - MOST_NAMES, 0) or None,
        )
        for (reason, why), names in groups.items()
    )


def _off(clock: str | None) -> float | None:
    """Return how many seconds a desk's clock, an HTTP date, is ahead of ours."""
    try:
        return round(parsedate_to_datetime(clock or "").timestamp() - datetime.now(UTC).timestamp())
    except ValueError:
        return None


TOOLS = (get_server_health, diagnose_connection, get_desk_health)
