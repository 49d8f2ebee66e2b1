"""Changes: planned work on what an organisation runs, with its plan, risk and schedule."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import Register
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A change of the world, not of a field: that is a receipt's `Change`."""

    id: str
    title: Line | None = None
    status: Line | None = None
    stage: Line | None = None
    kind: Line | None = None
    priority: Line | None = None
    urgency: Line | None = None
    impact: Line | None = None
    risk: Line | None = None
    reason: Line | None = None
    category: Line | None = None
    subcategory: Line | None = None
    item: Line | None = None
    queue: Line | None = None
    site: Line | None = None
    requester: Line | None = None
    owner: Line | None = None
    manager: Line | None = None
    approval: Line | None = None
    start: Moment | None = None
    end: Moment | None = None
    created: Moment | None = None
    modified: Moment | None = None
    closed: Moment | None = None
    url: str | None = None
    description: Prose | None = None
    impact_details: Prose | None = None
    rollout_plan: Prose | None = None
    backout_plan: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChangeDraft:
    """What to set on a change. None leaves a field as it is; names work wherever ids do."""

    title: str | None = None
    status: str | None = None
    stage: str | None = None
    kind: str | None = None
    priority: str | None = None
    urgency: str | None = None
    impact: str | None = None
    risk: str | None = None
    reason: str | None = None
    category: str | None = None
    subcategory: str | None = None
    item: str | None = None
    queue: str | None = None
    site: str | None = None
    requester: str | None = None
    owner: str | None = None
    manager: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    description: str | None = None
    impact_details: str | None = None
    rollout_plan: str | None = None
    backout_plan: str | None = None


class ChangeBook(Register[PlannedChange, PlannedChangeDraft], Protocol):
    async def close(
        self, change_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        """Close a change. Raises Conflict while its workflow is not at its end."""
        ...

    async def restore(self, change_id: str) -> RecordReceipt:
        """Take a change out of the trash."""
        ...


class Changes(Desk, Protocol):
    """A desk that keeps changes."""

    changes: ChangeBook
