"""Closing a ticket: the resolution first, then time, then closure, then a look whether it is so."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.creating import RULES
from helpdesk_mcp.desks.servicedeskplus.differing import changes
from helpdesk_mcp.desks.servicedeskplus.effort import Effort
from helpdesk_mcp.desks.servicedeskplus.fitting import Fitting
from helpdesk_mcp.desks.servicedeskplus.half_done import partly
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.prose import clean, to_html, unwrapped
from helpdesk_mcp.desks.servicedeskplus.reading import Reading
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, name_of, row_of, text_of
from helpdesk_mcp.domain.choices import Choice
from helpdesk_mcp.domain.errors import Conflict, HelpdeskError, Invalid, Written
from helpdesk_mcp.domain.receipts import Change, Mail, Receipt

RESOLVER_LINE = "Técnico que resuelve la incidencia: {names}"
ALREADY = "Nothing was written: the ticket was already closed with this resolution."
NOT_ASKED = f"This desk cannot be asked to mail the requester. {RULES}"
INFO = "closure_info"
UNSEEN = "The desk took the closing code; it does not show closing codes, so none was read back."
NO_CODE = "The ticket is closed, but the desk does not show the closing code that was given."
FOUND = "The desk's answer was lost or an error, but the ticket is closed."
CLOSED = "The resolution was stored, and the desk was told to close the ticket."
STORED = "The resolution was stored, but the ticket is still open."


@dataclass(frozen=True, slots=True)
class Closing:
    link: Link
    names: Names
    fitting: Fitting
    reading: Reading
    effort: Effort

    async def close(
        self,
        ticket_id: str,
        resolution: str,
        *,
        notify: bool,
        minutes: float | None,
        code: str | None,
    ) -> Receipt:
        text = clean(resolution, "resolution").strip()
        if not text:
            raise Invalid("Give the resolution in words.", reason="empty")
        before = await self.reading.row(ticket_id)
        ticket = await self.reading.as_ticket(before)
        closed = await self.names.find("status", "closed")
        wanted = await self.names.find("closure_code", code) if code is not None else None
        content = to_html(await signed(self.names, text, before))
        held = unwrapped(text_of(row_of(before.get("resolution")).get("content")))
        same = held == content and _has_code(before, wanted)
        if same and id_of(before.get("status")) == closed.id:
            return Receipt(ticket_id=ticket.id, url=ticket.url, warnings=(ALREADY,))
        warnings = await self._resolve(ticket.id, content, text, minutes)
        lost = await self._shut(ticket.id, before, wanted)
        try:
            now = await self.reading.row(ticket.id)
            after = await self.reading.as_ticket(now)
        except HelpdeskError as error:
            raise lost or partly(error, CLOSED) from error
        if id_of(now.get("status")) != closed.id:
            raise lost or Conflict(STORED, reason="closure_rule", written=Written.PARTLY)
        coded, unsure = _recoded(before, now, wanted)
        return Receipt(
            ticket_id=ticket.id,
            changes=(*changes(ticket, after), *coded),
            mail=Mail(sent=None, why=NOT_ASKED if notify else RULES),
            url=after.url,
            warnings=(*warnings, *unsure, *((FOUND,) if lost else ())) or None,
        )

    async def _resolve(
        self, identifier: str, content: str, text: str, minutes: float | None
    ) -> tuple[str, ...]:
        data = {"request": {"resolution": {"content": content}}}
        await self.link.write("PUT", f"requests/{identifier}", data)
        if not minutes:
            return ()
        try:
            self.names.learned(
                row_of((await self.reading.row(identifier)).get("resolution")), "submitted_by"
            )
            return await self.effort.note(identifier, minutes, text)
        except HelpdeskError as error:
            raise partly(error, "The resolution was stored.") from error

    async def _shut(
        self, identifier: str, before: Row, code: Choice | None
    ) -> HelpdeskError | None:
        """Close. What the desk's closing rules want becomes an answer that says it.

        That the requester acknowledged it is never claimed: nobody asked them (reference §4.3).
        Returns the error of an answer that was lost: the ticket itself says whether it is closed.
        """
        info: Row = {"requester_ack_resolution": False}
        if code is not None:
            info["closure_code"] = {"id": code.id}
        closure = {INFO: info}
        try:
            await self.link.write("PUT", f"requests/{identifier}/~close", {"request": closure})
        except Unfit as error:
            told = await self.fitting.explained(error, before)
            message = f"{STORED} {told.message}"
            rule = error.reason == "missing_fields"  # what a build calls a broken closing rule
            reason = "closure_rule" if rule else error.reason
            raise Conflict(message, reason=reason, written=Written.PARTLY) from error
        except HelpdeskError as error:
            told = partly(error, "The resolution was stored.")
            if error.written is Written.UNKNOWN:
                return told
            raise told from error
        return None


async def signed(names: Names, text: str, row: Row) -> str:
    """Add the line that names who solved it, where the desk's administrators want it."""
    if not names.options.resolver_line:
        return text
    solvers = filter(None, (name_of(row.get("technician")), name_of(row.get("group"))))
    named = ", ".join(solvers)
    if not named and names.who_we_are:
        named = (await names.person("me")).name
    return f"{text}\n{RESOLVER_LINE.format(names=named)}" if named else text


def _code(row: Row) -> object:
    return row_of(row.get(INFO)).get("closure_code")


def _has_code(row: Row, wanted: Choice | None) -> bool:
    """Say whether a ticket has this closing code, as far as its desk shows them."""
    return wanted is None or INFO not in row or id_of(_code(row)) == wanted.id


def _recoded(
    before: Row, now: Row, wanted: Choice | None
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return what became of the closing code, and what cannot be said for sure."""
    if INFO not in now:
        told = Change(field="closing code", after=wanted.name) if wanted else None
        return ((told,), (UNSEEN,)) if told else ((), ())
    old, new = name_of(_code(before)), name_of(_code(now))
    told = (Change(field="closing code", before=old, after=new),) if old != new else ()
    return told, () if _has_code(now, wanted) else (NO_CODE,)
