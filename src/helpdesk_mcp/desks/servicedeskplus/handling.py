"""Tickets as wholes: picked up, reopened, held, linked, merged, resolved, thrown away."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.changing import Changing
from helpdesk_mcp.desks.servicedeskplus.closing import signed
from helpdesk_mcp.desks.servicedeskplus.differing import changes
from helpdesk_mcp.desks.servicedeskplus.half_done import after
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.prose import clean, to_html, unwrapped
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    id_of,
    moment,
    moment_of,
    name_of,
    row_of,
    rows_of,
    text_of,
)
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import Conflict, NotFound
from helpdesk_mcp.domain.handling import Hold, Resolution
from helpdesk_mcp.domain.handling import Link as Tie
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.tickets import TicketChange

DONE = frozenset({"closed", "resolved", "cancelled", "canceled", "cerrado", "resuelto"})


@dataclass(frozen=True, slots=True)
class HandlingHere:
    line: Link
    names: Names
    reading: Reading
    changing: Changing

    async def pick_up(self, ticket_id: str) -> Receipt:
        before = await self.reading.ticket(ticket_id)
        await self.line.write("PUT", f"requests/{before.id}/pickup")
        with after("The ticket was picked up."):
            row = await self.reading.row(before.id)
            self.names.learned(row, "technician")
            now = await self.reading.as_ticket(row)
        return Receipt(ticket_id=now.id, changes=changes(before, now), url=now.url)

    async def reopen(self, ticket_id: str, reason: str) -> Receipt:
        ticket = await self.reading.ticket(ticket_id)
        if folded(ticket.status or "") not in DONE:
            raise Conflict(f"The ticket is not closed: it is {ticket.status}.", reason="is_open")
        change = TicketChange(status="open", comment=reason)
        return await self.changing.change(ticket.id, change)

    async def hold(self, ticket_id: str, hold: Hold) -> Receipt:
        """Being on hold is a status; with a time the desk ends it by itself (reference §4.1)."""
        before = await self.reading.ticket(ticket_id)
        request: Row = {
            "status": {"id": (await self.names.find("status", "on hold")).id},
            "status_change_comments": clean(hold.reason, "reason"),
        }
        if hold.until is not None:
            then = await self.names.find("status", hold.then or "open")
            request["onhold_scheduler"] = {
                "scheduled_time": moment(hold.until),
                "change_to_status": {"id": then.id},
                "comments": clean(hold.reason, "reason"),
            }
        await self.line.write("PUT", f"requests/{before.id}", {"request": request})
        with after("The desk was told to put the ticket on hold."):
            row = await self.reading.row(before.id)
            now = await self.reading.as_ticket(row)
        return Receipt(
            ticket_id=now.id,
            changes=(*changes(before, now), *_plan(row)),
            url=now.url,
            warnings=None if now.on_hold else ("The desk did not put the ticket on hold.",),
        )

    async def links(self, ticket_id: str) -> tuple[Tie, ...]:
        identifier = await self.line.ticket(ticket_id)
        body = await self.line.get(f"requests/{identifier}/link_requests")
        return tuple(map(_tie, rows_of(body.get("link_requests"))))

    async def link(self, ticket_id: str, others: tuple[str, ...], comment: str) -> Receipt:
        return await self._tied("POST", ticket_id, others, comment)

    async def unlink(self, ticket_id: str, others: tuple[str, ...]) -> Receipt:
        return await self._tied("DELETE", ticket_id, others, "")

    async def merge(self, ticket_id: str, others: tuple[str, ...]) -> Receipt:
        parent = await self.reading.ticket(ticket_id)
        children = [(await self.reading.ticket(other)).id for other in others]
        data = {"merge_requests": [{"id": child} for child in children]}
        await self.line.write("PUT", f"requests/{parent.id}/merge_requests", data)
        told: list[Change] = []
        left: list[str] = []
        with after("The desk was told to merge."):
            for child in children:
                if await self._is_gone(child):
                    told.append(Change(field="merged", after=child))
                else:
                    left.append(f"The desk did not merge ticket {child}.")
        return Receipt(
            ticket_id=parent.id, changes=tuple(told), url=parent.url, warnings=tuple(left) or None
        )

    async def resolution(self, ticket_id: str) -> Resolution:
        identifier = await self.line.ticket(ticket_id)
        row = row_of((await self.line.get(f"requests/{identifier}/resolutions")).get("resolution"))
        return Resolution(
            ticket_id=ticket_id,
            text=unwrapped(text_of(row.get("content"))),
            by=name_of(row.get("submitted_by")),
            at=moment_of(row.get("submitted_on")),
        )

    async def resolve(self, ticket_id: str, text: str) -> Receipt:
        row = await self.reading.row(ticket_id)
        before = await self.reading.as_ticket(row)
        data = {"resolution": {"content": to_html(await signed(self.names, text, row))}}
        await self.line.write("POST", f"requests/{before.id}/resolutions", data)
        with after("The resolution was stored."):
            now = await self.reading.ticket(before.id)
        return Receipt(ticket_id=now.id, changes=changes(before, now), url=now.url)

    async def _tied(
        self, method: str, ticket_id: str, others: tuple[str, ...], comment: str
    ) -> Receipt:
        identifier = await self.line.ticket(ticket_id)
        ids = [text_of((await self.reading.row(other)).get("id")) or "" for other in others]
        before = {tie.ticket_id for tie in await self.links(identifier)}
        note = {"comments": clean(comment, "comment")} if comment else {}
        wanted = [one for one in ids if (one in before) == (method == "DELETE")]
        if wanted:
            rows = [{"linked_request": {"id": one}, **note} for one in wanted]
            path = f"requests/{identifier}/link_requests"
            await self.line.write(method, path, {"link_requests": rows})
        with after("The links were written."):
            now = {tie.ticket_id for tie in await self.links(identifier)}
        added = [Change(field="link", after=one) for one in sorted(now - before)]
        gone = [Change(field="link", before=one) for one in sorted(before - now)]
        return Receipt(ticket_id=identifier, changes=(*added, *gone))

    async def _is_gone(self, ticket_id: str) -> bool:
        try:
            await self.reading.row(ticket_id)
        except NotFound:
            return True
        return False


@dataclass(frozen=True, slots=True)
class TrashHere:
    """The trash for tickets. What empties it is never called: on-prem that is for good."""

    link: Link
    reading: Reading

    async def put(self, ticket_id: str) -> Receipt:
        ticket = await self.reading.ticket(ticket_id)
        path = f"requests/{ticket.id}"
        if not self.link.edition.is_cloud:  # the bare path deletes for good there (§4.1)
            path += "/move_to_trash"
        try:
            await self.link.write("DELETE", path)
        except NotFound as error:
            raise NotFound(
                "This desk puts no tickets in a trash over its API; nothing was done. A person "
                "can in the help desk.",
                reason="no_trash",
            ) from error
        return Receipt(ticket_id=ticket.id, changes=(Change(field="trash", after="yes"),))

    async def restore(self, ticket_id: str) -> Receipt:
        identifier = await self.link.ticket(ticket_id)
        await self.link.write("PUT", f"requests/{identifier}/restore_from_trash")
        with after("The ticket is out of the trash."):
            now = await self.reading.ticket(identifier)
        told = Change(field="trash", before="yes")
        return Receipt(ticket_id=now.id, changes=(told,), url=now.url)


def _tie(row: Row) -> Tie:
    other = row_of(row.get("linked_request"))
    return Tie(
        ticket_id=id_of(other) or "",
        subject=text_of(other.get("subject")),
        comment=text_of(row.get("comments")),
    )


def _plan(row: Row) -> tuple[Change, ...]:
    plan = row_of(row.get("onhold_scheduler"))
    until = moment_of(plan.get("scheduled_time"))
    if until is None:
        return ()
    then = name_of(plan.get("change_to_status"))
    return (
        Change(field="on_hold_until", after=until.isoformat(timespec="seconds")),
        Change(field="status_after", after=then),
    )
