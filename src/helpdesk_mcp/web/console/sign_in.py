"""Where the organisation's people sign in: with a password here, or at their own provider."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.organisation import CALLBACK
from helpdesk_mcp.web.pages.visits import Visit

HERE = "/console/sign-in"


class SignInRoom(Room):
    section = "provider"

    def routes(self) -> list[Route]:
        return [
            self.shown(HERE),
            self.done(f"{HERE}/set", "set_provider", _provider, HERE),
            self.told(f"{HERE}/test", "test_provider", _nothing),
            self.done(f"{HERE}/remove", "remove_provider", _nothing, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        state = await self.counter.ask(visit, "get_provider")
        return self.framed(
            visit,
            request,
            "sign_in_room.html",
            outcome,
            provider=state.get("provider"),
            callback=f"{self.door.parts.public_url}{CALLBACK}",
        )


def _provider(_: Request, form: Form) -> dict[str, str]:
    return {name: form.one(name).strip() for name in ("issuer", "client_id", "client_secret")}


def _nothing(_: Request, __: Form) -> dict[str, str]:
    return {}
