"""Lists of tickets: filtered by the desk where it can, and honestly counted where it cannot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from helpdesk_mcp.desks.django_helpdesk.directory import Definitions, Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import clean, status_of
from helpdesk_mcp.desks.django_helpdesk.rows import rows
from helpdesk_mcp.desks.django_helpdesk.wire import Row
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.criteria import refuse_places
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

SORTS = {"created": "created", "priority": "priority", "due": "due_date", "id": "id"}
DESK = "django-helpdesk"
CHUNK = 200
MOST = 2_000
"""Rows looked through for what the desk cannot filter by."""


@dataclass(frozen=True, slots=True)
class Listing:
    link: Link
    directory: Directory
    zone: tzinfo | None = None

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        refuse_places(which, DESK)
        query = await self._query(which)
        known = await self.directory.definitions()
        if which.requester is not None:
            found, total = await self._by_requester(query, which, window)
        else:
            part = await rows(self.link, query, start=window.start, length=window.size)
            found, total = part.data, part.recordsFiltered
        end = window.start + len(found)
        return Page(
            items=tuple(row_ticket(row, known, self.link) for row in found),
            start=window.start,
            total=total,
            more=bool(found) and (total is None or end < total),
        )

    async def _query(self, which: TicketFilter) -> Mapping[str, Any]:
        filtering: dict[str, Any] = {}
        empty: dict[str, bool] = {}
        if which.statuses:
            statuses = [await self.directory.status(word) for word in which.statuses]
            filtering["status__in"] = [int(status.id) for status in statuses]
        if which.queues:
            queues = [await self.directory.queue(word) for word in which.queues]
            filtering["queue__id__in"] = [int(queue.id) for queue in queues]
        if which.priorities:
            priorities = [await self.directory.priority(word) for word in which.priorities]
            filtering["priority__in"] = [int(priority.id) for priority in priorities]
        if which.assignee is not None and folded(which.assignee) == "none":
            empty["assigned_to__id__isnull"] = True
        elif which.assignee is not None:
            person = await self.directory.person(which.assignee)
            filtering["assigned_to__id__in"] = [int(person.id)]
        # A bare day would mean its midnight to the desk: whole days are said.
        if which.created_from is not None:
            filtering["created__gte"] = self._moment(which.created_from, time.min)
        if which.created_to is not None:
            filtering["created__lte"] = self._moment(which.created_to, time.max)
        return {
            "filtering": filtering,
            "filtering_null": empty,
            "search_string": search_string(which.text or which.requester or ""),
            "sorting": SORTS[which.sort.removeprefix("-")],
            "sortreverse": which.sort.startswith("-"),
        }

    def _moment(self, day: date, at: time) -> str:
        """Say a moment of a day: with our offset, or without one in the desk's own zone."""
        return datetime.combine(day, at, self.zone).isoformat()

    async def _by_requester(
        self, query: Mapping[str, Any], which: TicketFilter, window: Window
    ) -> tuple[tuple[Row, ...], int | None]:
        """Look through the desk's matches for those of one requester: it cannot filter by it."""
        wanted = (which.requester or "").strip().casefold()
        matches: list[Row] = []
        start, total = 0, 1
        while start < min(total, MOST):
            part = await rows(self.link, query, start=start, length=CHUNK)
            total, start = part.recordsFiltered, start + CHUNK
            matches += [row for row in part.data if (row.submitter or "").casefold() == wanted]
        found = tuple(matches[window.start : window.start + window.size])
        return found, len(matches) if total <= MOST else None


def search_string(text: str) -> str:
    """Write words so that the desk searches for them.

    It splits at every OR, even inside FORM; and `queue:` at the start would search queues.
    """
    parts = re.split(r"\s+OR\s+", clean(text, "search text"))
    words = " OR ".join(part.replace("OR", "or").strip() for part in parts)
    return f" {words}" if words.startswith(("queue:", "priority:")) else words


def row_ticket(row: Row, known: Definitions, link: Link) -> Ticket:
    status, on_hold = status_of(row.status, known.statuses)
    return Ticket(
        id=str(row.id),
        subject=row.title,
        status=row.status if status is None else status.name,
        priority=known.priority_name(row.priority),
        queue=row.queue.title,
        assignee=row.assignee,
        requester=row.submitter or None,
        created=row.created,
        # To the second: the fraction is a fingerprint that a row is too short for.
        modified=(moment := row.last_followup or row.created) and moment.replace(microsecond=0),
        due=row.due_date,
        on_hold=on_hold,
        url=link.web(f"tickets/{row.id}/"),
    )
