"""Applications: OAuth clients that the organisation registered, above all headless ones."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.rights import grouped
from helpdesk_mcp.web.pages.visits import Visit

HERE = "/console/applications"


class ClientsRoom(Room):
    section = "clients"

    def routes(self) -> list[Route]:
        return [
            self.shown(HERE),
            self.told(f"{HERE}/register", "register_client", _draft),
            self.done(f"{HERE}/remove", "remove_client", _client, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        clients = (await self.counter.ask(visit, "list_clients"))["clients"]
        return self.framed(
            visit,
            request,
            "clients.html",
            outcome,
            clients=clients,
            groups=grouped(EVERY_SCOPE),
            desks=await self.door.parts.desks(self.tenant(visit)),
            token_endpoint=f"{self.door.parts.public_url}/oauth/token",
        )


def _draft(_: Request, form: Form) -> dict[str, Any]:
    headless = form.one("headless") != "no"
    asked = set(form.every("scope"))
    return {
        "name": form.one("name"),
        "headless": headless,
        "redirect_uris": form.one("redirect_uris").split(),
        "scopes": [scope for scope in Scope if scope in EVERY_SCOPE and scope in asked],
        "desks": list(form.every("desk")),
    }


def _client(_: Request, form: Form) -> dict[str, str]:
    return {"client": form.one("client")}
