"""Changing a ticket through its own form: the way that keeps the desk's history and mails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from helpdesk_mcp.desks.django_helpdesk import customs
from helpdesk_mcp.desks.django_helpdesk.commenting import mail, reference_warnings
from helpdesk_mcp.desks.django_helpdesk.directory import Definitions, Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import clean, hours_and_minutes, literal
from helpdesk_mcp.desks.django_helpdesk.pages import TicketPage
from helpdesk_mcp.desks.django_helpdesk.reading import number_of
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.resolution import Resolution
from helpdesk_mcp.desks.django_helpdesk.snapshot import (
    Snapshot,
    Snapshots,
    check_flow,
    snapshot_of,
)
from helpdesk_mcp.desks.django_helpdesk.wire import WireTicket, read
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid, Unavailable, Written
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.tickets import TicketChange, day_of

ALREADY = "Nothing was written: the ticket already has these values."
SILENT = "Changed without a trace in the ticket's history, which this desk cannot keep for: {}."
FOUND = "The desk's answer was lost or an error, but the change is on the ticket."
DONE = "The first part of the change was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What must be sent: by the form, past the history, and whether to put on or off hold."""

    form: Mapping[str, str] = field(default_factory=dict[str, str])
    said: Mapping[str, str] = field(default_factory=dict[str, str])
    """The comment that goes along, its visibility and its time."""
    silent: Mapping[str, Any] = field(default_factory=dict[str, Any])
    hold: bool | None = None


@dataclass(frozen=True, slots=True)
class Changing:
    link: Link
    directory: Directory
    snapshots: Snapshots
    resolution: Resolution

    async def change(self, ticket_id: str, change: TicketChange) -> Receipt:
        number = number_of(ticket_id)
        before = await self.snapshots.page(number)
        ticket = snapshot_of(number, before)
        plan = await self._plan(ticket, before, change)
        if plan == Plan():
            return Receipt(
                ticket_id=str(number), url=self.link.web(f"tickets/{number}/"), warnings=(ALREADY,)
            )
        warnings = await self._carry_out(ticket, before, plan)
        after = await self.snapshots.page(number)
        known = await self.directory.definitions()
        receipt = _receipt(before, after, known, public="public" in plan.said)
        silent = _silent(plan)
        told = (*warnings, *reference_warnings(change.comment or "", str(number)))
        if silent:
            told = (*told, SILENT.format(", ".join(c.field for c in silent)))
        return Receipt(
            ticket_id=str(number),
            changes=(*receipt.changes, *(c for c in silent if c.field == "description")),
            mail=receipt.mail,
            history=bool(plan.form or plan.said or plan.hold is not None),
            comment_id=receipt.comment_id,
            url=self.link.web(f"tickets/{number}/"),
            warnings=told or None,
        )

    async def _plan(self, ticket: Snapshot, page: TicketPage, change: TicketChange) -> Plan:
        form = await self._form(ticket, page, change)
        said: dict[str, str] = {}
        if change.comment is not None and (comment := clean(change.comment, "comment").strip()):
            said = {"comment": literal(comment)}
            if change.public:
                said["public"] = "1"
        if change.minutes and (said or form):
            said["time_spent"] = hours_and_minutes(change.minutes)
        silent: dict[str, Any] = {}
        if change.description is not None:
            silent["description"] = clean(change.description, "description")
        if change.requester is not None and change.requester.strip() != page.requester:
            silent["submitter_email"] = change.requester.strip()
        if isinstance(change.due, str) and _no_due(change.due) and page.due is not None:
            silent["due_date"] = None
        hold = None if change.on_hold == page.on_hold else change.on_hold
        return Plan(form=form, said=said, silent=silent, hold=hold)

    async def _form(
        self, ticket: Snapshot, page: TicketPage, change: TicketChange
    ) -> dict[str, str]:
        """Return the fields of the form that differ from what the ticket holds."""
        known = await self.directory.definitions()
        wanted: dict[str, str | None] = {"title": _subject(change.subject)}
        if change.status is not None:
            status = await self.directory.status(change.status)
            check_flow(ticket, status, known.statuses)
            wanted["new_status"] = status.id
        if change.priority is not None:
            wanted["priority"] = (await self.directory.priority(change.priority)).id
        if change.queue is not None:
            wanted["queue"] = (await self.directory.queue(change.queue)).id
        if change.assignee is not None:
            nobody = folded(change.assignee) == "none"
            wanted["owner"] = "0" if nobody else (await self.directory.person(change.assignee)).id
        if isinstance(change.due, date):
            wanted["due_date"] = day_of(change.due).isoformat()
        for name, value in customs.resolve(change.custom, known).items():
            wanted[f"custom_{name}"] = customs.form_value(value)
        holds = _values(page)
        return {k: v for k, v in wanted.items() if v is not None and v != holds.get(k)}

    async def _carry_out(self, ticket: Snapshot, page: TicketPage, plan: Plan) -> tuple[str, ...]:
        """Write, step by step. Raises with `written` partly when a later step fails."""
        warnings: list[str] = []
        begun = False
        try:
            if plan.form or plan.said:
                warnings += await self._submit(ticket, page, plan)
                begun = True
            if plan.silent:
                status = int(plan.form.get("new_status", ticket.status))
                await self._patch(ticket.number, plan.silent, status)
                begun = True
            if plan.hold is not None:
                way = "hold" if plan.hold else "unhold"
                await self.link.submit(f"tickets/{ticket.number}/{way}/", {})
        except HelpdeskError as error:
            if begun and error.written is not Written.PARTLY:
                raise partly(error, DONE) from error
            raise
        return tuple(warnings)

    async def _submit(self, ticket: Snapshot, page: TicketPage, plan: Plan) -> list[str]:
        wanted = plan.form.get("new_status")
        new_status = None if wanted is None else int(wanted)
        public = "public" in plan.said and "comment" in plan.said
        kept = await self.resolution.keep(ticket, new_status, public=public)
        # The form wipes every custom field that is not sent along.
        base = {"title": page.title, "queue": page.queue, "priority": page.priority}
        form = {**base, **page.custom, **plan.form, **plan.said}
        warnings: list[str] = []
        try:
            taken = await self.link.submit(f"tickets/{ticket.number}/update/", form)
        except Unavailable as error:
            if error.written is not Written.UNKNOWN:
                raise
            await self._look(ticket, plan, error)
            taken, warnings = True, [FOUND]
        if not taken:
            raise await self._refused(form)
        put_back = await self.resolution.put_back(ticket.number, kept)
        return [*warnings, *([put_back] if put_back else [])]

    async def _look(self, ticket: Snapshot, plan: Plan, error: Unavailable) -> None:
        """Return if the change did happen. Raises the error, now knowing more."""
        try:
            page = await self.snapshots.page(ticket.number)
        except HelpdeskError:
            raise error from None
        holds = _values(page)
        happened = bool(page.entries) and page.entries[-1].at > ticket.last
        if happened and all(holds.get(name) == value for name, value in plan.form.items()):
            return
        ended = error.reason == "desk_error" and not happened
        raise Unavailable(
            error.message, reason=error.reason, written=Written.NO if ended else Written.UNKNOWN
        ) from error

    async def _refused(self, form: Mapping[str, str]) -> Invalid:
        known = await self.directory.definitions()
        values = {name: form.get(f"custom_{name}") for name in known.custom}
        if lacking := customs.missing(values, known):
            return Invalid(
                f"The ticket lacks mandatory custom fields; give them too: {', '.join(lacking)}.",
                reason="custom_field",
            )
        return Invalid("The help desk's form refused these values.", reason="desk_refused")

    async def _patch(self, number: int, values: Mapping[str, Any], status: int) -> None:
        answer = await self.link.write(
            "PATCH", f"api/tickets/{number}/", values, params={"status": status}
        )
        read(WireTicket, answer, written=Written.UNKNOWN)


def _receipt(before: TicketPage, after: TicketPage, known: Definitions, *, public: bool) -> Receipt:
    """Return what the desk shows now against what it showed before."""
    was, now = _told(before, known), _told(after, known)
    fresh = after.entries[len(before.entries) :]
    recorded = [entry for entry in fresh if entry.mailed is not None]
    to = {address for entry in recorded for address in entry.mailed or ()}
    return Receipt(
        ticket_id="",
        changes=tuple(
            Change(field=name, before=was.get(name), after=now.get(name))
            for name in dict.fromkeys((*was, *now))
            if was.get(name) != now.get(name)
        ),
        mail=mail(tuple(sorted(to)), after.requester, public=public),
        comment_id=(recorded or fresh)[-1].id if fresh else None,
    )


def _subject(subject: str | None) -> str | None:
    return None if subject is None else clean(subject, "subject").strip()


def _no_due(due: str) -> bool:
    if folded(due) != "none":
        raise Invalid("A due date is a day (2026-12-31) or none.", reason="due")
    return True


def _values(page: TicketPage) -> dict[str, str]:
    """Return what the ticket holds, by the form's own names."""
    return {
        "title": page.title,
        "new_status": str(page.status),
        "priority": page.priority,
        "queue": page.queue,
        "owner": page.owner,
        "due_date": "" if page.due is None else page.due.isoformat(),
        **page.custom,
    }


def _told(page: TicketPage, known: Definitions) -> dict[str, str | None]:
    """Return what the ticket holds, in words."""
    people = {p.id: p.words[0] if p.words else p.name for p in page.people}
    queues = {q.id: q.name for q in page.queues}
    labels = {f"custom_{name}": f.label or name for name, f in known.custom.items()}
    return {
        "subject": page.title,
        "status": known.status_names().get(page.status, str(page.status)),
        "priority": known.priority_name(page.priority),
        "queue": queues.get(page.queue, page.queue),
        "assignee": None if page.owner == "0" else people.get(page.owner, page.owner),
        "requester": page.requester or None,
        "due": None if page.due is None else page.due.isoformat(),
        "on_hold": "true" if page.on_hold else "false",
        **{labels.get(name, name): value or None for name, value in page.custom.items()},
    }


def _silent(plan: Plan) -> list[Change]:
    names = {"description": "description", "submitter_email": "requester", "due_date": "due"}
    return [Change(field=names[key], after=_start(value)) for key, value in plan.silent.items()]


def _start(value: object) -> str | None:
    return None if value is None else str(value)[:80]
