"""The fields of the modules' records, by our names and the vendor's: read, and shown in a line."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any, Generic, Literal, TypeVar

from helpdesk_mcp.desks.servicedeskplus.prose import unwrapped
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    moment_of,
    name_of,
    number_of,
    row_of,
    text_of,
)

RecordT = TypeVar("RecordT")
Kind = Literal[
    "title",
    "text",
    "html",
    "ref",
    "technician",
    "user",
    "moment",
    "day",
    "flag",
    "number",
    "custom",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field by our name and by the vendor's; `a.b` is the part `b` of `a`.

    `lookup` names the list of a reference; `under` is our name of the field it is a part of.
    """

    ours: str
    theirs: str
    kind: Kind = "text"
    lookup: str = ""
    under: str = ""

    @property
    def top(self) -> str:
        return self.theirs.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module(Generic[RecordT]):
    """A kind of record. `path` is where its list is, `wrapper` what a body calls one of them."""

    record: Callable[..., RecordT]
    path: str
    wrapper: str
    what: str
    fields: tuple[Field, ...]
    searched: tuple[str, ...] = ("title",)
    status: str = "status"
    person: str = "technician"
    people: Literal["technician", "user"] = "technician"
    kind: str = ""
    sort: str = "created_time"
    trash: str = ""
    """The segment that puts a record in the trash, "" where the desk has none for these."""
    samples: str = ""
    """Where to look for names that have no list, if not among these records."""
    zone_day: time = time(12)
    """The time of day of a date: noon, so that no zone makes it another day."""

    @property
    def seen_in(self) -> str:
        return self.samples or self.path

    @property
    def missing(self) -> str:
        return f"There is no such {self.what}."


def value_of(row: Row, field: Field) -> Any:
    """Return a field's value as our nouns hold it; what the desk does not tell is None."""
    top, _, part = field.theirs.partition(".")
    return _READERS[field.kind](row_of(row.get(top)).get(part) if part else row.get(top))


def put(values: Row, field: Field, value: Any) -> None:
    top, _, part = field.theirs.partition(".")
    if part:
        values.setdefault(top, {})[part] = value
    else:
        values[top] = value


def replaced(record: RecordT, values: Mapping[str, Any]) -> RecordT:
    changed: Any = replace(record, **values)  # pyright: ignore[reportArgumentType, reportUnknownVariableType] -- records are dataclasses, which a type variable cannot say
    return changed  # pyright: ignore[reportUnknownVariableType] -- of the same type


def plain(markup: str | None) -> str | None:
    """Return HTML as one line of text."""
    if markup is None:
        return None
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split()) or None


_TAG = re.compile(r"<[^>]*>")


def _html(value: Any) -> str | None:
    return unwrapped(text_of(value))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value))


def _float(value: Any) -> float | None:
    whole = number_of(value)
    return None if whole is None else float(whole)


def _reference(value: Any) -> str | None:
    return name_of(value) or text_of(row_of(value).get("title"))


def _custom(value: Any) -> dict[str, str] | None:
    """Return custom fields by the desk's names of them."""
    found = {name: _custom_text(one) for name, one in row_of(value).items()}
    return {name: text for name, text in found.items() if text is not None} or None


def _custom_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    at = moment_of(value) if isinstance(value, dict) else None
    return at.isoformat(timespec="minutes") if at else name_of(value) or text_of(value)


def _person(value: Any) -> str | None:
    return name_of(value) or text_of(row_of(value).get("email_id"))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "title": text_of,
    "text": text_of,
    "html": _html,
    "ref": _reference,
    "technician": _person,
    "user": _person,
    "moment": moment_of,
    "day": moment_of,
    "flag": _flag,
    "number": _float,
    "custom": _custom,
}
