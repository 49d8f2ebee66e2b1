"""Opening a ticket: resolved first, opened once, and found again when the answer was lost."""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk_mcp.desks.servicedeskplus.differing import opening
from helpdesk_mcp.desks.servicedeskplus.drafting import Drafting
from helpdesk_mcp.desks.servicedeskplus.envelope import one
from helpdesk_mcp.desks.servicedeskplus.files import Files
from helpdesk_mcp.desks.servicedeskplus.fitting import Fitting
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.refusals import partly
from helpdesk_mcp.desks.servicedeskplus.values import Row, moment_of, row_of, text_of
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.receipts import Mail, Receipt
from helpdesk_mcp.domain.tickets import TicketDraft

SLACK = timedelta(seconds=5)
FOUND = "The desk's answer was lost or an error, but the ticket is there: it was not opened twice."
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
        row, warnings = await self.fitting.send(self._post, values, {})
        identifier = number(text_of(row.get("id")) or "")
        try:
            if row.get(LOST):
                warnings = (*warnings, FOUND)
            await self._after(identifier, row, draft)
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

    async def _after(self, identifier: str, row: Row, draft: TicketDraft) -> None:
        """Do what takes a ticket that is there: our own name is learned from it, then files."""
        names = self.drafting.names
        unknown = not names.who_we_are
        names.learned(row, "created_by")
        if draft.assignee is not None and folded(draft.assignee) == "me" and unknown:
            me = await names.person("me")
            data = {"request": {"technician": {"id": me.id}}}
            await self.link.write("PUT", f"requests/{identifier}", data)
        for upload in draft.uploads:
            await self.files.add(identifier, upload)

    async def _post(self, values: Row) -> Row:
        """Open once. When it is not clear whether that worked, look; never open again."""
        began = time.monotonic()
        try:
            return one(await self.link.write("POST", "requests", {"request": values}), "request")
        except Unavailable as error:
            if error.written is not Written.UNKNOWN:
                raise
            took = timedelta(seconds=time.monotonic() - began)
            return await self._find(values, took, error)

    async def _find(self, values: Row, took: timedelta, error: Unavailable) -> Row:
        """Find the ticket that may have been opened. Raises the error, now knowing more."""
        try:
            found = await self._newest_like(values, took)
        except HelpdeskError:
            raise error from None
        if found is None:
            ended = error.reason == "desk_error"
            written = Written.NO if ended else Written.UNKNOWN
            raise Unavailable(error.message, reason=error.reason, written=written) from error
        return {**found, LOST: True}

    async def _newest_like(self, values: Row, took: timedelta) -> Row | None:
        subject = {"field": "subject", "condition": "is", "value": values["subject"]}
        query = Query(
            criteria=subject,
            sort="created_time",
            descending=True,
            fields=("subject", "requester", "created_by", "created_time"),
            count=False,
        )
        now = await self.link.now()
        for row in (await self.link.rows("requests", query, Window(size=10))).items:
            asked = text_of(row_of(values.get("requester")).get("email_id"))
            email = text_of(row_of(row.get("requester")).get("email_id"))
            same = asked is None or (email or "").casefold() == asked.casefold()
            if same and _recent(moment_of(row.get("created_time")), now - took - SLACK):
                return row
        return None


LOST = "(found again)"
"""Marks a row that was found after its answer was lost; no field of the vendor's is called so."""


def _recent(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


def told(receipt: Receipt, *warnings: str) -> Receipt:
    """Return a receipt with more to say."""
    return replace(receipt, warnings=(*(receipt.warnings or ()), *warnings) or None)
