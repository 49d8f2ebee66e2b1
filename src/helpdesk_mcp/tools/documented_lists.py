"""Documented ways to say which tickets, in which order: turned into our filters.

What cannot be done is refused with the next step: a filter that is left out in silence would
answer another question.
"""

from collections.abc import Mapping
from typing import Any, cast

from helpdesk_mcp.tools.documented import Given, flat, named, object_of, refuse
from helpdesk_mcp.tools.sayings import said

MOST_ROWS = 25
SIZES = ("limit", "page_size", "max_results")
FILTERS: Mapping[str, str] = {
    "status": "status",
    "priority": "priority",
    "technician": "assignee",
    "assignee": "assignee",
    "group": "queue",
    "requester": "requester",
    "site": "site",
    "category": "category",
    "query": "query",
    "subject": "query",
    "title": "query",
}
WORDS = frozenset({"subject", "title", "description", "resolution", "text"})


def listing(given: Given) -> Given:
    """Turn documented filters, order and pages into ours. Raises Invalid for what we have not."""
    told = flat(given)
    for wrapper in ("filters", "search_fields", "criteria"):
        for name, value in object_of(told.pop(wrapper, None)).items():
            told[_filter(name)] = named(value)
    for name, value in object_of(told.pop("pagination", None)).items():
        if name in {*SIZES, "page"}:
            told[name] = value
    _view(told.pop("filter_by", None))
    return _paged(_sorted(told))


def _view(view: Any) -> None:
    """Let the view of everything pass; others are saved on the desk, and nobody knows their sense.

    Some show closed tickets under names that say "open" (reference §3.4).
    """
    name = str(named(view) or "")
    if name and not name.casefold().startswith("all"):
        refuse(
            "`filter_by` names a view that is saved on the desk, and is not read here. Give "
            "`status`, `priority`, `assignee`, `queue` or `period`."
        )


def _filter(name: str) -> str:
    ours = FILTERS.get(name.partition(".")[0])
    if ours is None:
        refuse(
            f"This list is not filtered by `{name[:60]}`. search_tickets_advanced judges every "
            "field of a ticket."
        )
    return ours


def _sorted(told: Given) -> Given:
    """Turn an order into our `sort`. One that we cannot give is refused, not given otherwise."""
    by = told.pop("sort_by", None) or told.pop("sort_field", None)
    order = told.pop("sort_order", None)
    told.pop("sort_field", None)
    if by is None and order is None:
        return told
    name = str(by or "created_time")
    order = "desc" if name.startswith("-") else order
    match name.removeprefix("-"), str(order or "").casefold():
        case (("created_time" | "created" | "id"), "asc"):
            sort = "created"
        case (("created_time" | "created" | "id"), _):
            sort = "-created"
        case (("due_by_time" | "due"), ("asc" | "")):
            sort = "due"
        case "priority", ("desc" | ""):
            sort = "priority"
        case _:
            refuse(
                "Lists are sorted by created_time, by due_by_time with sort_order asc, or by "
                "priority with sort_order desc."
            )
    return {**told, "sort": sort}


def _paged(told: Given) -> Given:
    """Give at most a page of ours. A later page of more rows would be other rows."""
    for name in SIZES:
        if isinstance(size := told.get(name), int) and size > MOST_ROWS:
            if told.get("page") not in (None, 1):
                refuse(
                    f"A page holds {MOST_ROWS} rows at most: ask for pages of {MOST_ROWS}, or go "
                    "on with `next_cursor`."
                )
            told[name] = MOST_ROWS
    return told


def has_criteria(given: Mapping[str, Any]) -> bool:
    return "criteria" in given and "query" not in given


def conditions(given: Given) -> Given:
    """Turn documented criteria, a map or the vendor's list, into conditions that all must hold."""
    told = _paged(_sorted(flat(given)))
    criteria = told.pop("criteria", None)
    if isinstance(criteria, list):
        told["where"] = [_condition(object_of(one)) for one in cast("list[Any]", criteria)]
    else:
        told["where"] = [
            {
                "field": name.partition(".")[0],
                "operator": "contains" if name in WORDS else "is",
                "value": named(value),
            }
            for name, value in object_of(criteria).items()
        ]
    return told


def _condition(one: Given) -> Given:
    if str(one.get("logical_operator", "and")).casefold() != "and" or "children" in one:
        refuse("Give alternatives to search_tickets_advanced, as `any_of`.")
    value = one.get("values", one.get("value"))
    said_so = str(one.get("condition", one.get("operator", "is")))
    return {
        "field": str(one.get("field", "")).partition(".")[0],
        "operator": {"eq": "is", "neq": "is not", "lesser than": "less than"}.get(said_so, said_so),
        "value": value,
    }


def is_all_said(given: Mapping[str, Any]) -> bool:
    """Whether a sentence says which tickets, and leaves no words to look for."""
    query = given.get("query")
    if not isinstance(query, str):
        return False
    found = said(query)
    return bool(found.arguments()) and not found.words


def smart(given: Given) -> Given:
    """Take a sentence apart into filters and words; what is given beside it goes before."""
    told = listing(given)
    told.pop("output", None)
    days = told.pop("date_range", None)
    if days is not None:
        told["period"] = _period(days)
    query = told.pop("query", None)
    if not isinstance(query, str):
        return told if query is None else {**told, "query": query}
    found = said(query)
    words = {"query": found.words} if found.words else {}
    return {**found.arguments(), **words, **told}


def _period(days: Any) -> Any:
    """Return a documented range of creation days as our words for a period."""
    if not isinstance(days, dict):
        return days
    told = cast("Given", days)
    field = str(told.get("field", told.get("type", "created")))
    if not field.startswith("created"):
        refuse("Only days of creation are searched here; search_tickets_advanced takes others.")
    first = told.get("from", told.get("start", told.get("start_date")))
    last = told.get("to", told.get("end", told.get("end_date")))
    return f"{first} to {last}" if first and last else f"since {first}"
