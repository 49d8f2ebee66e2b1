"""Reading one ticket, and what was said on it: mails and notes, with their texts fetched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import anyio

from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.values import Row, moment_of, text_of
from helpdesk_mcp.desks.servicedeskplus.wire import mail_of, note_of, ticket_of
from helpdesk_mcp.domain.comments import Comment
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket

MOST_SAID = 500
"""Entries of a conversation that are looked at."""
AT_ONCE = 4
SAYS = ("has_notes", "has_conversation", "has_draft")


@dataclass(frozen=True, slots=True)
class Reading:
    link: Link
    customs: Customs
    web: str

    async def row(self, ticket_id: str) -> Row:
        """Return a request as it came. Raises NotFound."""
        number = await self.link.ticket(ticket_id)
        return await self.link.one(f"requests/{number}")

    async def ticket(self, ticket_id: str) -> Ticket:
        row = await self.row(ticket_id)
        ticket = await self.as_ticket(row)
        quiet = any(key in row for key in SAYS) and not any(row.get(key) for key in SAYS)
        said = 0 if quiet else (await self._listed(ticket.id, Window(size=1)))[1]
        return replace(ticket, comments=said)

    async def as_ticket(self, row: Row) -> Ticket:
        return ticket_of(row, await self.customs.labels(), self.web)

    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        """Return the conversation, oldest first. The texts of what is shown are fetched."""
        number = await self.link.ticket(ticket_id)
        items: list[Row] = []
        while len(items) < MOST_SAID:
            part, total = await self._listed(number, Window(start=len(items), size=100))
            items += part
            if not part or len(items) >= (total or 0):
                break
        first = datetime.min.replace(tzinfo=UTC)
        items.sort(key=lambda item: (moment_of(item.get("sent_time")) or first, _order(item)))
        shown = items[window.start : window.start + window.size]
        end = window.start + len(shown)
        return Page(
            items=tuple(await self._told(number, shown)),
            start=window.start,
            total=len(items),
            more=end < len(items),
        )

    async def _listed(self, number: str, window: Window) -> tuple[list[Row], int | None]:
        """Return entries without their texts. The newer route must be told what to include."""

        async def ask(route: str) -> tuple[list[Row], int | None]:
            wanted = {"system_notifications": False, "notes": True} if route[0] == "_" else {}
            found = await self.link.rows(f"requests/{number}/{route}", Query(beside=wanted), window)
            return list(found.items), found.total

        return await self.link.by_route("conversations", ask)

    async def _told(self, number: str, items: Sequence[Row]) -> list[Comment]:
        notes: dict[str, Row] = {}
        if any(_is_note(item) for item in items):
            found = await self.link.every(f"requests/{number}/notes", Query(), most=MOST_SAID)
            notes = {text_of(row.get("id")) or "": row for row in found.items}
        told: list[Comment | None] = [None] * len(items)
        limit = anyio.Semaphore(AT_ONCE)

        async def tell(at: int, item: Row) -> None:
            async with limit:
                told[at] = await self._one(item, notes)

        async with anyio.create_task_group() as group:
            for at, item in enumerate(items):
                group.start_soon(tell, at, item)
        return [comment for comment in told if comment is not None]

    async def _one(self, item: Row, notes: dict[str, Row]) -> Comment:
        identifier = text_of(item.get("id")) or ""
        if not _is_note(item):
            return mail_of(item, await self._body(item))
        note = notes.get(identifier, {})
        if "description" not in note:  # some lists leave the text out
            note = item | note | await self._body(item)
        return note_of(
            {"id": identifier, "show_to_requester": item.get("show_to_requester")} | note
        )

    async def _body(self, item: Row) -> Row:
        """Fetch the text that `content_url` points to: on this desk only, whatever it says."""
        path = path_of(text_of(item.get("content_url")) or "", self.link.base.host)
        if path is None:
            return {}
        try:
            return await self.link.one(path)
        except NotFound:
            return {}  # an entry that has gone since


def path_of(address: str, host: str) -> str | None:
    """Return where a `content_url` leads below the API, or None if it leads elsewhere."""
    before, found, path = address.partition("/api/v3/")
    foreign = "://" in before and before.split("://", 1)[1].split("/")[0].split(":")[0] != host
    plain = path.split("?")[0]
    safe = all(part.isalnum() or part.replace("_", "").isalnum() for part in plain.split("/"))
    return plain if found and not foreign and safe else None


def check_unchanged(ticket: Ticket, expected: str) -> bool:
    """Whether a ticket is as the caller saw it. Whole seconds compare as such."""
    try:
        seen = datetime.fromisoformat(expected.strip())
    except ValueError as error:
        raise Invalid(
            "`expected_modified` is the `modified` of the ticket as you read it.",
            reason="expected_modified",
        ) from error
    seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
    now = ticket.modified
    return now is None or now == seen or now.replace(microsecond=0) == seen


def _is_note(item: Row) -> bool:
    return (text_of(item.get("type")) or "").casefold() in {"note", "notes"} or "/notes/" in (
        text_of(item.get("content_url")) or ""
    )


def _order(item: Row) -> int:
    identifier = text_of(item.get("id")) or ""
    return int(identifier) if identifier.isdigit() else 0
