"""Lists of tickets: filters to criteria, and tickets of nobody, which not every desk can find."""

from dataclasses import dataclass, field

from helpdesk_mcp.desks.servicedeskplus.criteria import (
    Clause,
    Leaf,
    any_of,
    days,
    holding,
    nothing_in,
    render,
)
from helpdesk_mcp.desks.servicedeskplus.envelope import Rows
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.desks.servicedeskplus.wire import ROW_FIELDS, ticket_of
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

SORTS = {"created": "created_time", "priority": "priority", "due": "due_by_time", "id": "id"}
SEARCHED = ("subject", "description", "resolution.content", "requester.name")
SURELY_SEARCHED = ("subject",)
"""What every build can search."""
MOST_SCANNED = 2000


@dataclass(slots=True)
class Listing:
    """`finds_nobody` and `searched` are learned: what this desk's search can do."""

    link: Link
    names: Names
    web: str
    finds_nobody: bool | None = None
    searched: tuple[str, ...] = field(default=SEARCHED)

    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        clauses = await self.clauses(which)
        query = self._sorted(which)
        if which.text is not None:
            found = await self._searched(which.text, clauses, query, window)
        elif which.assignee is not None and folded(which.assignee) == "none":
            found = await self._of_nobody(clauses, query, window)
        else:
            found = await self._rows(clauses, query, window)
        return self._page(found, window)

    def _page(self, found: Rows, window: Window) -> Page[Ticket]:
        return Page(
            items=tuple(ticket_of(row, {}, self.web) for row in found.items),
            start=window.start,
            total=found.total,
            more=found.more,
        )

    async def judged(
        self, clauses: tuple[Clause, ...], which: TicketFilter, window: Window
    ) -> Page[Ticket]:
        """Return tickets that meet clauses made elsewhere, in the order that `which` asks for."""
        return self._page(await self._rows(clauses, self._sorted(which), window), window)

    async def clauses(self, which: TicketFilter) -> tuple[Clause, ...]:
        """Return all but the text and "nobody" as clauses. Raises Invalid for unknown names."""
        names = self.names
        wanted = {
            "status": which.statuses,
            "group": which.queues,
            "priority": which.priorities,
            "site": which.sites,
            "category": which.categories,
        }
        found = [
            any_of(field, [(await names.find(field, word)).id for word in words])
            for field, words in wanted.items()
        ]
        zone = names.options.zone
        found.append(days("created_time", which.created_from, which.created_to, zone))
        if which.assignee is not None and folded(which.assignee) != "none":
            found.append(any_of("technician", [await self._assignee(which.assignee)]))
        if which.requester is not None:
            key = "email_id" if "@" in which.requester else "name"
            found.append((Leaf(field=f"requester.{key}", values=(which.requester.strip(),)),))
        return tuple(found)

    async def _assignee(self, word: str) -> str:
        if folded(word) == "me" and not self.names.who_we_are:
            await self._learn_who_we_are()
        return (await self.names.person(word)).id

    async def _learn_who_we_are(self) -> None:
        """Ask for the view of our own tickets: any of them tells who we are."""
        query = Query(filter_by={"name": "My_Open_Requests"}, fields=("technician",), count=False)
        try:
            mine = await self.link.rows("requests", query, Window(size=1))
        except Invalid:
            return  # not every desk has this view
        for row in mine.items:
            self.names.learned(row, "technician")

    async def _rows(self, clauses: tuple[Clause, ...], query: Query, window: Window) -> Rows:
        return await self.link.rows("requests", _with(query, clauses), window)

    async def _searched(
        self, text: str, clauses: tuple[Clause, ...], query: Query, window: Window
    ) -> Rows:
        """Search in all that holds words; a desk that cannot is searched by subject only."""
        try:
            wanted = (*clauses, *holding(text, self.searched))
            return await self._rows(wanted, query, window)
        except Invalid:
            if self.searched == SURELY_SEARCHED:
                raise
            self.searched = SURELY_SEARCHED
            return await self._searched(text, clauses, query, window)

    async def _of_nobody(self, clauses: tuple[Clause, ...], query: Query, window: Window) -> Rows:
        """Find tickets without an assignee. What a desk finds shows whether it can."""
        if self.finds_nobody is not False:
            wanted = (*clauses, nothing_in("technician"))
            found = await self._rows(wanted, query, window)
            if found.items and not any(row.get("technician") for row in found.items):
                self.finds_nobody = True
            if self.finds_nobody:
                return found
        scanned = await self._scanned(clauses, query, window)
        if scanned.items:
            self.finds_nobody = False
        return scanned

    async def _scanned(self, clauses: tuple[Clause, ...], query: Query, window: Window) -> Rows:
        """Look through the newest matches; `total` is unknown when there are too many."""
        every = await self.link.every("requests", _with(query, clauses), most=MOST_SCANNED)
        nobody = [row for row in every.items if not row.get("technician")]
        part = nobody[window.start : window.start + window.size]
        end = window.start + len(part)
        return Rows(
            items=tuple(part),
            total=None if every.more else len(nobody),
            more=end < len(nobody),
        )

    def _sorted(self, which: TicketFilter) -> Query:
        name, descending = which.sort.removeprefix("-"), which.sort.startswith("-")
        return Query(sort=SORTS[name], descending=descending, fields=self._fields())

    def _fields(self) -> tuple[str, ...]:
        return (*ROW_FIELDS, "display_id") if self.link.edition.is_cloud else ROW_FIELDS


def _with(query: Query, clauses: tuple[Clause, ...]) -> Query:
    criteria: Row | list[Row] | None = render(clauses)
    return Query(
        criteria=criteria, sort=query.sort, descending=query.descending, fields=query.fields
    )
