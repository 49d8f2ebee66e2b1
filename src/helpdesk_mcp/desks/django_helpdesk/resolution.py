"""Keeps a ticket's resolution from being overwritten by what was never meant to be one.

Stock copies every comment on a resolved ticket into `resolution`, and on a closed one that has
none; private notes too. The requester can read the resolution.
"""

from dataclasses import dataclass

from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import CLOSED, RESOLVED
from helpdesk_mcp.desks.django_helpdesk.reading import Reading
from helpdesk_mcp.desks.django_helpdesk.refusals import partly
from helpdesk_mcp.desks.django_helpdesk.snapshot import Snapshot
from helpdesk_mcp.desks.django_helpdesk.wire import WireTicket, read
from helpdesk_mcp.domain.errors import HelpdeskError

PUT_BACK = (
    "The desk copied this text into the ticket's resolution, which the requester can read; "
    "the resolution was put back at once."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The resolution to put back, and the status the ticket will have then."""

    text: str | None
    status: int


@dataclass(frozen=True, slots=True)
class Resolution:
    link: Link
    reading: Reading

    async def keep(self, ticket: Snapshot, new_status: int | None, *, public: bool) -> Kept | None:
        """Remember the resolution when the coming comment would overwrite it unasked."""
        after = ticket.status if new_status is None else new_status
        resolves = public and new_status is not None and new_status != ticket.status
        if after not in {RESOLVED, CLOSED} or resolves:
            return None
        text = (await self.reading.at_status(ticket.number, ticket.status)).resolution
        if after == CLOSED and text is not None:
            return None
        return Kept(text, after)

    async def put_back(self, number: int, kept: Kept | None) -> str | None:
        """Restore the resolution if it changed. Returns what to tell the caller."""
        if kept is None:
            return None
        try:
            now = await self.reading.at_status(number, kept.status)
            if (now.resolution or None) == (kept.text or None):
                return None
            await self.set(number, kept.text, kept.status)
        except HelpdeskError as error:
            raise partly(
                error, "The text was stored, and stands in the resolution that the requester reads."
            ) from error
        return PUT_BACK

    async def set(self, number: int, text: str | None, status: int) -> str | None:
        """Write the resolution itself, past the history. Returns it as read back."""
        answer = await self.link.write(
            "PATCH", f"api/tickets/{number}/", {"resolution": text}, params={"status": status}
        )
        return read(WireTicket, answer).resolution
