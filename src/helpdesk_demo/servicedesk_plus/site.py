"""The simulator as one ASGI application: the API, the accounts server, pages and control."""

import json
import random
from collections import deque
from http import HTTPStatus

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.api import Api
from helpdesk_demo.servicedesk_plus.calls import Reply
from helpdesk_demo.servicedesk_plus.connections import abort, after_client_left, send_half
from helpdesk_demo.servicedesk_plus.control import answer_control
from helpdesk_demo.servicedesk_plus.editions import Config
from helpdesk_demo.servicedesk_plus.encoding import Sent, read
from helpdesk_demo.servicedesk_plus.errors import Page, Refused
from helpdesk_demo.servicedesk_plus.faults import Fault, Faults, Throttle
from helpdesk_demo.servicedesk_plus.knobs import Knobs
from helpdesk_demo.servicedesk_plus.oauth import answer_oauth
from helpdesk_demo.servicedesk_plus.seeding import new_site
from helpdesk_demo.servicedesk_plus.seen import note
from helpdesk_demo.servicedesk_plus.values import Row

CONTROL = "/__control__"
_LOGIN = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Log in</body></html>"
_MOST_SEEN = 20_000


class Simulator:
    """A ServiceDesk Plus site; `reset` puts it back to what its seed makes."""

    def __init__(self, config: Config, knobs: Knobs | None = None) -> None:
        self.config = config
        self.seen: deque[Row] = deque(maxlen=_MOST_SEEN)
        self._knobs = knobs
        self.reset()

    def reset(self) -> None:
        self.state = new_site(self.config, self._knobs)
        self.accounts = Accounts(self.config)
        self.faults = Faults()
        self.throttle = Throttle()
        self.seen.clear()

    @property
    def asked(self) -> list[Row]:
        """Everything that was asked of the API and the accounts server, oldest first."""
        return list(self.seen)

    def forget_asked(self) -> None:
        self.seen.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if self.config.control_secret and request.url.path.startswith(CONTROL + "/"):
            response = await answer_control(self, request)
            await response(scope, receive, send)
            return
        await self._serve(request, send)

    async def _serve(self, request: Request, send: Send) -> None:
        """Answer a call, with the trouble that was ordered for it."""
        sent = await read(request)
        fault = self.faults.take(request.method, request.url.path)
        await self._delay(fault)
        early = await self._fail_before(request, fault)
        response = early or self._respond(request, sent)
        entry = note(request, sent, response.status_code if fault is None else None)
        if fault is not None:
            entry["fault"] = fault.kind
        self.seen.append(entry)
        await self._deliver(request, response, send, fault)

    async def _delay(self, fault: Fault | None) -> None:
        knobs = self.state.knobs
        seconds = knobs.latency + random.random() * knobs.latency_jitter
        if fault is not None and fault.kind == "slow":
            seconds += fault.seconds
        if seconds:
            await anyio.sleep(seconds)

    async def _fail_before(self, request: Request, fault: Fault | None) -> Response | None:
        """Fail without having done anything."""
        if fault is None:
            return None
        match fault.kind:
            case "status":
                return _failure(fault)
            case "html":
                return HTMLResponse(_LOGIN, status_code=fault.http)
            case "hang":
                await after_client_left(request, fault.seconds)
                return Response(status_code=fault.http)
            case "drop":
                return Response(status_code=fault.http)
            case _:
                return None

    async def _deliver(
        self, request: Request, response: Response, send: Send, fault: Fault | None
    ) -> None:
        """Send the answer, or keep it back after the work was done."""
        match None if fault is None else fault.kind:
            case "half_body":
                await send_half(request, response, send)
            case "drop" | "hang" | "commit_then_drop":
                await abort(request)
            case "commit_then_hang":
                await after_client_left(request, fault.seconds if fault else 0)
                await abort(request)
            case "commit_then_status":
                http = fault.http if fault else 0
                await Response(status_code=http)(request.scope, request.receive, send)
            case _:
                await response(request.scope, request.receive, send)

    def _respond(self, request: Request, sent: Sent) -> Response:
        path = request.url.path
        if self.state.is_cloud:
            response = answer_oauth(self.accounts, self.state, request, sent)
            if response is not None:
                return response
        below = self._below_base(path)
        if below is None:
            # A wrong base gives the login page instead of JSON (reference §1.2 [LIVE]).
            return HTMLResponse(_LOGIN)
        api = Api(state=self.state, accounts=self.accounts, throttle=self.throttle)
        try:
            return _response(api.answer(request, below, sent))
        except Page as page:
            return HTMLResponse(_LOGIN, status_code=page.http)

    def _below_base(self, path: str) -> str | None:
        """Return the path below /api/v3; without the portal it is a knob's matter (§1.2)."""
        base = self.config.base_path + "/"
        if path.startswith(base):
            return path.removeprefix(base)
        if self.state.is_cloud and path.startswith("/api/v3/"):
            below = path.removeprefix("/api/v3/")
            return below if self.state.knobs.bare_base == "serve" else f"-/{below}"
        return None


def _failure(fault: Fault) -> Response:
    """Fail as the desk does with 4004, or another code, and as a proxy before it otherwise."""
    if fault.code is None and fault.http != HTTPStatus.INTERNAL_SERVER_ERROR:
        return HTMLResponse(f"<html><body>{fault.http}</body></html>", status_code=fault.http)
    message = "Internal Error" if fault.code is None else None
    refusal = Refused(fault.code or 4004, message, http=fault.http)
    return JSONResponse(refusal.body, status_code=fault.http)


def _response(reply: Reply) -> Response:
    if isinstance(reply.body, bytes):
        return Response(reply.body, status_code=reply.http, headers=dict(reply.headers))
    text = json.dumps(reply.body, ensure_ascii=False)
    media_type = "application/json;charset=UTF-8"
    return Response(text, status_code=reply.http, media_type=media_type)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
