"""A pipeline whose every neighbour writes down in one list that it was asked, and when."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import Field

from helpdesk_mcp.domain.approvals import Approvals
from helpdesk_mcp.domain.desk import Desk, Knowledge
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.operations import AnyOperation, Effect, Holds, operation
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal, Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.pipeline.calls import Call, Origin, Record
from helpdesk_mcp.pipeline.neighbours import Limits, Policies
from helpdesk_mcp.pipeline.pipeline import Pipeline

ANA = Principal(tenant="acme", subject="ana", client="tests", scopes=EVERY_SCOPE)
READER = replace(ANA, scopes=frozenset({Scope.TICKETS_READ}))


class Bench(Desk):
    """A desk that does what the test says when it is touched."""

    def __init__(self, steps: list[str], touch: Callable[[], Awaitable[None]]) -> None:
        self._steps = steps
        self._touch = touch

    async def ping(self) -> None:
        return

    async def touched(self, what: str) -> Receipt:
        self._steps.append("desk")
        await self._touch()
        return Receipt(ticket_id=what)


@operation(Scope.TICKETS_READ, Effect.READ, title="Look", renamed={"id": "ticket_id"})
async def look(desk: Bench, ticket_id: str, size: Annotated[int, Field(ge=1, le=9)] = 1) -> Receipt:
    """Look."""
    del size
    return await desk.touched(ticket_id)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Write",
    renamed={"who": "person"},
    holds={"text": Holds.PROSE, "person": Holds.PERSON},
)
async def write(desk: Bench, ticket_id: str, text: str = "", person: str | None = None) -> Receipt:
    """Write."""
    del text, person
    return await desk.touched(ticket_id)


@operation(Scope.TICKETS_READ, Effect.READ, title="Elsewhere")
async def elsewhere(desk: Knowledge, ticket_id: str) -> Receipt:
    """Need what this desk does not offer."""
    raise NotImplementedError


OPERATIONS: tuple[AnyOperation, ...] = (look, write, elsewhere)


async def _nothing() -> None:
    return


@dataclass(slots=True)
class Workbench:
    """Every neighbour of the pipeline. Each failure is raised where its name says."""

    steps: list[str] = field(default_factory=list[str])
    ended: list[tuple[Record, BaseException | None]] = field(
        default_factory=list[tuple[Record, BaseException | None]]
    )
    touch: Callable[[], Awaitable[None]] = _nothing
    wait_for: float = 0
    begin_fails: HelpdeskError | None = None
    open_fails: HelpdeskError | None = None
    end_fails: HelpdeskError | None = None
    policy: Policy = field(default_factory=Policy)
    policies: Policies | None = None
    approvals: Approvals | None = None
    desks_fail: HelpdeskError | None = None
    seconds: float = 50.0

    @property
    def pipeline(self) -> Pipeline:
        rate = Rate(burst=5, per_second=1)
        limits = Limits(reads=rate, writes=rate, seconds=self.seconds)
        return Pipeline(
            OPERATIONS,
            opener=self,
            limiter=self,
            recorder=self,
            limits=limits,
            policy=self.policy,
            policies=self.policies,
            approvals=self.approvals,
        )

    @property
    def record(self) -> Record:
        return self.ended[-1][0]

    async def desks(self, principal: Principal) -> Desks:
        del principal
        self.steps.append("authorize")
        if self.desks_fail:
            raise self.desks_fail
        return granted(
            [GrantedDesk(name="it", connection="1", kind="bench", offered=frozenset({Bench}))]
        )

    @asynccontextmanager
    async def open(self, principal: Principal, desk: str | None = None) -> AsyncGenerator[Bench]:
        del principal, desk
        self.steps.append("open")
        if self.open_fails:
            raise self.open_fails
        yield Bench(self.steps, self.touch)
        self.steps.append("closed")

    async def take(self, key: str, rate: Rate) -> float:
        del key, rate
        self.steps.append("spend")
        return self.wait_for

    def wait(self, key: str, rate: Rate) -> float:
        del key, rate
        return self.wait_for

    async def begin(self, record: Record) -> None:
        del record
        self.steps.append("begin")
        if self.begin_fails:
            raise self.begin_fails

    async def masked(self, record: Record) -> dict[str, Any]:
        return dict.fromkeys(record.arguments, "…")

    async def end(self, record: Record, error: BaseException | None) -> None:
        self.steps.append("end")
        self.ended.append((record, error))
        if self.end_fails:
            raise self.end_fails


def call(tool: str, principal: Principal = ANA, origin: Origin = "mcp", **arguments: Any) -> Call:
    return Call(principal=principal, operation=tool, arguments=arguments, origin=origin)
