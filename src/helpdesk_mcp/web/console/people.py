"""People of the organisation: invitations with a link shown once, roles, and who is kept out."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.visits import Visit

HERE = "/console/people"


class PeopleRoom(Room):
    section = "people"

    def routes(self) -> list[Route]:
        return [
            self.shown(HERE),
            self.told(f"{HERE}/invite", "invite_person", _invitation),
            self.done(f"{HERE}/withdraw", "withdraw_invitation", _invited, HERE),
            self.done(f"{HERE}/role", "set_role", _role, HERE),
            self.done(f"{HERE}/disable", "disable_person", _person, HERE),
            self.done(f"{HERE}/enable", "enable_person", _person, HERE),
            self.done(f"{HERE}/remove", "remove_person", _person, HERE),
            self.done(f"{HERE}/password", "set_password", _password, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        people = (await self.counter.ask(visit, "list_people"))["people"]
        invited = (await self.counter.ask(visit, "list_invitations"))["invitations"]
        secret = outcome.fresh.get("secret", "")
        return self.framed(
            visit,
            request,
            "people.html",
            outcome,
            people=people,
            invited=invited,
            roles=list(Role),
            link=f"{self.door.parts.public_url}/join/{secret}" if secret else "",
        )


def _invitation(_: Request, form: Form) -> dict[str, str]:
    named = {"name": form.one("name")} if form.one("name") else {}
    return {"email": form.one("email"), "role": form.one("role"), **named}


def _invited(_: Request, form: Form) -> dict[str, str]:
    return {"invitation": form.one("invitation")}


def _person(_: Request, form: Form) -> dict[str, str]:
    return {"person": form.one("person")}


def _role(request: Request, form: Form) -> dict[str, str]:
    return {**_person(request, form), "role": form.one("role")}


def _password(request: Request, form: Form) -> dict[str, str]:
    return {**_person(request, form), "password": form.one("password")}
