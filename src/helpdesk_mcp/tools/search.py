"""The tool that searches tickets by typed conditions."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from helpdesk_mcp.domain.criteria import DAYS, FIELDS, TEXTS, Condition, Criteria, Operator
from helpdesk_mcp.domain.desk import Tickets
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Arguments, Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.tools.days import span_of
from helpdesk_mcp.tools.params import Cursor, PageSize, Word
from helpdesk_mcp.tools.periods import today_at
from helpdesk_mcp.tools.results import TicketList, ticket_list, window
from helpdesk_mcp.tools.tickets import RowFields

MOST_CONDITIONS = 20
MOST_VALUES = 20
OTHER_WORDS = {
    "group": "queue",
    "technician": "assignee",
    "assigned_to": "assignee",
    "title": "subject",
    "created_time": "created",
    "created_date": "created",
    "due_date": "due",
    "due_by_time": "due",
    "completed_time": "completed",
    "last_updated_time": "modified",
    "updated": "modified",
}
Said = Literal[
    "is",
    "is not",
    "contains",
    "not contains",
    "starts with",
    "ends with",
    "greater than",
    "less than",
    "between",
    "before",
    "after",
    "on",
]


def _as_values(value: Any) -> Any:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in values
        if isinstance(one, str | int | float)
    ]


def _as_operator(value: Any) -> Any:
    return value.strip().lower().replace("_", " ") if isinstance(value, str) else value


class Where(Arguments):
    """One condition; several values mean any of them."""

    field: Word = Field(description=f"{', '.join(FIELDS)}, or a field of get_ticket_fields")
    operator: Annotated[Said, BeforeValidator(_as_operator)] = "is"
    value: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        BeforeValidator(_as_values),
        Field(min_length=1, max_length=MOST_VALUES, description="Days take words too: last week"),
    ]


class AnyOf(Arguments):
    """Conditions of which one must hold."""

    any_of: list[Where] = Field(min_length=1, max_length=MOST_CONDITIONS)


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="Search tickets by conditions",
    listed=False,
    renamed={"criteria": "where", "conditions": "where", "limit": "page_size"},
    holds={"where": Holds.PROSE},
)
async def search_tickets_advanced(
    desk: Tickets,
    where: Annotated[list[Where | AnyOf], Field(min_length=1, max_length=MOST_CONDITIONS)],
    sort: Literal["-created", "created", "priority", "due", "id", "-id"] = "-created",
    fields: RowFields | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> TicketList:
    """Search tickets by conditions on fields (advanced criteria). All must hold.

    For alternatives put conditions into `any_of`.
    """
    today = await today_at(desk)
    groups = tuple(_group(one, today) for one in where)
    criteria = Criteria(groups=groups, sort=sort)
    page = await desk.tickets_where(criteria, window(cursor, None, page_size))
    return ticket_list(page, fields)


def _group(one: Where | AnyOf, today: date) -> tuple[Condition, ...]:
    conditions: Sequence[Where] = one.any_of if isinstance(one, AnyOf) else (one,)
    return tuple(_condition(condition, today) for condition in conditions)


def _condition(one: Where, today: date) -> Condition:
    field = OTHER_WORDS.get(one.field.lower(), one.field)
    field = field.lower() if field.lower() in FIELDS else field
    if field in DAYS or one.operator in {"before", "after", "on"}:
        return _days(field, one, today)
    operator = cast("Operator", one.operator)
    if operator == "between" or (operator in {"greater than", "less than"} and field in TEXTS):
        raise Invalid(f"`{operator}` is for days and numbers.", reason="operator")
    return Condition(field=field, operator=operator, values=tuple(one.value))


def _days(field: str, one: Where, today: date) -> Condition:
    """Return a condition on whole days. `before` ends the day before, `after` begins the next."""
    spans = [span_of(value, today) for value in one.value]
    first, last = spans[0].first, spans[-1].last
    if len(spans) != (2 if one.operator == "between" and len(one.value) > 1 else 1):
        raise Invalid("Give one day or period, or two with `between`.", reason="date")
    match one.operator:
        case "before" | "less than":
            return Condition(field=field, operator="between", last=first - timedelta(days=1))
        case "after" | "greater than":
            return Condition(field=field, operator="between", first=last + timedelta(days=1))
        case "is" | "on" | "between" if first <= last:
            return Condition(field=field, operator="between", first=first, last=last)
        case _:
            raise Invalid("Days take: is, before, after, between.", reason="operator")


TOOLS = (search_tickets_advanced,)
