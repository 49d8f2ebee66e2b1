"""Closing a problem or a change: a comment, and the closing code where the desk wants one."""

from typing import TypeVar

from helpdesk_mcp.desks.servicedeskplus.explaining import explained
from helpdesk_mcp.desks.servicedeskplus.prose import to_html
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.domain.receipts import RecordReceipt

RecordT = TypeVar("RecordT")
DraftT = TypeVar("DraftT")
CODE = "closure_code"
DETAILS = (Field(ours="code", theirs=CODE, kind="ref", lookup=CODE),)


class ClosedRecords(Records[RecordT, DraftT]):
    """Records that are closed by an action of their own (reference §5)."""

    async def shut(
        self, record_id: str, comment: str, code: str | None, *, by: str
    ) -> RecordReceipt:
        before = await self.row(record_id)
        details: Row = {"close_details_comments": to_html(comment)}
        if code is not None:
            details[CODE] = await self.lookups.reference(CODE, code)
        data = {self.module.wrapper: {"close_details": details}}
        path = f"{self.place(record_id)}/{by}"
        try:
            await self.link.write("PUT", path, data, missing=self.module.missing)
        except Unfit as error:
            raise await explained(error, DETAILS, self.lookups, self.module.seen_in) from error
        return self.receipt(record_id, before, await self._again(record_id))
