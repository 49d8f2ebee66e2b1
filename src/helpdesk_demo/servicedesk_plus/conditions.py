"""One search condition: a field, a comparison and the values it is compared with."""

import operator
from collections.abc import Callable, Mapping

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.fields import Kind, Module
from helpdesk_demo.servicedesk_plus.paths import Reading, read_path
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_text, is_number

Test = Callable[[Row], bool]

_WORDS = (
    "between",
    "not between",
    "starts with",
    "ends with",
    "contains",
    "not contains",
)
CONDITIONS = {
    **dict.fromkeys(("is", "=", "eq"), "is"),
    **dict.fromkeys(("is not", "!=", "neq"), "is not"),
    **dict.fromkeys(("greater than", "gt"), "greater than"),
    **dict.fromkeys(("greater or equal", "gte"), "greater or equal"),
    **dict.fromkeys(("lesser than", "lt"), "lesser than"),
    **dict.fromkeys(("lesser or equal", "lte"), "lesser or equal"),
    **{name: name for name in _WORDS},
}
_NEGATED = {"is not": "is", "not between": "between", "not contains": "contains"}
_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "greater than": operator.gt,
    "greater or equal": operator.ge,
    "lesser than": operator.lt,
    "lesser or equal": operator.le,
}
_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "starts with": str.startswith,
    "ends with": str.endswith,
    "contains": str.__contains__,
}
_NUMBERS = (Kind.MOMENT, Kind.NUMBER, Kind.COUNT)
_BOUNDS = 2


def compile_leaf(view: View, module: Module, criterion: Row) -> Test:
    """Return the test of a criterion's own condition; unknown words are refused."""
    path = as_text(criterion.get("field"))
    reading = read_path(view, module, path)
    condition = CONDITIONS.get(as_text(criterion.get("condition")))
    if condition is None:
        raise errors.unknown_value("condition")
    wanted = _wanted(criterion)
    if not wanted:
        # An empty list is accepted; whether it matches empty fields nobody could tell (§3.4).
        matches_empty = view.state.knobs.empty_values == "empty"
        return lambda row: matches_empty and reading.value(row) is None
    positive = _NEGATED.get(condition, condition)
    test = _positive_test(reading, path, positive, wanted)
    return test if positive == condition else lambda row: not test(row)


def _wanted(criterion: Row) -> list[Json]:
    if "value" in criterion and "values" in criterion:
        raise errors.extra_key("values")
    if "values" in criterion:
        values = criterion["values"]
        if not isinstance(values, list):
            raise errors.wrong_type("values")
        return values
    if "value" not in criterion:
        raise errors.missing("value")
    return [criterion["value"]]


def _positive_test(reading: Reading, path: str, condition: str, wanted: list[Json]) -> Test:
    if reading.kind is Kind.REF:
        return _reference_test(reading, path, condition, wanted)
    if reading.kind in _NUMBERS:
        return _number_test(reading, path, condition, wanted)
    if reading.kind is Kind.FLAG:
        return _flag_test(reading, path, condition, wanted)
    return _text_test(reading, path, condition, wanted)


def _reference_test(reading: Reading, path: str, condition: str, wanted: list[Json]) -> Test:
    """`status` is compared with {"id": …} or {"name": …}; a bare word needs status.name."""
    if condition != "is":
        raise errors.unknown_value("condition")
    ids: set[str] = set()
    names: set[str] = set()
    for one in wanted:
        if not isinstance(one, dict) or not one.keys() & {"id", "name"}:
            raise errors.wrong_type(path)
        if "id" in one:
            ids.add(str(one["id"]))
        else:
            names.add(str(one["name"]).casefold())
    return lambda row: (
        as_text(reading.value(row)) in ids or as_text(reading.label(row)).casefold() in names
    )


def _number_test(reading: Reading, path: str, condition: str, wanted: list[Json]) -> Test:
    if not all(is_number(one) for one in wanted):
        raise errors.wrong_type(path)
    numbers = [as_int(one) for one in wanted]
    if condition == "between":
        if len(numbers) != _BOUNDS:
            raise errors.unknown_value(path)
        low, high = numbers
        return lambda row: is_number(reading.value(row)) and low <= _number(reading, row) <= high
    if condition not in ("is", *_ORDERS):
        raise errors.unknown_value("condition")
    compare = _ORDERS.get(condition, operator.eq)
    return lambda row: (
        is_number(reading.value(row))
        and any(compare(_number(reading, row), one) for one in numbers)
    )


def _flag_test(reading: Reading, path: str, condition: str, wanted: list[Json]) -> Test:
    if condition != "is":
        raise errors.unknown_value("condition")
    flags = {True: True, "true": True, False: False, "false": False}
    if any(not isinstance(one, (bool, str)) or one not in flags for one in wanted):
        raise errors.wrong_type(path)
    chosen = {flags[one] for one in wanted if isinstance(one, (bool, str))}
    return lambda row: (reading.value(row) is True) in chosen


def _text_test(reading: Reading, path: str, condition: str, wanted: list[Json]) -> Test:
    if condition not in ("is", *_TEXTS) and not all(is_number(one) for one in wanted):
        raise errors.unknown_value("condition")
    if any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in wanted):
        raise errors.wrong_type(path)
    if condition in ("between", *_ORDERS):
        # The id is text on the wire, yet it orders as a number.
        return _number_test(reading, path, condition, wanted)
    texts = [str(one).casefold() for one in wanted]
    matches = _TEXTS.get(condition, operator.eq)

    def test(row: Row) -> bool:
        found = reading.value(row)
        return isinstance(found, str) and any(matches(found.casefold(), one) for one in texts)

    return test


def _number(reading: Reading, row: Row) -> int:
    return as_int(reading.value(row))
