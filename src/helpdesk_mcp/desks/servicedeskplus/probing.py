"""Which modules a desk really offers to our account: each is asked for one record."""

from collections.abc import Mapping

import anyio

from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.domain.assets import Assets, Contracts
from helpdesk_mcp.domain.authoring import Authoring
from helpdesk_mcp.domain.changes import Changes
from helpdesk_mcp.domain.configuration import Configuration
from helpdesk_mcp.domain.desk import Knowledge
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, NotFound
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.problems import Problems
from helpdesk_mcp.domain.projects import Projects

MODULES: Mapping[str, tuple[type, ...]] = {
    "problems": (Problems,),
    "changes": (Changes,),
    "projects": (Projects,),
    "assets": (Assets,),
    "contracts": (Contracts,),
    "cmdb": (Configuration,),
    "solutions": (Knowledge, Authoring),
}
"""Where a module's records are, and the capabilities that stand on it."""
ONE = Window(size=1)


async def absent(link: Link) -> frozenset[type]:
    """Return the capabilities that are not there: no such route, no licence, no right, no scope.

    A desk that fails or throttles says nothing about what it has.
    """
    found: set[type] = set()

    async def ask(path: str, capabilities: tuple[type, ...]) -> None:
        try:
            await link.rows(path, Query(count=False), ONE)
        except (Denied, NotFound):
            found.update(capabilities)
        except HelpdeskError as error:
            if error.reason == "web_page":  # an unknown route of the Cloud
                found.update(capabilities)

    async with anyio.create_task_group() as group:
        for path, capabilities in MODULES.items():
            group.start_soon(ask, path, capabilities)
    return frozenset(found)
