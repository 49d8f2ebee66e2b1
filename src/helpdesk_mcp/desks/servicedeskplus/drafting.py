"""What a caller asks for, resolved and in the desk's own terms, before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.link import Query
from helpdesk_mcp.desks.servicedeskplus.names import LOOKUPS, Names
from helpdesk_mcp.desks.servicedeskplus.prose import clean, subject_of, to_html
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, moment, row_of, text_of
from helpdesk_mcp.desks.servicedeskplus.wire import is_on_hold
from helpdesk_mcp.domain.choices import Choice, folded
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft

CLASSIFYING = (
    "site",
    "category",
    "subcategory",
    "item",
    "urgency",
    "impact",
    "level",
    "mode",
    "request_type",
    "template",
)
"""Fields that name something set up in the desk. The order matters: a part follows its whole."""
ARGUMENTS: Mapping[str, str] = {
    "description": "description",
    "requester": "requester",
    "priority": "priority",
    "group": "queue",
    "technician": "assignee",
    "due_by_time": "due",
}
"""Fields that have an argument of their own, with its name."""
OWN: Mapping[str, str] = {**ARGUMENTS, **{ours: ours for ours in ARGUMENTS.values()}}
WHOLES = {"subcategory": "category", "item": "subcategory"}
SPELLINGS = {"type": "request_type", "request type": "request_type", "sub category": "subcategory"}
NAMES_SOLVERS = (
    "On this desk every closing names who solved the ticket: use close_ticket, or "
    "bulk_close_tickets for many."
)
DUE_AT = time(17)
"""When a day is over, in the desk's zone: a due date has a time of day here."""


@dataclass(frozen=True, slots=True)
class Drafting:
    names: Names
    customs: Customs

    async def create(self, draft: TicketDraft) -> Row:
        custom: dict[str, Any] = dict(draft.custom)
        if draft.site is not None:
            custom["site"] = draft.site
        values: Row = {
            "subject": subject_of(draft.subject),
            "description": to_html(draft.description.strip() or draft.subject),
        }
        if draft.queue is not None:
            values["group"] = {"id": (await self.names.find("group", draft.queue)).id}
        if draft.requester is not None:
            values["requester"] = await self._requester(draft.requester)
        if draft.priority is not None:
            values["priority"] = {"id": (await self.names.find("priority", draft.priority)).id}
        if draft.due is not None:
            values["due_by_time"] = self._due(draft.due)
        return values | await self._assignee(draft.assignee) | await self._custom(custom, {})

    async def change(self, change: TicketChange, before: Row) -> Row:
        values: Row = {}
        if change.subject is not None:
            values["subject"] = subject_of(change.subject)
        if change.description is not None:
            values["description"] = to_html(change.description)
        if change.priority is not None:
            values["priority"] = {"id": (await self.names.find("priority", change.priority)).id}
        if change.queue is not None:
            values["group"] = {"id": (await self.names.find("group", change.queue)).id}
        if change.requester is not None:
            values["requester"] = await self._requester(change.requester)
        if change.due is not None:
            values["due_by_time"] = self._due(change.due)
        values |= await self._status(change, before)
        return (
            values
            | await self._assignee(change.assignee)
            | await self._custom(change.custom, before)
        )

    async def _status(self, change: TicketChange, before: Row) -> Row:
        """Being on hold is a status here."""
        if change.status is not None:
            status = await self.names.find("status", change.status)
            if self.names.options.resolver_line and status == await self._closed(before):
                raise Invalid(NAMES_SOLVERS, reason="closing")
            return {"status": {"id": status.id}}
        held = is_on_hold(row_of(before.get("status")))
        if change.on_hold is None or change.on_hold == held:
            return {}
        word = "on hold" if change.on_hold else "open"
        return {"status": {"id": (await self.names.find("status", word)).id}}

    async def _closed(self, before: Row) -> Choice | None:
        """Return the status of closed tickets, unless the ticket has it already."""
        closed = await self.names.find("status", "closed")
        return None if id_of(before.get("status")) == closed.id else closed

    async def _assignee(self, word: str | None) -> Row:
        """Return who is to have it; "me" is left out while we do not know who we are."""
        if word is None or (folded(word) == "me" and not self.names.who_we_are):
            return {}
        if folded(word) == "none":
            return {"technician": None}
        return {"technician": {"id": (await self.names.person(word)).id}}

    async def _requester(self, word: str) -> Row:
        plain = clean(word, "requester").strip()
        if "@" in plain:
            return {"email_id": plain}
        if plain.isdigit():
            return {"id": plain}
        criteria = {"field": "name", "condition": "is", "value": plain}
        found = await self.names.link.rows("~users", Query(criteria=criteria), Window(size=2))
        if len(found.items) != 1:
            raise Invalid(
                "Give the requester's e-mail address: no or several people have this name.",
                reason="requester",
            )
        return {"id": text_of(found.items[0].get("id"))}

    def _due(self, due: date | datetime | str) -> Row | None:
        if isinstance(due, datetime):
            return dict(moment(due if due.tzinfo else due.replace(tzinfo=self.names.options.zone)))
        if isinstance(due, date):
            return dict(moment(datetime.combine(due, DUE_AT, self.names.options.zone)))
        if folded(due) != "none":
            raise Invalid("A due date is a day (2026-12-31) or none.", reason="due")
        return None

    async def _custom(self, given: Mapping[str, Any], before: Row) -> Row:
        """Split what is given by name into what the desk classifies by and its custom fields."""
        plain = {_spelled(word): value for word, value in given.items()}
        values: Row = {}
        for field in CLASSIFYING:
            if field in plain:
                values[field] = await self._chosen(field, plain.pop(field), {**before, **values})
        if "impact_details" in plain:
            values["impact_details"] = subject_of(str(plain.pop("impact_details")))
        if plain:
            await self._check_places(plain)
            values |= await self.customs.written(plain)
        return values

    async def _check_places(self, given: Mapping[str, Any]) -> None:
        """Raise Invalid for what has an argument of its own; custom fields may be called so too."""
        labels = {folded(label) for label in (await self.customs.labels()).values()}
        for word in given:
            ours = OWN.get(folded(word).replace(" ", "_"))
            if ours is not None and folded(word) not in labels:
                raise Invalid(
                    f"`{ours}` is an argument of its own: give it beside `custom`, not in it.",
                    reason="custom_field",
                )
            try:
                await self.customs.field(word)
            except Invalid as error:
                usual = ", ".join((*CLASSIFYING, "impact_details"))
                message = f"{error.message} Beside these: {usual}."
                raise Invalid(message, reason=error.reason) from error

    async def _chosen(self, field: str, value: Any, so_far: Row) -> Row | None:
        if folded(str(value)) == "none":
            return None
        whole = WHOLES.get(field)
        under = (id_of(so_far.get(whole)) or "") if whole else ""
        if whole and not under:
            raise Invalid(f"Give the {whole} too.", reason="custom_field")
        found = await self.names.find(field, clean(str(value), field), under=under)
        return {"id": found.id}


def _spelled(word: str) -> str:
    """Return the name of a classifying field for any way to write it; else the word itself."""
    plain = folded(word)
    spelled = SPELLINGS.get(plain, plain.replace(" ", "_"))
    return spelled if spelled in {*CLASSIFYING, "impact_details"} else word


def is_lookup(field: str) -> bool:
    return field in LOOKUPS
