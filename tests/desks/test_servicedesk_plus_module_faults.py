"""Trouble with the records of every module, between us and a real, running simulator."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from tests.desks.troubled import Control, desk_at

from helpdesk_demo.servicedesk_plus.process import SimulatorProcess
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.domain.assets import AssetDraft
from helpdesk_mcp.domain.authoring import ArticleDraft
from helpdesk_mcp.domain.changes import PlannedChangeDraft
from helpdesk_mcp.domain.configuration import ItemDraft
from helpdesk_mcp.domain.decisions import ApprovalDraft, Asked
from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.problems import ProblemDraft
from helpdesk_mcp.domain.projects import MilestoneDraft, ProjectDraft
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.domain.tickets import TicketDraft
from helpdesk_mcp.domain.work import Holder, TaskDraft, WorklogDraft

TITLE = "Filed once?"
NAMED = RecordFilter(text=TITLE)
PAGE = Window()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A desk with what records hang on."""

    desk: ServiceDeskPlus
    ids: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def ticket(self) -> Holder:
        return Holder(kind="ticket", id=self.ids["ticket"])

    @property
    def project(self) -> Holder:
        return Holder(kind="project", id=self.ids["project"])


@dataclass(frozen=True, slots=True)
class Filing:
    """How a record is filed, where its POST goes, and how those that are there are counted."""

    path: str
    file: Callable[[Held], Awaitable[RecordReceipt]]
    found: Callable[[Held], Awaitable[int]]


async def _count(find: Callable[[RecordFilter, Window], Awaitable[Any]]) -> int:
    return len((await find(NAMED, PAGE)).items)


async def _count_articles(held: Held) -> int:
    return len((await held.desk.articles(TITLE, PAGE)).items)


def filings(kind: str) -> dict[str, Filing]:
    """Return what is filed: all, where one kind of trouble stands for others like it."""
    some = ("problem", "worklog", "change's approval")
    every = kind in {"commit_then_drop", "status"}
    return FILINGS if every else {what: FILINGS[what] for what in some}


async def _tasks(held: Held, holder: Holder) -> int:
    found = await held.desk.tasks.find(holder, PAGE)
    return sum(task.title == TITLE for task in found.items)


async def _approvers(held: Held, asked: Asked) -> int:
    return len(await held.desk.decisions.find(asked))


async def _worklogs(held: Held) -> int:
    return len((await held.desk.worklogs.find(held.ids["ticket"], PAGE)).items)


async def _relations(held: Held) -> int:
    return len((await held.desk.configuration.read(held.ids["item"])).relations or ())


async def _milestones(held: Held) -> int:
    return len((await held.desk.projects.milestones(held.ids["project"], PAGE)).items)


def _asked(held: Held, kind: str) -> Asked:
    return Asked(kind="ticket" if kind == "ticket" else "change", id=held.ids[kind])


ASKING = ApprovalDraft(approvers=("Alice Nguyen",), message="May we?")
WORKED = WorklogDraft(minutes=30, description="Cabling & more", kind="Remote")
FILINGS: dict[str, Filing] = {
    "problem": Filing(
        "problems$",
        lambda held: held.desk.problems.create(ProblemDraft(title=TITLE, priority="High")),
        lambda held: _count(held.desk.problems.find),
    ),
    "change": Filing(
        "changes$",
        lambda held: held.desk.changes.create(PlannedChangeDraft(title=TITLE)),
        lambda held: _count(held.desk.changes.find),
    ),
    "project": Filing(
        "projects$",
        lambda held: held.desk.projects.create(ProjectDraft(title=TITLE)),
        lambda held: _count(held.desk.projects.find),
    ),
    "milestone": Filing(
        "milestones$",
        lambda held: held.desk.projects.add_milestone(
            held.ids["project"], MilestoneDraft(title=TITLE)
        ),
        _milestones,
    ),
    "asset": Filing(
        "assets$",
        lambda held: held.desk.assets.create(
            AssetDraft(name=TITLE, product="Nimbus 14", tag="ZZ-9")
        ),
        lambda held: _count(held.desk.assets.find),
    ),
    "article": Filing(
        "solutions$",
        lambda held: held.desk.authoring.create(
            ArticleDraft(title=TITLE, answer="A", category="General")
        ),
        _count_articles,
    ),
    "item": Filing(
        "cmdb_servers$|servers$|/ci_server$",
        lambda held: held.desk.configuration.create(ItemDraft(name=TITLE, kind="Server")),
        lambda held: _count(held.desk.configuration.find),
    ),
    "relation": Filing(
        "ci_relationships$",
        lambda held: held.desk.configuration.relate(
            held.ids["item"], "Runs on", held.ids["other item"]
        ),
        _relations,
    ),
    "worklog": Filing(
        "worklogs$",
        lambda held: held.desk.worklogs.add(held.ids["ticket"], WORKED),
        _worklogs,
    ),
    "ticket's task": Filing(
        "tasks$",
        lambda held: held.desk.tasks.add(held.ticket, TaskDraft(title=TITLE)),
        lambda held: _tasks(held, held.ticket),
    ),
    "project's task": Filing(
        "tasks$",
        lambda held: held.desk.tasks.add(held.project, TaskDraft(title=TITLE)),
        lambda held: _tasks(held, held.project),
    ),
    "ticket's approval": Filing(
        "approval_levels$",
        lambda held: held.desk.decisions.ask(_asked(held, "ticket"), ASKING),
        lambda held: _approvers(held, _asked(held, "ticket")),
    ),
    "change's approval": Filing(
        "approval_levels$",
        lambda held: held.desk.decisions.ask(_asked(held, "change"), ASKING),
        lambda held: _approvers(held, _asked(held, "change")),
    ),
}


@pytest.fixture
async def held(desk: ServiceDeskPlus) -> Held:
    ticket = await desk.create_ticket(TicketDraft(subject="Printer", description="…"))
    project = await desk.projects.create(ProjectDraft(title="Move"))
    change = await desk.changes.create(PlannedChangeDraft(title="Switch"))
    items = [
        (await desk.configuration.create(ItemDraft(name=name, kind="Server"))).id
        for name in ("srv-1", "srv-2")
    ]
    ids = {
        "ticket": ticket.ticket_id,
        "project": project.id,
        "change": change.id,
        "item": items[0],
        "other item": items[1],
    }
    return Held(desk=desk, ids=ids)


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "half_body"])
async def test_u08_a_record_whose_answer_was_lost_is_found_and_not_filed_twice(
    held: Held, control: Control, kind: str, subtests: pytest.Subtests
) -> None:
    for what, filing in filings(kind).items():
        with subtests.test(what):
            first = await filing.file(held)
            there = await filing.found(held)
            await control.fault(kind, method="POST", path=filing.path)
            second = await filing.file(held)
            assert await filing.found(held) == there + 1
            assert second.id
            assert second.id != first.id or what == "relation"
            assert second.warnings or what == "relation"


@pytest.mark.parametrize(("kind", "written"), [("status", Written.NO), ("drop", Written.UNKNOWN)])
async def test_u08_a_record_that_was_not_filed_is_told_as_such(
    held: Held, control: Control, kind: str, written: Written, subtests: pytest.Subtests
) -> None:
    for what, filing in filings(kind).items():
        with subtests.test(what):
            await control("POST", "clock", offset=-600)
            await filing.file(held)  # neither one that is alike and older is taken for it,
            held.desk.link.filed.clear()
            await control("POST", "clock", offset=0)
            await filing.file(held)  # nor one that we were told of
            there = await filing.found(held)
            await control.fault(kind, method="POST", path=filing.path, http=500)
            with pytest.raises(Unavailable) as caught:
                await filing.file(held)
            assert caught.value.written is written
            assert await filing.found(held) == there


async def test_u08_a_record_that_cannot_be_looked_for_is_told_as_unknown(
    desk: ServiceDeskPlus, control: Control
) -> None:
    filing = FILINGS["problem"]
    await control.fault("commit_then_drop", method="POST", path=filing.path)
    await control.fault("status", method="GET", path="problems", http=503, times=9)
    with pytest.raises(Unavailable) as caught:
        await filing.file(Held(desk=desk))
    assert (caught.value.reason, caught.value.written) == ("protocol", Written.UNKNOWN)


LISTS: dict[str, Callable[[Held], Awaitable[object]]] = {
    "problems": lambda held: held.desk.problems.find(RecordFilter(), PAGE),
    "changes": lambda held: held.desk.changes.find(RecordFilter(), PAGE),
    "projects": lambda held: held.desk.projects.find(RecordFilter(), PAGE),
    "assets": lambda held: held.desk.assets.find(RecordFilter(), PAGE),
    "solutions": lambda held: held.desk.articles("printer", PAGE),
    "cmdb": lambda held: held.desk.configuration.find(RecordFilter(), PAGE),
    "worklogs": lambda held: held.desk.worklogs.find(held.ids["ticket"], PAGE),
    "tasks": lambda held: held.desk.tasks.find(held.ticket, PAGE),
    "approval_levels": lambda held: held.desk.decisions.find(_asked(held, "ticket")),
    "approvals": lambda held: held.desk.decisions.pending(PAGE),
}


async def refused(read: Awaitable[object]) -> HelpdeskError:
    with pytest.raises(HelpdeskError) as caught:
        await read
    return caught.value


async def test_every_module_asks_again_once_for_half_an_answer(
    held: Held, control: Control, subtests: pytest.Subtests
) -> None:
    for path, read in LISTS.items():
        with subtests.test(path):
            await control.fault("half_body", method="GET", path=f"{path}$")
            await read(held)
    await control.fault("half_body", method="GET", path="problems$", times=2)
    assert (await refused(LISTS["problems"](held))).reason == "protocol"


async def test_every_module_tells_a_web_page_from_data(
    held: Held, control: Control, subtests: pytest.Subtests
) -> None:
    for path, read in LISTS.items():
        with subtests.test(path):
            await control.fault("html", method="GET", path=f"{path}$", http=200)
            assert (await refused(read(held))).reason == "web_page"


async def test_every_module_says_how_long_a_throttling_desk_wants_to_rest(
    held: Held, control: Control, subtests: pytest.Subtests
) -> None:
    await control.knob(throttle_requests=1, throttle_lock=3600)
    await refused(_twice(LISTS["problems"], held))
    for path, read in LISTS.items():
        with subtests.test(path):
            error = await refused(_twice(read, held))
            assert isinstance(error, RateLimited)
            assert (error.reason, error.retry_after) == ("desk_throttles", 60)


async def _twice(read: Callable[[Held], Awaitable[object]], held: Held) -> None:
    await read(held)
    await read(held)


async def test_every_module_ends_when_a_desk_is_too_slow(
    process: SimulatorProcess, control: Control, held: Held
) -> None:
    reasons: dict[str, tuple[str, Written]] = {}

    async def ask(slow: Held, path: str) -> None:
        error = await refused(LISTS[path](slow))
        reasons[path] = (error.reason, error.written)

    async with desk_at(process, timeout=1) as desk:
        await desk.ping()
        for path in LISTS:
            await control.fault("slow", method="GET", path=f"{path}$", seconds=4, times=3)
        async with anyio.create_task_group() as tasks:
            for path in LISTS:
                tasks.start_soon(ask, Held(desk=desk, ids=held.ids), path)
    assert reasons == dict.fromkeys(LISTS, ("timeout", Written.NO))


async def test_u05_a_storm_of_errors_in_one_module_spares_the_desk_the_next_calls(
    desk: ServiceDeskPlus, control: Control
) -> None:
    held = Held(desk=desk)
    await control.fault("status", path="problems", http=503, times=50)
    reasons = [(await refused(LISTS["problems"](held))).reason for _ in range(12)]
    assert (reasons[0], reasons[-1]) == ("desk_error", "breaker_open")
    assert (await refused(LISTS["changes"](held))).reason == "breaker_open"


@pytest.mark.parametrize("module", ["problems", "changes", "projects", "assets"])
async def test_an_update_whose_answer_was_lost_says_to_look_and_is_never_sent_twice(
    desk: ServiceDeskPlus, control: Control, module: str
) -> None:
    book, draft = {
        "problems": (desk.problems, ProblemDraft(title=TITLE)),
        "changes": (desk.changes, PlannedChangeDraft(title=TITLE)),
        "projects": (desk.projects, ProjectDraft(title=TITLE)),
        "assets": (desk.assets, AssetDraft(name=TITLE)),
    }[module]
    book: Any
    number = (await book.find(RecordFilter(), Window(size=1))).items[0].id
    await control.fault("commit_then_drop", method="PUT", path=f"{module}/")
    error = await refused(book.change(number, draft))
    assert error.written is Written.UNKNOWN
    asked = await control("GET", "requests")
    puts = [one for one in asked["requests"] if one["method"] == "PUT"]
    assert len(puts) == 1
