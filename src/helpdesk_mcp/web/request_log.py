"""One line for every HTTP request, where an operator asks for DEBUG; no headers, no bodies."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk_mcp.telemetry.logs import logger

JOIN = "/join/"


class RequestLog:
    """ASGI middleware, outermost. Queries are left out: they may hold what should not be kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = time.monotonic()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            logger().debug(
                "request",
                method=scope["method"],
                path=_shown(scope["path"]),
                status=status,
                ms=round((time.monotonic() - began) * 1000, 1),
            )


def _shown(path: str) -> str:
    """Return a path without the secret of an invitation: whoever reads it could join with it."""
    return f"{JOIN}…" if path.startswith(JOIN) else path
