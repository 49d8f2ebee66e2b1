"""The desk in memory with a few tickets: what remains is the cost of everything around it."""

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.tickets import TicketDraft

QUEUE = "IT Support"
SUBJECT = "The printer prints twice"
LINE = "Since this morning, every page."
PARAGRAPH = (
    "Since this morning the printer on the second floor prints every page twice. "
    "I switched it off and on again, and installed the driver anew; it did not help. "
)
PAGE = 20


async def null_desk() -> MemoryDesk:
    """Return a desk that answers at once: ticket 1 is a short one, ticket 2 a usual one."""
    desk = MemoryDesk()
    await desk.create_ticket(TicketDraft(subject=SUBJECT, description=LINE, queue=QUEUE))
    await desk.create_ticket(
        TicketDraft(
            subject=SUBJECT,
            description=PARAGRAPH * 6,
            queue=QUEUE,
            requester="ana@example.org",
            assignee="me",
            priority="High",
        )
    )
    for _ in range(PAGE):
        await desk.create_ticket(TicketDraft(subject=SUBJECT, description=LINE, queue=QUEUE))
    return desk
