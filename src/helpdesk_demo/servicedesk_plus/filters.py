"""The list views that a desk offers by name; some of them show closed tickets too [LIVE]."""

from collections.abc import Callable, Mapping

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call
from helpdesk_demo.servicedesk_plus.computed import DONE, is_overdue
from helpdesk_demo.servicedesk_plus.conditions import Test
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_text

Filter = Callable[[Call, Row], bool]


def _is_open(call: Call, row: Row) -> bool:
    return not call.state.status_is(row, *DONE)


def _is_mine(call: Call, row: Row) -> bool:
    return row.get("technician") == call.caller_id


def _is_unassigned(_: Call, row: Row) -> bool:
    return row.get("technician") is None


FILTERS: Mapping[str, Filter] = {
    "All_Requests": lambda _, __: True,
    "Open_Requests": _is_open,
    "Open_System": _is_open,
    "Onhold_Requests": lambda call, row: call.state.status_is(row, "Onhold"),
    "My_Open_Requests": lambda call, row: _is_mine(call, row) and _is_open(call, row),
    "My_Closed_Requests": lambda call, row: _is_mine(call, row) and not _is_open(call, row),
    "Overdue_Requests": lambda call, row: is_overdue(call.state, row) is True,
    "Unassigned_Requests": _is_unassigned,
    "Closed_Requests": lambda call, row: not _is_open(call, row),
}


def filter_named(call: Call, module: Module, value: Json) -> Test:
    """Return the test of {"name": …} or {"id": …}."""
    if not isinstance(value, dict):
        raise errors.wrong_type("filter_by")
    for key in value:
        if key not in ("name", "id"):
            raise errors.extra_key(key)
    name = value.get("name")
    if "id" in value:
        name = call.state.tables["list_view_filters"].get(str(value["id"]), {}).get("name")
    chosen = FILTERS.get(as_text(name))
    if chosen is None or module.table != "requests":
        raise errors.unknown_value("filter_by")
    return lambda row: chosen(call, row)
