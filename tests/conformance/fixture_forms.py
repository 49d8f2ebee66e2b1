"""Elicitation forms: every default (SEP-1034) and every kind of choice (SEP-1330)."""

from typing import Any

Form = dict[str, Any]  # a JSON Schema


def form(**kinds: str) -> Form:
    properties = {name: {"type": kind} for name, kind in kinds.items()}
    return {"type": "object", "properties": properties, "required": list(kinds)}


def titled(prefix: str, noun: str) -> list[dict[str, str]]:
    ordinals = ("First", "Second", "Third")
    return [
        {"const": f"{prefix}{number}", "title": f"{ordinal} {noun}"}
        for number, ordinal in enumerate(ordinals, start=1)
    ]


USER: Form = form(username="string", email="string")

EVERY_DEFAULT: Form = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    },
}

THREE_OPTIONS = ["option1", "option2", "option3"]

EVERY_ENUM: Form = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": THREE_OPTIONS},
        "titledSingle": {"type": "string", "oneOf": titled("value", "Option")},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {
            "type": "array",
            "items": {"type": "string", "enum": THREE_OPTIONS},
        },
        "titledMulti": {"type": "array", "items": {"anyOf": titled("value", "Choice")}},
    },
}
