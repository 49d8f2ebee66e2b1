"""What the organisation allows its agents at all, tool by tool."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.parts import ToolInfo
from helpdesk_mcp.web.pages.visits import Visit

HERE = "/console/policy"


class PolicyRoom(Room):
    section = "policy"

    def routes(self) -> list[Route]:
        return [self.shown(HERE), self.done(f"{HERE}/set", "set_policy", _policy, HERE)]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        policy = await self.counter.ask(visit, "get_policy")
        topics: dict[str, list[ToolInfo]] = {}
        for tool in self.door.parts.tools:
            topics.setdefault(tool.toolset, []).append(tool)
        return self.framed(visit, request, "policy.html", outcome, policy=policy, topics=topics)


def _policy(_: Request, form: Form) -> dict[str, Any]:
    return {
        "read_only": form.one("read_only") == "yes",
        "switched_off": list(form.every("off")),
        "needs_approval": list(form.every("approval")),
    }
