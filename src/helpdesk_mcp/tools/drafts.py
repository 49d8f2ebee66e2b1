"""A change that sets something, and a schedule whose end is after its start."""

from datetime import datetime
from typing import Protocol, TypeVar

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.registers import given

T = TypeVar("T")


class Scheduled(Protocol):
    @property
    def start(self) -> datetime | None: ...

    @property
    def end(self) -> datetime | None: ...


ScheduledT = TypeVar("ScheduledT", bound=Scheduled)


def something(draft: T) -> T:
    """Return a draft that sets at least one field. Raises Invalid."""
    if not given(draft):
        raise Invalid("Nothing to change: give at least one field.", reason="empty")
    return draft


def sound(draft: ScheduledT) -> ScheduledT:
    """Return a draft whose end is after its start. Raises Invalid."""
    if draft.start and draft.end and draft.end <= draft.start:
        raise Invalid("`end` must be after `start`.", reason="schedule")
    return draft
