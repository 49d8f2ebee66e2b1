"""JSON as the simulator holds it, and small readers that keep its types honest."""

import json
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Row: TypeAlias = dict[str, Json]

_MOST_DIGITS = 20


def parse_json(text: str | bytes) -> Json:
    """Return strict JSON; NaN and Infinity are not JSON."""
    try:
        value: Json = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error
    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be text
    return value


def as_row(value: Json) -> Row:
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def as_rows(value: Json) -> list[Row]:
    return [one for one in as_list(value) if isinstance(one, dict)]


def as_text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def as_texts(value: Json) -> list[str]:
    return [one for one in as_list(value) if isinstance(one, str)]


def as_int(value: Json, default: int = 0) -> int:
    """Return a whole number, also from its decimal digits; a flag is not a number."""
    if isinstance(value, bool):
        return default
    if isinstance(value, str) and is_digits(value):
        return int(value)
    return value if isinstance(value, int) else default


def is_number(value: Json) -> bool:
    """Tell whether a value is a whole number or the digits of one."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and is_digits(value))


def is_digits(text: str) -> bool:
    digits = text.removeprefix("-")
    return len(digits) <= _MOST_DIGITS and digits.isascii() and digits.isdigit()


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON.")
