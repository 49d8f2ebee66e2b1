"""search_criteria built from values, never from text: what a caller writes is only ever a value.

A search is clauses that must all hold; a clause is leaves of which any must hold. The vendor's
safe form (reference §3.4) is one object whose `children` are joined to it, each with its own
operator: single-element arrays and arrays that hold dates are refused by some builds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from helpdesk_mcp.desks.servicedeskplus.values import Row, milliseconds

Condition = Literal[
    "is",
    "is not",
    "greater than",
    "greater or equal",
    "lesser than",
    "lesser or equal",
    "between",
    "not between",
    "starts with",
    "ends with",
    "contains",
    "not contains",
]
LONGEST_TEXT = 200
MOST_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One condition on one field; several values mean any of them."""

    field: str
    condition: Condition = "is"
    values: tuple[Any, ...] = ()


Clause = tuple[Leaf, ...]


def render(clauses: Sequence[Clause]) -> Row | list[Row] | None:
    """Return `search_criteria` for clauses that must all hold, or None where there are none."""
    parts = [clause for clause in clauses if clause]
    if not parts:
        return None
    # A clause of one leaf carries the others as its children; else they stand side by side.
    head = next((clause for clause in parts if len(clause) == 1), None)
    if head is None:
        first, *rest = (_clause(clause) for clause in parts)
        return [first, *({**one, "logical_operator": "AND"} for one in rest)] if rest else first
    others = [clause for clause in parts if clause is not head]
    made = _leaf(head[0])
    if others:
        made["children"] = [{**_clause(one), "logical_operator": "AND"} for one in others]
    return made


def any_of(field: str, ids: Iterable[str]) -> Clause:
    """Return the clause that a reference is one of these, by id."""
    values = tuple({"id": identifier} for identifier in ids)
    return (Leaf(field=field, values=values),) if values else ()


def nothing_in(field: str) -> Clause:
    """Return the clause that a field is empty. Whether a desk honours it must be looked at."""
    return (Leaf(field=field),)


def days(field: str, first: date | None, last: date | None, zone: tzinfo) -> Clause:
    """Return the clause that a moment lies in whole days of a zone, the last one included."""
    if first is None and last is None:
        return ()
    start = datetime.combine(first or date(1970, 1, 2), time.min, zone)
    after = datetime.combine(min(last or _FAR, _FAR) + timedelta(days=1), time.min, zone)
    end = after - timedelta(milliseconds=1)
    values = (milliseconds(start), milliseconds(end))
    return (Leaf(field=field, condition="between", values=values),)


_FAR = date(2099, 12, 30)


def holding(text: str, fields: Sequence[str]) -> tuple[Clause, ...]:
    """Return clauses that find words in any of some fields: all words, or either side of an OR."""
    plain = " ".join(text[:LONGEST_TEXT].split())
    sides = [side.strip() for side in f" {plain} ".split(" OR ")]
    if len(sides) > 1:
        phrases = tuple(side for side in sides if side)[:MOST_WORDS]
        return (tuple(_contains(field, phrases) for field in fields),) if phrases else ()
    words = list(dict.fromkeys(plain.split()))[:MOST_WORDS]
    return tuple(tuple(_contains(field, (word,)) for field in fields) for word in words)


def _contains(field: str, values: tuple[str, ...]) -> Leaf:
    return Leaf(field=field, condition="contains", values=values)


def _clause(clause: Clause) -> Row:
    first, *rest = (_leaf(leaf) for leaf in clause)
    if rest:
        first["children"] = [{**leaf, "logical_operator": "OR"} for leaf in rest]
    return first


def _leaf(leaf: Leaf) -> Row:
    values = list(leaf.values)
    kept = {"value": values[0]} if len(values) == 1 else {"values": values}
    return {"field": leaf.field, "condition": leaf.condition, **kept}
