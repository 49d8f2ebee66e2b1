"""Wrong arguments for every tool, made from the schemas that the tools themselves announce."""

from collections.abc import Iterator

from tests.hostile.messages import Document, Json
from tests.hostile.stack import CANARY

from helpdesk_mcp.domain.operations import AnyOperation, input_schema

RIGHT: dict[str, Json] = {
    "ticket_id": "1",
    "subject": "Printer",
    "queue": "it",
    "requester": "eva@example.com",
    "assignee": "me",
    "resolution": "Done.",
    "text": "Hello.",
    "comment": "Hello.",
    "filename": "a.txt",
    "attachment_id": "1",
    "query": "printer",
    "priority": "High",
    "intent": "Tidy up.",
    "reason": "A part is missing.",
    "others": "2",
    "time_spent": "15",
    "description": "Looked at it.",
    "worklog_id": "1",
    "task_id": "1",
    "title": "Paper jams",
    "answer": "Open the lid.",
    "approvers": "agent",
    "message": "May we?",
    "approval_id": "1",
    "article_id": "1",
    "problem_id": "1",
    "tickets": "1",
    "change_id": "1",
    "start": "2030-01-01T08:00:00Z",
    "end": "2030-01-01T10:00:00Z",
    "project_id": "1",
    "milestone_id": "1",
    "asset_id": "1",
    "name": "Laptop 7",
    "product": "Nimbus 14",
    "user": "alice",
    "state": "In Use",
    "item_id": "1",
    "other_id": "2",
    "kind": "Server",
    "relation": "Uses",
    "contract_id": "1",
    "root_cause": "Old rollers.",
    "csv": "name,product,tag\nLaptop 8,Nimbus 14,T-8",
    "assignments": [{"asset_id": "1", "user": "alice"}],
    "asset_ids": ["1"],
    "tasks": [{"title": "Boxes"}],
}
RIGHT_FOR: dict[str, dict[str, Json]] = {
    "bulk_create_tickets": {"tickets": [{"subject": "Printer", "queue": "it"}]},
    "bulk_close_tickets": {"ticket_ids": ["1"]},
    "search_tickets_advanced": {"where": [{"field": "priority", "value": ["High"]}]},
    "describe_tool": {"name": "list_tickets"},
    "run_tool": {"name": "list_tickets"},
}
"""What only one tool means by a word."""
NEEDED_TOO = {
    "create_ticket": ("queue",),
    "add_attachment": ("text",),
    "update_ticket": ("priority",),
    "update_task": ("title",),
    "update_worklog": ("description",),
}
"""What a tool needs beside what its schema says."""
ADDRESSES: list[tuple[str, tuple[str, str] | None]] = [
    ("ticket://", None),
    ("ticket://%00", ("get_ticket", "invalid")),
    ("ticket://1%2F..%2F2", ("get_ticket", "invalid")),
    ("ticket://987654321", ("get_ticket", "not_found")),
    ("ticket://1?full=true", None),
    ("ticket://1/conversation/../..", None),
    ("queue://%00", ("list_tickets", "invalid")),
    ("queue://it%00", ("list_tickets", "invalid")),
    ("queue://%ED%A0%80", ("list_tickets", "invalid")),
    ("kb://%00", ("search_knowledge_base", "invalid")),
    ("kb://987654321", ("search_knowledge_base", "not_found")),
    ("kb://../1", ("search_knowledge_base", "not_found")),
    ("file:///etc/passwd", None),
    ("http://127.0.0.1:1/", None),
    ("TICKET://1", None),
    ("ticket:1", None),
    ("x" * 5_000, None),
    ("", None),
]
"""Addresses of no resource, and the call that each makes, if it makes one."""
ODD_IDS: list[Json] = [
    "1 OR 1=1",
    "1; drop table helpdesk_ticket",
    "../1",
    "1/../2",
    "1%00",
    "%31",
    "1\n2",
    "\uff11",
    "\u0661",
    "+1",
    "1.0",
    "",
    " ",
    "1" * 41,
    "ticket://1",
    "{{ 1 }}",
    "<b>1</b>",
    "1\u202e",
    1.0,
    -1.5,
    True,
    None,
    [],
    ["1"],
    {"$ne": "1"},
    {"id": "1"},
]
"""None of these is the id of a ticket, however well it is meant."""


def right(operation: AnyOperation) -> Document:
    """Return arguments that this tool takes."""
    schema = input_schema(operation)
    needed = (*schema.get("required", ()), *NEEDED_TOO.get(operation.name, ()))
    meant = RIGHT | RIGHT_FOR.get(operation.name, {})
    return {name: meant[name] for name in needed}


def wrong(operation: AnyOperation) -> Iterator[tuple[str, Json]]:
    """Yield what each argument may not be: its name and a value that must be refused."""
    schema = input_schema(operation)
    for name, part in schema["properties"].items():
        for value in _never(part):
            yield name, value
        if name in schema.get("required", ()):
            yield name, None


def _never(schema: Document) -> Iterator[Json]:
    """Yield values that no kindness of ours turns into what the schema asks for."""
    if "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from _too_long(part)
        yield from ({"a": CANARY}, 1.5)
        return
    yield from _too_long(schema)
    yield from _OF_TYPE[schema.get("type", "enum")]
    if schema.get("format") == "date":
        yield from (CANARY, "2026-02-30", "0000-00-00", "9" * 400)
    if "enum" in schema:
        yield from (CANARY * 1_000, CANARY)


def _too_long(schema: Document) -> Iterator[Json]:
    if (most := schema.get("maxLength")) is not None and most < 500_000:
        yield CANARY + "x" * most
    if schema.get("minLength"):
        yield ""
    if "maximum" in schema:
        yield from (schema["maximum"] + 1, schema["minimum"] - 1)
    if "maxProperties" in schema:
        yield {f"{CANARY}{number}": 1 for number in range(schema["maxProperties"] + 1)}


_OF_TYPE: dict[str, list[Json]] = {
    "string": [{"a": CANARY}, True, 1.5, {"toString": CANARY}],
    "integer": [CANARY, 1.5, {"a": 1}, [1], 10**30, "1e9", ""],
    "boolean": [CANARY, 2, {"a": CANARY}, [True], ""],
    "array": [{"a": CANARY}, True, 1.5],
    "object": [CANARY, [CANARY], {"a": {"b": CANARY}}, {"a": [CANARY]}, 7],
    "enum": [1, {"a": CANARY}, [CANARY]],
}
