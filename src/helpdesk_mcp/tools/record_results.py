"""What tools answer about records beside tickets: lists without long texts, and counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from helpdesk_mcp.domain.assets import Asset, AssetEvent, Contract
from helpdesk_mcp.domain.changes import PlannedChange
from helpdesk_mcp.domain.configuration import ConfigurationItem, ItemType
from helpdesk_mcp.domain.decisions import Approval
from helpdesk_mcp.domain.handling import Link
from helpdesk_mcp.domain.pages import Listing, Page, Summary, Window
from helpdesk_mcp.domain.problems import Problem
from helpdesk_mcp.domain.projects import Milestone, Project
from helpdesk_mcp.domain.registers import RecordFilter, Register
from helpdesk_mcp.domain.text import Line
from helpdesk_mcp.domain.work import Task, Worklog

T = TypeVar("T")
COUNTED = 1_000
"""Records that statistics look at; of more, they say that they are partial."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList(Listing):
    ticket_id: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklogList(Listing):
    ticket_id: str
    worklogs: tuple[Worklog, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskList(Listing):
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalList(Listing):
    approvals: tuple[Approval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemList(Listing):
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeList(Listing):
    changes: tuple[PlannedChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectList(Listing):
    projects: tuple[Project, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneList(Listing):
    project_id: str
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetList(Listing):
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHistory(Listing):
    asset_id: str
    events: tuple[AssetEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractList(Listing):
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTypeList(Listing):
    types: tuple[ItemType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList(Listing):
    items: tuple[ConfigurationItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    value: Line
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStatistics(Summary):
    """How many records there are, by field. `partial` says why not all of them were counted."""

    total: int | None
    counted: int
    partial: str | None = None
    by: dict[str, tuple[Counted, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a project has come: its own word, and its milestones as counted."""

    project_id: str
    title: Line | None = None
    status: Line | None = None
    percent: float | None = None
    milestones: int = 0
    milestones_done: int = 0
    open: tuple[Line, ...] = ()


def brief(page: Page[T], *left_out: str) -> Page[T]:
    """Return a page whose items leave long texts, and these fields, out."""
    return replace(page, items=tuple(_brief(item, left_out) for item in page.items))


def _brief(item: Any, left_out: Iterable[str]) -> Any:
    empty = {name: None for name in left_out if name in {f.name for f in fields(item)}}
    return replace(item, **empty)


async def statistics(
    register: Register[Any, Any], which: RecordFilter, counted_by: tuple[str, ...]
) -> RecordStatistics:
    """Count records by field, page by page, as far as `COUNTED`."""
    seen: list[Any] = []
    total: int | None = None
    more = True
    while more and len(seen) < COUNTED:
        page = await register.find(which, Window(start=len(seen), size=AT_ONCE))
        seen.extend(page.items)
        total, more = page.total, page.more and bool(page.items)
    return _counted(
        Tally(
            total=len(seen) if not more else total,
            counted=len(seen),
            partial=f"The newest {len(seen)} were counted." if more else None,
            by={
                name: Counter(str(getattr(record, name) or "none") for record in seen)
                for name in counted_by
            },
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often each value of each field comes; nothing is "none"."""

    total: int | None
    counted: int
    partial: str | None
    by: Mapping[str, Counter[str]]


def _counted(tally: Tally) -> RecordStatistics:
    """Return counts with the most frequent value of each field first."""
    return RecordStatistics(
        total=tally.total,
        counted=tally.counted,
        partial=tally.partial,
        by={
            name: tuple(Counted(value=value, count=count) for value, count in counts.most_common())
            for name, counts in tally.by.items()
        },
        seen=tally,
        made=_added,
    )


def _added(tallies: Mapping[str, Tally], silent: tuple[str, ...]) -> RecordStatistics:
    """Add up what several desks counted; how many each has is told too."""
    every = tuple(tallies.values())
    partial = [f"{desk}: {one.partial}" for desk, one in tallies.items() if one.partial]
    partial += [f"{desk} did not answer." for desk in silent]
    totals = [one.total for one in every]
    of_desks = Counter({desk: one.counted for desk, one in tallies.items()})
    fields = {name: sum((one.by[name] for one in every), Counter[str]()) for name in every[0].by}
    return _counted(
        Tally(
            total=None if None in totals else sum(total or 0 for total in totals),
            counted=sum(one.counted for one in every),
            partial=" ".join(partial) or None,
            by={"desk": of_desks, **fields},
        )
    )
