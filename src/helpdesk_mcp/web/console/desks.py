"""Help desks of the organisation: connect, test, map, rotate the credential, suspend."""

from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.visits import Visit

HERE: Final = "/console/desks"
ONE: Final = HERE + "/at/{desk}"
CREDENTIAL: Final = "credential."
SETTING: Final = "setting."
VISIBLE: Final = frozenset({"username", "client_id", "technician", "portal", "api_domain"})
"""Parts of a credential that are no secret, so that typing errors can be seen."""

MAPPINGS: Final = frozenset({"priorities", "statuses", "sites", "labels"})
LONG: Final = frozenset({"ca", "client_certificate", "client_key"})
"""PEM: its lines matter, so that a field of one line would spoil it."""
SWITCHES: Final = frozenset({"resolver_line", "replies_by_mail"})


class DesksRoom(Room):
    section = "desks"

    def routes(self) -> list[Route]:
        one = OneDeskRoom(self.door, self.counter)
        adding = AddDeskRoom(self.door, self.counter)
        return [self.shown(HERE), *adding.routes(), *one.routes()]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        desks = (await self.counter.ask(visit, "list_desks"))["desks"]
        return self.framed(visit, request, "desks.html", outcome, desks=desks)


class AddDeskRoom(Room):
    section = "desks"

    def routes(self) -> list[Route]:
        return [
            self.shown(f"{HERE}/add"),
            self.done(f"{HERE}/add", "add_desk", _draft, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        """Ask for the kind first, then for what that kind needs."""
        kinds = (await self.counter.ask(visit, "list_desk_kinds"))["kinds"]
        given = outcome.given.one("kind") if outcome.given else ""
        wanted = given or request.query_params.get("kind", "")
        kind = next((k for k in kinds if k["kind"] == wanted), None)
        return self.framed(
            visit,
            request,
            "add_desk.html",
            outcome,
            kinds=kinds,
            kind=kind,
            visible=VISIBLE,
            shape=_shape,
        )


class OneDeskRoom(Room):
    section = "desks"

    def routes(self) -> list[Route]:
        return [
            self.shown(ONE),
            self.told(f"{ONE}/test", "test_desk", _desk),
            self.done(f"{ONE}/update", "update_desk", _changes, ONE),
            self.done(f"{ONE}/credential", "replace_desk_credential", _replacement, ONE),
            self.done(f"{ONE}/default", "update_desk", _default, ONE),
            self.done(f"{ONE}/suspend", "suspend_desk", _reasoned, ONE),
            self.done(f"{ONE}/resume", "resume_desk", _desk, ONE),
            self.done(f"{ONE}/remove", "remove_desk", _desk, HERE),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        wanted = request.path_params["desk"]
        desks = (await self.counter.ask(visit, "list_desks"))["desks"]
        desk = next((d for d in desks if d["id"] == wanted), None)
        if desk is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "not_found", again=HERE)
        kinds = (await self.counter.ask(visit, "list_desk_kinds"))["kinds"]
        kind = next((k for k in kinds if k["kind"] == desk["kind"]), None)
        moves = outcome.problem is not None and outcome.problem.reason == "credential_again"
        typed = outcome.given if moves else None
        return self.framed(
            visit,
            request,
            "desk.html",
            outcome,
            desk=desk,
            kind=kind,
            moves=moves,
            settings=_written(desk, kind, typed),
            visible=VISIBLE,
            shape=_shape,
        )


def _draft(_: Request, form: Form) -> dict[str, Any]:
    settings = _settings(form)
    return {
        "name": form.one("name"),
        "kind": form.one("kind"),
        "address": form.one("address"),
        "credential": _credential(form),
        "default": form.one("default") == "yes",
        **({"settings": settings} if settings else {}),
    }


def _desk(request: Request, _: Form) -> dict[str, Any]:
    return {"desk": request.path_params["desk"]}


def _reasoned(request: Request, form: Form) -> dict[str, Any]:
    return {**_desk(request, form), "reason": form.one("reason")}


def _changes(request: Request, form: Form) -> dict[str, Any]:
    credential = _credential(form)
    return {
        **_desk(request, form),
        "name": form.one("name"),
        "address": form.one("address"),
        "settings": _settings(form),
        **({"credential": credential} if credential else {}),
    }


def _default(request: Request, form: Form) -> dict[str, Any]:
    return {**_desk(request, form), "default": True}


def _replacement(request: Request, form: Form) -> dict[str, Any]:
    return {**_desk(request, form), "credential": _credential(form)}


def _credential(form: Form) -> dict[str, str]:
    return {
        name.removeprefix(CREDENTIAL): form.one(name)
        for name in form.fields
        if name.startswith(CREDENTIAL) and form.one(name)
    }


def _settings(form: Form) -> dict[str, Any]:
    """Read settings: a text, or a mapping written as lines of `theirs = ours`.

    A mapping that is not written so stays a text, which the desk's kind then refuses by name.
    """
    found: dict[str, Any] = {}
    for name in form.fields:
        if not name.startswith(SETTING) or not (text := form.one(name).strip()):
            continue
        setting = name.removeprefix(SETTING)
        lines = [line.partition("=") for line in text.splitlines() if line.strip()]
        is_mapping = _shape(setting) == "mapping" and all(middle for _, middle, _ in lines)
        mapping = {left.strip(): right.strip() for left, _, right in lines}
        found[setting] = mapping if is_mapping else text
    return found


def _written(
    desk: dict[str, Any], kind: dict[str, Any] | None, typed: Form | None
) -> list[tuple[str, str]]:
    """Return each setting as a form shows it: name and text, as it was typed if it just was."""
    stored: dict[str, Any] = desk.get("settings", {})
    names = dict.fromkeys([*(kind or {}).get("settings", ()), *stored])
    if typed is not None:
        return [(name, typed.one(f"{SETTING}{name}")) for name in names]
    return [(name, _text(stored.get(name))) for name in names]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        pairs: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] -- any JSON
        return "\n".join(f"{theirs} = {ours}" for theirs, ours in pairs.items())
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _shape(name: str) -> str:
    """Return which kind of field a part of a form is."""
    if name in MAPPINGS:
        return "mapping"
    if name in LONG:
        return "long"
    return "switch" if name in SWITCHES else "line"
