"""The whole catalogue over tenants who have several desks in memory."""

from dataclasses import dataclass, field
from typing import Any

from tests.desks.tenants import Town, principal
from tests.tools.asking import PLENTY, Kept

from helpdesk_mcp.desks.opener import TenantDesks
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Answer, Call
from helpdesk_mcp.pipeline.pipeline import Limits, Pipeline
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.tools.catalog import TOOLS

ANA = principal("acme")


@dataclass(slots=True)
class Several:
    """Asks tools by name, as Ana of acme unless somebody else is named."""

    town: Town
    policy: Policy = field(default_factory=Policy)
    reads: Rate = PLENTY
    kept: Kept = field(default_factory=Kept)
    opener: TenantDesks = field(init=False)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.opener = self.town.opener()
        self.pipeline = Pipeline(
            TOOLS,
            opener=self.opener,
            limiter=MemoryLimiter(),
            recorder=self.kept,
            limits=Limits(reads=self.reads, writes=PLENTY),
            policy=self.policy,
            policies=self.opener.policy,
        )

    async def answer(self, tool: str, who: Principal = ANA, **arguments: Any) -> Answer:
        call = Call(principal=who, operation=tool, arguments=arguments, origin="mcp")
        return await self.pipeline.run(call)

    async def __call__(self, tool: str, who: Principal = ANA, **arguments: Any) -> dict[str, Any]:
        return (await self.answer(tool, who, **arguments)).data

    async def error(self, tool: str, who: Principal = ANA, **arguments: Any) -> HelpdeskError:
        try:
            await self.answer(tool, who, **arguments)
        except HelpdeskError as error:
            return error
        raise AssertionError(f"{tool} was not refused")
