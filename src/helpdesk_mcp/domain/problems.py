"""Problems: the causes behind tickets, what is known about them, and the tickets they explain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import Register
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    id: str
    title: Line | None = None
    status: Line | None = None
    priority: Line | None = None
    urgency: Line | None = None
    impact: Line | None = None
    category: Line | None = None
    subcategory: Line | None = None
    item: Line | None = None
    assignee: Line | None = None
    queue: Line | None = None
    site: Line | None = None
    reporter: Line | None = None
    due: Moment | None = None
    created: Moment | None = None
    modified: Moment | None = None
    closed: Moment | None = None
    known_error: bool | None = None
    url: str | None = None
    description: Prose | None = None
    root_cause: Prose | None = None
    symptoms: Prose | None = None
    impact_details: Prose | None = None
    workaround: Prose | None = None
    resolution: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDraft:
    """What to set on a problem. None leaves a field as it is; names work wherever ids do."""

    title: str | None = None
    status: str | None = None
    priority: str | None = None
    urgency: str | None = None
    impact: str | None = None
    category: str | None = None
    subcategory: str | None = None
    item: str | None = None
    assignee: str | None = None
    queue: str | None = None
    site: str | None = None
    due: datetime | None = None
    known_error: bool | None = None
    description: str | None = None
    root_cause: str | None = None
    symptoms: str | None = None
    impact_details: str | None = None
    workaround: str | None = None
    resolution: str | None = None


class ProblemBook(Register[Problem, ProblemDraft], Protocol):
    async def close(
        self, problem_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        """Close a problem, with a closing code where the desk has them."""
        ...

    async def add_tickets(self, problem_id: str, tickets: tuple[str, ...]) -> RecordReceipt:
        """Tie tickets to the problem that explains them."""
        ...


class Problems(Desk, Protocol):
    """A desk that keeps problems."""

    problems: ProblemBook
