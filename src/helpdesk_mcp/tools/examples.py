"""An example call of any tool, made from its schema, so that a description shows how it is used."""

import re
from collections.abc import Mapping
from typing import Any, cast

from helpdesk_mcp.domain.operations import AnyOperation, input_schema

Schema = Mapping[str, Any]

KNOWN: Mapping[str, Any] = {
    "subject": "VPN down in Madrid",
    "title": "VPN down in Madrid",
    "description": "Nobody at the Madrid site can connect since 09:00.",
    "text": "The gateway's certificate expires tomorrow.",
    "comment": "Asked by phone.",
    "resolution": "The VPN gateway was restarted.",
    "query": "vpn OR gateway",
    "priority": "High",
    "status": "Open",
    "assignee": "ana@example.com",
    "person": "ana@example.com",
    "requester": "eva@example.com",
    "queue": "Networks",
    "filename": "trace.txt",
    "time_spent": "0:45",
    "minutes": 45,
    "name": "list_tickets",
    "period": "last 7 days",
    "ticket_ids": ["42", "43"],
}
"""What an argument of this name usually holds."""
WHOLE: Mapping[str, dict[str, Any]] = {
    "bulk_update_tickets": {"ticket_ids": ["42", "43"], "change": {"priority": "High"}},
    "bulk_close_tickets": {"ticket_ids": ["42", "43"], "resolution": "Fixed by the update."},
}
"""Examples that no schema tells: arguments that only make sense together."""
USEFUL = ("query", "text", "comment", "assignee", "period", "resolution", "status")
"""Arguments worth showing although they can be left out, where nothing is required."""


def example_of(operation: AnyOperation) -> dict[str, Any]:
    """Return arguments that the operation's schema accepts: all required ones, and a useful one."""
    if operation.name in WHOLE:
        return WHOLE[operation.name]
    schema = input_schema(operation)
    properties: dict[str, Schema] = schema["properties"]
    required: list[str] = schema.get("required", [])
    shown = required or [name for name in USEFUL if name in properties][:1]
    definitions: Schema = schema.get("$defs", {})
    return {name: _sample(name, properties[name], definitions) for name in shown}


def _sample(name: str, schema: Schema, definitions: Schema) -> Any:
    if "$ref" in schema:
        return _sample(name, definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for key in ("default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _sample(name, schema["anyOf"][0], definitions)
    if name in KNOWN and _is_a(schema, KNOWN[name]):
        return KNOWN[name]
    return _of_type(name, schema, definitions)


def _of_type(name: str, schema: Schema, definitions: Schema) -> Any:
    match schema.get("type"):
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "boolean":
            return True
        case "array":
            return [_sample(name.removesuffix("s"), schema.get("items", {}), definitions)]
        case "object":
            return _object(schema, definitions)
        case _:
            return _text(name, schema)


def _object(schema: Schema, definitions: Schema) -> dict[str, Any]:
    properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    return {key: _sample(key, properties[key], definitions) for key in required}


def _text(name: str, schema: Schema) -> str:
    match schema.get("format"):
        case "date":
            return "2026-12-24"
        case "date-time":
            return "2026-12-24T09:00:00+01:00"
        case _:
            pass
    if "pattern" in schema or re.search(r"(^|_)id$", name):
        return "42"
    return name.replace("_", " ")[: schema.get("maxLength", 100)]


def _is_a(schema: Schema, value: object) -> bool:
    kinds = {"string": str, "integer": int, "number": int, "array": list}
    return isinstance(value, kinds.get(schema.get("type", ""), type(None)))
