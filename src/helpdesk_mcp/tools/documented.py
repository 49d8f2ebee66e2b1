"""What an earlier ServiceDesk Plus server documented as arguments, turned into ours."""

from collections.abc import Mapping
from typing import Any, NoReturn, cast

from helpdesk_mcp.domain.errors import Invalid

Given = dict[str, Any]
USUAL_CODE = "Resolved"
TICKET = {"request_id": "ticket_id", "id": "ticket_id"}
PERSON = {"technician_id": "assignee", "technician_email": "assignee", "technician": "assignee"}
CLASSIFYING = ("category", "subcategory", "item", "urgency", "impact", "udf_fields", "site")
NAMING = ("email", "email_id", "id", "name")
"""How a documented person, group or status may be written as an object, the surest first."""
BESIDE = frozenset({"phone", "mobile", "department", "job_title", "login_name"})
_PACE = frozenset({"batchSize", "delayBetweenBatches"})


def flat(given: Given) -> Given:
    """Take what stands in `data` or `analysis` out of it, and references out of their objects."""
    told = dict(given)
    for wrapper in ("data", "analysis"):
        told |= object_of(told.pop(wrapper, None))
    return {name: named(value) for name, value in told.items()}


def classified(given: Given) -> Given:
    """Put category, urgency and their like among the custom fields, by which we set them."""
    told = flat(given)
    custom: Given = {}
    for name in CLASSIFYING:
        value = told.pop(name, None)
        if isinstance(value, dict):
            custom |= cast("Given", value)
        elif value is not None:
            custom[name] = value
    return {**told, "custom": custom} if custom else told


def closing(given: Given) -> Given:
    """Make a resolution of comments, or else of the closure code, which is handed on as well.

    Its documented usual value is not: it says no more than that the ticket is closed.
    """
    told = flat(given)
    code = told.pop("closure_code", None)
    words = told.pop("requester_ack_comments", None)
    told.pop("requester_ack_resolution", None)
    if code is not None and code != USUAL_CODE:
        told["code"] = code
    if "closure_comments" not in told:
        told["closure_comments"] = words or code or "Closed."
    return told


def analysis(given: Given) -> Given:
    """Make one text of a list of steps."""
    told = flat(given)
    steps: list[Any] = []
    for name in ("resolution_steps", "preventive_measures"):
        found = told.pop(name, [])
        steps += cast("list[Any]", found) if isinstance(found, list) else [found]
    return {**told, "resolution": "\n".join(map(str, steps))} if steps else told


def figures(given: Given) -> Given:
    """Give all figures where a detailed answer is asked for."""
    told = flat(given)
    style = {name: told.pop(name) for name in ("format", "output") if name in told}
    wanted = next(iter(style.values()), None)
    return {**told, "format": "json" if wanted == "detailed" else wanted} if style else told


def topics(given: Given) -> Given:
    return {**given, "module": "tickets"} if given.get("module") == "requests" else given


def many(given: Given) -> Given:
    """Turn one new status for many tickets into a change."""
    told = dict(given)
    if "filter" in told or "filters" in told:
        refuse("Give the `ids`: list_tickets finds them, 25 a page, and they can be looked at.")
    change = {"status": told.pop("new_status", None), "comment": told.pop("add_note", None)}
    return {**told, "change": {name: value for name, value in change.items() if value is not None}}


def batch(given: Given) -> Given:
    """Turn the documented items of a batch into ours."""
    told = {name: value for name, value in given.items() if name not in _PACE}
    options = object_of(told.pop("options", None))
    if "continueOnError" in options:
        told["continue_on_error"] = options["continueOnError"]
    for name in ("requests", "updates"):
        if isinstance(told.get(name), list):
            told[name] = [_item(one) for one in cast("list[Any]", told[name])]
    return told


def closings(given: Given) -> Given:
    """Turn a batch of closings, each with its own comments and code, into ours."""
    told = batch(given)
    items = told.pop("requests", None)
    if isinstance(items, list):
        told["closings"] = [
            _renamed(closing(cast("Given", one)), {"closure_comments": "resolution"})
            if isinstance(one, dict)
            else one
            for one in cast("list[Any]", items)
        ]
    elif "closure_comments" not in told and "resolution" not in told:
        told["resolution"] = "Closed."
    return told


def _item(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return _renamed(classified(cast("Given", item)), {**TICKET, **PERSON, **BATCHED})


BATCHED = {"group": "queue", "due_by_time": "due"}


def _renamed(given: Given, names: Mapping[str, str]) -> Given:
    return {names.get(name, name): value for name, value in given.items()}


def object_of(value: Any) -> Given:
    return cast("Given", value) if isinstance(value, dict) else {}


def named(value: Any) -> Any:
    """Return a reference such as {"email": …} as the word that we take for it."""
    told = object_of(value)
    if not told or not told.keys() <= {*NAMING, *BESIDE}:
        return value
    return next((told[name] for name in NAMING if told.get(name)), value)


def refuse(message: str) -> NoReturn:
    raise Invalid(message, reason="arguments")
