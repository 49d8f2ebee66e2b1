"""Commands of administrators: calls on the same road as the console's, recorded like them."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import OPERATORS, Administration, administration, own_tenant
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.pipeline.calls import Call

T = TypeVar("T")


class Desk:
    """An operator at the command line, working in one organisation or on all of them."""

    def __init__(self, office: Administration, tenant: str) -> None:
        self._office = office
        self.tenant = tenant

    async def run(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Run an operation; what is None was not given."""
        principal = Principal(
            tenant=self.tenant, subject="operator", client="cli", scopes=frozenset(Scope)
        )
        given = {name: value for name, value in arguments.items() if value is not None}
        call = Call(principal=principal, operation=operation, arguments=given, origin="cli")
        return (await self._office.pipeline.run(call)).data


def working(work: Callable[[Desk], Awaitable[T]], tenant: str | None = None) -> T:
    """Do an operator's work; with a slug or id, inside that organisation."""

    async def done() -> T:
        async with administration(settings.load()) as office:
            return await work(Desk(office, await _chosen(office, tenant)))

    return anyio.run(done)


def in_organisation(work: Callable[[Desk], Awaitable[T]], tenant: str) -> T:
    """Do work inside an organisation; without a name, in the only one there is."""

    async def done() -> T:
        async with administration(settings.load()) as office:
            return await work(Desk(office, await _chosen(office, tenant or await _only(office))))

    return anyio.run(done)


async def _chosen(office: Administration, tenant: str | None) -> str:
    if tenant is None:
        return OPERATORS
    return await own_tenant(settings.load(), office.database, tenant)


async def _only(office: Administration) -> str:
    slugs = await office.slugs()
    if len(slugs) != 1:
        known = ", ".join(slugs) or "none; see `helpdesk-mcp init`"
        raise Invalid(f"Give --tenant. There are: {known}.")
    return slugs[0]
