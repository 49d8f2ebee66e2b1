"""Custom fields: found by name or label, and checked before anything is sent."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from helpdesk_mcp.desks.django_helpdesk.directory import Definitions
from helpdesk_mcp.desks.django_helpdesk.wire import WireField
from helpdesk_mcp.domain.choices import Choice, find, folded, pick
from helpdesk_mcp.domain.errors import Invalid

TRUE = frozenset({"true", "yes", "1", "on", "si"})
FALSE = frozenset({"false", "no", "0", "off", ""})
SITE = ("site", "location", "sede", "sitio", "ubicacion")


def resolve(given: Mapping[str, Any], known: Definitions) -> dict[str, Any]:
    """Return the values by the desk's names. Raises Invalid for a field or value it has not."""
    values: dict[str, Any] = {}
    for word, value in given.items():
        name = pick(_choices(known), word, "custom field").id
        values[name] = _checked(name, known.custom[name], value)
    return values


def missing(values: Mapping[str, Any], known: Definitions) -> list[str]:
    """Return the labels of the mandatory custom fields that have no value."""
    return [
        field.label or name
        for name, field in known.custom.items()
        if field.required and values.get(name) in (None, "")
    ]


def site_field(known: Definitions) -> str | None:
    """Return the custom field that holds a site, where the desk has one."""
    found = (find(_choices(known), word) for word in SITE)
    return next((choice.id for choice in found if choice is not None), None)


def form_value(value: object) -> str:
    """Write a value as a form of the desk sends it."""
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


def _choices(known: Definitions) -> tuple[Choice, ...]:
    return tuple(
        Choice(id=name, name=field.label or name, words=(f"custom_{name}",))
        for name, field in known.custom.items()
    )


def _checked(name: str, field: WireField, value: object) -> Any:
    if value in (None, "") and not field.required:
        return _empty(field)
    if field.choices is not None:
        offered = [Choice(id=str(c.value), name=c.display_name) for c in field.choices]
        return pick(offered, str(value), f"value of {field.label or name}").id
    if field.type == "boolean":
        return _truth(field.label or name, value)
    if field.max_length is not None and len(str(value)) > field.max_length:
        raise Invalid(
            f"{field.label or name} takes at most {field.max_length} characters.",
            reason="custom_field",
        )
    _check_kind(field.label or name, field.type, str(value))
    return value if isinstance(value, int | float) else str(value)


def _empty(field: WireField) -> Any:
    return "" if field.type in {"string", "email", "url", "slug"} or field.choices else None


def _truth(label: str, value: object) -> bool:
    word = folded(str(value))
    if word not in TRUE | FALSE:
        raise Invalid(f"{label} is true or false.", reason="custom_field")
    return word in TRUE


def _check_kind(label: str, kind: str, text: str) -> None:
    readers = {
        "integer": int,
        "decimal": float,
        "float": float,
        "date": date.fromisoformat,
        "datetime": datetime.fromisoformat,
    }
    if (reader := readers.get(kind)) is None:
        return
    try:
        reader(text)
    except ValueError as error:
        raise Invalid(
            f"{label} takes a value of the kind {kind}.", reason="custom_field"
        ) from error
