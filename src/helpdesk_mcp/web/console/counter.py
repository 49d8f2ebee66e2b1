"""Where the console asks: every page and button is a call on the administrators' road."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from helpdesk_mcp.domain.errors import Denied
from helpdesk_mcp.domain.principals import ROLE_SCOPES, Principal, Role, Scope
from helpdesk_mcp.domain.sessions import PASSWORD, Membership
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import SignedIn, Visit

CLIENT: Final = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A place in the navigation, and the operation without which it is empty."""

    name: str
    path: str
    operation: str


SECTIONS: Final = (
    Section(name="agents", path="/console", operation="list_my_grants"),
    Section(name="approvals", path="/console/approvals", operation="list_waiting_calls"),
    Section(name="overview", path="/console/overview", operation="get_overview"),
    Section(name="desks", path="/console/desks", operation="list_desks"),
    Section(name="people", path="/console/people", operation="list_people"),
    Section(name="provider", path="/console/sign-in", operation="get_provider"),
    Section(name="clients", path="/console/applications", operation="list_clients"),
    Section(name="policy", path="/console/policy", operation="get_policy"),
    Section(name="audit", path="/console/audit", operation="search_audit"),
    Section(name="tenants", path="/console/organisations", operation="list_tenants"),
)


@dataclass(frozen=True, slots=True)
class Counter:
    """Runs operations for the person before the page, in the organisation they act in.

    `rooms` names the sections that this console has.
    """

    administration: Pipeline
    rooms: frozenset[str]

    async def ask(self, visit: Visit, operation: str, **arguments: Any) -> dict[str, Any]:
        """Run an operation. Raises HelpdeskError; Refusal (403) says who may do it instead."""
        call = Call(
            principal=principal_of(visit),
            operation=operation,
            arguments=arguments,
            origin="console",
        )
        try:
            return (await self.administration.run(call)).data
        except Denied as error:
            if error.reason != "scope":
                raise
            raise Refusal(
                HTTPStatus.FORBIDDEN, "role", detail=self._who_may(visit, operation)
            ) from error

    def may(self, visit: Visit, operation: str) -> bool:
        """Whether it is worth showing: the pipeline decides again when it is asked."""
        found = self.administration.operation(operation)
        return found is not None and found.scopes <= principal_of(visit).scopes

    def sections(self, visit: Visit) -> list[Section]:
        there = (section for section in SECTIONS if section.name in self.rooms)
        return [section for section in there if self.may(visit, section.operation)]

    def _who_may(self, visit: Visit, operation: str) -> str:
        found = self.administration.operation(operation)
        needed = found.scopes if found is not None else frozenset[Scope]()
        roles = [role for role in Role if needed <= ROLE_SCOPES[role]]
        words = [visit.texts(f"role.{role}") for role in roles]
        return ", ".join(words) or visit.texts("role.operator")


def signed_in_at(visit: Visit) -> tuple[SignedIn, Membership]:
    """Return who acts where. The door of the console has seen to it that there is somebody."""
    signed_in = visit.signed_in
    place = signed_in.place if signed_in else None
    if signed_in is None or place is None:
        raise Refusal(HTTPStatus.FORBIDDEN, "no_place")
    return signed_in, place


def principal_of(visit: Visit) -> Principal:
    signed_in, place = signed_in_at(visit)
    # An organisation's provider vouches for its own people: not for who may enter them all.
    operates = signed_in.person.operator and signed_in.session.via == PASSWORD
    more = {Scope.OPERATOR} if operates else set[Scope]()
    return Principal(
        tenant=place.tenant.id,
        subject=signed_in.person.id,
        client=CLIENT,
        scopes=ROLE_SCOPES[place.role] | more,
    )
