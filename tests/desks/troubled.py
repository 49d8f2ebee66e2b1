"""A real, running ServiceDesk Plus simulator: its own door, and a guarded client's way in."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from helpdesk_demo.servicedesk_plus.process import SimulatorProcess
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.opening import opened
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.telemetry.metrics import Metrics


class Control:
    """The simulator's own door, past everything that is tested."""

    def __init__(self, process: SimulatorProcess) -> None:
        secret = process.ready.control_secret or ""
        self._http = httpx2.AsyncClient(
            base_url=process.ready.control_url or "", headers={"X-Control-Secret": secret}
        )

    async def fault(self, kind: str, **more: Any) -> None:
        await self("POST", "faults", kind=kind, **more)

    async def knob(self, **knobs: Any) -> None:
        await self("PATCH", "knobs", **knobs)

    async def __call__(self, method: str, name: str, /, **data: Any) -> Any:
        answer = await self._http.request(method, name, json=data)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def aclose(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def desk_at(process: SimulatorProcess, **settings: Any) -> AsyncGenerator[ServiceDeskPlus]:
    ready = process.ready
    on_prem = ready.edition == "onprem"
    connection = Connection(
        id="sdp",
        tenant="default",
        name="sdp",
        kind="servicedesk_plus" if on_prem else "servicedesk_plus_cloud",
        address=ready.url,
        settings=settings if on_prem else {"accounts_url": ready.accounts_url, **settings},
    )
    credential = (
        {"api_key": ready.api_key}
        if on_prem
        else {
            "client_id": ready.client_id,
            "client_secret": ready.client_secret,
            "refresh_token": ready.refresh_token,
        }
    )
    async with opened(connection, credential, Metrics()) as desk:
        yield desk
