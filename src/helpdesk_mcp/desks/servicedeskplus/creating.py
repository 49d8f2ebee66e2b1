"""Opening a ticket: resolved first, opened once, and found again when the answer was lost."""

from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk_mcp.desks.servicedeskplus.differing import opening
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.envelope import one
from helpdesk_mcp.desks.servicedeskplus.files import Files
from helpdesk_mcp.desks.servicedeskplus.fitting import Fitting
from helpdesk_mcp.desks.servicedeskplus.half_done import partly
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.lost import not_twice, once
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row, moment_of, row_of, text_of
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.receipts import Mail, Receipt
from helpdesk_mcp.domain.tickets import TicketDraft

RULES = "The desk's own notification rules decide whom it mails; it does not tell."


@dataclass(frozen=True, slots=True)
class Creating:
    link: Link
    drafting: Drafting
    fitting: Fitting
    reading: Reading
    files: Files

    async def create(self, draft: TicketDraft) -> Receipt:
        values = await self.drafting.create(draft)
        for upload in draft.uploads:
            self.files.check(upload)
        row, warnings = await self.fitting.send(self._open, values, {})
        identifier = number(text_of(row.get("id")) or "")
        try:
            warnings = (*warnings, *not_twice(row, "ticket"))
            warnings += await self._after(identifier, row, draft)
            ticket = await self.reading.as_ticket(await self.reading.row(identifier))
        except HelpdeskError as error:
            raise partly(error, f"Ticket {identifier} was opened.") from error
        return Receipt(
            ticket_id=identifier,
            changes=opening(ticket),
            mail=Mail(sent=None, why=RULES),
            url=ticket.url,
            warnings=warnings or None,
        )

    async def _after(self, identifier: str, row: Row, draft: TicketDraft) -> tuple[str, ...]:
        """Do what takes a ticket that is there: our own name is learned from it, then files."""
        names = self.drafting.names
        unknown = not names.who_we_are
        names.learned(row, "created_by")
        if draft.assignee is not None and folded(draft.assignee) == "me" and unknown:
            me = await names.person("me")
            data = {"request": {"technician": {"id": me.id}}}
            await self.link.write("PUT", f"requests/{identifier}", data)
        warnings: tuple[str, ...] = ()
        for upload in draft.uploads:
            warnings += (await self.files.add(identifier, upload))[1]
        return warnings

    async def _open(self, values: Row) -> Row:
        """Open a ticket; where a template wants even its status said, that a new one is open."""
        try:
            return await self._post(values)
        except Unfit as error:
            if error.reason != "missing_fields" or "status" not in error.fields:
                raise
        status = {"id": (await self.drafting.names.find("status", "open")).id}
        return await self._post({**values, "status": status})

    async def _post(self, values: Row) -> Row:
        async def send() -> Row:
            return one(await self.link.write("POST", "requests", {"request": values}), "request")

        return await once(
            self.link, "requests", send, lambda since: self._newest_like(values, since)
        )

    async def _newest_like(self, values: Row, since: datetime) -> list[Row]:
        subject = {"field": "subject", "condition": "is", "value": values["subject"]}
        query = Query(
            criteria=subject,
            sort="created_time",
            descending=True,
            fields=("subject", "requester", "created_by", "created_time"),
            count=False,
        )
        asked = text_of(row_of(values.get("requester")).get("email_id"))
        return [
            row
            for row in (await self.link.rows("requests", query, Window(size=10))).items
            if asked is None or _email(row).casefold() == asked.casefold()
            if (made := moment_of(row.get("created_time"))) is not None and made >= since
        ]


def _email(row: Row) -> str:
    return text_of(row_of(row.get("requester")).get("email_id")) or ""


def told(receipt: Receipt, *warnings: str) -> Receipt:
    """Return a receipt with more to say."""
    return replace(receipt, warnings=(*(receipt.warnings or ()), *warnings) or None)
