"""A simulated ServiceDesk Plus in memory, and a client's view of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from tests.simulators.servicedesk_plus import Desk as Raw
from tests.simulators.servicedesk_plus import cloud, onprem

from helpdesk_demo.servicedesk_plus.values import Row
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS, EditionName
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """`raw` speaks to the simulator past everything that is tested."""

    raw: Raw
    http: httpx2.AsyncClient
    edition: EditionName
    options: Options

    @property
    def link(self) -> Link:
        return Link(self.http, EDITIONS[self.edition])

    @property
    def desk(self) -> ServiceDeskPlus:
        return ServiceDeskPlus(self.http, EDITIONS[self.edition], self.options)


@asynccontextmanager
async def bench(
    edition: EditionName, options: Options | None = None, *, build: int = 15110, **knobs: Any
) -> AsyncGenerator[Bench]:
    """Start a simulator; knobs are its own."""
    served = onprem(build, **knobs) if edition == "onprem" else cloud(**knobs)
    async with served as raw:
        names = ("authtoken", "authorization")
        headers = {name: raw.http.headers[name] for name in names if name in raw.http.headers}
        transport = httpx2.ASGITransport(app=raw.simulator)
        base = f"http://desk.example{raw.base}/"
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as http:
            yield Bench(raw=raw, http=http, edition=edition, options=options or Options())


LABELS = {"udf_sline_1802": "Asset tag", "udf_pick_1803": "Canal de entrada"}
"""What an administrator says that custom fields are called, where the desk does not."""
ASKERS = ("pat@example.org", "filter@example.org", "other@example.org")


@asynccontextmanager
async def contract_desk(edition: EditionName) -> AsyncGenerator[ServiceDeskPlus]:
    """Open a desk whose requesters are those of the contract."""
    options = Options(labels=LABELS if edition == "onprem" else {})
    async with bench(edition, options) as made:
        for email in ASKERS:
            person: Row = {"name": email.split("@")[0], "email_id": email, "is_technician": False}
            made.raw.simulator.state.add("users", person)
        yield made.desk
