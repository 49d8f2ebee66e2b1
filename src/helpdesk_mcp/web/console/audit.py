"""The audit trail: search with filters, page by page, and export."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.web.console.rooms import NOTHING, Outcome, Room
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.look import HEADERS, policy
from helpdesk_mcp.web.pages.onward import go
from helpdesk_mcp.web.pages.visits import Visit

HERE: Final = "/console/audit"
PAGE: Final = 50
MOST: Final = 1_000
"""Events a later page looks at: it begins within the second in which the one before ended."""
WORDS: Final = ("user", "tool", "outcome", "target", "fingerprint")
FORMATS: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class AuditRoom(Room):
    section = "audit"

    def routes(self) -> list[Route]:
        return [
            self.shown(HERE),
            self.shown(f"{HERE}/export", self.export),
            self.acted(f"{HERE}/find", self.find),
        ]

    async def page(self, visit: Visit, request: Request, outcome: Outcome = NOTHING) -> Response:
        """Show a page of events, the newest first."""
        asked, zone = _asked(request), self.zone(visit)
        events: list[dict[str, Any]] = []
        try:
            conditions = _conditions(asked, zone)
            after = request.query_params.get("after", "")
            limit = MOST if after else PAGE + 1
            found = await self.counter.ask(visit, "search_audit", limit=limit, **conditions)
            events = _after(found["events"][::-1], after)
        except Invalid as error:
            outcome = Outcome(problem=error)
        return self.framed(
            visit,
            request,
            "audit.html",
            outcome,
            events=events[:PAGE],
            asked=asked,
            people=await self.people(visit),
            programs=await self._programs(visit),
            older=_older(asked, events[PAGE - 1], zone) if len(events) > PAGE else "",
            query=urlencode({name: value for name, value in asked.items() if value}),
        )

    async def _programs(self, visit: Visit) -> dict[str, str]:
        """Return the names of connected programs by client id; others stand for themselves."""
        if not self.counter.may(visit, "list_grants"):
            return {}
        found = (await self.counter.ask(visit, "list_grants"))["grants"]
        return {grant["client"]: grant["client_name"] for grant in found}

    async def find(self, visit: Visit, request: Request, form: Form) -> Response:
        """Go on to the events of a value that is not kept. It is posted: no address holds it."""
        try:
            found = await self.counter.ask(visit, "fingerprint_value", value=form.one("value"))
        except HelpdeskError as error:
            return await self.page(visit, request, Outcome(problem=error))
        return go(f"{HERE}?{urlencode({'fingerprint': ','.join(found['fingerprints'])})}")

    async def export(self, visit: Visit, request: Request) -> Response:
        """Answer with a file that opens inert in a spreadsheet (security cases D11, D12)."""
        wanted = request.query_params.get("format", "")
        kind = wanted if wanted in FORMATS else "csv"
        found = await self.counter.ask(
            visit, "export_audit", format=kind, **_conditions(_asked(request), self.zone(visit))
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


def _conditions(asked: dict[str, str], zone: tzinfo) -> dict[str, Any]:
    words = {name: asked[name] for name in WORDS if asked[name]}
    times = {name: _moment(asked[name], zone) for name in ("since", "until") if asked[name]}
    return words | times


def _moment(text: str, zone: tzinfo) -> str:
    """Read what a date field sends, as the tenant's time; the pipeline refuses anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _older(asked: dict[str, str], last: dict[str, Any], zone: tzinfo) -> str:
    """Return where the next page is: it begins in the last event's second, behind it."""
    until = datetime.fromisoformat(last["at"]).astimezone(zone) + timedelta(seconds=1)
    there = {**asked, "until": until.replace(tzinfo=None).isoformat(), "after": last["id"]}
    return f"{HERE}?{urlencode({name: value for name, value in there.items() if value})}"


def _after(events: list[dict[str, Any]], last: str) -> list[dict[str, Any]]:
    """Drop what the page before has shown."""
    places = [number for number, event in enumerate(events) if event["id"] == last]
    return events[places[0] + 1 :] if places else events
