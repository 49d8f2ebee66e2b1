"""Typed conditions as search_criteria: fields by our names or the desk's, values never as text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from helpdesk_mcp.desks.servicedeskplus.criteria import Clause, Leaf, days
from helpdesk_mcp.desks.servicedeskplus.criteria import Condition as Comparison
from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.drafting import WHOLES
from helpdesk_mcp.desks.servicedeskplus.listing import SEARCHED, Listing
from helpdesk_mcp.desks.servicedeskplus.names import LOOKUPS
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.criteria import DAYS, Condition, Criteria
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

MOMENTS = {
    "created": "created_time",
    "modified": "last_updated_time",
    "due": "due_by_time",
    "completed": "completed_time",
}
NAMED = {
    **{name: name for name in LOOKUPS if name not in {"template", "closure_code", *WHOLES}},
    "queue": "group",
    "assignee": "technician",
}
TEXTS = {
    "subject": "subject",
    "description": "description",
    "resolution": "resolution.content",
    "id": "id",
    # Which of them a name is depends on its whole, so the name itself is judged.
    **{name: f"{name}.name" for name in WHOLES},
}
ORDERED: Mapping[str, Comparison] = {"greater than": "greater than", "less than": "lesser than"}


@dataclass(frozen=True, slots=True)
class Judging:
    listing: Listing
    customs: Customs

    async def tickets(self, criteria: Criteria, window: Window) -> Page[Ticket]:
        """Return tickets that meet criteria. Raises Invalid for a field or name there is not."""
        clauses: list[Clause] = []
        for group in criteria.groups:
            clauses += await self._clauses(group)
        which = TicketFilter(sort=criteria.sort)
        return await self.listing.judged(tuple(clauses), which, window)

    async def _clauses(self, group: tuple[Condition, ...]) -> list[Clause]:
        """Return a group as clauses. One condition that means none of several is one for each."""
        if len(group) == 1 and group[0].operator in {"is not", "not contains"}:
            [one] = group
            return [await self._leaves(replace(one, values=(value,))) for value in one.values]
        joined: list[Leaf] = []
        for one in group:
            if one.operator in {"is not", "not contains"} and len(one.values) > 1:
                raise Invalid(f"In `any_of`, give `{one.operator}` one value.", reason="criteria")
            joined += await self._leaves(one)
        return [tuple(joined)]

    async def _leaves(self, one: Condition) -> Clause:
        if one.field in DAYS:
            zone = self.listing.names.options.zone
            return days(MOMENTS[one.field], one.first, one.last, zone)
        if one.field == "text":
            return tuple(_text(field, one) for field in SEARCHED)
        if one.field in NAMED:
            return (await self._named(NAMED[one.field], one),)
        if one.field in TEXTS:
            return (_text(TEXTS[one.field], one),)
        if one.field == "requester":
            key = "email_id" if any("@" in value for value in one.values) else "name"
            return (_text(f"requester.{key}", one),)
        return (await self._custom(one),)

    async def _named(self, field: str, one: Condition) -> Leaf:
        """Return a condition on a reference: by id where it is one, else on its name."""
        if one.operator not in {"is", "is not"}:
            return _text(f"{field}.name", one)
        find = self.listing.names.find
        found = [await find(field, value) for value in one.values if field != "technician"]
        if field == "technician":
            found = [await self.listing.names.person(value) for value in one.values]
        if one.operator == "is not":
            names = tuple(choice.name for choice in found)
            return Leaf(field=f"{field}.name", condition="is not", values=names)
        return Leaf(field=field, values=tuple({"id": choice.id} for choice in found))

    async def _custom(self, one: Condition) -> Leaf:
        offered = await self.customs.definitions()
        if not offered or folded(one.field) in {"", "custom"}:
            raise Invalid("There is no such field to search by.", reason="unknown_value")
        custom = await self.customs.field(one.field)
        field = await self.customs.path(custom)
        if custom.kind == "date":
            [leaf] = days(field, one.first, one.last, self.listing.names.options.zone) or (None,)
            if leaf is None:
                raise Invalid(f"`{one.field}` is a day: use before, after, on.", reason="operator")
            return leaf
        if custom.kind == "number":
            return Leaf(
                field=field,
                condition=ORDERED.get(one.operator, "is"),
                values=tuple(map(_number, one.values)),
            )
        return _text(field, one)


def _text(field: str, one: Condition) -> Leaf:
    if one.operator in ORDERED or one.operator == "between":
        raise Invalid(f"`{one.operator}` is for days and numbers.", reason="operator")
    return Leaf(field=field, condition=cast("Comparison", one.operator), values=one.values)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Invalid("A number is searched by a whole number.", reason="arguments") from None
