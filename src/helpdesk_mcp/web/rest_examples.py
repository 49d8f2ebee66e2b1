"""What calls and answers look like: the examples of the REST reference, checked by a test."""

from typing import Any

_TICKET = {
    "id": "42",
    "subject": "VPN down in Madrid",
    "status": "Open",
    "priority": "1. Critical",
    "queue": "Networks",
    "assignee": "ana",
}
_PERSON = {"id": "3", "username": "ana", "name": "Ana Ruiz", "email": "ana@example.com"}
_SENT = {"sent": True, "to": ["eva@example.com"]}
_FILE = {"id": "9", "name": "trace.txt", "size": 28, "media_type": "text/plain"}
_ARTICLE = {
    "id": "5",
    "title": "Connect to the VPN",
    "category": "Networks",
    "answer": "Start the client and sign in with your user name.",
}

BODIES: dict[str, dict[str, Any]] = {
    "create_ticket": {
        "subject": "VPN down in Madrid",
        "description": "Nobody at the Madrid site can connect since 09:00.",
        "priority": "Urgent",
        "requester": "eva@example.com",
    },
    "update_ticket": {"priority": "High", "comment": "Only one site is hit."},
    "close_ticket": {"resolution": "The VPN gateway was restarted.", "time_spent": "0:45"},
    "assign_ticket": {"assignee": "ana"},
    "add_note": {"text": "The gateway's certificate expires tomorrow."},
    "reply_to_requester": {"text": "We are on it and will report by 11:00."},
    "add_attachment": {"filename": "trace.txt", "text": "1  10.0.0.1  timeout at hop 1"},
}

ANSWERS: dict[str, dict[str, Any]] = {
    "list_tickets": {"shown": 1, "total": 1, "tickets": [_TICKET]},
    "search_tickets": {"shown": 1, "total": 1, "tickets": [_TICKET]},
    "get_ticket": {
        **_TICKET,
        "created": "2026-03-02T09:12:00+01:00",
        "modified": "2026-03-02T09:40:00+01:00",
        "description": "Nobody at the Madrid site can connect since 09:00.",
    },
    "create_ticket": {
        "ticket_id": "42",
        "changes": [{"field": "subject", "after": "VPN down in Madrid"}],
        "mail": _SENT,
        "url": "https://desk.example.com/tickets/42/",
    },
    "update_ticket": {
        "ticket_id": "42",
        "changes": [{"field": "priority", "before": "1. Critical", "after": "2. High"}],
        "history": True,
    },
    "close_ticket": {
        "ticket_id": "42",
        "changes": [{"field": "status", "before": "Open", "after": "Closed"}],
        "mail": _SENT,
        "history": True,
    },
    "assign_ticket": {
        "ticket_id": "42",
        "changes": [{"field": "assignee", "before": "luis", "after": "ana"}],
        "history": True,
    },
    "add_note": {"ticket_id": "42", "changes": [], "mail": {"sent": False}, "comment_id": "7"},
    "reply_to_requester": {"ticket_id": "42", "changes": [], "mail": _SENT, "comment_id": "8"},
    "get_conversation": {
        "ticket_id": "42",
        "shown": 1,
        "total": 1,
        "comments": [
            {
                "id": "8",
                "at": "2026-03-02T09:45:00+01:00",
                "author": "ana",
                "visibility": "public",
                "body": "We are on it and will report by 11:00.",
            }
        ],
    },
    "add_attachment": {"ticket_id": "42", "changes": [], "attachment_id": "9"},
    "get_attachment": {"attachment": _FILE, "text": "1  10.0.0.1  timeout at hop 1"},
    "get_queues": {
        "shown": 1,
        "total": 1,
        "queues": [{"id": "2", "name": "Networks", "slug": "net"}],
    },
    "get_users": {"shown": 1, "total": 1, "people": [_PERSON]},
    "get_ticket_fields": {
        "statuses": {"Open": ["Resolved", "Closed"], "Closed": ["Reopened"]},
        "priorities": ["1. Critical", "2. High"],
        "fields": [{"name": "site", "label": "Site", "kind": "text", "required": True}],
    },
    "search_knowledge_base": {"shown": 1, "total": 1, "articles": [_ARTICLE]},
}

PROBLEM: dict[str, Any] = {
    "type": "/docs#unavailable",
    "title": "The help desk cannot be used now",
    "status": 504,
    "detail": "The help desk took too long. Look at the ticket before you repeat this.",
    "code": "unavailable",
    "reason": "timeout",
    "retryable": False,
    "written": "unknown",
}
