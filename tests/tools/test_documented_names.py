"""Every argument that the systems before us documented works under its documented name.

Each row is one documented call and what must come of it; `TICKET` stands for the ticket that is
there before the call.
"""

from typing import Any

import pytest
from tests.tools.asking import Asking

TICKET = object()
Row = tuple[str, dict[str, Any], dict[str, Any]]


def changed(**values: Any) -> dict[str, Any]:
    """Expect a receipt that says these fields have these values now."""
    return values


AGENT_SYSTEM: tuple[Row, ...] = (
    ("list_tickets", {"status": "Open"}, {"shown": 1}),
    ("list_tickets", {"status": "Open,Reopened"}, {"shown": 1}),
    ("list_tickets", {"status": "Closed"}, {"shown": 0}),
    ("list_tickets", {"queue_id": 1}, {"shown": 1}),
    ("list_tickets", {"queue_id": 2}, {"shown": 0}),
    ("list_tickets", {"assigned_to": 2}, {"shown": 1}),
    ("list_tickets", {"assigned_to": 1}, {"shown": 0}),
    ("list_tickets", {"page": 1, "page_size": 25}, {"shown": 1}),
    ("list_tickets", {"page": 2, "page_size": 1}, {"shown": 0}),
    ("get_ticket", {"ticket_id": TICKET}, {"subject": "Printer"}),
    (
        "create_ticket",
        {
            "queue": 1,
            "title": "No network",
            "description": "Since this morning",
            "submitter_email": "bea@example.com",
            "priority": 2,
            "assigned_to": 2,
            "due_date": "2026-12-24",
        },
        changed(
            queue="IT Support",
            subject="No network",
            requester="bea@example.com",
            priority="High",
            assignee="Alice Nguyen",
            due="2026-12-24",
        ),
    ),
    (
        "add_followup",
        {
            "ticket_id": TICKET,
            "comment": "Done",
            "title": "News",
            "public": True,
            "new_status": 3,
            "time_spent": "01:30",
        },
        changed(status="Resolved"),
    ),
    ("add_followup", {"ticket_id": TICKET, "comment": "Hm"}, {}),
    ("add_followup", {"ticket_id": TICKET, "comment": "Hm", "time_spent": "15"}, changed()),
    ("update_ticket", {"ticket_id": TICKET, "title": "Scanner"}, changed(subject="Scanner")),
    ("update_ticket", {"ticket_id": TICKET, "description": "Jam"}, changed()),
    ("update_ticket", {"ticket_id": TICKET, "status": 3}, changed(status="Resolved")),
    ("update_ticket", {"ticket_id": TICKET, "priority": 1}, changed(priority="Critical")),
    ("update_ticket", {"ticket_id": TICKET, "assigned_to": 1}, changed(assignee="Help Desk Agent")),
    ("update_ticket", {"ticket_id": TICKET, "due_date": "2027-01-31"}, changed(due="2027-01-31")),
    ("get_queues", {}, {"shown": 2}),
    ("get_users", {"page": 1}, {"shown": 2}),
)
SERVICE_DESK: tuple[Row, ...] = (
    ("create_ticket", {"subject": "VPN caída", "queue": "it"}, changed(subject="VPN caída")),
    (
        "create_ticket",
        {"subject": "VPN", "description": "No va", "queue": "it", "site": "Madrid"},
        {},
    ),
    ("create_ticket", {"subject": "a", "queue": 1, "priority": "Low"}, changed(priority="Low")),
    (
        "create_ticket",
        {"subject": "a", "queue": 1, "priority": "Medium"},
        changed(priority="Normal"),
    ),
    ("create_ticket", {"subject": "a", "queue": 1, "priority": "High"}, changed(priority="High")),
    (
        "create_ticket",
        {"subject": "a", "queue": 1, "priority": "Urgent"},
        changed(priority="Critical"),
    ),
    ("add_note", {"ticket_id": TICKET, "note_text": "Called"}, {}),
)


ROWS = (*AGENT_SYSTEM, *SERVICE_DESK)


@pytest.mark.parametrize(
    ("tool", "documented", "expected"),
    ROWS,
    ids=[f"{number}-{tool}({', '.join(given)})" for number, (tool, given, _) in enumerate(ROWS)],
)
async def test_a_documented_call_does_what_was_documented(
    tool: str, documented: dict[str, Any], expected: dict[str, Any]
) -> None:
    ask = Asking()
    ticket = await ask(
        "create_ticket", subject="Printer", queue="it", assignee="alice", requester="a@example.com"
    )
    arguments = {k: ticket["ticket_id"] if v is TICKET else v for k, v in documented.items()}
    answer = await ask(tool, **arguments)
    said = answer | {c["field"]: c.get("after") for c in answer.get("changes", [])}
    assert {name: said.get(name) for name in expected} == expected
