"""Changes in ServiceDesk Plus: plans, people, a workflow that decides when one may close."""

from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.problems import TRACKED
from helpdesk_mcp.desks.servicedeskplus.record_closing import ClosedRecords
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.domain.changes import PlannedChange, PlannedChangeDraft
from helpdesk_mcp.domain.errors import Conflict, Denied
from helpdesk_mcp.domain.receipts import RecordReceipt

CHANGES = Module(
    record=PlannedChange,
    path="changes",
    wrapper="change",
    what="change",
    person="change_owner",
    kind="change_type",
    trash="move_to_trash",
    fields=(
        *TRACKED,
        Field(ours="stage", theirs="stage", kind="ref"),
        Field(ours="kind", theirs="change_type", kind="ref"),
        Field(ours="risk", theirs="risk", kind="ref"),
        Field(ours="reason", theirs="reason_for_change", kind="ref"),
        Field(ours="requester", theirs="change_requester", kind="user"),
        Field(ours="owner", theirs="change_owner", kind="technician"),
        Field(ours="manager", theirs="change_manager", kind="technician"),
        Field(ours="approval", theirs="approval_status", kind="ref"),
        Field(ours="start", theirs="scheduled_start_time", kind="moment"),
        Field(ours="end", theirs="scheduled_end_time", kind="moment"),
        Field(
            ours="impact_details", theirs="impact_details.impact_details_description", kind="html"
        ),
        Field(ours="rollout_plan", theirs="roll_out_plan.roll_out_plan_description", kind="html"),
        Field(ours="backout_plan", theirs="back_out_plan.back_out_plan_description", kind="html"),
    ),
)


class ChangesHere(ClosedRecords[PlannedChange, PlannedChangeDraft]):
    def __init__(self, link: Link, lookups: Lookups) -> None:
        super().__init__(link, lookups, CHANGES)

    async def close(
        self, change_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        try:
            return await self.shut(change_id, comment, code, by="~close")
        except Denied as error:
            if error.reason != "desk_forbids":
                raise
            raise Conflict(
                "The desk does not close this change now: its workflow is not at its end, or our "
                "account may not. get_change tells its `stage`; update_change moves it on.",
                reason="workflow",
            ) from error

    async def restore(self, change_id: str) -> RecordReceipt:
        path = f"{self.place(change_id)}/restore_from_trash"
        await self.link.write("PUT", path, missing=self.module.missing)
        return self.receipt(change_id, None, await self._again(change_id))
