"""Rows as an edition shows them: references opened up, moments dressed, names of the dialect."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from helpdesk_demo.servicedesk_plus.editions import Dialect, Edition
from helpdesk_demo.servicedesk_plus.fields import Field, Kind, Module
from helpdesk_demo.servicedesk_plus.schema_setup import MODULES
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_list, as_row, as_text

_WRAPPER = '<div class="sdp-ze-default-wrapper"'
_COMPLETION_FIELDS = ("responded_time", "resolved_time", "completed_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The state, seen by a client that speaks one dialect."""

    state: State
    dialect: Dialect
    origin: str = ""
    briefs: dict[tuple[str, str], Json] | None = None
    """While one answer is made: what was shown of the records within others."""

    @property
    def edition(self) -> Edition:
        return self.state.config.edition

    @property
    def is_cloud(self) -> bool:
        return self.state.is_cloud


def full(view: View, module: Module, row: Row) -> Row:
    """Show a record of its own: absent values are null, not left out [LIVE]."""
    hidden = "x" if view.is_cloud else "xy"
    fields = module.fields_of(view.edition)
    names = [one.name for one in fields if not set(hidden) & set(one.marks)]
    return render(view, module, row, names)


def summary(view: View, module: Module, row: Row) -> Row:
    """Show an item of a list: a subset of the fields."""
    fields = module.fields_of(view.edition)
    return render(view, module, row, [one.name for one in fields if one.is_listed(view.edition)])


def render(view: View, module: Module, row: Row, names: Collection[str]) -> Row:
    shown: Row = {}
    for field in module.fields_of(view.edition):
        if field.name in names and field.comes_back and _is_known(view, module, field):
            shown[module.name_in(view.dialect, field.name)] = show(view, module, field, row)
    return _in_the_manner_of(view, module, shown)


def _in_the_manner_of(view: View, module: Module, shown: Row) -> Row:
    """Apply what an edition, build or format does to single modules only."""
    match module.table:
        case "requests" if not view.is_cloud:
            _show_on_prem_request(view, shown)
        case "assets" if "udf_fields" in shown and _names_are_plain(view):
            shown |= as_row(shown.pop("udf_fields"))
        case "notes" if view.is_cloud:
            _rename_author(view, shown)
        case "attachments" if view.dialect == "old":
            shown["size"] = as_row(shown.get("size")).get("display_value")
        case _:
            pass
    return shown


def _show_on_prem_request(view: View, shown: Row) -> None:
    """Wrap the description; whether build 15200 kept `udf_fields` here is [UNKNOWN] (§1.4)."""
    if isinstance(shown.get("description"), str):
        shown["description"] = _wrapped(as_text(shown["description"]))
    if view.state.knobs.request_udf == "beside" and "udf_fields" in shown:
        shown |= as_row(shown.pop("udf_fields"))


def _wrapped(html: str) -> str:
    """Wrap a description as on-prem does (reference §4.2 [LIVE]), but only once."""
    return html if html.startswith(_WRAPPER) else f'{_WRAPPER} style="">{html}</div>'


def _rename_author(view: View, shown: Row) -> None:
    """Give a Cloud note the other pair of names; which pair is right is [UNKNOWN] (§1.4)."""
    if view.state.knobs.cloud_note_author == "added_by" and "created_by" in shown:
        shown["added_by"] = shown.pop("created_by")
        shown["added_time"] = shown.pop("created_time", None)


def brief(view: View, table: str, identifier: Json) -> Json:
    """Show a record as it appears within another one."""
    key = table, as_text(identifier)
    if view.briefs is not None and key in view.briefs:
        return view.briefs[key]
    row = view.state.tables[table].get(key[1])
    if row is None:
        return None
    module = MODULES[table]
    names = [name for name in module.brief if view.is_cloud or "b" not in module.field(name).marks]
    shown = render(view, module, row, names)
    if view.briefs is not None:
        view.briefs[key] = shown
    return shown


def show(view: View, module: Module, field: Field, row: Row) -> Json:
    """One value as it goes out."""
    return _dress(view, module, field, field.value(view.state, row))


def show_moment(view: View, value: int) -> Row:
    """Both the text for people and the milliseconds (reference §4.2 [LIVE])."""
    at = datetime.fromtimestamp(value / 1000, UTC)
    style = "%b %d, %Y %I:%M %p" if view.is_cloud else "%d/%m/%Y %I:%M %p"
    return {"display_value": at.strftime(style), "value": str(value)}


def _dress(view: View, module: Module, field: Field, value: Json) -> Json:
    shown = value
    match field.kind:
        case Kind.MOMENT:
            shown = show_moment(view, value) if isinstance(value, int) else None
        case Kind.NUMBER:
            shown = None if value is None else str(value)
        case Kind.REF:
            shown = brief(view, field.to, value)
        case Kind.REFS:
            shown = [brief(view, field.to, one) for one in as_list(value)]
        case Kind.PARTS:
            shown = _show_parts(view, module, field, value)
        case Kind.CUSTOM:
            shown = _show_custom(view, module, value)
        case _:
            pass
    return shown


def _show_parts(view: View, module: Module, field: Field, value: Json) -> Json:
    if value is None and field.name != "resolution":
        return None
    values = as_row(value)
    return {
        part.name: _dress(view, module, part, values.get(part.name, part.default))
        for part in field.parts
        if part.comes_back
    }


def _show_custom(view: View, module: Module, value: Json) -> Json:
    """Every custom field of the module, set or not."""
    values, shown = as_row(value), Row()
    for row in custom_fields(view.state, module.table):
        name = as_text(row["name"])
        kept = values.get(name)
        if row["type"] == "date" and isinstance(kept, int):
            kept = show_moment(view, kept)
        shown[custom_name(view, row)] = kept
    return shown


def custom_fields(state: State, table: str) -> list[Row]:
    return [row for row in state.tables["udf"].values() if row["module"] == table]


def custom_name(view: View, row: Row) -> str:
    """Outside requests, build 15200 drops the type from the name (reference §1.4 [DOC])."""
    if row["module"] == "assets" and _names_are_plain(view):
        return as_text(row["plain"])
    return as_text(row["name"])


def _names_are_plain(view: View) -> bool:
    return not view.is_cloud and view.state.knobs.udf_names == "plain"


def _is_known(view: View, module: Module, field: Field) -> bool:
    """Tell whether to show it: captured on-prem requests have no completion [LIVE]."""
    if module.table != "requests" or field.name not in _COMPLETION_FIELDS:
        return True
    return view.state.knobs.completed_times
