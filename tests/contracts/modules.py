"""What every desk promises that keeps more than tickets. Each promise is one function."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest

from helpdesk_mcp.domain.assets import AssetDraft, Assets, Contracts
from helpdesk_mcp.domain.authoring import ArticleDraft, Authoring
from helpdesk_mcp.domain.changes import Changes, PlannedChangeDraft
from helpdesk_mcp.domain.configuration import Configuration, ItemDraft
from helpdesk_mcp.domain.decisions import ApprovalDraft, Asked, Decisions
from helpdesk_mcp.domain.desk import Knowledge, Queues, Requesters, Tickets
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound
from helpdesk_mcp.domain.handling import Handling, Hold, Trash
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.problems import ProblemDraft, Problems
from helpdesk_mcp.domain.projects import MilestoneDraft, ProjectDraft, Projects
from helpdesk_mcp.domain.receipts import Receipt, RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.domain.tickets import TicketDraft
from helpdesk_mcp.domain.work import Holder, TaskDraft, Tasks, WorklogDraft, Worklogs

MISSING = "999999999"
EVERYTHING = RecordFilter()
SOME = Window(size=50)


class EveryDesk(
    Tickets,
    Queues,
    Knowledge,
    Handling,
    Trash,
    Worklogs,
    Tasks,
    Decisions,
    Authoring,
    Problems,
    Changes,
    Projects,
    Assets,
    Contracts,
    Configuration,
    Requesters,
    Protocol,
):
    """A desk with every capability."""


Promise = Callable[[EveryDesk], Awaitable[None]]
PROMISES: list[Promise] = []


def promise(function: Promise) -> Promise:
    PROMISES.append(function)
    return function


@promise
async def requesters_are_found_by_name_address_and_id(desk: EveryDesk) -> None:
    await opened(desk)
    [pat] = (await desk.requesters("PAT@example", SOME)).items
    assert pat.email == "pat@example.org"
    assert (await desk.requesters(pat.id, SOME)).items == (pat,)
    assert (await desk.requesters("nobody at all", SOME)).items == ()
    everybody = await desk.requesters(None, Window(size=1))
    assert (len(everybody.items), everybody.total == 1) == (1, not everybody.more)


async def opened(desk: EveryDesk, subject: str = "A contract ticket") -> str:
    queue = (await desk.queues())[0].id
    draft = TicketDraft(subject=subject, description="x", queue=queue, requester="pat@example.org")
    return (await desk.create_ticket(draft)).ticket_id


def told(receipt: Receipt | RecordReceipt) -> dict[str, str | None]:
    return {change.field: change.after for change in receipt.changes}


@promise
async def a_ticket_is_picked_up_by_us(desk: EveryDesk) -> None:
    number = await opened(desk)
    receipt = await desk.handling.pick_up(number)
    assert told(receipt)["assignee"]
    assert (await desk.ticket(number)).assignee == told(receipt)["assignee"]
    with pytest.raises(NotFound):
        await desk.handling.pick_up(MISSING)


@promise
async def a_closed_ticket_opens_again_and_an_open_one_does_not(desk: EveryDesk) -> None:
    number = await opened(desk)
    with pytest.raises(Conflict):
        await desk.handling.reopen(number, "It came back.")
    await desk.close_ticket(number, "Done.", notify=False)
    receipt = await desk.handling.reopen(number, "It came back.")
    assert told(receipt)["status"] in {"Open", "Reopened"}
    assert receipt.comment_id


@promise
async def a_ticket_waits_with_a_reason_until_its_time(desk: EveryDesk) -> None:
    number = await opened(desk)
    until = datetime.now(UTC) + timedelta(days=2)
    await desk.handling.hold(number, Hold(reason="A part is missing.", until=until))
    assert (await desk.ticket(number)).on_hold
    other = await opened(desk)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(Invalid):
        await desk.handling.hold(other, Hold(reason="x", until=past))
    assert not (await desk.ticket(other)).on_hold


@promise
async def tickets_are_linked_both_ways_and_unlinked(desk: EveryDesk) -> None:
    one, other = await opened(desk), await opened(desk, "Another one")
    assert await desk.handling.links(one) == ()
    receipt = await desk.handling.link(one, (other,), "The same room")
    assert told(receipt) == {"link": other}
    assert [link.ticket_id for link in await desk.handling.links(other)] == [one]
    assert (await desk.handling.links(one))[0].subject == "Another one"
    receipt = await desk.handling.unlink(one, (other,))
    assert [change.before for change in receipt.changes] == [other]
    assert await desk.handling.links(other) == ()
    with pytest.raises(NotFound):
        await desk.handling.link(one, (MISSING,), "")


@promise
async def a_merged_ticket_is_part_of_the_other(desk: EveryDesk) -> None:
    one, other = await opened(desk), await opened(desk)
    receipt = await desk.handling.merge(one, (other,))
    assert told(receipt) == {"merged": other}
    with pytest.raises(NotFound):
        await desk.ticket(other)
    assert (await desk.ticket(one)).id == one


@promise
async def a_resolution_is_written_without_closing(desk: EveryDesk) -> None:
    number = await opened(desk)
    assert (await desk.handling.resolution(number)).text is None
    receipt = await desk.handling.resolve(number, "Rebooted it.")
    assert "Rebooted it." in (told(receipt)["resolution"] or "")
    assert (await desk.handling.resolution(number)).text == "Rebooted it."
    assert (await desk.ticket(number)).status == "Open"


@promise
async def a_ticket_comes_back_out_of_the_trash(desk: EveryDesk) -> None:
    number = await opened(desk, "Not so bad")
    assert told(await desk.trash.put(number)) == {"trash": "yes"}
    await desk.trash.restore(number)
    assert (await desk.ticket(number)).subject == "Not so bad"
    with pytest.raises(NotFound):
        await desk.trash.put(MISSING)


@promise
async def time_is_written_down_changed_and_taken_back(desk: EveryDesk) -> None:
    number = await opened(desk)
    await desk.handling.pick_up(number)  # on some desks only this tells who we are
    receipt = await desk.worklogs.add(number, WorklogDraft(minutes=90, description="Cabling"))
    assert receipt.ticket_id == number
    log = (await desk.worklogs.find(number, SOME)).items[0]
    assert (log.id, log.minutes, log.description) == (receipt.id, 90, "Cabling")
    assert log.owner
    changed = await desk.worklogs.change(number, log.id, WorklogDraft(minutes=30))
    assert told(changed)["minutes"] == "30"
    assert (await desk.worklogs.find(number, SOME)).items[0].minutes == 30
    await desk.worklogs.delete(number, log.id)
    assert (await desk.worklogs.find(number, SOME)).items == ()
    with pytest.raises(NotFound):
        await desk.worklogs.delete(number, log.id)


@promise
async def a_task_of_a_ticket_is_added_changed_and_closed(desk: EveryDesk) -> None:
    holder = Holder(kind="ticket", id=await opened(desk))
    receipt = await desk.tasks.add(holder, TaskDraft(title="Pull the cable", priority="High"))
    task = await desk.tasks.read(holder, receipt.id)
    assert (task.title, task.status, task.priority) == ("Pull the cable", "Open", "High")
    done = await desk.tasks.change(holder, task.id, TaskDraft(status="Closed", progress=100))
    assert told(done)["status"] == "Closed"
    assert [one.id for one in (await desk.tasks.find(holder, SOME)).items] == [task.id]
    with pytest.raises(NotFound):
        await desk.tasks.read(holder, MISSING)
    with pytest.raises(NotFound):
        await desk.tasks.find(Holder(kind="ticket", id=MISSING), SOME)


async def asked_us(desk: EveryDesk, asked: Asked) -> str:
    draft = ApprovalDraft(approvers=("Alice Nguyen",), message="May we?")
    receipt = await desk.decisions.ask(asked, draft)
    assert receipt.mail
    assert receipt.mail.sent
    return (await desk.decisions.find(asked))[-1].id


@promise
async def people_are_asked_for_approval_and_seen_as_asked(desk: EveryDesk) -> None:
    asked = Asked(kind="ticket", id=await opened(desk))
    assert await desk.decisions.find(asked) == ()
    await asked_us(desk, asked)
    approval = (await desk.decisions.find(asked))[0]
    assert (approval.level, approval.approver) == (1, "Alice Nguyen")
    assert approval.asked
    assert approval.decided is None
    with pytest.raises(NotFound):
        await desk.decisions.decide(asked, MISSING, approve=True, comment="")
    with pytest.raises(Invalid):
        await desk.decisions.ask(asked, ApprovalDraft(approvers=("none",), message="?"))


@promise
async def an_article_is_drafted_changed_published_and_put_away(desk: EveryDesk) -> None:
    draft = ArticleDraft(title="Feed the printer", answer="Open tray 2.", category="General")
    receipt = await desk.authoring.create(draft)
    assert told(receipt)["title"] == "Feed the printer"
    changed = await desk.authoring.change(receipt.id, ArticleDraft(answer="Open tray 3."))
    assert told(changed)["answer"] == "Open tray 3."
    assert told(await desk.authoring.publish(receipt.id))["status"] == "Approved"
    assert (await desk.article(receipt.id)).answer == "Open tray 3."
    await desk.authoring.delete(receipt.id)
    with pytest.raises(NotFound):
        await desk.authoring.change(MISSING, draft)


@promise
async def a_problem_goes_from_its_first_sign_to_its_end(desk: EveryDesk) -> None:
    draft = ProblemDraft(title="Rollers wear out", priority="High", assignee="Alice Nguyen")
    made = await desk.problems.create(draft)
    assert (told(made)["status"], told(made)["priority"]) == ("Open", "High")
    known = ProblemDraft(root_cause="Cheap rollers", workaround="Clean them", known_error=True)
    assert told(await desk.problems.change(made.id, known))["known_error"] == "yes"
    problem = await desk.problems.read(made.id)
    assert (problem.root_cause, problem.workaround) == ("Cheap rollers", "Clean them")
    assert (problem.assignee, problem.known_error) == ("Alice Nguyen", True)
    number = await opened(desk)
    assert told(await desk.problems.add_tickets(made.id, (number,))) == {"ticket": number}
    assert told(await desk.problems.close(made.id, "New rollers"))["status"] == "Closed"


@promise
async def problems_are_found_by_word_status_and_person(desk: EveryDesk) -> None:
    draft = ProblemDraft(title="Zyxgate drops frames", assignee="Alice Nguyen")
    made = await desk.problems.create(draft)
    which = RecordFilter(text="zyxgate", statuses=("open",), person="Alice Nguyen")
    page = await desk.problems.find(which, SOME)
    assert [problem.id for problem in page.items] == [made.id]
    assert (page.total, page.more) == (1, False)
    assert (await desk.problems.find(RecordFilter(text="nothingofthekind"), SOME)).items == ()
    first = await desk.problems.find(EVERYTHING, Window(size=1))
    assert first.items[0].id == made.id


@promise
async def a_record_that_is_not_there_is_not_found(desk: EveryDesk) -> None:
    for wrong in (MISSING, "0", "abc"):
        for book in (desk.problems, desk.changes, desk.projects, desk.assets):
            with pytest.raises(NotFound):
                await book.read(wrong)
            with pytest.raises(NotFound):
                await book.delete(wrong, for_good=True)
        with pytest.raises(NotFound):
            await desk.contracts.read(wrong)
        with pytest.raises(NotFound):
            await desk.configuration.read(wrong)
        with pytest.raises(NotFound):
            await desk.projects.milestones(wrong, SOME)


@promise
async def what_has_no_trash_is_deleted_only_on_a_word(desk: EveryDesk) -> None:
    made = await desk.problems.create(ProblemDraft(title="A mistake"))
    with pytest.raises(Denied):
        await desk.problems.delete(made.id, for_good=False)
    assert (await desk.problems.read(made.id)).title == "A mistake"
    receipt = await desk.problems.delete(made.id, for_good=True)
    assert told(receipt) == {"deleted": "for good"}
    with pytest.raises(NotFound):
        await desk.problems.read(made.id)


@promise
async def a_change_is_planned_moved_on_and_completed(desk: EveryDesk) -> None:
    start = datetime(2030, 1, 1, 8, tzinfo=UTC)
    draft = PlannedChangeDraft(
        title="New core switch",
        kind="Major",
        start=start,
        end=start + timedelta(hours=4),
        rollout_plan="Night shift",
        owner="Alice Nguyen",
    )
    made = await desk.changes.create(draft)
    change = await desk.changes.read(made.id)
    assert (change.title, change.kind, change.start) == ("New core switch", "Major", start)
    assert (change.stage, change.rollout_plan) == ("Submission", "Night shift")
    with pytest.raises(Conflict):
        await desk.changes.close(made.id, "Too early")
    await desk.changes.change(made.id, PlannedChangeDraft(stage="Review"))
    assert told(await desk.changes.close(made.id, "Done"))["status"] == "Closed"


@promise
async def a_change_comes_back_out_of_the_trash(desk: EveryDesk) -> None:
    made = await desk.changes.create(PlannedChangeDraft(title="Never mind"))
    receipt = await desk.changes.delete(made.id, for_good=False)
    assert told(receipt) == {"trash": "yes"}
    await desk.changes.restore(made.id)
    assert (await desk.changes.read(made.id)).title == "Never mind"


@promise
async def a_change_is_approved_by_those_who_were_asked(desk: EveryDesk) -> None:
    made = await desk.changes.create(PlannedChangeDraft(title="New core switch"))
    asked = Asked(kind="change", id=made.id)
    await asked_us(desk, asked)
    approval = (await desk.decisions.find(asked))[0]
    assert (approval.change_id, approval.ticket_id) == (made.id, None)


@promise
async def a_project_has_milestones_and_tasks(desk: EveryDesk) -> None:
    made = await desk.projects.create(ProjectDraft(title="Move", owner="Alice Nguyen"))
    stone = await desk.projects.add_milestone(made.id, MilestoneDraft(title="Pack"))
    assert [m.title for m in (await desk.projects.milestones(made.id, SOME)).items] == ["Pack"]
    done = await desk.projects.change_milestone(made.id, stone.id, MilestoneDraft(status="Closed"))
    assert told(done)["status"] == "Closed"
    holder = Holder(kind="project", id=made.id, milestone_id=stone.id)
    task = await desk.tasks.add(holder, TaskDraft(title="Boxes"))
    assert (await desk.tasks.read(holder, task.id)).title == "Boxes"
    whole = Holder(kind="project", id=made.id)
    await desk.tasks.add(whole, TaskDraft(title="Plan"))
    assert "Plan" in [one.title for one in (await desk.tasks.find(whole, SOME)).items]
    changed = await desk.projects.change(made.id, ProjectDraft(status="In Progress"))
    assert told(changed)["status"] == "In Progress"
    with pytest.raises(NotFound):
        await desk.tasks.find(Holder(kind="project", id=made.id, milestone_id=MISSING), SOME)


def laptop(tag: str) -> AssetDraft:
    return AssetDraft(name=f"Laptop {tag}", product="Nimbus 14", tag=tag, warranty=date(2030, 5, 6))


@promise
async def an_asset_is_registered_given_out_and_taken_back(desk: EveryDesk) -> None:
    made = await desk.assets.create(laptop("ZZ-1"))
    given = await desk.assets.change(made.id, AssetDraft(user="Alice Nguyen", state="In Use"))
    assert (told(given)["user"], told(given)["state"]) == ("Alice Nguyen", "In Use")
    asset = await desk.assets.read(made.id)
    assert (asset.tag, asset.product, asset.user) == ("ZZ-1", "Nimbus 14", "Alice Nguyen")
    assert asset.warranty
    assert asset.warranty.isoformat().startswith("2030-05-06")
    await desk.assets.change(made.id, AssetDraft(user="none", state="In Store"))
    assert (await desk.assets.read(made.id)).user is None
    found = await desk.assets.find(RecordFilter(text="ZZ-1", statuses=("In Store",)), SOME)
    assert [one.id for one in found.items] == [made.id]
    assert made.id in {
        one.id for one in (await desk.assets.computers(RecordFilter(text="ZZ-1"), SOME)).items
    }


@promise
async def an_asset_on_a_ticket_remembers_it(desk: EveryDesk) -> None:
    made = await desk.assets.create(laptop("ZZ-2"))
    number = await opened(desk, "Screen is black")
    assert told(await desk.assets.tie(made.id, number)) == {"asset": "Laptop ZZ-2"}
    with pytest.raises(NotFound):
        await desk.assets.tie(made.id, MISSING)
    try:
        history = await desk.assets.history(made.id, SOME)
    except Denied as truth:  # not every desk tells
        assert truth.reason == "capability"  # noqa: PT017 -- one of two honest answers
    else:
        assert [event.ticket_id for event in history.items] == [number]


@promise
async def an_asset_is_checked_before_it_is_filed(desk: EveryDesk) -> None:
    await desk.assets.check(laptop("ZZ-3"))
    assert (await desk.assets.find(RecordFilter(text="ZZ-3"), SOME)).items == ()
    with pytest.raises(Invalid):
        await desk.assets.check(AssetDraft(name="x", product="No such product", tag="ZZ-4"))


@promise
async def contracts_are_read(desk: EveryDesk) -> None:
    page = await desk.contracts.find(EVERYTHING, SOME)
    contract = await desk.contracts.read(page.items[0].id)
    assert contract.name
    assert contract.vendor


@promise
async def configuration_items_are_filed_and_related(desk: EveryDesk) -> None:
    assert "Server" in {kind.name for kind in await desk.configuration.kinds()}
    server = await desk.configuration.create(ItemDraft(name="srv-zz", kind="Server"))
    service = await desk.configuration.create(ItemDraft(name="mail-zz", kind="Business Service"))
    told_so = await desk.configuration.relate(service.id, "Runs on", server.id)
    assert told(told_so) == {"relation": "Runs on srv-zz"}
    item = await desk.configuration.read(service.id)
    assert (item.name, item.kind) == ("mail-zz", "Business Service")
    assert [(one.kind, one.item_id) for one in item.relations or ()] == [("Runs on", server.id)]
    await desk.configuration.change(server.id, ItemDraft(name="srv-zz-2"))
    found = await desk.configuration.find(RecordFilter(text="srv-zz-2", kind="server"), SOME)
    assert [one.id for one in found.items] == [server.id]
    with pytest.raises(Invalid):
        await desk.configuration.create(ItemDraft(name="x", kind="Spaceship"))
