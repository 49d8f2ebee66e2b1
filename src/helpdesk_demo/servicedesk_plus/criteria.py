"""search_criteria: the vendor's nested conditions as predicates over rows (reference §3.4)."""

from collections.abc import Sequence

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.conditions import Test, compile_leaf
from helpdesk_demo.servicedesk_plus.fields import Kind, Module
from helpdesk_demo.servicedesk_plus.paths import read_path
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text

_KEYS = {"field", "condition", "value", "values", "logical_operator", "children"}


def compile_criteria(view: View, module: Module, criteria: Json) -> Test:
    """Return the test of one criterion, or of a list of them read from left to right."""
    if isinstance(criteria, dict):
        return _compile_one(view, module, criteria)
    if not isinstance(criteria, list) or not criteria:
        raise errors.wrong_type("search_criteria")
    if len(criteria) == 1 and view.state.knobs.one_element_criteria == "refuse":
        raise errors.wrong_type("search_criteria")
    rows = [_as_criterion(one) for one in criteria]
    if len(rows) > 1 and view.state.knobs.combined_dates == "refuse":
        _refuse_dates(view, module, rows)
    return _joined(view, module, rows, needs_operator_from=1)


def _as_criterion(value: Json) -> Row:
    if not isinstance(value, dict):
        raise errors.wrong_type("search_criteria")
    return value


def _compile_one(view: View, module: Module, criterion: Row) -> Test:
    for key in criterion:
        if key not in _KEYS:
            raise errors.extra_key(key)
    if "logical_operator" in criterion:
        _operator(criterion)
    tests = [compile_leaf(view, module, criterion)] if "field" in criterion else []
    children = criterion.get("children")
    if children is not None:
        rows = [_as_criterion(one) for one in _not_empty(children)]
        tests.append(_joined(view, module, rows, needs_operator_from=1 - len(tests)))
    if not tests:
        raise errors.missing("field")
    if len(tests) == 1:
        return tests[0]
    if _operator(as_row(_not_empty(children)[0])) == "OR":
        return lambda row: tests[0](row) or tests[1](row)
    return lambda row: tests[0](row) and tests[1](row)


def _not_empty(value: Json) -> list[Json]:
    if not isinstance(value, list) or not value:
        raise errors.wrong_type("children")
    return value


def _joined(view: View, module: Module, rows: Sequence[Row], *, needs_operator_from: int) -> Test:
    operators = [
        _operator(row) if number >= needs_operator_from else "AND"
        for number, row in enumerate(rows)
    ]
    tests = [_compile_one(view, module, row) for row in rows]

    def test(row: Row) -> bool:
        result = tests[0](row)
        for operator, one in zip(operators[1:], tests[1:], strict=True):
            result = (result or one(row)) if operator == "OR" else (result and one(row))
        return result

    return test


def _operator(row: Row) -> str:
    """Every entry after the first must say how it is joined [LIVE, INFER]."""
    operator = row.get("logical_operator")
    if operator is None:
        raise errors.missing("logical_operator")
    word = as_text(operator).upper()
    if word not in ("AND", "OR"):
        raise errors.unknown_value("logical_operator")
    return word


def _refuse_dates(view: View, module: Module, rows: Sequence[Row]) -> None:
    for row in rows:
        path = as_text(row.get("field"))
        if path and read_path(view, module, path).kind is Kind.MOMENT:
            raise errors.unknown_value(path)
