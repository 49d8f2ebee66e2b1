"""list_info: searching, filtering, sorting, paging, totals, and which fields come back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import SUCCESS, Call, Reply
from helpdesk_demo.servicedesk_plus.criteria import compile_criteria
from helpdesk_demo.servicedesk_plus.fields import Kind, Module
from helpdesk_demo.servicedesk_plus.filters import filter_named
from helpdesk_demo.servicedesk_plus.paths import read_path
from helpdesk_demo.servicedesk_plus.rendering import View, render, summary
from helpdesk_demo.servicedesk_plus.schema_requests import CLOUD_SORTABLE
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_row, as_text, is_number

_KEYS = {
    "row_count",
    "start_index",
    "page",
    "sort_field",
    "sort_order",
    "get_total_count",
    "filter_by",
    "search_fields",
    "search_criteria",
}
DEFAULT_ROWS = 10
MOST_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which rows of the result were asked for; `start` counts from 1."""

    start: int
    count: int

    @property
    def page(self) -> int:
        return (self.start - 1) // self.count + 1

    def cut(self, rows: list[Row]) -> list[Row]:
        return rows[self.start - 1 : self.start - 1 + self.count]


def list_rows(
    call: Call, module: Module, rows: Iterable[Row], *, key: str = "", also: tuple[str, ...] = ()
) -> Reply:
    """Answer a list call over `rows`; the success status is a list here [LIVE]."""
    view = replace(call.view, briefs={})
    info, wanted = _list_info(call, also), _fields_required(call, also)
    window = _window(view, info)
    found = _sorted(view, module, _chosen(call, module, info, rows), info)
    shown = window.cut(found)
    items: list[Json] = [
        summary(view, module, row) if wanted is None else render(view, module, row, wanted(module))
        for row in shown
    ]
    return Reply(
        body={
            "response_status": [dict(SUCCESS)],
            "list_info": _echo(view, info, window, total=len(found), shown=len(shown)),
            key or module.many: items,
        }
    )


def _list_info(call: Call, also: tuple[str, ...]) -> Row:
    top = ("list_info", *also)
    if call.state.knobs.fields_required != "inside":
        top = (*top, "fields_required")
    info = call.input(*top).get("list_info")
    if info is None:
        return {}
    if not isinstance(info, dict):
        raise errors.wrong_type("list_info")
    inside = call.state.knobs.fields_required != "top"
    for name in info:
        if name not in _KEYS and not (inside and name == "fields_required"):
            raise errors.extra_key(name)
    return info


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    view: View
    names: tuple[str, ...]

    def __call__(self, module: Module) -> list[str]:
        """Return our names of the fields that were asked for, and always the id."""
        found = ["id"]
        for name in self.names:
            field = module.find(self.view.dialect, name)
            if field is None:
                raise errors.unknown_value("fields_required")
            found.append(field.name)
        return found


def _fields_required(call: Call, also: tuple[str, ...]) -> _Fields | None:
    data = call.input("list_info", "fields_required", *also)
    names = data.get("fields_required", as_row(data.get("list_info")).get("fields_required"))
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise errors.wrong_type("fields_required")
    return _Fields(view=call.view, names=tuple(as_text(one) for one in names))


def _window(view: View, info: Row) -> Window:
    knobs = view.state.knobs
    count = _whole(info, "row_count", DEFAULT_ROWS)
    if count > MOST_ROWS and knobs.row_count_over_100 == "cap":
        count = MOST_ROWS
    if not 1 <= count <= MOST_ROWS:
        raise errors.unknown_value("row_count")
    if "page" in info and "start_index" not in info:
        page = _whole(info, "page", 1)
        if page < 1:
            raise errors.unknown_value("page")
        return Window(start=(page - 1) * count + 1, count=count)
    start = _whole(info, "start_index", 1)
    if start == 0 and knobs.zero_start_index == "first":
        start = 1
    if start < 1:
        raise errors.unknown_value("start_index")
    return Window(start=start, count=count)


def _whole(info: Row, name: str, default: int) -> int:
    if name not in info:
        return default
    if not is_number(info[name]):
        raise errors.wrong_type(name)
    return as_int(info[name])


def _chosen(call: Call, module: Module, info: Row, rows: Iterable[Row]) -> list[Row]:
    view, found = call.view, list(rows)
    both = "filter_by" in info and "search_criteria" in info
    if both and view.state.knobs.filter_with_criteria == "refuse":
        raise errors.extra_key("filter_by")
    if "filter_by" in info:
        test = filter_named(call, module, info["filter_by"])
        found = [row for row in found if test(row)]
    if "search_criteria" in info:
        test = compile_criteria(view, module, info["search_criteria"])
        found = [row for row in found if test(row)]
    if "search_fields" in info:
        found = _search_fields(view, module, info["search_fields"], found)
    return found


def _search_fields(view: View, module: Module, fields: Json, rows: list[Row]) -> list[Row]:
    """Apply the simple form: every named field must match [DOC]."""
    if not isinstance(fields, dict):
        raise errors.wrong_type("search_fields")
    for path, value in fields.items():
        test = compile_criteria(view, module, {"field": path, "condition": "is", "value": value})
        rows = [row for row in rows if test(row)]
    return rows


def _sorted(view: View, module: Module, rows: list[Row], info: Row) -> list[Row]:
    order = info.get("sort_order", "asc" if "sort_field" in info else None)
    if order not in ("asc", "desc", None):
        raise errors.unknown_value("sort_order")
    name = info.get("sort_field", module.name_in(view.dialect, module.order))
    if not isinstance(name, str):
        raise errors.wrong_type("sort_field")
    if view.is_cloud and module.table == "requests" and name not in CLOUD_SORTABLE:
        raise errors.unknown_value("sort_field")
    reading = read_path(view, module, name)
    newest_first = module.newest_first if order is None else order == "desc"
    is_text = reading.kind in (Kind.TEXT, Kind.REF) and name != "id"

    def rank(row: Row) -> tuple[int, int, str, int]:
        value = reading.label(row)
        words = as_text(value).casefold() if is_text else ""
        return (0 if value is None else 1, as_int(value), words, as_int(row["id"]))

    return sorted(rows, key=rank, reverse=newest_first)


def _echo(view: View, info: Row, window: Window, *, total: int, shown: int) -> Row:
    """Return what comes back beside the rows; get_total_count comes back as text [LIVE]."""
    echo: Row = {
        "has_more_rows": window.start - 1 + shown < total,
        "start_index": window.start,
        "row_count": shown,
    }
    if not view.is_cloud or "page" in info:
        echo["page"] = window.page
    if info.get("get_total_count") in (True, "true"):
        echo |= {"total_count": total, "get_total_count": "true"}
    for name in ("sort_field", "sort_order", "search_criteria", "search_fields", "filter_by"):
        if name in info:
            echo[name] = info[name]
    return echo
