"""Approvals in ServiceDesk Plus: levels of people, a mail to them, and our own word."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_mcp.desks.servicedeskplus.half_done import after, partly
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.lost import not_twice, once
from helpdesk_mcp.desks.servicedeskplus.prose import clean, subject_of, to_html, unwrapped
from helpdesk_mcp.desks.servicedeskplus.refusals import NO_TICKET
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    id_of,
    moment_of,
    name_of,
    number_of,
    row_of,
    text_of,
)
from helpdesk_mcp.domain.decisions import Approval, ApprovalDraft, Asked
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, Invalid, NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Change, Mail, RecordReceipt

NO_CHANGE = "There is no such change."
NO_APPROVAL = "There is no such approval here; list the approvals first."


@dataclass(frozen=True, slots=True)
class ApprovalsHere:
    link: Link
    lookups: Lookups

    async def find(self, asked: Asked) -> tuple[Approval, ...]:
        found: list[Approval] = []
        for level, rows in await self._levels(asked):
            found += [_approval(row, asked, level) for row in rows]
        return tuple(found)

    async def pending(self, window: Window) -> Page[Approval]:
        found = await self.link.rows("approvals", Query(), window)
        items = tuple(_waiting(row) for row in found.items)
        return Page(items=items, start=window.start, total=found.total, more=found.more)

    async def ask(self, asked: Asked, draft: ApprovalDraft) -> RecordReceipt:
        """Make a level with its approvers, then mail them: before that nobody can decide."""
        place = await self._place(asked)
        people = [await self._approver(word) for word in draft.approvers]
        level = await self._level_of(place, people, asked)
        lost = not_twice(level, "approval")
        try:
            mail, rows = await self._mail(f"{place}/{id_of(level)}/approvals", asked, draft)
        except HelpdeskError as error:
            raise partly(error, "The approvers were named.") from error
        told = [Change(field="approver", after=name_of(row.get("approver"))) for row in rows]
        return RecordReceipt(
            record="approval",
            id=",".join(text_of(row.get("id")) or "" for row in rows),
            ticket_id=asked.ticket_id,
            changes=tuple(told),
            mail=mail,
            warnings=lost or None,
        )

    async def decide(
        self, asked: Asked, approval_id: str, *, approve: bool, comment: str
    ) -> RecordReceipt:
        identifier = number(approval_id, NO_APPROVAL)
        level, before = await self._one(asked, identifier)
        await self._check_ours(identifier, before)
        path = f"{await self._place(asked)}/{level}/approvals/{identifier}"
        said = clean(comment, "comment")
        data = {"approval": {"comments": said} if said else {}}
        word = "~approve" if approve else "~reject"
        await self.link.write("PUT", f"{path}/{word}", data, missing=NO_APPROVAL)
        with after("The decision was sent."):
            _, now = await self._one(asked, identifier)
        told = Change(
            field="status", before=name_of(before.get("status")), after=name_of(now.get("status"))
        )
        return RecordReceipt(
            record="approval", id=identifier, ticket_id=asked.ticket_id, changes=(told,)
        )

    async def _level_of(self, place: str, people: list[Row], asked: Asked) -> Row:
        """Make a level of these people, once. When it is not clear whether that worked, look."""
        data = {"approval_level": {"approvals": [{"approver": one} for one in people]}}

        async def send() -> Row:
            made = await self.link.write("POST", place, data, missing=_missing(asked))
            return row_of(made.get("approval_level"))

        async def look(since: datetime) -> list[Row]:
            wanted = [id_of(one) for one in people]
            return [
                level
                for level, rows in reversed(await self._levels(asked))
                if wanted == [id_of(row.get("approver")) for row in rows]
                if (made := moment_of(level.get("created_time"))) is not None and made >= since
            ]

        return await once(self.link, place, send, look)

    async def _mail(
        self, path: str, asked: Asked, draft: ApprovalDraft
    ) -> tuple[Mail, tuple[Row, ...]]:
        rows = (await self.link.rows(path, Query(count=False))).items
        ids = ",".join(text_of(row.get("id")) or "" for row in rows)
        notification = {
            "subject": subject_of(draft.subject or f"Approval of {asked.kind} {asked.id}"),
            "description": f"{to_html(draft.message)}<br>$ApprovalLink",
        }
        inner: Row = {"notification": notification}
        data = inner if self.link.edition.is_cloud else {"approval": inner}  # reference §4.10
        await self.link.write("PUT", f"{path}/send_notification?ids={ids}", data)
        to = [_address(row) for row in (await self.link.rows(path, Query(count=False))).items]
        return Mail(sent=True, to=tuple(filter(None, to))), rows

    async def _approver(self, word: str) -> Row:
        person = await self.lookups.user(word)
        if person is None:
            raise Invalid("Nobody cannot approve: name people.", reason="approvers")
        return person

    async def _check_ours(self, approval_id: str, row: Row) -> None:
        """Refuse where somebody else was asked: an agent never answers for another person."""
        await self.lookups.learn_who_we_are()
        us = self.lookups.names.who_we_are
        approver = row_of(row.get("approver"))
        if us in {id_of(approver), name_of(approver)} - {None}:
            return
        try:
            found = await self.link.every("approvals", Query(count=False))
        except (NotFound, Invalid):
            found = None  # no such queue: who we are is then all that we know
        ours = {text_of(one.get("id")) for one in found.items} if found else set[str | None]()
        if approval_id not in ours:
            raise Denied(
                "Somebody else was asked, or the desk does not say who we are (`technician`): "
                "only the one who was asked can decide.",
                reason="approver",
            )

    async def _one(self, asked: Asked, approval_id: str) -> tuple[str, Row]:
        for level, rows in await self._levels(asked):
            for row in rows:
                if text_of(row.get("id")) == approval_id:
                    return id_of(level) or "", row
        raise NotFound(NO_APPROVAL)

    async def _levels(self, asked: Asked) -> list[tuple[Row, tuple[Row, ...]]]:
        place = await self._place(asked)
        levels = await self.link.every(place, Query(count=False))
        return [
            (level, (await self.link.every(f"{place}/{id_of(level)}/approvals")).items)
            for level in levels.items
        ]

    async def _place(self, asked: Asked) -> str:
        if asked.kind == "ticket":
            path = f"requests/{await self.link.ticket(asked.id)}"
        else:
            path = f"changes/{number(asked.id, NO_CHANGE)}"
        await self.link.one(path, missing=_missing(asked))
        return f"{path}/approval_levels"


def _missing(asked: Asked) -> str:
    return NO_TICKET if asked.kind == "ticket" else NO_CHANGE


def _approval(row: Row, asked: Asked, level: Row) -> Approval:
    return Approval(
        id=text_of(row.get("id")) or "",
        level=number_of(level.get("level")),
        approver=name_of(row.get("approver")),
        status=name_of(row.get("status")),
        ticket_id=asked.ticket_id,
        change_id=None if asked.ticket_id else asked.id,
        asked=moment_of(row.get("sent_on")),
        decided=moment_of(row.get("action_taken_on")),
        comment=unwrapped(text_of(row.get("comments"))),
    )


def _waiting(row: Row) -> Approval:
    request, change = row_of(row.get("request")), row_of(row.get("change"))
    return Approval(
        id=text_of(row.get("id")) or "",
        approver=name_of(row.get("approver")),
        status=name_of(row.get("status")),
        ticket_id=id_of(request),
        change_id=id_of(change),
        subject=text_of(request.get("subject")) or text_of(change.get("title")),
        asked=moment_of(row.get("sent_on")),
    )


def _address(row: Row) -> str | None:
    """Return whom a sent approval went to; one that was not sent has no time of sending."""
    approver = row_of(row.get("approver"))
    sent = moment_of(row.get("sent_on")) is not None
    return text_of(approver.get("email_id")) or name_of(approver) if sent else None
