"""What a write would do, found out by reading: the desk itself is asked what a name means."""

from collections.abc import Mapping
from typing import Any

from helpdesk_mcp.domain.choices import STATUS_WORDS, Choice, find, folded, pick
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.receipts import Change
from helpdesk_mcp.domain.tickets import Ticket, TicketField, TicketFields
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.batches import in_turn
from helpdesk_mcp.tools.results import TicketList

Arguments = Mapping[str, Any]
Foreseen = tuple[tuple[Change, ...], tuple[str, ...]]

NAMED = ("status", "priority", "queue", "assignee")
"""Fields whose values are names that the desk's own lists resolve, and refuse when unknown."""
FREE = ("subject", "requester", "due", "on_hold", "site")
GIVEN_ALWAYS = frozenset(
    "subject title description queue group requester priority status technician".split()  # noqa: SIM905 -- words
)
"""Required fields that need no warning: a draft always has them, or the desk fills them."""
MOST_CHOICES = 60
"""A longer list may have been cut: what is not in it may be there all the same."""
NO_FIELD = "get_ticket_fields names no field `{name}`; the desk may refuse it."
CODE_UNCHECKED = "Whether the desk has this closing code shows only when it closes the ticket."


class Rehearsal:
    """Asks each question once: a hundred tickets of one priority cost one look at priorities."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._known: dict[tuple[str, str, str], str] = {}
        self._fields: dict[str, TicketFields | None] = {}

    async def creating(self, given: Arguments) -> Foreseen:
        """Return what opening this ticket would set. Raises what the desk says of its names."""
        arguments = await self._toolbox.check("create_ticket", given)
        after = await self._values(arguments)
        changes = [Change(field=name, after=value) for name, value in after.items()]
        custom = _custom(arguments).items()
        changes += [Change(field=name, after=str(value)) for name, value in custom]
        unsure = await self._chosen(arguments)
        return tuple(changes), (*await self._warnings(arguments), *unsure)

    async def updating(self, given: Arguments) -> Foreseen:
        """Return what this update would change, before and after."""
        arguments = await self._toolbox.check("update_ticket", given)
        ticket = await self._ticket(arguments)
        after = await self._values(arguments)
        if "status" in after:
            await self._may_go(ticket, after["status"], _desk_of(arguments))
        before = {name: _shown(getattr(ticket, name, None)) for name in after}
        was = ticket.custom or {}
        for name, value in _custom(arguments).items():
            before[name], after[name] = was.get(name), str(value)
        unsure = await self._chosen(arguments)
        changes = tuple(
            Change(field=name, before=before[name], after=None if value == "none" else value)
            for name, value in after.items()
            if value != before[name]
        )
        return changes, unsure if changes else ("It already is so; nothing would change.",)

    async def closing(self, given: Arguments) -> Foreseen:
        arguments = await self._toolbox.check("close_ticket", given)
        ticket = await self._ticket(arguments)
        closed = await self._closed_name(_desk_of(arguments))
        if folded(ticket.status or "") == folded(closed):
            return (), ("It is closed already.",)
        await self._may_go(ticket, closed, _desk_of(arguments))
        resolution = Change(field="resolution", after=arguments["resolution"])
        changes = (Change(field="status", before=ticket.status, after=closed), resolution)
        if (code := arguments.get("code")) is None:
            return changes, ()
        return (*changes, Change(field="closing code", after=code)), (CODE_UNCHECKED,)

    async def _values(self, arguments: Arguments) -> dict[str, str]:
        desk = _desk_of(arguments)
        found: dict[str, str] = {}
        for name in (*NAMED, *FREE):
            if (value := arguments.get(name)) is None:
                continue
            text = _shown(value) or ""
            named = name in NAMED and folded(text) != "none"
            found[name] = await self._meant(name, text, desk) if named else text
        return found

    async def _meant(self, field: str, word: str, desk: str) -> str:
        """Return the desk's own name for a word, as far as a ticket that has it shows it."""
        key = (field, word, desk)
        if key not in self._known:
            asked = {field: word, "page_size": 1, **_at(desk)}
            listed: TicketList = await in_turn(self._toolbox, "list_tickets", asked)
            shown = getattr(listed.tickets[0], field) if listed.tickets else None
            self._known[key] = shown or word
        return self._known[key]

    async def _chosen(self, arguments: Arguments) -> tuple[str, ...]:
        """Refuse what a field does not offer, as far as the desk shows it; say what is unknown."""
        given = _custom(arguments)
        if arguments.get("site") is not None:
            given = {"site": arguments["site"], **given}
        fields = await self._desk_fields(_desk_of(arguments)) if given else None
        if fields is None:
            return ()
        named = [Choice(id=f.name, name=f.label, words=(f.name,)) for f in fields.fields]
        known = {field.name: field for field in fields.fields}
        unsure: list[str] = []
        for name, value in given.items():
            if (found := find(named, name)) is None:
                unsure.append(NO_FIELD.format(name=name))
            else:
                _check_choice(known[found.id], _shown(value) or "")
        return tuple(unsure)

    async def _ticket(self, arguments: Arguments) -> Ticket:
        asked = {"ticket_id": arguments["ticket_id"]}
        if "desk" in arguments:
            asked["desk"] = arguments["desk"]
        ticket: Ticket = await in_turn(self._toolbox, "get_ticket", asked)
        return ticket

    async def _desk_fields(self, desk: str) -> TicketFields | None:
        if desk not in self._fields:
            may = any(tool.name == "get_ticket_fields" for tool in await self._toolbox.tools())
            asked = _at(desk)
            self._fields[desk] = (
                await in_turn(self._toolbox, "get_ticket_fields", asked) if may else None
            )
        return self._fields[desk]

    async def _may_go(self, ticket: Ticket, after: str, desk: str) -> None:
        """Refuse a status that the ticket cannot go to, where the desk says where it can go."""
        fields = await self._desk_fields(desk)
        onward = (fields.statuses if fields else {}).get(ticket.status or "")
        if not onward or fields is None:
            return
        choices = [Choice(id=n, name=n, words=STATUS_WORDS.get(folded(n), ())) for n in onward]
        stays = folded(after) == folded(ticket.status or "")
        if not stays and find(choices, after) is None and find(_all(fields), after) is not None:
            raise Invalid(
                f"The ticket cannot go there from its status. Allowed: {', '.join(onward)}.",
                reason="status_flow",
            )

    async def _closed_name(self, desk: str) -> str:
        fields = await self._desk_fields(desk)
        found = find(_all(fields), "closed") if fields else None
        return found.name if found else "Closed"

    async def _warnings(self, arguments: Arguments) -> tuple[str, ...]:
        """Return which required fields the draft leaves to the desk."""
        fields = await self._desk_fields(_desk_of(arguments))
        if fields is None:
            return ("This desk does not say which fields it requires.",)
        given = {folded(name) for name, value in arguments.items() if value is not None}
        given |= set(map(folded, _custom(arguments)))
        missing = [
            f.label
            for f in fields.fields
            if f.required and not {folded(f.name), folded(f.label)} & (given | _sure(f))
        ]
        return (f"The desk requires: {', '.join(missing)}.",) if missing else ()


def _sure(field: TicketField) -> frozenset[str]:
    """Return what a draft always has; of a desk that names an argument, only what we fill in."""
    return frozenset({"description"}) if field.kind == "argument" else GIVEN_ALWAYS


def _check_choice(field: TicketField, value: str) -> None:
    offered = field.choices or ()
    if not offered or len(offered) >= MOST_CHOICES or value.isdecimal() or folded(value) == "none":
        return
    parts = value.split(",") if field.kind == "choices" else (value,)
    for part in parts:
        pick([Choice(id=name, name=name) for name in offered], part.strip(), field.label)


def _all(fields: TicketFields) -> list[Choice]:
    return [Choice(id=n, name=n, words=STATUS_WORDS.get(folded(n), ())) for n in fields.statuses]


def _at(desk: str) -> dict[str, str]:
    return {"desk": desk} if desk else {}


def _desk_of(arguments: Arguments) -> str:
    """Return the desk that a call is for, where its arguments say it."""
    named: str | None = arguments.get("desk")
    return named or str(arguments.get("ticket_id", "")).rpartition(":")[0]


def _custom(arguments: Arguments) -> dict[str, Any]:
    return arguments.get("custom") or {}


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
