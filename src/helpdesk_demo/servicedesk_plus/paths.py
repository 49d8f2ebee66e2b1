"""Dotted paths such as status.name: how criteria and sorting read a value from a row."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.fields import Field, Kind, Module
from helpdesk_demo.servicedesk_plus.rendering import View, custom_fields, custom_name
from helpdesk_demo.servicedesk_plus.schema_setup import MODULES
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text

_COMPOSED = (Kind.PARTS, Kind.CUSTOM, Kind.REFS, Kind.FREE, Kind.TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read the value that a dotted path names."""

    kind: Kind
    value: Callable[[Row], Json]
    label: Callable[[Row], Json]
    """The name a reference goes by; of anything else the value itself."""


def read_path(view: View, module: Module, path: str) -> Reading:
    """Return how to read status.name, udf_fields.x or created_time from a row."""
    name, _, rest = path.partition(".")
    field = module.find(view.dialect, name)
    if field is None and name.startswith("udf_") and view.state.knobs.request_udf == "beside":
        return _read_custom(view, module, name)
    if field is None or not field.comes_back:
        raise errors.unknown_value(path)
    if not rest and field.kind not in _COMPOSED:
        return _read_whole(view, field)
    if field.kind is Kind.REF:
        return _read_reference(view, field, rest)
    if field.kind is Kind.PARTS:
        return _read_part(view, module, field, rest)
    if field.kind is Kind.CUSTOM:
        return _read_custom(view, module, rest)
    if field.kind is Kind.FREE and rest:
        return _reading(Kind.TEXT, lambda row: as_row(row.get(field.name)).get(rest))
    raise errors.unknown_value(path)


def _read_whole(view: View, field: Field) -> Reading:
    state, plain = view.state, _reading(field.kind, lambda row: field.value(view.state, row))
    if field.kind is not Kind.REF:
        return plain

    def label(row: Row) -> Json:
        target = state.tables[field.to].get(as_text(plain.value(row)))
        return None if target is None else target.get(MODULES[field.to].label)

    return Reading(kind=field.kind, value=plain.value, label=label)


def _reading(kind: Kind, value: Callable[[Row], Json]) -> Reading:
    return Reading(kind=kind, value=value, label=value)


def _read_reference(view: View, field: Field, rest: str) -> Reading:
    state, inner = view.state, read_path(view, MODULES[field.to], rest)

    def value(row: Row) -> Json:
        target = state.tables[field.to].get(as_text(field.value(state, row)))
        return None if target is None else inner.value(target)

    return _reading(inner.kind, value)


def _read_part(view: View, module: Module, field: Field, rest: str) -> Reading:
    part = next((one for one in field.parts if one.name == rest), None)
    if part is None:
        raise errors.unknown_value(f"{module.name_in(view.dialect, field.name)}.{rest}")
    return _reading(part.kind, lambda row: as_row(row.get(field.name)).get(rest))


def _read_custom(view: View, module: Module, rest: str) -> Reading:
    known = {custom_name(view, row): row for row in custom_fields(view.state, module.table)}
    if rest not in known:
        raise errors.unknown_value(f"udf_fields.{rest}")
    kinds = {"date": Kind.MOMENT, "number": Kind.NUMBER, "flag": Kind.FLAG}
    name, kind = as_text(known[rest]["name"]), kinds.get(as_text(known[rest]["type"]), Kind.TEXT)
    return _reading(kind, lambda row: as_row(row.get("udf_fields")).get(name))
