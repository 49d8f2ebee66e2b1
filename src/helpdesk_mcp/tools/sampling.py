"""The tickets of a period, as many as one call may look at, and how many there really are."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from helpdesk_mcp.domain.desk import Fields, Tickets
from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited, Unavailable
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

ROWS = 100
"""Tickets asked for at once."""
MOST_ROWS = 2_000
MOST_COUNTS = 30
"""Totals asked for one by one, where not every ticket could be looked at."""
SECONDS = 25.0
"""After so long nothing more is asked: one more exchange may then take its whole deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`total` is what the desk says there is. `why` is set if not all of it was looked at."""

    tickets: tuple[Ticket, ...]
    total: int | None
    why: str | None = None


class Sampler:
    """Reads pages of one desk until all is seen, or a bound is reached."""

    def __init__(self, desk: Tickets, *, began: float | None = None) -> None:
        self._desk = desk
        self._until = (time.monotonic() if began is None else began) + SECONDS

    async def see(self, which: TicketFilter) -> Seen:
        """Return the newest tickets that match, each once. Raises if not even one page came."""
        seen: dict[str, Ticket] = {}
        start, total = 0, None
        while start < MOST_ROWS:
            try:
                page = await self._desk.tickets(which, Window(start=start, size=ROWS))
            except (Unavailable, RateLimited) as error:
                if not seen:
                    raise
                return _seen(seen, total, f"The help desk stopped answering: {error.message}")
            seen |= {ticket.id: ticket for ticket in page.items}
            total = page.total if page.total is not None else total
            start += len(page.items)
            if not page.more or not page.items:
                return _seen(seen, total, None)
            if time.monotonic() > self._until:
                return _seen(seen, total, "One call may take no longer.")
        return _seen(seen, total, f"One call looks at {MOST_ROWS} tickets at most.")

    async def counts(self, which: TicketFilter) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return the desk's own totals by status and by priority, as far as it gives them."""
        if Fields not in type(self._desk).__mro__:
            return {}
        fields = await cast("Fields", self._desk).fields()
        found: dict[str, tuple[tuple[str, int], ...]] = {}
        by_status = [(name, replace(which, statuses=(name,))) for name in fields.statuses]
        by_priority = [(name, replace(which, priorities=(name,))) for name in fields.priorities]
        for dimension, parts in (("status", by_status), ("priority", by_priority)):
            totals = await self._totals(parts)
            if totals is not None:
                found[dimension] = totals
        return found

    async def _totals(
        self, parts: Sequence[tuple[str, TicketFilter]]
    ) -> tuple[tuple[str, int], ...] | None:
        """Return a total for each part, or None if any is not to be had."""
        if len(parts) > MOST_COUNTS:
            return None
        totals: list[tuple[str, int]] = []
        for name, which in parts:
            if time.monotonic() > self._until:
                return None
            try:
                page = await self._desk.tickets(which, Window(size=1))
            except HelpdeskError:  # a name the desk lists but does not search by
                return None
            if page.total is None:
                return None
            totals.append((name, page.total))
        return tuple(sorted((t for t in totals if t[1]), key=lambda t: (-t[1], t[0])))


def _seen(seen: dict[str, Ticket], total: int | None, why: str | None) -> Seen:
    tickets = tuple(seen.values())
    if why is None and total is not None and len(tickets) < total:
        why = "Tickets came or went while they were read."
    return Seen(tickets=tickets, total=total, why=why)
