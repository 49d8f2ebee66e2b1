"""Changing a ticket: what was asked, read back, and what the desk did not take over."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.commenting import Commenting
from helpdesk_mcp.desks.servicedeskplus.creating import RULES
from helpdesk_mcp.desks.servicedeskplus.differing import changes
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.fitting import Fitting
from helpdesk_mcp.desks.servicedeskplus.half_done import partly
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.reading import Reading, check_unchanged
from helpdesk_mcp.desks.servicedeskplus.refusals import ours
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, row_of
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.errors import Conflict, HelpdeskError
from helpdesk_mcp.domain.receipts import Mail, Receipt
from helpdesk_mcp.domain.tickets import TicketChange

REFERENCES = ("status", "priority", "group", "technician", "site", "category")


@dataclass(frozen=True, slots=True)
class Changing:
    link: Link
    drafting: Drafting
    fitting: Fitting
    reading: Reading
    commenting: Commenting

    async def change(
        self, ticket_id: str, change: TicketChange, expected: str | None = None
    ) -> Receipt:
        before = await self.reading.row(ticket_id)
        ticket = await self.reading.as_ticket(before)
        if expected is not None and not check_unchanged(ticket, expected):
            raise Conflict(
                f"The ticket changed after you read it. Its status is {ticket.status} and "
                f"`modified` is {ticket.modified and ticket.modified.isoformat()}. "
                "Read it again before you change it.",
                reason="stale",
            )
        values = await self.drafting.change(change, before)
        warnings = await self._write(ticket.id, values, before, change)
        note = None
        try:
            if change.comment or change.minutes:
                note = await self._explain(ticket.id, change, before)
            now = await self.reading.row(ticket.id)
            after = await self.reading.as_ticket(now)
        except HelpdeskError as error:
            raise partly(error, "The fields were changed.") from error
        return Receipt(
            ticket_id=ticket.id,
            changes=changes(ticket, after),
            mail=Mail(sent=None, why=RULES),
            comment_id=note,
            url=after.url,
            warnings=(*warnings, *_kept(values, now, warnings)) or None,
        )

    async def _write(
        self, identifier: str, values: Row, before: Row, change: TicketChange
    ) -> tuple[str, ...]:
        async def put(given: Row) -> Row:
            return await self.link.write("PUT", f"requests/{identifier}", {"request": given})

        warnings: tuple[str, ...] = ()
        if values:
            _, warnings = await self.fitting.send(put, values, before)
        if folded(change.assignee or "") == "me" and "technician" not in values:
            # Who we are is not known: the desk knows it, and gives the ticket to us.
            await self.link.write("PUT", f"requests/{identifier}/pickup")
            self.drafting.names.learned(await self.reading.row(identifier), "technician")
        return warnings

    async def _explain(self, identifier: str, change: TicketChange, row: Row) -> str | None:
        visibility = Visibility.PUBLIC if change.public else Visibility.INTERNAL
        draft = CommentDraft(
            body=change.comment or "", visibility=visibility, minutes=change.minutes
        )
        return (await self.commenting.store(identifier, draft, row)).comment_id


def _kept(sent: Row, now: Row, said: tuple[str, ...]) -> tuple[str, ...]:
    """Say what the desk answered with success and yet did not take over; once is enough."""
    lost = [
        name
        for name in REFERENCES
        if row_of(sent.get(name)) and id_of(now.get(name)) != id_of(sent.get(name))
    ]
    lost = [name for name in lost if not any(ours(name) in warning for warning in said)]
    return tuple(f"The desk did not take over `{name}`; its rules may forbid it." for name in lost)
