"""The organisation at a glance: calls, errors, limits and latency over time."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.plots import plots
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.visits import Visit

SPANS: Final = {"day": 24, "week": 168, "month": 720}


class OverviewRoom(Room):
    section = "overview"

    def routes(self) -> list[Route]:
        return [self.shown("/console/overview")]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        asked = request.query_params.get("span", "")
        span = asked if asked in SPANS else "day"
        figures = await self.counter.ask(visit, "get_overview", hours=SPANS[span])
        return self.framed(
            visit,
            request,
            "overview.html",
            outcome,
            figures=figures,
            plots=plots(figures["buckets"]),
            most=max((count["calls"] for count in figures["tools"]), default=1),
            span=span,
            spans=SPANS,
        )
