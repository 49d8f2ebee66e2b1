"""Tools that move a change on: submit, approve, reject, complete, put away."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.changes import Changes, PlannedChangeDraft
from helpdesk_mcp.domain.decisions import Asked, Decisions
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.tools.approvals import ASKED, DECIDED, Approvers, Comment, draft
from helpdesk_mcp.tools.changes import ID
from helpdesk_mcp.tools.drafts import sound
from helpdesk_mcp.tools.params import Body, ClosingCode, RecordId, Subject, When
from helpdesk_mcp.tools.record_results import ApprovalList

TOOLSET = "changes"


@operation(
    Scope.CHANGES_READ,
    Effect.READ,
    title="List a change's approvals",
    listed=False,
    target="change_id",
    renamed=ID,
)
async def list_change_approvals(desk: Decisions, change_id: RecordId) -> ApprovalList:
    """List the approvals of a change, level by level: the people asked and their answers."""
    found = await desk.decisions.find(Asked(kind="change", id=change_id))
    return ApprovalList(approvals=found, shown=len(found), total=len(found))


@operation(
    (Scope.CHANGES_WRITE, Scope.REPLIES_SEND),
    Effect.WRITE,
    title="Submit a change for approval",
    listed=False,
    target="change_id",
    renamed={**ID, "approval_comments": "message", "comments": "message"},
    holds=ASKED,
)
async def submit_change_for_approval(
    desk: Decisions,
    change_id: RecordId,
    approvers: Approvers,
    message: Body,
    subject: Subject | None = None,
) -> RecordReceipt:
    """Ask people to approve a change. The desk mails them; the receipt says whether it did."""
    asked = Asked(kind="change", id=change_id)
    return await desk.decisions.ask(asked, draft(approvers, message, subject))


@operation(
    Scope.APPROVALS_DECIDE,
    Effect.WRITE,
    title="Approve a change",
    listed=False,
    target="change_id",
    renamed={**ID, "comments": "comment"},
    holds=DECIDED,
)
async def approve_change(
    desk: Decisions, change_id: RecordId, approval_id: RecordId, comment: Comment = ""
) -> RecordReceipt:
    """Approve a change, where the account this server uses was asked."""
    asked = Asked(kind="change", id=change_id)
    return await desk.decisions.decide(asked, approval_id, approve=True, comment=comment)


@operation(
    Scope.APPROVALS_DECIDE,
    Effect.WRITE,
    title="Reject a change",
    listed=False,
    target="change_id",
    renamed={**ID, "comments": "comment", "reason": "comment"},
    holds=DECIDED,
)
async def reject_change(
    desk: Decisions,
    change_id: RecordId,
    approval_id: RecordId,
    comment: Annotated[str, Field(min_length=1, max_length=2_000)],
) -> RecordReceipt:
    """Reject a change, where the account this server uses was asked, and say why."""
    asked = Asked(kind="change", id=change_id)
    return await desk.decisions.decide(asked, approval_id, approve=False, comment=comment)


@operation(
    Scope.CHANGES_WRITE,
    Effect.WRITE,
    title="Complete a change",
    idempotent=True,
    listed=False,
    target="change_id",
    renamed={
        **ID,
        "completion_notes": "comment",
        "closure_comments": "comment",
        "closure_code": "code",
        "actual_start": "start",
        "actual_end": "end",
    },
    holds={"comment": Holds.PROSE},
)
async def complete_change(
    desk: Changes,
    change_id: RecordId,
    comment: Body,
    start: When | None = None,
    end: When | None = None,
    code: ClosingCode | None = None,
) -> RecordReceipt:
    """Close a change whose work is done; `start` and `end` say when it was really done."""
    if start is not None or end is not None:
        await desk.changes.change(change_id, sound(PlannedChangeDraft(start=start, end=end)))
    return await desk.changes.close(change_id, comment, code=code)


@operation(
    (Scope.CHANGES_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Put a change in the trash",
    listed=False,
    target="change_id",
    renamed=ID,
)
async def delete_change(desk: Changes, change_id: RecordId) -> RecordReceipt:
    """Put a change in the trash; restore_change takes it out."""
    return await desk.changes.delete(change_id, for_good=False)


@operation(
    (Scope.CHANGES_WRITE, Scope.TICKETS_DELETE),
    Effect.WRITE,
    title="Restore a change",
    listed=False,
    target="change_id",
    renamed=ID,
)
async def restore_change(desk: Changes, change_id: RecordId) -> RecordReceipt:
    """Take a change out of the trash."""
    return await desk.changes.restore(change_id)


TOOLS = (
    list_change_approvals,
    submit_change_for_approval,
    approve_change,
    reject_change,
    complete_change,
    delete_change,
    restore_change,
)
