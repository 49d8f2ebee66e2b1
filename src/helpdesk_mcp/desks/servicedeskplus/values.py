"""The vendor's JSON as typed values: whatever comes, these never raise."""

from datetime import UTC, datetime
from typing import Any, cast

Row = dict[str, Any]
"""An object of the vendor's JSON."""
LAST_MOMENT = 253_402_300_799_999
"""The end of the year 9999 in milliseconds: what a datetime can hold."""


def row_of(value: Any) -> Row:
    """Return an object, or an empty one for anything else."""
    return cast("Row", value) if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def rows_of(value: Any) -> list[Row]:
    """Return the objects of a list."""
    return [row_of(item) for item in list_of(value) if isinstance(item, dict)]


def text_of(value: Any) -> str | None:
    """Return a scalar as text: the vendor writes numbers as text, but not always."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    return str(value) if isinstance(value, str | int | float) else None


def name_of(value: Any) -> str | None:
    """Return the name of a reference such as {"id": "4", "name": "High"}."""
    return text_of(row_of(value).get("name"))


def id_of(value: Any) -> str | None:
    return text_of(row_of(value).get("id"))


def number_of(value: Any) -> int | None:
    """Return a whole number, written as one or as text."""
    digits = text_of(value) or ""
    plain = digits.removeprefix("-")
    return int(digits) if plain.isascii() and plain.isdigit() and len(plain) < 20 else None  # noqa: PLR2004 -- more than 64 bits hold


def moment_of(value: Any) -> datetime | None:
    """Read {"value": milliseconds, "display_value": …}; what is for people is never parsed."""
    milliseconds = number_of(row_of(value).get("value", value))
    if milliseconds is None or not 0 <= milliseconds <= LAST_MOMENT:
        return None
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def moment(at: datetime) -> dict[str, str]:
    """Write a moment as the vendor takes it: milliseconds in UTC, as text."""
    return {"value": milliseconds(at)}


def milliseconds(at: datetime) -> str:
    """Return a moment in milliseconds since 1970, exactly: no float is involved."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return str((since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000)
