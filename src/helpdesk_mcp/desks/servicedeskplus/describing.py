"""What a ticket of this desk can hold: statuses, priorities, fields, and what each takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import anyio

from helpdesk_mcp.desks.servicedeskplus.customs import HOLDER, SILENT, Customs
from helpdesk_mcp.desks.servicedeskplus.drafting import ARGUMENTS, CLASSIFYING, WHOLES
from helpdesk_mcp.desks.servicedeskplus.mandatory import Mandatory, Wanted
from helpdesk_mcp.desks.servicedeskplus.names import LOOKUPS, Names
from helpdesk_mcp.desks.servicedeskplus.refusals import OUR_NAMES, ours
from helpdesk_mcp.domain.tickets import TicketField, TicketFields

MOST_CHOICES = 60


@dataclass(frozen=True, slots=True)
class Describing:
    names: Names
    customs: Customs
    mandatory: Mandatory

    async def fields(self) -> TicketFields:
        """Ask for everything at once; a look-up that the desk does not offer is left out."""
        found: dict[str, tuple[str, ...]] = {}
        told = Wanted()

        async def ask(field: str) -> None:
            try:
                found[field] = tuple(c.name for c in await self.names.choices(field))
            except SILENT:
                found.pop(field, None)

        async def ask_mandatory() -> None:
            nonlocal told
            told = await self.mandatory.wanted()

        async with anyio.create_task_group() as group:
            group.start_soon(ask_mandatory)
            for field in ("status", "priority", "closure_code", *CLASSIFYING):
                if field not in WHOLES:
                    group.start_soon(ask, field)
        statuses = found.get("status", ())
        custom = (c.field for c in await self.customs.definitions())
        labels = {name: f"`{label}`" for name, label in (await self.customs.labels()).items()}
        notes = (await self.customs.unnamed(), *_more(told, labels))
        return TicketFields(
            statuses={name: tuple(n for n in statuses if n != name) for name in statuses},
            priorities=found.get("priority", ()),
            fields=tuple(
                _required(one, told.usual) for one in (*_usual(found, told.usual), *custom)
            ),
            closing_codes=found.get("closure_code") or None,
            note=" ".join(filter(None, notes)) or None,
        )


def _more(told: Wanted, labels: Mapping[str, str]) -> Iterator[str]:
    """Say what each template that is not the default one wants beside it."""
    for template, fields in told.more.items():
        named = (labels.get(name.rpartition(".")[2], ours(name)) for name in fields)
        yield f"Template `{template}` also needs {', '.join(named)}."


def _usual(found: dict[str, tuple[str, ...]], wanted: frozenset[str]) -> tuple[TicketField, ...]:
    subject = TicketField(name="subject", label="Subject", kind="text", required=True)
    fields = [subject]
    for name, argument in ARGUMENTS.items():  # told only where one must be given
        if name in wanted:
            fields.append(TicketField(name=argument, label=argument.capitalize(), kind="argument"))
    for field in CLASSIFYING:
        if field in WHOLES and WHOLES[field] in CLASSIFYING:
            label = f"{LOOKUPS[field].what} (one of the {WHOLES[field]}'s)"
            fields.append(TicketField(name=field, label=label, kind="choice"))
        elif field in found:
            choices = found[field][:MOST_CHOICES]
            label = LOOKUPS[field].what
            fields.append(TicketField(name=field, label=label, kind="choice", choices=choices))
    return tuple(fields)


def _required(field: TicketField, wanted: frozenset[str]) -> TicketField:
    """Mark a field that the template wants: by its own name, or by that of its container."""
    theirs = {OUR_NAMES.get(name, name) for name in wanted}
    named = {field.name, f"{HOLDER}.{field.name}"}
    return replace(field, required=True) if named & theirs else field
