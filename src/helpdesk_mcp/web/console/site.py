"""The rooms of the console put together."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.console.account import AccountRoom
from helpdesk_mcp.web.console.agents import AgentsRoom
from helpdesk_mcp.web.console.approvals import ApprovalsRoom
from helpdesk_mcp.web.console.audit import AuditRoom
from helpdesk_mcp.web.console.clients import ClientsRoom
from helpdesk_mcp.web.console.counter import Counter
from helpdesk_mcp.web.console.desks import DesksRoom
from helpdesk_mcp.web.console.overview import OverviewRoom
from helpdesk_mcp.web.console.people import PeopleRoom
from helpdesk_mcp.web.console.policy import PolicyRoom
from helpdesk_mcp.web.console.sign_in import SignInRoom
from helpdesk_mcp.web.console.tenants import TenantsRoom
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.onward import go
from helpdesk_mcp.web.pages.parts import Parts
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.site import door_of, page_routes
from helpdesk_mcp.web.pages.visits import Visit

ROOMS = (
    AgentsRoom,
    ApprovalsRoom,
    OverviewRoom,
    DesksRoom,
    PeopleRoom,
    SignInRoom,
    ClientsRoom,
    PolicyRoom,
    AuditRoom,
    TenantsRoom,
    AccountRoom,
)


def browser_routes(parts: Parts) -> list[Route]:
    """Return everything people see with a browser."""
    door = door_of(parts)
    console = console_routes(door, parts.administration) if parts.administration else []
    return [door.show("/", _home), *page_routes(door), *console]


def console_routes(door: Door, administration: Pipeline) -> list[Route]:
    rooms = [room for room in ROOMS if door.parts.asks or room is not ClientsRoom]
    counter = Counter(administration, frozenset(room.section for room in rooms))
    routes = [route for room in rooms for route in room(door, counter).routes()]
    return [*routes, door.show("/console/{rest:path}", _nowhere)]


async def _home(visit: Visit, request: Request) -> Response:
    del visit, request
    return go("/console")


async def _nowhere(visit: Visit, request: Request) -> Response:
    del visit, request
    raise Refusal(HTTPStatus.NOT_FOUND, "not_found")
