"""A pipeline over the memory desk: the shortest road from a tool's name to its answer."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal
from helpdesk_mcp.pipeline.calls import Answer, Call, Record
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.tools.catalog import TOOLS

ANA = Principal(tenant="acme", subject="ana", client="tests", scopes=EVERY_SCOPE)
PLENTY = Rate(burst=10_000, per_second=10_000)


@dataclass(slots=True)
class Kept:
    """Records of calls as they ended."""

    records: list[Record] = field(default_factory=list[Record])

    async def begin(self, record: Record) -> None:
        del record

    async def masked(self, record: Record) -> dict[str, Any]:
        return dict(record.arguments)

    async def end(self, record: Record, error: BaseException | None) -> None:
        del error
        self.records.append(record)


class Asking:
    """Asks tools by name, as one caller with every right."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk or WholeMemoryDesk()
        self.kept = Kept()
        self.pipeline = Pipeline(
            TOOLS,
            opener=self,
            limiter=MemoryLimiter(),
            recorder=self.kept,
            limits=Limits(reads=PLENTY, writes=PLENTY),
        )

    async def desks(self, principal: Principal) -> Desks:
        del principal
        offered = frozenset(type(self.desk).__mro__)
        return granted([GrantedDesk(name="it", connection="1", kind="memory", offered=offered)])

    def open(
        self, principal: Principal, desk: str | None = None
    ) -> AbstractAsyncContextManager[Desk]:
        del principal, desk
        return nullcontext(self.desk)

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return (await self.answer(tool, **arguments)).data

    async def answer(self, tool: str, **arguments: Any) -> Answer:
        call = Call(principal=ANA, operation=tool, arguments=arguments, origin="mcp")
        return await self.pipeline.run(call)
