"""The audit trail: search with filters, page by page, and export."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.look import HEADERS, policy
from helpdesk_mcp.web.pages.visits import Visit

HERE: Final = "/console/audit"
PAGE: Final = 50
WORDS: Final = ("user", "tool", "outcome", "target")
FORMATS: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class AuditRoom(Room):
    section = "audit"

    def routes(self) -> list[Route]:
        return [self.shown(HERE), self.shown(f"{HERE}/export", self.export)]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        """Show a page of events, the newest first; the next one begins before the last."""
        asked = _asked(request)
        events: list[dict[str, Any]] = []
        try:
            found = await self.counter.ask(
                visit, "search_audit", limit=PAGE + 1, **_conditions(asked)
            )
            events = found["events"][::-1]
        except Invalid as error:
            outcome = Outcome(problem=error)
        people: dict[str, str] = {}
        if self.counter.may(visit, "list_people"):
            everybody = (await self.counter.ask(visit, "list_people"))["people"]
            people = {person["id"]: person["email"] for person in everybody}
        return self.framed(
            visit,
            request,
            "audit.html",
            outcome,
            events=events[:PAGE],
            asked=asked,
            people=people,
            older=_older(asked, events) if len(events) > PAGE else "",
            query=urlencode({name: value for name, value in asked.items() if value}),
        )

    async def export(self, visit: Visit, request: Request) -> Response:
        """Answer with a file that opens inert in a spreadsheet (security cases D11, D12)."""
        wanted = request.query_params.get("format", "")
        kind = wanted if wanted in FORMATS else "csv"
        found = await self.counter.ask(
            visit, "export_audit", format=kind, **_conditions(_asked(request))
        )
        name = f"audit-{datetime.fromtimestamp(visit.now, UTC):%Y-%m-%d}.{kind}"
        headers = HEADERS | {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": policy(),
        }
        return Response(found["text"], media_type=FORMATS[kind], headers=headers)


def _asked(request: Request) -> dict[str, str]:
    names = ("since", "until", *WORDS)
    return {name: request.query_params.get(name, "").strip() for name in names}


def _conditions(asked: dict[str, str]) -> dict[str, Any]:
    words = {name: asked[name] for name in WORDS if asked[name]}
    times = {name: _moment(asked[name]) for name in ("since", "until") if asked[name]}
    return words | times


def _moment(text: str) -> str:
    """Read what a date field sends, as UTC; anything else is for the pipeline to refuse."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _older(asked: dict[str, str], events: list[dict[str, Any]]) -> str:
    wanted = {**asked, "until": events[PAGE - 1]["at"]}
    return f"{HERE}?{urlencode({name: value for name, value in wanted.items() if value})}"
