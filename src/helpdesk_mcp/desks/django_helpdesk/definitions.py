"""What a ticket of this desk can hold, told the way an agent asks for it."""

from collections.abc import Iterable

from helpdesk_mcp.desks.django_helpdesk.directory import Definitions, Directory
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.notation import USUAL_EXTENSIONS
from helpdesk_mcp.desks.django_helpdesk.pages import TicketPage
from helpdesk_mcp.desks.django_helpdesk.snapshot import USUAL_FLOW
from helpdesk_mcp.domain.tickets import TicketField, TicketFields

OURS = (
    ("title", "subject", True),
    ("description", "description", False),
    ("queue", "queue", True),
    ("submitter_email", "requester", False),
    ("priority", "priority", False),
    ("assigned_to", "assignee", False),
    ("due_date", "due", False),
    ("on_hold", "on_hold", False),
    ("resolution", "resolution", False),
)
"""The desk's name, ours, and whether it must be given: the desk says so wrongly for some."""
NOT_WRITABLE = frozenset({"resolution"})


async def ticket_fields(link: Link, directory: Directory) -> TicketFields:
    known = await directory.definitions()
    page = await directory.sample() if await link.has_pages() else None
    return TicketFields(
        statuses=_flow(known, page),
        priorities=tuple(priority.name for priority in known.priorities),
        fields=(*_fields(known), *_custom(known)),
        attachment_types=USUAL_EXTENSIONS if page is None else page.extensions,
    )


def _flow(known: Definitions, page: TicketPage | None) -> dict[str, tuple[str, ...]]:
    """Return where each status may go: the product's rule, and a seen ticket's own."""
    flow = dict(USUAL_FLOW)
    if page is not None and page.statuses:
        flow[str(page.status)] = tuple(status.id for status in page.statuses)
    every = tuple(status.id for status in known.statuses)
    names = {status.id: status.name for status in known.statuses}
    return {
        status.name: tuple(
            names[onward]
            for onward in flow.get(status.id, every)
            if onward != status.id and onward in names
        )
        for status in known.statuses
    }


def _fields(known: Definitions) -> Iterable[TicketField]:
    for theirs, name, required in OURS:
        if (field := known.fields.get(theirs)) is None:
            continue
        yield TicketField(
            name=name,
            label=field.label or name,
            kind=field.type if field.type != "field" else "choice",
            required=required,
            writable=name not in NOT_WRITABLE,
            choices=tuple(p.name for p in known.priorities) if name == "priority" else None,
        )


def _custom(known: Definitions) -> Iterable[TicketField]:
    for name, field in known.custom.items():
        yield TicketField(
            name=name,
            label=field.label or name,
            kind=field.type,
            required=field.required,
            choices=None
            if field.choices is None
            else tuple(choice.display_name for choice in field.choices if choice.value != ""),
        )
