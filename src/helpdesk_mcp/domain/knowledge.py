"""Articles of a knowledge base."""

from dataclasses import dataclass

from helpdesk_mcp.domain.text import Line, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    id: str
    title: Line
    category: Line | None = None
    question: Prose | None = None
    answer: Prose | None = None
    url: str | None = None
