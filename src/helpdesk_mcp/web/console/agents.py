"""Connected agents: a person's own, and for administrators everybody's."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.visits import Visit


class AgentsRoom(Room):
    section = "agents"

    def routes(self) -> list[Route]:
        return [
            self.shown("/console"),
            self.done("/console/agents/revoke-mine", "revoke_my_grant", _grant, "/console"),
            self.done("/console/agents/revoke", "revoke_grant", _grant, "/console"),
            self.done("/console/agents/dismiss", "dismiss_my_alarm", _grant, "/console"),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        own = await self.counter.ask(visit, "list_my_grants")
        mine = own["grants"]
        everybody: list[dict[str, object]] = []
        desks: dict[str, str] = {}
        if self.counter.may(visit, "list_grants"):
            ids = {grant["id"] for grant in mine}
            every = (await self.counter.ask(visit, "list_grants"))["grants"]
            everybody = [grant for grant in every if grant["id"] not in ids]
        for desk in await self.door.parts.desks(self.tenant(visit)):
            desks[desk.id] = desk.name
        return self.framed(
            visit,
            request,
            "agents.html",
            outcome,
            mine=mine,
            alarms=own["alarms"],
            everybody=everybody,
            people=await self.people(visit) if everybody else {},
            desks=desks,
            address=f"{self.door.parts.public_url}/mcp",
        )


def _grant(_: Request, form: Form) -> dict[str, str]:
    return {"grant": form.one("grant")}
