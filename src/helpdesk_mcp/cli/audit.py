"""`audit`: who did what, when, with which outcome."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import anyio
from cyclopts import App

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import open_store, own_tenant
from helpdesk_mcp.cli.office import Desk, working
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.audit_export import as_csv, as_lines, plain
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.people import SqlPeople

app = App(name="audit")


@app.command(name="list")
def list_(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    user: str | None = None,
    tool: str | None = None,
    outcome: str | None = None,
    ticket: str | None = None,
    fingerprint: str | None = None,
    limit: int = 50,
    tenant: str = "",
) -> None:
    """List the newest events, oldest first.

    Parameters
    ----------
    since
        From this moment, ISO 8601; UTC unless it says otherwise.
    until
        Before this moment.
    user
        Whose calls: the address of a person, or what a token's `--user` says.
    tool
        Of which tool.
    outcome
        ok, or an error code.
    ticket
        On which ticket.
    fingerprint
        With which value among the arguments; see `helpdesk-mcp audit hash`.
    limit
        At most so many.
    tenant
        Slug of the organisation, the only one if left out; `deployment` for what operators did to
        organisations.

    """
    query = _query(since, until, user, tool, outcome, ticket, fingerprint, limit)
    events, people = anyio.run(_found_with_people, query, tenant)

    def row(event: AuditEvent) -> tuple[str, ...]:
        at = event.at.isoformat(timespec="seconds")
        took = f"{event.seconds * 1000:.0f} ms"
        who = people.get(event.user, event.user)
        return (event.id[:12], at, who, event.tool_name, event.target, event.outcome, took)

    rows = [row(event) for event in events]
    table(("id", "at", "user", "tool", "target", "outcome", "took"), rows)


@app.command
def show(event_id: str, *, tenant: str = "") -> None:
    """Show one event whole. The first characters of its id suffice."""
    matching = anyio.run(_found, AuditQuery(id=event_id, limit=2), tenant)
    if not matching:
        raise NotFound("There is no such event; see `helpdesk-mcp audit list`.")
    if len(matching) > 1:
        raise Invalid("Several events begin so; give more of the id.")
    say(json.dumps(plain(matching[0]), indent=2, ensure_ascii=False))


@app.command
def export(
    *,
    format: Literal["jsonl", "csv"] = "jsonl",  # noqa: A002 -- the option's name
    output: Path | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    user: str | None = None,
    tool: str | None = None,
    outcome: str | None = None,
    ticket: str | None = None,
    fingerprint: str | None = None,
    tenant: str = "",
) -> None:
    """Export events as JSON Lines or CSV, to a file or to standard output.

    CSV cells that a spreadsheet would run as a formula begin with an apostrophe.
    """
    query = _query(since, until, user, tool, outcome, ticket, fingerprint, 10_000_000)
    events = anyio.run(_found, query, tenant)
    text = as_csv(events) if format == "csv" else as_lines(events)
    if output is None:
        sys.stdout.write(text)
        return
    output.write_text(text, "utf-8", newline="")
    say(f"{len(events)} events written to {output}.")


@app.command(name="hash")
def hash_(value: str, *, tenant: str = "") -> None:
    """Show the fingerprint by which the trail tells of a value that it does not keep.

    Names and texts stand in events as fingerprints; `--fingerprint` of `list` and `export` finds
    them. A second line is for events from before the organisation had a key of its own. That you
    asked is recorded, the value is not.

    Parameters
    ----------
    value
        A name, an address or a text exactly as it was given; capital letters do not matter.
    tenant
        Slug of the organisation, the only one if left out: each has its own key.

    """

    async def work(desk: Desk) -> list[str]:
        return (await desk.run("fingerprint_value", value=value))["fingerprints"]

    for fingerprint in working(work, tenant):
        say(fingerprint)


async def _found(query: AuditQuery, tenant: str) -> list[AuditEvent]:
    return (await _found_with_people(query, tenant))[0]


async def _found_with_people(
    query: AuditQuery, tenant: str
) -> tuple[list[AuditEvent], dict[str, str]]:
    """Return the events and the addresses of the organisation's people by id."""
    async with open_store(found := settings.load()) as database:
        wanted = await own_tenant(found, database, tenant)
        events = [event async for event in SqlAuditTrail(database, wanted).search(query)]
        members = await SqlPeople(database, wanted, Passwords()).every()
    return events, {member.id: member.email for member in members}


def _query(
    since: datetime | None,
    until: datetime | None,
    user: str | None,
    tool: str | None,
    outcome: str | None,
    ticket: str | None,
    fingerprint: str | None,
    limit: int,
) -> AuditQuery:
    return AuditQuery(
        since=_aware(since),
        until=_aware(until),
        user=user,
        tool_name=tool,
        outcome=outcome,
        target=ticket,
        fingerprints=tuple(filter(None, (fingerprint or "").split(","))),
        limit=limit,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
