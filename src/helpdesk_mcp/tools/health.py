"""The tool that says whether a help desk answers, and what it offers."""

from dataclasses import dataclass

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.operations import Effect, operation
from helpdesk_mcp.domain.principals import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHealth:
    """A desk that answers and takes our credential. `time` is its own clock, as HTTP writes it."""

    answers: bool
    time: str | None = None
    offers: tuple[str, ...] = ()


@operation(Scope.TICKETS_READ, Effect.READ, title="Check the help desk", listed=False, target="")
async def get_desk_health(desk: Desk) -> DeskHealth:
    """Check that the help desk answers and accepts us, and say what it offers.

    Fails with the reason when it does not. Metrics and logs are for the operator.
    """
    await desk.ping()
    capabilities = await desk.capabilities()
    ours = {c.__name__ for c in capabilities if c.__module__.startswith(Desk.__module__[:19])}
    return DeskHealth(answers=True, time=await desk.clock(), offers=tuple(sorted(ours)))


TOOLS = (get_desk_health,)
