"""What happened: the organisation's audit trail, its export, and its figures for plots."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from helpdesk_mcp.domain.administration import Office
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.audit_export import as_csv, as_lines
from helpdesk_mcp.domain.figures import Figures, figures
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.text import Line, Moment

Since = Annotated[AwareDatetime | None, Field(description="From this moment")]
Until = Annotated[AwareDatetime | None, Field(description="Before this moment")]
Word = Annotated[str | None, Field(max_length=320)]
Fingerprint = Annotated[
    str | None,
    Field(
        max_length=320,
        pattern=r"^[0-9a-f]{32}(?:,[0-9a-f]{32})*$",
        description="Of a value that is not kept; see `fingerprint_value`. Several: with commas",
    ),
]
MOST_EXPORTED = 100_000
MOST_COUNTED = 50_000
BY_HAND = frozenset({"console", "web"})
"""Where people click: looking at the overview must not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInfo:
    """One call. Its arguments stand in the export and in `helpdesk-mcp audit show`."""

    id: str
    at: Moment
    user: Line
    client: Line
    origin: str
    tool: str
    target: Line
    outcome: str
    reason: str
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    events: tuple[EventInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintList:
    fingerprints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Events as text. `format` is jsonl or csv, in which no cell can run as a formula."""

    format: str
    events: int
    text: str


@operation(
    Scope.AUDIT_READ,
    Effect.READ,
    own_words=True,
    title="Search the audit trail",
    target="",
    holds={"user": Holds.PERSON},
)
async def search_audit(
    office: Office,
    since: Since = None,
    until: Until = None,
    user: Word = None,
    tool: Word = None,
    outcome: Word = None,
    target: Word = None,
    fingerprint: Fingerprint = None,
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100,
) -> EventList:
    """Search the organisation's audit trail. The newest events come last."""
    query = _query(since, until, user, tool, outcome, target, fingerprint, limit)
    return EventList(events=tuple([_info(event) async for event in office.records.search(query)]))


@operation(
    Scope.AUDIT_READ,
    Effect.READ,
    own_words=True,
    title="Export the audit trail",
    target="",
    holds={"user": Holds.PERSON},
)
async def export_audit(
    office: Office,
    format: Literal["jsonl", "csv"] = "jsonl",
    since: Since = None,
    until: Until = None,
    user: Word = None,
    tool: Word = None,
    outcome: Word = None,
    target: Word = None,
    fingerprint: Fingerprint = None,
) -> Export:
    """Export events whole, as JSON Lines or as CSV that opens inert; the newest 100,000 at most."""
    query = _query(since, until, user, tool, outcome, target, fingerprint, MOST_EXPORTED)
    events = [event async for event in office.records.search(query)]
    text = as_csv(events) if format == "csv" else as_lines(events)
    return Export(format=format, events=len(events), text=text)


@operation(
    Scope.AUDIT_READ,
    Effect.READ,
    own_words=True,
    title="Fingerprint a value",
    target="",
    holds={"value": Holds.PERSON},
)
async def fingerprint_value(
    office: Office, value: Annotated[str, Field(min_length=1, max_length=100_000)]
) -> FingerprintList:
    """Tell how the audit trail shows a value that it does not keep, to search events for it.

    The second one, if there is one, is of events from before the organisation had its own key.
    """
    return FingerprintList(fingerprints=await office.fingerprints.of(value))


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="Show the overview", target="")
async def get_overview(
    office: Office, hours: Annotated[int, Field(ge=1, le=24 * 31)] = 24
) -> Figures:
    """Show calls, errors, refusals by limits and latency over time, as numbers for plots."""
    until = datetime.now(UTC)
    since = until - timedelta(hours=hours)
    query = AuditQuery(since=since, until=until, limit=MOST_COUNTED)
    found = office.records.search(query)
    events = [event async for event in found if event.origin not in BY_HAND]
    return figures(events, since, until)


def _query(
    since: datetime | None,
    until: datetime | None,
    user: str | None,
    tool: str | None,
    outcome: str | None,
    target: str | None,
    fingerprint: str | None,
    limit: int,
) -> AuditQuery:
    return AuditQuery(
        since=since,
        until=until,
        user=user,
        tool_name=tool,
        outcome=outcome,
        target=target,
        fingerprints=tuple(fingerprint.split(",")) if fingerprint else (),
        limit=limit,
    )


def _info(event: AuditEvent) -> EventInfo:
    return EventInfo(
        id=event.id,
        at=event.at,
        user=event.user,
        client=event.client,
        origin=event.origin,
        tool=event.tool_name,
        target=event.target,
        outcome=event.outcome,
        reason=event.reason,
        milliseconds=round(event.seconds * 1000, 1),
    )


OPERATIONS = (search_audit, export_audit, fingerprint_value, get_overview)
