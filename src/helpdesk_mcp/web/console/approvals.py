"""Calls of agents that wait for a person's word."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.visits import Visit


class ApprovalsRoom(Room):
    section = "approvals"

    def routes(self) -> list[Route]:
        here = "/console/approvals"
        return [
            self.shown(here),
            self.done(f"{here}/approve", "approve_call", _approval, here),
            self.done(f"{here}/refuse", "refuse_call", _approval, here),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        calls = (await self.counter.ask(visit, "list_waiting_calls"))["calls"]
        people = await self.people(visit)
        return self.framed(visit, request, "approvals.html", outcome, calls=calls, people=people)


def _approval(_: Request, form: Form) -> dict[str, str]:
    return {"approval": form.one("approval")}
