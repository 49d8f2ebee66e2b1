"""Parameter types shared by tools, so that one idea has one description."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from helpdesk_mcp.domain.errors import Invalid

LONGEST_TEXT = 100_000


def _as_text(value: Any) -> Any:
    """Accept a whole number where a name or an id is meant: models write `42` for `"42"`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _as_ticket_id(value: Any) -> Any:
    text = _as_text(value)
    if not isinstance(text, str):
        return text
    return re.sub(r"^(?:#|[A-Za-z0-9][A-Za-z0-9_-]*-(?=\d+$))", "", text.strip())


def _as_names(value: Any) -> Any:
    """Accept a list as well as comma-separated words."""
    if isinstance(value, list | tuple):
        return ",".join(str(_as_text(part)) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- untrusted input, any part is turned into text
    return _as_text(value)


def _as_bare_date(value: Any) -> Any:
    """Accept a full timestamp where a day is meant: a due date has no time on most desks."""
    if isinstance(value, str) and len(value) > len("2026-01-01"):
        try:
            return datetime.fromisoformat(value).date()
        except ValueError:
            return value
    return value


def _as_due(value: Any) -> Any:
    """Read a day, or a moment: a desk that keeps no time of day takes its day."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise ValueError("give a day as text")  # noqa: TRY004 -- pydantic wants ValueError
    text = value.strip()
    at = _at(text, "give a day (2026-12-31) or a moment in ISO 8601")
    return at.date() if len(text) <= len("2026-01-01") else at


def _at(text: str, wanted: str) -> datetime:
    """Read ISO 8601. The library's own message would repeat what was given."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(wanted) from None


def _as_moment(value: Any) -> Any:
    """Accept ISO 8601 text only; a day is its first moment, and no offset means UTC."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("give a date and time as text")  # noqa: TRY004 -- pydantic wants ValueError
    at = _at(value.strip(), "give a date and time in ISO 8601")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _as_id(value: Any) -> Any:
    text = _as_text(value)
    return text.strip().removeprefix("#") if isinstance(text, str) else text


def names(text: str | None) -> tuple[str, ...]:
    """Split comma-separated words."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def minutes_in(text: str | None) -> float | None:
    """Read time spent: plain minutes ("90"), H:MM or HH:MM ("1:30"), or "1h 30m"."""
    if text is None or not (spent := text.strip().lower()):
        return None
    if re.fullmatch(r"\d{1,5}(?:\.\d{1,2})?", spent):
        return float(spent)
    if match := re.fullmatch(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?", spent):
        return int(match[1]) * 60.0 + int(match[2])
    if match := re.fullmatch(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?", spent):
        return int(match[1] or 0) * 60.0 + int(match[2] or 0)
    raise Invalid('time_spent is minutes ("90") or H:MM ("1:30").', reason="time_spent")


Word = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=200)]
Words = Annotated[str, BeforeValidator(_as_names), Field(max_length=500)]
TicketId = Annotated[
    str,
    BeforeValidator(_as_ticket_id),
    Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", min_length=1, max_length=40),
]
Subject = Annotated[str, Field(min_length=1, max_length=200)]
Body = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
OptionalBody = Annotated[str, Field(max_length=LONGEST_TEXT)]
Due = Annotated[
    datetime | date,
    BeforeValidator(_as_due),
    WithJsonSchema(
        {"type": "string", "format": "date", "description": "Day, or ISO 8601 with a time"}
    ),
]
Day = Annotated[date, BeforeValidator(_as_bare_date)]
PageSize = Annotated[int, Field(ge=1, le=25)]
PageNumber = Annotated[int, Field(ge=1, le=10_000)]
Cursor = Annotated[str, Field(max_length=100)]
RecordId = Annotated[
    str,
    BeforeValidator(_as_id),
    Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", min_length=1, max_length=40),
]
When = Annotated[
    datetime,
    BeforeValidator(_as_moment),
    Field(description="ISO 8601; UTC without an offset"),
]
Percent = Annotated[int, Field(ge=0, le=100)]
Query = Annotated[str, Field(min_length=1, max_length=200)]
ClosingCode = Annotated[Word, Field(description="Closing code, if the desk has them")]
Custom = Annotated[
    dict[str, str | int | float | bool],
    Field(max_length=50, description="By name; see get_ticket_fields"),
]
