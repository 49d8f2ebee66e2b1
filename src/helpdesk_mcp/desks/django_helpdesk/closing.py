"""Closing a ticket with the resolution that was given, and no other."""

from dataclasses import dataclass

from helpdesk_mcp.desks.django_helpdesk.commenting import Commenting, mail_of
from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import CLOSED, clean
from helpdesk_mcp.desks.django_helpdesk.reading import Reading
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.resolution import Resolution
from helpdesk_mcp.desks.django_helpdesk.snapshot import Snapshots, check_flow
from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.receipts import Change, Receipt

ALREADY = "Nothing was written: the ticket was already closed with this resolution."


@dataclass(frozen=True, slots=True)
class Closing:
    link: Link
    directory: Directory
    reading: Reading
    snapshots: Snapshots
    resolution: Resolution
    commenting: Commenting

    async def close(
        self, ticket_id: str, resolution: str, *, notify: bool, minutes: float | None
    ) -> Receipt:
        text = clean(resolution, "resolution").strip()
        if not text:
            raise Invalid("Give the resolution in words.", reason="empty")
        ticket = await self.snapshots.take(ticket_id)
        closed = await self.directory.status(str(CLOSED))
        check_flow(ticket, closed, (await self.directory.definitions()).statuses)
        before = (await self.reading.at_status(ticket.number, ticket.status)).resolution or None
        url = self.link.web(f"tickets/{ticket.number}/")
        if ticket.status == CLOSED and before == text:
            return Receipt(ticket_id=str(ticket.number), url=url, warnings=(ALREADY,))
        draft = CommentDraft(
            body=text,
            visibility=Visibility.PUBLIC if notify else Visibility.INTERNAL,
            minutes=minutes,
        )
        followup, warnings = await self.commenting.store(ticket, draft, CLOSED)
        try:
            after, now = await self._settle(ticket.number, text)
        except HelpdeskError as error:
            raise partly(error, "The resolution was stored as a comment.") from error
        names = (await self.directory.definitions()).status_names()
        changes = (
            Change(field="status", before=names.get(ticket.status), after=names.get(now)),
            Change(field="resolution", before=before, after=after),
        )
        return Receipt(
            ticket_id=str(ticket.number),
            changes=tuple(change for change in changes if change.before != change.after),
            mail=mail_of(followup, ticket.requester),
            history=True,
            comment_id=str(followup.id),
            url=url,
            warnings=warnings or None,
        )

    async def _settle(self, number: int, text: str) -> tuple[str | None, int]:
        """Read the ticket back, and make its resolution what was given: an older one stays."""
        ticket = await self.reading.at_status(number, CLOSED)
        if ticket.resolution == text:
            return text, ticket.status
        return await self.resolution.set(number, text, ticket.status), ticket.status
