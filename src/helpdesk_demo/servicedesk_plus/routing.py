"""The table of routes: which exist in this edition and build, and what each one accepts."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply
from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.knobs import Knobs

Handler = Callable[[Call], Reply]
Input = Literal["none", "optional", "required"]
Method = Literal["GET", "POST", "PUT", "DELETE"]


class Options(TypedDict, total=False):
    """`needs` names a knob and the position it must have, or "both", for the route to exist."""

    scope: str
    operation: str
    needs: tuple[str, str]
    edition: Edition
    input: Input
    query: tuple[str, ...]
    form: tuple[str, ...]
    files: bool
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    method: Method
    segments: tuple[str, ...]
    handler: Handler
    scope: str
    operation: str
    input: Input
    needs: tuple[str, str] | None
    edition: Edition | None
    query: tuple[str, ...]
    form: tuple[str, ...]
    files: bool
    doc: str
    """What it does, by which section or page of the reference, and how sure that is."""

    @property
    def path(self) -> str:
        return "/".join(self.segments)

    def exists_in(self, edition: Edition, knobs: Knobs) -> bool:
        if self.edition not in (None, edition):
            return False
        if self.needs is None:
            return True
        name, position = self.needs
        return getattr(knobs, name) in (position, "both")

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Return the values of the placeholders, or None."""
        if len(segments) != len(self.segments):
            return None
        values: dict[str, str] = {}
        for wanted, given in zip(self.segments, segments, strict=True):
            if wanted.startswith("{") and given:
                values[wanted[1:-1]] = given
            elif wanted != given:
                return None
        return values

    @property
    def placeholders(self) -> int:
        return sum(segment.startswith("{") for segment in self.segments)


_OPERATIONS: dict[Method, str] = {
    "GET": "READ",
    "POST": "CREATE",
    "PUT": "UPDATE",
    "DELETE": "DELETE",
}


class Router:
    """Collects the routes of one module."""

    def __init__(self, scope: str = "requests") -> None:
        self._scope = scope
        self.routes: list[Route] = []

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self.on("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self.on("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self.on("PUT", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self.on("DELETE", path, **options)

    def on(
        self, method: Method, path: str, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.routes.append(self._route(method, path, handler, options))
            return handler

        return register

    def _route(self, method: Method, path: str, handler: Handler, options: Options) -> Route:
        return Route(
            method=method,
            segments=tuple(path.split("/")),
            handler=handler,
            scope=options.get("scope", self._scope),
            operation=options.get("operation", _OPERATIONS[method]),
            input=options.get("input", _default_input(method)),
            needs=options.get("needs"),
            edition=options.get("edition"),
            query=options.get("query", ()),
            form=options.get("form", ()),
            files=options.get("files", False),
            doc=options.get("doc", inspect.getdoc(handler) or ""),
        )


def _default_input(method: Method) -> Input:
    return "none" if method in ("GET", "DELETE") else "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    route: Route
    values: dict[str, str]


class Table:
    """All routes, found by their number of segments; literal segments win over placeholders."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.routes = [route for router in routers for route in router.routes]
        self._by_length: dict[int, list[Route]] = {}
        for route in sorted(self.routes, key=lambda route: route.placeholders):
            self._by_length.setdefault(len(route.segments), []).append(route)

    def find(self, method: str, path: str, edition: Edition, knobs: Knobs) -> Match:
        """Return the route of a call: 4007 if there is none, 4021 if only for other methods."""
        segments = tuple(path.split("/"))
        found: list[Match] = []
        for route in self._by_length.get(len(segments), ()):
            if route.exists_in(edition, knobs):
                values = route.match(segments)
                if values is not None:
                    found.append(Match(route=route, values=values))
        if not found:
            raise errors.not_found()
        fewest = min(match.route.placeholders for match in found)
        for match in found:
            if match.route.method == method and match.route.placeholders == fewest:
                return match
        raise Refused(4021, errors.INVALID_METHOD)
