"""The tools of an earlier ServiceDesk Plus server under their documented names.

They are called like any tool and are never listed; `search_tools` finds ours by them.
"""

from collections.abc import Mapping
from typing import Any, cast

from helpdesk_mcp.domain.aliases import Alias
from helpdesk_mcp.domain.errors import Invalid

MOST_ROWS = 25
USUAL_CODE = "Resolved"
SORTS = {"created_time": "created", "due_by_time": "due", "priority": "priority"}
TICKET = {"request_id": "ticket_id", "id": "ticket_id"}
PERSON = {"technician_id": "assignee", "technician_email": "assignee", "technician": "assignee"}
CLASSIFYING = ("category", "subcategory", "item", "urgency", "impact", "udf_fields", "site")


def _flat(given: dict[str, Any]) -> dict[str, Any]:
    """Take what stands in `data` or `analysis` beside the id out of it."""
    flat = dict(given)
    for wrapper in ("data", "analysis"):
        inner = flat.pop(wrapper, {})
        if isinstance(inner, dict):
            flat |= cast("dict[str, Any]", inner)
    return flat


def _listing(given: dict[str, Any]) -> dict[str, Any]:
    """Turn sort_by and sort_order into our `sort`, and a page of a hundred rows into ours."""
    flat = _flat(given)
    by, order = flat.pop("sort_by", None), flat.pop("sort_order", "desc")
    field = SORTS.get(str(by).removeprefix("-"))
    if field is not None:
        flat["sort"] = "-created" if field == "created" and order == "desc" else field
    for name in ("limit", "page_size", "max_results"):
        if isinstance(size := flat.get(name), int) and size > MOST_ROWS:
            flat[name] = MOST_ROWS
    return flat


def _classified(given: dict[str, Any]) -> dict[str, Any]:
    """Put category, urgency and their like among the custom fields, by which we set them."""
    flat = _flat(given)
    custom: dict[str, Any] = {}
    for name in CLASSIFYING:
        value = flat.pop(name, None)
        if isinstance(value, dict):
            custom |= cast("dict[str, Any]", value)
        elif value is not None:
            custom[name] = value
    return {**flat, "custom": custom} if custom else flat


def _closing(given: dict[str, Any]) -> dict[str, Any]:
    """Make a resolution of comments, or else of the closure code, which is handed on as well.

    Its documented usual value is not: it says no more than that the ticket is closed.
    """
    flat = _flat(given)
    code = flat.pop("closure_code", None)
    said = flat.pop("requester_ack_comments", None)
    if code is not None and code != USUAL_CODE:
        flat["code"] = code
    if "closure_comments" not in flat:
        flat["closure_comments"] = said or code or "Closed."
    return flat


def _analysis(given: dict[str, Any]) -> dict[str, Any]:
    """Make one text of a list of steps."""
    flat = _flat(given)
    steps: list[Any] = []
    for name in ("resolution_steps", "preventive_measures"):
        found = flat.pop(name, [])
        steps += cast("list[Any]", found) if isinstance(found, list) else [found]
    return {**flat, "resolution": "\n".join(map(str, steps))} if steps else flat


def _many(given: dict[str, Any]) -> dict[str, Any]:
    """Turn one new status for many tickets into a change."""
    flat = dict(given)
    change = {"status": flat.pop("new_status", None), "comment": flat.pop("add_note", None)}
    return {**flat, "change": {name: value for name, value in change.items() if value is not None}}


def _batch(given: dict[str, Any]) -> dict[str, Any]:
    """Turn the documented items of a batch into ours."""
    flat = {name: value for name, value in given.items() if name not in _PACE}
    options = flat.pop("options", {})
    if isinstance(options, dict) and "continueOnError" in options:
        flat["continue_on_error"] = options["continueOnError"]
    for name in ("requests", "updates"):
        if isinstance(flat.get(name), list):
            flat[name] = [_item(one) for one in cast("list[Any]", flat[name])]
    return flat


_PACE = frozenset({"batchSize", "delayBetweenBatches"})


def _item(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    flat = _classified(cast("dict[str, Any]", item))
    return {{**TICKET, **PERSON}.get(name, name): value for name, value in flat.items()}


def _closings(given: dict[str, Any]) -> dict[str, Any]:
    """Turn a batch of closings, each with its comments, into ids and one resolution."""
    flat = _batch(given)
    items = flat.pop("requests", None)
    if isinstance(items, list):
        rows = [cast("dict[str, Any]", one) for one in cast("list[Any]", items) if one]
        flat["ticket_ids"] = [row.get("ticket_id") for row in rows]
        comments = [row.get("closure_comments") for row in rows if row.get("closure_comments")]
        flat.setdefault("resolution", comments[0] if comments else "Closed.")
        codes = {str(row.get("closure_code") or "") for row in rows}
        if len(codes) > 1:
            raise Invalid(
                "Close tickets with different closing codes in calls of their own: a batch has one "
                "`code` for all.",
                reason="arguments",
            )
        if code := codes.pop() if codes else "":
            flat["code"] = code
    return flat


def _same(tool: str, **more: Any) -> Alias:
    """Return an alias that takes `data` apart and is else our tool of the same name."""
    return Alias(tool=tool, adapt=_flat, **more)


REQUESTS: Mapping[str, Alias] = {
    "get_metadata": Alias(tool="get_ticket_fields"),
    "list_requests": Alias(
        tool="list_tickets",
        adapt=_listing,
        left_out=frozenset({"sort_field", "search_fields", "filter_by", "include_details"}),
    ),
    "get_request": Alias(tool="get_ticket", renamed=TICKET),
    "create_request": Alias(
        tool="create_ticket",
        renamed={**PERSON, "group": "queue", "due_by_time": "due"},
        adapt=_classified,
    ),
    "update_request": Alias(
        tool="update_ticket",
        renamed={**TICKET, **PERSON, "group": "queue", "due_by_time": "due"},
        adapt=_classified,
    ),
    "close_request": Alias(
        tool="close_ticket",
        renamed={**TICKET, "requester_ack_resolution": "notify"},
        usual={"notify": False},
        adapt=_closing,
    ),
    "delete_request": Alias(tool="trash_ticket", renamed=TICKET),
    "pickup_request": Alias(
        tool="assign_ticket", renamed={**TICKET, **PERSON}, usual={"assignee": "me"}
    ),
    "search_requests": Alias(tool="search_tickets", adapt=_listing),
    "get_request_statistics": Alias(tool="get_ticket_statistics"),
    "add_note": Alias(tool="add_note", renamed=TICKET, left_out=frozenset({"notify_technician"})),
    "add_private_note": Alias(
        tool="add_note", renamed=TICKET, left_out=frozenset({"notify_technician"})
    ),
    "reply_to_requester": Alias(
        tool="reply_to_requester", renamed=TICKET, left_out=frozenset({"mark_first_response"})
    ),
    "send_first_response": Alias(
        tool="reply_to_requester", renamed={**TICKET, "response_message": "text"}
    ),
    "get_request_conversation": Alias(tool="get_conversation", renamed=TICKET),
    "list_requests_formatted": Alias(
        tool="list_tickets",
        adapt=_listing,
        left_out=frozenset({"format", "group_by", "max_pages", "max_items"}),
    ),
    "search_requests_smart": Alias(
        tool="search_tickets",
        renamed={"date_range": "period", "max_results": "page_size"},
        adapt=_listing,
        left_out=frozenset({"include_stats", "format", "output"}),
    ),
    "analyze_requests": Alias(
        tool="get_ticket_statistics", left_out=frozenset({"metrics", "detailed"})
    ),
    "bulk_update_request_status": Alias(
        tool="bulk_update_tickets", adapt=_many, left_out=frozenset({"notify_requesters"})
    ),
    "batch_create_requests": Alias(tool="bulk_create_tickets", adapt=_batch),
    "batch_update_requests": Alias(
        tool="bulk_update_tickets", renamed={"requests": "updates"}, adapt=_batch
    ),
    "batch_close_requests": Alias(tool="bulk_close_tickets", adapt=_closings),
}
PEOPLE: Mapping[str, Alias] = {
    "list_technicians": Alias(tool="get_users", left_out=frozenset({"limit"})),
    "get_technician": Alias(tool="get_users", renamed={"technician_id": "query", "id": "query"}),
    "find_technician": Alias(tool="get_users"),
    "list_users": Alias(tool="get_users", left_out=frozenset({"limit", "page_size"})),
    "get_user": Alias(tool="get_users", renamed={"user_id": "query", "id": "query"}),
}
RECORDS: Mapping[str, Alias] = {
    "create_problem": _same("create_problem"),
    "update_problem": _same("update_problem"),
    "search_problems": Alias(tool="list_problems", adapt=_listing),
    "analyze_problem_root_cause": Alias(tool="analyze_problem", adapt=_analysis),
    "link_incidents_to_problem": Alias(tool="link_tickets_to_problem"),
    "create_change": _same("create_change"),
    "update_change": _same("update_change"),
    "search_changes": Alias(tool="list_changes", adapt=_listing),
    "schedule_change_implementation": Alias(tool="schedule_change"),
    "create_project": _same("create_project"),
    "update_project": _same("update_project"),
    "search_projects": Alias(tool="list_projects", adapt=_listing),
    "create_asset": _same("create_asset"),
    "update_asset": _same("update_asset"),
    "search_assets": Alias(tool="list_assets", adapt=_listing),
    "assign_asset_to_user": Alias(tool="assign_asset"),
    "link_asset_to_request": Alias(tool="link_asset_to_ticket"),
    "batch_delete_assets": Alias(tool="bulk_delete_assets", adapt=_batch),
    "batch_assign_assets": Alias(tool="bulk_assign_assets", adapt=_batch),
    "batch_create_project_tasks": Alias(tool="bulk_create_project_tasks", adapt=_batch),
    "create_solution": _same("create_article"),
    "update_solution": _same("update_article", renamed={"solution_id": "article_id"}),
    "delete_solution": Alias(tool="delete_article", renamed={"solution_id": "article_id"}),
    "get_solution": Alias(
        tool="search_knowledge_base", renamed={"solution_id": "article_id", "id": "article_id"}
    ),
    "list_solutions": Alias(
        tool="search_knowledge_base", renamed={"search": "query"}, left_out=frozenset({"limit"})
    ),
}
SERVER: Mapping[str, Alias] = {
    "check_system_health": Alias(
        tool="get_server_health", left_out=frozenset({"include_tenant_details"})
    ),
    "get_performance_metrics": Alias(tool="get_server_health", left_out=frozenset({"period"})),
    "diagnose_issues": Alias(tool="diagnose_connection", left_out=frozenset({"issue_type"})),
    "search_tools": Alias(tool="search_tools", left_out=frozenset({"search_in"})),
    "get_tool_documentation": Alias(
        tool="search_tools",
        renamed={"module": "toolset"},
        left_out=frozenset({"format", "include_examples"}),
    ),
    "get_tool_details": Alias(tool="describe_tool"),
    "list_available_scopes": Alias(tool="list_scopes"),
    "get_batch_operation_tips": Alias(
        tool="describe_tool",
        fixed={"name": "bulk_update_tickets"},
        left_out=frozenset({"operation"}),
    ),
}
ALIASES: Mapping[str, Alias] = {**REQUESTS, **PEOPLE, **RECORDS, **SERVER}
