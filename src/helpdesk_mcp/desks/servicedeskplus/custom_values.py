"""One custom field as it is set up, and a caller's value of it as the desk takes it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.desks.servicedeskplus.prose import clean
from helpdesk_mcp.desks.servicedeskplus.values import Row, list_of, moment, name_of, row_of, text_of
from helpdesk_mcp.domain.choices import Choice, pick
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tickets import TicketField

TYPES: Mapping[str, str] = {
    "string": "text",
    "multi_select": "text",
    "single line": "text",
    "multi line": "text",
    "pick list": "text",
    "boolean": "boolean",
    "decision box": "boolean",
    "lookup": "reference",
    "refered_field": "reference",
    "integer": "number",
    "long": "number",
    "decimal": "number",
    "double": "number",
    "number": "number",
    "numeric": "number",
    "numeric field": "number",
    "date": "date",
    "datetime": "date",
    "date/time": "date",
    "datestamp": "date",
}
"""What the vendor's words for a type mean; editions and places use other ones."""
STEMS: Mapping[str, str] = {
    "datestamp": "date",
    "date": "date",
    "dt": "date",
    "long": "number",
    "num": "number",
    "double": "number",
    "dbl": "number",
    "decimal": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "ref": "reference",
}
"""How names begin that carry their type: udf_date_1804, udf_long1, num_floor."""
_STEM = re.compile(rf"(?:udf_)?({'|'.join(STEMS)})(?=[_\d])")
SEVERAL = ("multi_select", "multiselect", "multi select", "check box", "checkbox")
CHOSEN = ("pick", "radio", *SEVERAL)
"""Fields whose choices are words, even where their type is said to be a look-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """One field as it is set up. `kind` is text, date, number, boolean, choice or reference.

    `several` takes any number of its choices. `fixed` is numbered or computed by the desk.
    """

    name: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    several: bool = False
    fixed: bool = False

    @property
    def field(self) -> TicketField:
        return TicketField(
            name=self.name,
            label=self.label,
            kind="choices" if self.several else self.kind,
            writable=not self.fixed,
            choices=self.choices or None,
        )


def described(name: str, row: Row, label: str | None) -> Custom:
    """Read a definition: `_metainfo` and the set-up call the same things by other names."""
    values = [text_of(v) or name_of(v) or _value(v) for v in list_of(row.get("allowed_values"))]
    choices = tuple(value for value in values if value)
    told = [text_of(row.get(key)) or "" for key in ("type", "display_type", "field_type")]
    words = [word.casefold() for word in told if word]
    called = text_of(row.get("display_name")) or text_of(row.get("label"))
    if called is None and row.get("field_key") is not None:
        called = text_of(row.get("name"))
    shape = " ".join((name, *words))
    return Custom(
        name=name,
        label=label or called or name,
        kind="choice" if choices else _kind(name, words, shape),
        choices=choices,
        several=any(word in shape for word in SEVERAL),
        fixed="sequence_number" in words,
    )


def kind_of(name: str) -> str:
    """Return the kind of a field of which nothing but its name is known."""
    found = _STEM.match(name)
    return STEMS[found[1]] if found else "text"


def _kind(name: str, words: list[str], shape: str) -> str:
    kind = next((TYPES[word] for word in words if word in TYPES), kind_of(name))
    is_words = any(word in shape for word in CHOSEN) and "refer" not in shape
    return "text" if kind == "reference" and is_words else kind


def written(custom: Custom, value: Any, options: Options) -> Any:
    """Return a value as the desk takes it. Raises Invalid that says what the field takes."""
    if custom.fixed:
        raise Invalid(f"The desk itself gives `{custom.label}`.", reason="custom_field")
    if value in ("", "none"):
        return None
    if custom.several:
        parts = list_of(value) or [part.strip() for part in str(value).split(",")]
        one = _reference if custom.kind == "reference" else _plain
        return [one(custom, part) for part in parts]
    if custom.kind == "date":
        return moment(_moment(custom, str(value), options))
    return _WRITTEN.get(custom.kind, _plain)(custom, value)


def _value(value: object) -> str | None:
    """Return a choice of the set-up's list: {"value": "web"}."""
    return text_of(row_of(value).get("value"))


def _plain(custom: Custom, value: object) -> str:
    text = clean(str(value), "field")
    if custom.choices:
        return pick([Choice(id=c, name=c) for c in custom.choices], text, custom.label).name
    return text


def _reference(_: Custom, value: object) -> Row:
    text = clean(str(value), "field").strip()
    if text.isascii() and text.isdigit():
        return {"id": text}
    return {"email_id": text} if "@" in text else {"name": text}


def _moment(custom: Custom, value: str, options: Options) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid(
            f"`{custom.label}` is a day or a moment: 2026-12-31T15:00.", reason="custom_field"
        ) from error
    if len(value) <= len("2026-12-31"):
        at = datetime.combine(at.date(), time(12))
    return at if at.tzinfo else at.replace(tzinfo=options.zone)


def _number(custom: Custom, value: Any) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not text.removeprefix("-").replace(".", "", 1).isdigit():
        raise Invalid(f"`{custom.label}` is a number.", reason="custom_field")
    return text.removesuffix(".0")


def _flag(custom: Custom, value: Any) -> bool:
    known = {"true": True, "false": False}.get(str(value).casefold())
    if known is None:
        raise Invalid(f"`{custom.label}` is true or false.", reason="custom_field")
    return known


_WRITTEN: Mapping[str, Callable[[Custom, Any], Any]] = {
    "number": _number,
    "boolean": _flag,
    "reference": _reference,
}
