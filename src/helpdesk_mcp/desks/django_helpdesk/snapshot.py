"""What must be known of a ticket before something is written on it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from helpdesk_mcp.desks.django_helpdesk.directory import Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import USUAL_EXTENSIONS
from helpdesk_mcp.desks.django_helpdesk.pages import TicketPage, merged, ticket_page
from helpdesk_mcp.desks.django_helpdesk.reading import Reading, number_of
from helpdesk_mcp.domain.choices import Choice
from helpdesk_mcp.domain.errors import Invalid

# Where a ticket may go on a desk whose pages we cannot see: the product's own rule.
USUAL_FLOW: dict[str, tuple[str, ...]] = {
    "1": ("1", "3", "4", "5"),
    "2": ("2", "3", "4", "5"),
    "3": ("2", "3", "4"),
    "4": ("2", "4"),
    "5": ("2", "5"),
}
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A ticket as it was just before a write."""

    number: int
    title: str
    status: int
    allowed: tuple[Choice, ...]
    blocked: bool
    requester: str
    last: datetime
    """When the last follow-up was written."""
    extensions: tuple[str, ...] | None
    page: TicketPage | None = None


@dataclass(frozen=True, slots=True)
class Snapshots:
    link: Link
    directory: Directory
    reading: Reading

    async def take(self, ticket_id: str) -> Snapshot:
        number = number_of(ticket_id)
        if await self.link.has_pages():
            return snapshot_of(number, await self.page(number))
        return await self._from_api(number)

    async def page(self, number: int) -> TicketPage:
        return ticket_page(await self.link.page(f"tickets/{number}/"))

    async def _from_api(self, number: int) -> Snapshot:
        ticket = await self.reading.at_status(number, None)
        if ticket.merged_to is not None:
            raise merged(str(ticket.merged_to))
        statuses = (await self.directory.definitions()).statuses
        flow = USUAL_FLOW.get(str(ticket.status))
        return Snapshot(
            number=number,
            title=ticket.title,
            status=ticket.status,
            allowed=tuple(s for s in statuses if flow is None or s.id in flow),
            blocked=False,
            requester=ticket.submitter_email or "",
            last=max((f.date for f in ticket.followup_set if f.date), default=NEVER),
            extensions=USUAL_EXTENSIONS,
        )


def snapshot_of(number: int, page: TicketPage) -> Snapshot:
    return Snapshot(
        number=number,
        title=page.title,
        status=page.status,
        allowed=page.statuses,
        blocked=page.blocked,
        requester=page.requester,
        last=page.entries[-1].at if page.entries else NEVER,
        extensions=page.extensions,
        page=page,
    )


def check_flow(snapshot: Snapshot, wanted: Choice, known: tuple[Choice, ...]) -> None:
    """Refuse a status the desk's own form would not offer: its API would take it."""
    if int(wanted.id) == snapshot.status:
        return
    if snapshot.blocked:
        raise Invalid(
            "The ticket waits for other tickets: its status cannot change until those it depends "
            "on are resolved.",
            reason="status_flow",
        )
    if wanted.id not in {status.id for status in snapshot.allowed}:
        names = {status.id: status.name for status in known}
        there = names.get(str(snapshot.status), str(snapshot.status))
        onward = [names.get(s.id, s.name) for s in snapshot.allowed if int(s.id) != snapshot.status]
        raise Invalid(
            f"A ticket cannot go from {there} to {wanted.name}. "
            f"Allowed from {there}: {', '.join(onward) or 'none'}.",
            reason="status_flow",
        )
