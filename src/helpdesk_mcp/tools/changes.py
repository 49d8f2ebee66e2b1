"""Tools for changes: planned work, from its request to its end."""

from typing import Annotated, TypedDict, Unpack

from pydantic import Field

from helpdesk_mcp.domain.changes import Changes, PlannedChange, PlannedChangeDraft
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.tools.drafts import something, sound
from helpdesk_mcp.tools.params import (
    Body,
    Cursor,
    PageSize,
    Query,
    RecordId,
    Subject,
    When,
    Word,
    Words,
    names,
)
from helpdesk_mcp.tools.record_results import ChangeList, RecordStatistics, brief, statistics
from helpdesk_mcp.tools.results import window

LONG = ("description", "impact_details", "rollout_plan", "backout_plan")
ID = {"id": "change_id"}
HELD = {
    **dict.fromkeys(("title", *LONG), Holds.PROSE),
    **dict.fromkeys(("owner", "manager", "requester"), Holds.PERSON),
}
RENAMED = {
    "type": "kind",
    "change_type": "kind",
    "reason_for_change": "reason",
    "change_requester": "requester",
    "change_owner": "owner",
    "change_manager": "manager",
    "group": "queue",
    "scheduled_start": "start",
    "scheduled_end": "end",
}
PLANS = {
    "implementation_plan": "rollout_plan",
    "rollback_plan": "backout_plan",
    "scheduled_start": "start",
    "scheduled_end": "end",
}
SEARCH = {"search_term": "query", "search": "query", "limit": "page_size", "type": "kind"}
Kind = Annotated[Word, Field(description="Type, as the desk names it: Minor, Standard, Major")]


class _Sorted(TypedDict, total=False):
    kind: Kind | None
    priority: Word | None
    urgency: Word | None
    impact: Word | None
    risk: Word | None
    reason: Word | None
    category: Word | None
    subcategory: Word | None


class _Item(TypedDict, total=False):
    item: Word | None


class _Planned(TypedDict, total=False):
    queue: Word | None
    site: Word | None
    requester: Word | None
    owner: Word | None
    manager: Word | None
    start: When | None
    end: When | None
    impact_details: Body | None
    rollout_plan: Body | None
    backout_plan: Body | None


class NewChange(_Sorted, _Item, _Planned, total=False):
    pass


class ChangeFields(_Sorted, _Planned, total=False):
    pass


@operation(
    Scope.CHANGES_READ,
    Effect.READ,
    title="List changes",
    listed=False,
    target="",
    renamed=SEARCH,
    holds={"query": Holds.PROSE, "owner": Holds.PERSON},
)
async def list_changes(
    desk: Changes,
    query: Query | None = None,
    status: Words | None = None,
    kind: Kind | None = None,
    owner: Word | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> ChangeList:
    """List changes, newest first; `query` is looked for in their titles."""
    which = RecordFilter(text=query, statuses=names(status), kind=kind, person=owner)
    found = brief(await desk.changes.find(which, window(cursor, None, page_size)), *LONG)
    return ChangeList(changes=found.items, **footer(found))


@operation(
    Scope.CHANGES_READ,
    Effect.READ,
    title="Get a change",
    listed=False,
    target="change_id",
    renamed=ID,
)
async def get_change(
    desk: Changes,
    change_id: RecordId,
    full: Annotated[bool, Field(description="All of long texts")] = False,
) -> PlannedChange:
    """Read a change: stage, schedule, people, plans."""
    del full  # shaping reads it: it widens the size of the answer
    return await desk.changes.read(change_id)


@operation(
    Scope.CHANGES_WRITE,
    Effect.WRITE,
    title="Create a change",
    listed=False,
    target="",
    renamed=RENAMED,
    holds=HELD,
)
async def create_change(
    desk: Changes,
    title: Subject,
    description: Body | None = None,
    **fields: Unpack[NewChange],
) -> RecordReceipt:
    """Open a change: planned work with its type, risk, schedule and plans."""
    draft = PlannedChangeDraft(title=title, description=description, **fields)
    return await desk.changes.create(sound(draft))


@operation(
    Scope.CHANGES_WRITE,
    Effect.WRITE,
    title="Update a change",
    idempotent=True,
    listed=False,
    target="change_id",
    renamed={**ID, **RENAMED},
    holds=HELD,
)
async def update_change(
    desk: Changes,
    change_id: RecordId,
    title: Subject | None = None,
    description: Body | None = None,
    status: Word | None = None,
    stage: Word | None = None,
    **fields: Unpack[ChangeFields],
) -> RecordReceipt:
    """Change fields of a change, its stage and status among them; what is not given stays."""
    draft = PlannedChangeDraft(
        title=title, description=description, status=status, stage=stage, **fields
    )
    return await desk.changes.change(change_id, sound(something(draft)))


@operation(
    Scope.CHANGES_WRITE,
    Effect.WRITE,
    title="Schedule a change",
    idempotent=True,
    listed=False,
    target="change_id",
    renamed={**ID, **PLANS},
    holds={"rollout_plan": Holds.PROSE, "backout_plan": Holds.PROSE},
)
async def schedule_change(
    desk: Changes,
    change_id: RecordId,
    start: When,
    end: When,
    rollout_plan: Body | None = None,
    backout_plan: Body | None = None,
) -> RecordReceipt:
    """Say when a change is carried out, and how it is rolled out and taken back."""
    draft = PlannedChangeDraft(
        start=start, end=end, rollout_plan=rollout_plan, backout_plan=backout_plan
    )
    return await desk.changes.change(change_id, sound(draft))


@operation(Scope.CHANGES_READ, Effect.READ, title="Change statistics", listed=False, target="")
async def get_change_statistics(desk: Changes, status: Words | None = None) -> RecordStatistics:
    """Count changes by status, stage, type, priority and owner."""
    which = RecordFilter(statuses=names(status))
    counted_by = ("status", "stage", "kind", "priority", "owner")
    return await statistics(desk.changes, which, counted_by)


TOOLS = (
    list_changes,
    get_change,
    create_change,
    update_change,
    schedule_change,
    get_change_statistics,
)
