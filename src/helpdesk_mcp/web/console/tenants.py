"""Organisations of the deployment, for its operator."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.tenants import Tier
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.texts import LANGUAGES
from helpdesk_mcp.web.pages.visits import Visit

HERE = "/console/organisations"


class TenantsRoom(Room):
    section = "tenants"

    def routes(self) -> list[Route]:
        return [
            self.shown(HERE),
            self.done(f"{HERE}/create", "create_tenant", _draft, HERE),
            self.done(f"{HERE}/update", "update_tenant", _changes, HERE),
            self.done(f"{HERE}/suspend", "suspend_tenant", _reasoned, HERE),
            self.done(f"{HERE}/resume", "resume_tenant", _tenant, HERE),
            self.done(f"{HERE}/delete", "delete_tenant", _confirmed, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        tenants = (await self.counter.ask(visit, "list_tenants"))["tenants"]
        return self.framed(
            visit,
            request,
            "tenants.html",
            outcome,
            tenants=tenants,
            locales=LANGUAGES,
            tiers=list(Tier),
        )


def _draft(_: Request, form: Form) -> dict[str, str]:
    fields = ("slug", "name", "tier", "locale", "time_zone")
    return {name: form.one(name) for name in fields if form.one(name)}


def _changes(request: Request, form: Form) -> dict[str, str]:
    return {**_draft(request, form), **_tenant(request, form)}


def _tenant(_: Request, form: Form) -> dict[str, str]:
    return {"tenant": form.one("tenant")}


def _reasoned(request: Request, form: Form) -> dict[str, str]:
    return {**_tenant(request, form), "reason": form.one("reason")}


def _confirmed(request: Request, form: Form) -> dict[str, str]:
    return {**_tenant(request, form), "confirm_slug": form.one("confirm_slug")}
