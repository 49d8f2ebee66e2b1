"""Tools for approvals of tickets: who was asked, asking, and deciding as ourselves."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.decisions import ApprovalDraft, Asked, Decisions
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.tools.params import (
    Body,
    Cursor,
    PageSize,
    RecordId,
    Subject,
    TicketId,
    Words,
    names,
)
from helpdesk_mcp.tools.record_results import ApprovalList
from helpdesk_mcp.tools.results import window

Approvers = Annotated[
    Words, Field(min_length=1, description="Names, e-mails or ids, comma-separated")
]
Comment = Annotated[str, Field(max_length=2_000)]
ASKED = {"approvers": Holds.PERSON, "message": Holds.PROSE, "subject": Holds.PROSE}
DECIDED = {"comment": Holds.PROSE}


def draft(approvers: str, message: str, subject: str | None) -> ApprovalDraft:
    people = tuple(dict.fromkeys(names(approvers)))
    if not people:
        raise Invalid("Name at least one approver.", reason="approvers")
    return ApprovalDraft(approvers=people, message=message, subject=subject)


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="List approvals",
    listed=False,
    renamed={"id": "ticket_id"},
)
async def list_approvals(desk: Decisions, ticket_id: TicketId) -> ApprovalList:
    """List the approvals of a ticket, level by level: the people asked and their answers."""
    found = await desk.decisions.find(Asked(kind="ticket", id=ticket_id))
    return ApprovalList(approvals=found, shown=len(found), total=len(found))


@operation(Scope.TICKETS_READ, Effect.READ, title="List approvals that wait for us", listed=False)
async def list_pending_approvals(
    desk: Decisions, cursor: Cursor | None = None, page_size: PageSize = 20
) -> ApprovalList:
    """List the approvals that wait for the account this server uses on the desk."""
    found = await desk.decisions.pending(window(cursor, None, page_size))
    return ApprovalList(approvals=found.items, **footer(found))


@operation(
    (Scope.TICKETS_WRITE, Scope.REPLIES_SEND),
    Effect.WRITE,
    title="Ask for approval",
    listed=False,
    renamed={"id": "ticket_id"},
    holds=ASKED,
)
async def request_approval(
    desk: Decisions,
    ticket_id: TicketId,
    approvers: Approvers,
    message: Body,
    subject: Subject | None = None,
) -> RecordReceipt:
    """Ask people to approve a ticket. The desk mails them; the receipt says whether it did."""
    asked = Asked(kind="ticket", id=ticket_id)
    return await desk.decisions.ask(asked, draft(approvers, message, subject))


@operation(
    Scope.APPROVALS_DECIDE,
    Effect.WRITE,
    title="Approve a ticket",
    listed=False,
    renamed={"comments": "comment"},
    holds=DECIDED,
)
async def approve_ticket(
    desk: Decisions, ticket_id: TicketId, approval_id: RecordId, comment: Comment = ""
) -> RecordReceipt:
    """Approve a ticket, where the account this server uses was asked. See list_approvals."""
    asked = Asked(kind="ticket", id=ticket_id)
    return await desk.decisions.decide(asked, approval_id, approve=True, comment=comment)


@operation(
    Scope.APPROVALS_DECIDE,
    Effect.WRITE,
    title="Reject a ticket",
    listed=False,
    renamed={"comments": "comment", "reason": "comment"},
    holds=DECIDED,
)
async def reject_ticket(
    desk: Decisions,
    ticket_id: TicketId,
    approval_id: RecordId,
    comment: Annotated[str, Field(min_length=1, max_length=2_000)],
) -> RecordReceipt:
    """Reject a ticket, where the account this server uses was asked, and say why."""
    asked = Asked(kind="ticket", id=ticket_id)
    return await desk.decisions.decide(asked, approval_id, approve=False, comment=comment)


TOOLS = (
    list_approvals,
    list_pending_approvals,
    request_approval,
    approve_ticket,
    reject_ticket,
)
