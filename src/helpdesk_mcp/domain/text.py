"""Text that outsiders wrote, marked by type so that it is cleaned on its way out; and moments.

The pipeline serializes results with a context that holds three functions: `line` for one-line
fields, `prose` for longer text, `verbatim` for files. Without a context the text is left as the
desk gave it.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, SerializationInfo, WithJsonSchema


def _line(value: str, info: SerializationInfo) -> str:
    context: dict[str, Any] | None = info.context
    return value if context is None else context["line"](value)


def _prose(value: str, info: SerializationInfo) -> str:
    context: dict[str, Any] | None = info.context
    return value if context is None else context["prose"](value)


Line = Annotated[str, PlainSerializer(_line, return_type=str)]
"""One line from a desk: a subject, a name, a file name."""

Prose = Annotated[str, PlainSerializer(_prose, return_type=str)]
"""Longer text from a desk, in whatever markup it came: a description, a comment, an article."""


def _verbatim(value: str, info: SerializationInfo) -> str:
    context: dict[str, Any] | None = info.context
    return value if context is None else context["verbatim"](value)


Verbatim = Annotated[str, PlainSerializer(_verbatim, return_type=str)]
"""A file's own text: made visible and marked, but never reformatted."""


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


Moment = Annotated[
    datetime,
    PlainSerializer(_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A point in time, to the second, with its offset: `2026-11-20T15:33:38+00:00` (ISO 8601)."""
