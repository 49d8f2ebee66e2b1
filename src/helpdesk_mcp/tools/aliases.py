"""The tools of an earlier ServiceDesk Plus server under their documented names.

They are called like any tool and are never listed; `search_tools` finds ours by them.
"""

from collections.abc import Mapping
from typing import Any

from helpdesk_mcp.domain.aliases import Alias, When
from helpdesk_mcp.tools import documented, documented_lists
from helpdesk_mcp.tools.documented import PERSON, TICKET

SMART_LEFT_OUT = frozenset({"include_stats", "format", "output"})
NOTE = {
    **TICKET,
    **dict.fromkeys(("text", "note", "note_content", "note_text"), "comment"),
    "is_public": "public",
}


def _says_more(given: Mapping[str, Any]) -> bool:
    """Whether a note is for the requester too, or its technician is to be told of it."""
    said = (given.get(name) for name in ("is_public", "notify_technician"))
    return any(value not in (None, False, "false") for value in said)


def _same(tool: str, **more: Any) -> Alias:
    """Return an alias that takes `data` apart and is else our tool of the same name."""
    return Alias(tool=tool, adapt=documented.flat, **more)


REQUESTS: Mapping[str, Alias] = {
    "get_metadata": Alias(tool="get_ticket_fields"),
    "list_requests": Alias(
        tool="list_tickets",
        adapt=documented_lists.listing,
        left_out=frozenset({"include_details"}),
    ),
    "get_request": Alias(tool="get_ticket", renamed=TICKET),
    "create_request": Alias(
        tool="create_ticket",
        renamed={**PERSON, "group": "queue", "due_by_time": "due"},
        adapt=documented.classified,
    ),
    "update_request": Alias(
        tool="update_ticket",
        renamed={**TICKET, **PERSON, "group": "queue", "due_by_time": "due"},
        adapt=documented.classified,
    ),
    "close_request": Alias(
        tool="close_ticket",
        renamed=TICKET,
        usual={"notify": False},
        adapt=documented.closing,
        left_out=frozenset({"requester_ack_resolution"}),
    ),
    "delete_request": Alias(tool="trash_ticket", renamed=TICKET),
    "pickup_request": Alias(
        tool="assign_ticket",
        renamed={**TICKET, **PERSON},
        usual={"assignee": "me"},
        adapt=documented.flat,
    ),
    "search_requests": Alias(
        tool="search_tickets",
        adapt=documented_lists.listing,
        instead=When(
            documented_lists.has_criteria,
            Alias(tool="search_tickets_advanced", adapt=documented_lists.conditions),
            told="with `criteria`",
        ),
    ),
    "get_request_statistics": Alias(tool="get_ticket_statistics"),
    "add_note": Alias(
        tool="add_note",
        renamed=TICKET,
        left_out=frozenset({"is_public", "notify_technician"}),
        instead=When(
            _says_more,
            Alias(tool="add_followup", renamed=NOTE, usual={"public": False}),
            told="with `is_public` or `notify_technician`",
        ),
    ),
    "add_private_note": Alias(
        tool="add_note",
        renamed=TICKET,
        left_out=frozenset({"notify_technician"}),
        instead=When(
            _says_more,
            Alias(tool="add_followup", renamed=NOTE, fixed={"public": False}),
            told="with `notify_technician`",
        ),
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
        adapt=documented_lists.listing,
        left_out=frozenset({"format", "group_by", "max_pages", "max_items"}),
    ),
    "search_requests_smart": Alias(
        tool="search_tickets",
        renamed={"max_results": "page_size"},
        adapt=documented_lists.smart,
        left_out=SMART_LEFT_OUT,
        instead=When(
            documented_lists.is_all_said,
            Alias(
                tool="list_tickets",
                renamed={"max_results": "page_size"},
                adapt=documented_lists.smart,
                left_out=SMART_LEFT_OUT,
            ),
            told="where `query` leaves no words to look for",
        ),
    ),
    "analyze_requests": Alias(
        tool="get_ticket_statistics",
        adapt=documented.figures,
        left_out=frozenset({"metrics", "detailed"}),
    ),
    "bulk_update_request_status": Alias(
        tool="bulk_update_tickets",
        renamed={"request_ids": "ticket_ids"},
        adapt=documented.many,
        left_out=frozenset({"notify_requesters"}),
    ),
    "batch_create_requests": Alias(tool="bulk_create_tickets", adapt=documented.batch),
    "batch_update_requests": Alias(
        tool="bulk_update_tickets", renamed={"requests": "updates"}, adapt=documented.batch
    ),
    "batch_close_requests": Alias(tool="bulk_close_tickets", adapt=documented.closings),
}
PEOPLE: Mapping[str, Alias] = {
    "list_technicians": Alias(tool="get_users", left_out=frozenset({"limit"})),
    "get_technician": Alias(tool="get_users", renamed={"technician_id": "query", "id": "query"}),
    "find_technician": Alias(tool="get_users"),
    "list_users": Alias(tool="search_requesters", left_out=frozenset({"limit", "page_size"})),
    "get_user": Alias(tool="search_requesters", renamed={"user_id": "query", "id": "query"}),
}
RECORDS: Mapping[str, Alias] = {
    "create_problem": _same(
        "create_problem", renamed={"owner": "assignee", "impact_assessment": "impact_details"}
    ),
    "update_problem": _same("update_problem", renamed={"owner": "assignee"}),
    "search_problems": Alias(tool="list_problems", adapt=documented_lists.listing),
    "analyze_problem_root_cause": Alias(tool="analyze_problem", adapt=documented.analysis),
    "link_incidents_to_problem": Alias(tool="link_tickets_to_problem"),
    "create_change": _same("create_change"),
    "update_change": _same("update_change"),
    "search_changes": Alias(tool="list_changes", adapt=documented_lists.listing),
    "schedule_change_implementation": Alias(tool="schedule_change"),
    "create_project": _same("create_project"),
    "update_project": _same("update_project"),
    "search_projects": Alias(tool="list_projects", adapt=documented_lists.listing),
    "create_asset": _same("create_asset"),
    "update_asset": _same("update_asset"),
    "search_assets": Alias(tool="list_assets", adapt=documented_lists.listing),
    "assign_asset_to_user": Alias(tool="assign_asset"),
    "link_asset_to_request": Alias(tool="link_asset_to_ticket"),
    "batch_delete_assets": Alias(tool="bulk_delete_assets", adapt=documented.batch),
    "batch_assign_assets": Alias(tool="bulk_assign_assets", adapt=documented.batch),
    "batch_create_project_tasks": Alias(tool="bulk_create_project_tasks", adapt=documented.batch),
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
        adapt=documented.topics,
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
