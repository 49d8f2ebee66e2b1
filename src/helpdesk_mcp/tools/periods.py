"""Which days a call means: its words, read on the calendar of the desk."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.tools.days import Span, span_of


def _as_words(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


When = Annotated[str, BeforeValidator(_as_words), Field(min_length=1, max_length=60)]
Period = Annotated[
    When,
    Field(description='Created: "last 7 days", "hoy", "this month", "2026-11-01 to 2026-11-15"'),
]
Day = Annotated[When, Field(description='Day: 2026-11-01, "yesterday", "ayer"')]


async def today_at(desk: Desk, now: datetime | None = None) -> date:
    """Return the day it is where the desk counts days: its own zone, its tenant's, the server's."""
    return (now or datetime.now(UTC)).astimezone(await desk.zone()).date()


async def created_in(
    desk: Desk, period: str | None, first: str | None = None, last: str | None = None
) -> tuple[date | None, date | None]:
    """Return the first and last day that a call asks for; None is open. Raises Invalid."""
    if period is None and first is None and last is None:
        return None, None
    if period is not None and (first is not None or last is not None):
        raise Invalid("Give `period`, or the days it begins and ends.", reason="date")
    today = await today_at(desk)
    if period is not None:
        span = span_of(period, today)
        return span.first, span.last
    begin = span_of(first, today).first if first is not None else None
    end = span_of(last, today).last if last is not None else None
    if begin is not None and end is not None and begin > end:
        raise Invalid("`created_from` is after `created_to`.", reason="date")
    return begin, end


async def span_at(desk: Desk, period: str) -> Span:
    """Return the days of a period at the desk. Raises Invalid."""
    return span_of(period, await today_at(desk))
