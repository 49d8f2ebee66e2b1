"""Input JSON checked field by field, as strictly as the vendor does, and turned into a row."""

from collections.abc import Callable, Collection, Mapping

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Field, Kind, Module
from helpdesk_demo.servicedesk_plus.rendering import View, custom_fields, custom_name
from helpdesk_demo.servicedesk_plus.values import (
    Json,
    Row,
    as_int,
    as_list,
    as_row,
    as_text,
    is_digits,
    is_number,
)

_PEOPLE = ("users", "technicians")
_LAST_MOMENT = 253_402_300_799_999  # the end of the year 9999
_REFERENCE_KEYS = {"id", "name"}


def read_new(view: View, module: Module, data: Row, *, also: Collection[str] = ()) -> Row:
    """Return the row of a new record; `also` names what the site wants besides."""
    row = _read(view, module, data, {}, creating=True)
    by_template = _wanted_by_site(view, module.table)
    wanted = [n for n in (*module.mandatory, *also, *by_template) if _is_empty(row.get(n))]
    if wanted:
        raise errors.missing(
            *(module.name_in(view.dialect, name) for name in dict.fromkeys(wanted))
        )
    return row


def check_part(view: View, place: str, values: Row) -> None:
    """Refuse a part of a record that lacks what the site wants of it."""
    if lacking := [name for name in _wanted_by_site(view, place) if _is_empty(values.get(name))]:
        raise errors.missing(*lacking)


def _wanted_by_site(view: View, place: str) -> list[str]:
    """Return which fields of a table, or of a part of its records, a template wants."""
    pairs = (name.rpartition(".") for name in view.state.knobs.module_mandatory)
    return [name for where, _, name in pairs if where == place]


def read_changes(view: View, module: Module, data: Row, row: Row) -> Row:
    """Return only what changes: fields that were not sent stay as they are [LIVE]."""
    changes = _read(view, module, data, row, creating=False)
    emptied = [name for name in module.mandatory if name in changes and _is_empty(changes[name])]
    if emptied:
        raise errors.missing(*emptied)
    return changes


def _read(view: View, module: Module, data: Row, row: Row, *, creating: bool) -> Row:
    result: Row = {}
    sent: Row = {}
    for key, value in _lift_custom(view, module, data).items():
        field = module.find(view.dialect, key)
        if field is None:
            raise errors.extra_key(key)
        _refuse_unwritable(field, key, creating=creating)
        sent[field.name] = value
    # In our order, not in theirs: a category is known before its subcategory is looked up.
    for field in module.fields_of(view.edition):
        if field.name in sent:
            seen = {**row, **result}
            result[field.name] = _parse(view, module, field, sent[field.name], seen)
    return result


def _refuse_unwritable(field: Field, key: str, *, creating: bool) -> None:
    if "r" in field.marks:
        raise Refused(4014).about(field=key)
    if "n" in field.marks or ("a" in field.marks and not creating):
        raise Refused(4009).about(field=key)


def _lift_custom(view: View, module: Module, data: Row) -> Row:
    """Put custom fields that this build writes beside the others into their container."""
    knobs = view.state.knobs
    stand_out = {"assets": knobs.udf_names == "plain", "requests": knobs.request_udf == "beside"}
    if view.is_cloud or not stand_out.get(module.table, False):
        return data
    if "udf_fields" in data:
        raise errors.extra_key("udf_fields")
    plain = {key: value for key, value in data.items() if key.startswith("udf_")}
    rest = {key: value for key, value in data.items() if key not in plain}
    return {**rest, "udf_fields": plain} if plain else rest


def _parse(view: View, module: Module, field: Field, value: Json, row: Row) -> Json:
    if value is None:
        return [] if field.kind is Kind.REFS else None
    if field.kind in _PLAIN_PARSERS:
        return _PLAIN_PARSERS[field.kind](field.name, value, field.limit)
    match field.kind:
        case Kind.REF:
            return find_reference(view, field, value, row)
        case Kind.REFS:
            return [find_reference(view, field, one, row) for one in _items(field, value)]
        case Kind.PARTS:
            return _parse_parts(view, module, field, value, row)
        case _:
            return _parse_custom(view, module, value, as_row(row.get(field.name)))


def _parse_text(name: str, value: Json, limit: int) -> Json:
    if not isinstance(value, str):
        raise errors.wrong_type(name)
    if limit and len(value) > limit:
        raise errors.unknown_value(name)
    if name in ("subject", "title") and ("\n" in value or "\r" in value):
        raise errors.unknown_value(name)
    return value


def _parse_flag(name: str, value: Json, _: int) -> Json:
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise errors.wrong_type(name)
    return value


def _parse_number(name: str, value: Json, _: int) -> Json:
    if not is_number(value):
        raise errors.wrong_type(name)
    return as_int(value)


def _parse_texts(name: str, value: Json, _: int) -> Json:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise errors.wrong_type(name)
    return value


def _keep(_: str, value: Json, __: int) -> Json:
    return value


def _parse_moment(name: str, value: Json, _: int) -> Json:
    return parse_moment(name, value)


_PLAIN_PARSERS: Mapping[Kind, Callable[[str, Json, int], Json]] = {
    Kind.TEXT: _parse_text,
    Kind.FLAG: _parse_flag,
    Kind.NUMBER: _parse_number,
    Kind.COUNT: _parse_number,
    Kind.MOMENT: _parse_moment,
    Kind.TEXTS: _parse_texts,
    Kind.FREE: _keep,
}


def parse_moment(name: str, value: Json) -> int:
    """Read {"value": milliseconds}, as digits or a number; nothing else is a moment."""
    if not isinstance(value, dict):
        raise errors.wrong_type(name)
    for key in value:
        if key != "value":
            raise errors.extra_key(key)
    moment = value.get("value")
    if not is_number(moment) or not 0 <= as_int(moment) <= _LAST_MOMENT:
        raise errors.wrong_type(name)
    return as_int(moment)


def _items(field: Field, value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise errors.wrong_type(field.name)
    return value


def find_reference(view: View, field: Field, value: Json, row: Row) -> str:
    """Resolve {"id": …} or {"name": …}; if both are given, the id wins [DOC]."""
    if not isinstance(value, dict):
        raise errors.wrong_type(field.name)
    _check_reference_keys(field, value)
    if "id" in value:
        found = _by_id(view, field, value["id"])
    elif field.name == "status" and view.state.knobs.status_by == "id":
        raise errors.unknown_value(field.name)
    else:
        found = _by_word(view, field, value, row)
    if found is None or found.get("inactive") is True or not _fits(field, found, row):
        raise errors.unknown_value(field.name)
    return as_text(found["id"])


def _check_reference_keys(field: Field, value: Row) -> None:
    allowed = set(_REFERENCE_KEYS)
    if field.to in _PEOPLE:
        allowed.add("email_id")
    if field.to == "groups":
        allowed.add("site")
    for key in value:
        if key not in allowed:
            raise errors.extra_key(key)
    if not value.keys() & (allowed - {"site"}):
        raise errors.unknown_value(field.name)


def _by_id(view: View, field: Field, identifier: Json) -> Row | None:
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        identifier = str(identifier)
    if not isinstance(identifier, str) or not is_digits(identifier):
        raise Refused(4001, errors.INVALID_ID).about(field=field.name)
    return view.state.tables[field.to].get(identifier)


def _by_word(view: View, field: Field, value: Row, row: Row) -> Row | None:
    key = "email_id" if "email_id" in value else "name"
    refuses_email = view.state.knobs.technician_by_email == "refuse"
    if key == "email_id" and field.to == "technicians" and refuses_email:
        return None
    found = [one for one in view.state.tables[field.to].values() if one.get(key) == value[key]]
    return next((one for one in found if _fits(field, one, row)), None)


def _fits(field: Field, found: Row, row: Row) -> bool:
    """Tell if a subcategory belongs to the category, an item to the subcategory."""
    return not field.under or found.get(field.under) == row.get(field.under)


def _parse_parts(view: View, module: Module, field: Field, value: Json, row: Row) -> Json:
    if not isinstance(value, dict):
        raise errors.wrong_type(field.name)
    known = {part.name: part for part in field.parts}
    result = dict(as_row(row.get(field.name)))
    for key, one in value.items():
        if key not in known:
            raise errors.extra_key(key)
        _refuse_unwritable(known[key], key, creating=True)
        result[key] = _parse(view, module, known[key], one, row)
    return result


def _parse_custom(view: View, module: Module, value: Json, before: Row) -> Json:
    if not isinstance(value, dict):
        raise errors.wrong_type("udf_fields")
    known = {custom_name(view, row): row for row in custom_fields(view.state, module.table)}
    result = dict(before)
    for key, one in value.items():
        if key not in known:
            raise errors.extra_key(key)
        result[as_text(known[key]["name"])] = _parse_custom_value(key, known[key], one)
    return result


def _parse_custom_value(key: str, row: Row, value: Json) -> Json:
    kind = _CUSTOM_KINDS.get(as_text(row["type"]))
    if value is None or kind is not None:
        parsed = None if kind is None or value is None else _PLAIN_PARSERS[kind](key, value, 0)
        return str(parsed) if kind is Kind.NUMBER and parsed is not None else parsed
    if row["type"] == "multi":
        if not isinstance(value, list) or not set(value) <= set(as_list(row["values"])):
            raise errors.unknown_value(key)
        return value
    if row["type"] == "pick" and value not in as_list(row["values"]):
        raise errors.unknown_value(key)
    return _parse_text(key, value, 0)


_CUSTOM_KINDS = {"date": Kind.MOMENT, "number": Kind.NUMBER, "flag": Kind.FLAG}


def _is_empty(value: Json) -> bool:
    return value is None or value in ("", [])
