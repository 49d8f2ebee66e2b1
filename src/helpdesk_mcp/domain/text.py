"""Text that outsiders wrote, marked by type so that it is cleaned on its way out, always.

The pipeline serializes results with a context that holds two functions: `line` for one-line
fields, `prose` for longer text. Without a context the text is left as the desk gave it.
"""

from typing import Annotated, Any

from pydantic import PlainSerializer, SerializationInfo


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
