"""What a ticket of this desk can hold: statuses, priorities, fields, and what each takes."""

from dataclasses import dataclass

import anyio

from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.drafting import CLASSIFYING, WHOLES
from helpdesk_mcp.desks.servicedeskplus.names import LOOKUPS, Names
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound
from helpdesk_mcp.domain.tickets import TicketField, TicketFields

MOST_CHOICES = 60


@dataclass(frozen=True, slots=True)
class Describing:
    names: Names
    customs: Customs

    async def fields(self) -> TicketFields:
        """Ask for everything at once; a look-up that the desk does not offer is left out."""
        found: dict[str, tuple[str, ...]] = {}

        async def ask(field: str) -> None:
            try:
                found[field] = tuple(c.name for c in await self.names.choices(field))
            except (NotFound, Invalid, Denied):
                found.pop(field, None)

        async with anyio.create_task_group() as group:
            for field in ("status", "priority", "closure_code", *CLASSIFYING):
                if field not in WHOLES:
                    group.start_soon(ask, field)
        statuses = found.get("status", ())
        fields = (*_usual(found), *(c.field for c in await self.customs.definitions()))
        return TicketFields(
            statuses={name: tuple(n for n in statuses if n != name) for name in statuses},
            priorities=found.get("priority", ()),
            fields=fields,
        )


def _usual(found: dict[str, tuple[str, ...]]) -> tuple[TicketField, ...]:
    subject = TicketField(name="subject", label="Subject", kind="text", required=True)
    fields = [subject]
    for field in CLASSIFYING:
        if field in WHOLES and WHOLES[field] in CLASSIFYING:
            label = f"{LOOKUPS[field].what} (one of the {WHOLES[field]}'s)"
            fields.append(TicketField(name=field, label=label, kind="choice"))
        elif field in found:
            choices = found[field][:MOST_CHOICES]
            label = LOOKUPS[field].what
            fields.append(TicketField(name=field, label=label, kind="choice", choices=choices))
    return tuple(fields)
