"""REST in, calls out: a FastAPI application made from the table of endpoints."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk_mcp.domain.errors import Denied, HelpdeskError, Invalid, NotFound
from helpdesk_mcp.domain.principals import Scope as ScopeWord
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import PRINCIPAL
from helpdesk_mcp.web.identity import METADATA_PATH, Challenge
from helpdesk_mcp.web.openapi import described, document
from helpdesk_mcp.web.problems import problem
from helpdesk_mcp.web.rest_endpoints import REST, Endpoint, Interface
from helpdesk_mcp.web.rest_inputs import arguments_of, has_precondition
from helpdesk_mcp.web.rest_reference import CONTENT_SECURITY_POLICY, page

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def rest_app(
    pipeline: Pipeline,
    guarded: Callable[[ASGIApp], ASGIApp],
    public_url: str,
    interface: Interface = REST,
) -> ASGIApp:
    """Return a REST API. `guarded` puts authentication before an application.

    Its description needs no token: it holds nothing of anybody's.
    """
    challenge = Challenge(metadata_url=f"{public_url}{METADATA_PATH}/mcp")
    handlers: dict[int | type[Exception], Handler] = {HTTPException: _no_route(challenge)}
    api = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=handlers,
        # Its spans would hold queries, its logs the texts of exceptions.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for endpoint in interface.rows:
        served = Served(endpoint, interface, pipeline, challenge, public_url)
        _add(api, endpoint, served.answer, interface)
    described_at = frozenset(_add_reference(api, public_url, interface))
    behind = guarded(api)

    async def entrance(scope: Scope, receive: Receive, send: Send) -> None:
        app = api if scope["path"] in described_at else behind
        await app(scope, receive, send)

    return entrance


@dataclass(frozen=True, slots=True)
class Served:
    """One row of the table, served."""

    endpoint: Endpoint
    interface: Interface
    pipeline: Pipeline
    challenge: Challenge
    public_url: str

    async def answer(self, request: Request) -> Response:
        try:
            answer = await self.pipeline.run(await self._call(request))
        except HelpdeskError as error:
            return problem(error, self.challenge, conditional=has_precondition(request))
        return self._succeeded(answer.data)

    async def _call(self, request: Request) -> Call:
        """Return the call a request makes. One that makes none is recorded all the same."""
        call = Call(
            principal=request.scope[PRINCIPAL],
            operation=self.endpoint.operation.name,
            arguments={},
            origin=self.interface.origin,
            traceparent=request.headers.get("traceparent", ""),
        )
        admits = self.interface.admits
        try:
            if admits and not admits & call.principal.scopes:
                raise _not_admitted(admits)
            return replace(call, arguments=await arguments_of(self.endpoint, request))
        except HelpdeskError as error:
            await self.pipeline.refuse(call, error)
            raise

    def _succeeded(self, data: dict[str, Any]) -> Response:
        created = self.endpoint.created
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        response = Response(to_json(data), status, media_type="application/json")
        if created and (path := _filled(created, data)) is not None:
            response.headers["Location"] = f"{self.public_url}{path}"
        if self.endpoint.method == "GET" and "modified" in data:
            response.headers["ETag"] = f'"{data["modified"]}"'
        return response


def _not_admitted(admits: frozenset[ScopeWord]) -> Denied:
    """Refuse a token of an agent: no right it may hold leads into an administrators' API."""
    words = tuple(sorted(admits))
    return Denied(f"This needs one of the scopes {', '.join(words)}.", reason="scope")


def _filled(template: str, receipt: dict[str, Any]) -> str | None:
    """Return the address of what was made; None where the desk does not say what it is."""
    try:
        return template.format_map({k: quote(str(v), safe="") for k, v in receipt.items()})
    except KeyError:
        return None


def _add(
    api: FastAPI,
    endpoint: Endpoint,
    answer: Callable[[Request], Awaitable[Response]],
    interface: Interface,
) -> None:
    operation = endpoint.operation
    api.add_api_route(
        endpoint.path,
        answer,
        methods=[endpoint.method],
        name=operation.name,
        response_model=None,
        **described(endpoint, interface),
    )
    if endpoint.method == "GET":
        api.add_api_route(
            endpoint.path, answer, methods=["HEAD"], response_model=None, include_in_schema=False
        )


def _add_reference(api: FastAPI, public_url: str, interface: Interface) -> tuple[str, str]:
    """Add the description for programs and for people; return where they are."""

    @cache
    def described_api() -> dict[str, Any]:
        return document(api, public_url, interface)

    @cache
    def rendered() -> bytes:
        return page(described_api()).encode()

    async def openapi(_: Request) -> Response:
        return Response(to_json(described_api()), media_type="application/json")

    async def docs(_: Request) -> Response:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return Response(rendered(), media_type="text/html", headers=headers)

    paths = (f"{interface.root}/openapi.json", f"{interface.root}/docs")
    api.add_route(paths[0], openapi, include_in_schema=False)
    api.add_route(paths[1], docs, include_in_schema=False)
    return paths


def _no_route(challenge: Challenge) -> Handler:
    """Return the handler for addresses and methods that no row has."""

    async def refuse(request: Request, _: Exception) -> Response:
        allow = ", ".join(_methods_at(request.app.routes, request.scope))
        if allow:
            error: HelpdeskError = Invalid(f"This address takes {allow}.", reason="method")
        else:
            error = NotFound("There is nothing at this address; see /docs.", reason="address")
        return problem(error, challenge, allow=allow)

    return refuse


def _methods_at(routes: list[BaseRoute], scope: Scope) -> list[str]:
    """Return the methods of every route at this path (RFC 9110 §15.5.6)."""
    found: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)
