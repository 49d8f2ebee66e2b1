"""Whether the server is alive and ready, and what it measures."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.telemetry.metrics import Metrics

Check = Callable[[], Awaitable[None]]
"""Returns when something works, raises HelpdeskError that says why not."""
PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    checks: Mapping[str, Check]
    metrics: Metrics

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.measured),
        ]

    async def alive(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, _: Request) -> Response:
        """Check everything at once. 503 with a reason for each part that does not work."""
        found: dict[str, str] = {}
        async with anyio.create_task_group() as tasks:
            for name, check in self.checks.items():
                tasks.start_soon(_find, name, check, found)
        good = all(reason == "ok" for reason in found.values())
        status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
        body = {"status": "ready" if good else "not ready", "checks": dict(sorted(found.items()))}
        return JSONResponse(body, status)

    async def measured(self, _: Request) -> Response:
        return Response(self.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


async def _find(name: str, check: Check, found: dict[str, str]) -> None:
    try:
        with anyio.fail_after(PATIENCE):
            await check()
    except HelpdeskError as error:
        found[name] = error.message
    except TimeoutError:
        found[name] = "It does not answer in time."
    else:
        found[name] = "ok"
