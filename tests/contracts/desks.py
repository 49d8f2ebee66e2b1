"""What every help desk promises, whatever it is made of. Each promise is one function."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import pytest

from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.desk import (
    Attachments,
    Comments,
    Fields,
    Knowledge,
    People,
    Queues,
    Tickets,
)
from helpdesk_mcp.domain.errors import Conflict, Invalid, NotFound
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter

MISSING = "999999999"


class WholeDesk(Tickets, Comments, Attachments, Queues, People, Fields, Knowledge, Protocol):
    """A desk with every capability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What a desk cannot help: a promise then asks for the truth instead of the ability.

    `tells_mail`: it says whom it mailed. `keeps_flow`: statuses may only go certain ways.
    `holds_apart`: being on hold is not a status. `comments_hold_all`: a comment keeps its title,
    the status it moved the ticket to and the time spent. `needs_requester`: a ticket without a
    requester gets one. `needs_queue`: a ticket without a queue is refused.
    """

    tells_mail: bool = True
    keeps_flow: bool = True
    holds_apart: bool = True
    comments_hold_all: bool = True
    needs_requester: bool = False
    needs_queue: bool = True


WAYS = {
    "ServiceDeskPlus": Ways(
        tells_mail=False,
        keeps_flow=False,
        holds_apart=False,
        comments_hold_all=False,
        needs_requester=True,
        needs_queue=False,
    )
}
USUAL_WAYS = Ways()


def ways(desk: WholeDesk) -> Ways:
    return WAYS.get(type(desk).__name__, USUAL_WAYS)


Promise = Callable[[WholeDesk], Awaitable[None]]
PROMISES: list[Promise] = []


def promise(function: Promise) -> Promise:
    PROMISES.append(function)
    return function


async def opened(desk: WholeDesk, subject: str = "A contract ticket", **more: str) -> str:
    """Open a ticket and return its id."""
    queue = (await desk.queues())[0]
    draft = TicketDraft(
        subject=subject,
        description="Opened by a contract test.",
        queue=queue.name,
        requester=more.pop("requester", "pat@example.org"),
        priority="Normal",
        **more,  # pyright: ignore[reportArgumentType] -- each names a text field of a draft
    )
    return (await desk.create_ticket(draft)).ticket_id


def note(body: str = "Only for us.", **more: str) -> CommentDraft:
    return CommentDraft(body=body, visibility=Visibility.INTERNAL, status=more.get("status"))


def reply(body: str = "For everybody.", **more: str) -> CommentDraft:
    return CommentDraft(body=body, visibility=Visibility.PUBLIC, status=more.get("status"))


@promise
async def a_desk_that_answers_answers_a_ping(desk: WholeDesk) -> None:
    await desk.ping()


@promise
async def a_created_ticket_can_be_read_back(desk: WholeDesk) -> None:
    queue = (await desk.queues())[0]
    receipt = await desk.create_ticket(
        TicketDraft(
            subject="Printer on fire",
            description="It is {{ really }} on fire.",
            queue=queue.id,
            requester="pat@example.org",
            priority="High",
            assignee="me",
            due=date(2030, 5, 6),
        )
    )
    ticket = await desk.ticket(receipt.ticket_id)
    assert (ticket.subject, ticket.description) == (
        "Printer on fire",
        "It is {{ really }} on fire.",
    )
    assert (ticket.status, ticket.priority, ticket.queue) == ("Open", "High", queue.name)
    assert ticket.requester == "pat@example.org"
    assert ticket.assignee
    assert ticket.due
    assert ticket.due.isoformat().startswith("2030-05-06")
    assert ticket.created
    assert ticket.modified
    assert ticket.modified.tzinfo
    assert receipt.history is not False
    assert {c.field: c.after for c in receipt.changes}["subject"] == "Printer on fire"
    assert receipt.mail
    if ways(desk).tells_mail:
        assert receipt.mail.sent
        assert "pat@example.org" in (receipt.mail.to or ())
    else:
        assert (receipt.mail.sent, bool(receipt.mail.why)) == (None, True)
    assert receipt.url == ticket.url


@promise
async def an_unknown_ticket_is_not_found(desk: WholeDesk) -> None:
    for ticket_id in (MISSING, "0", "abc", "9" * 40):
        with pytest.raises(NotFound):
            await desk.ticket(ticket_id)
        with pytest.raises(NotFound):
            await desk.comments(ticket_id, Window())
        with pytest.raises(NotFound):
            await desk.add_comment(ticket_id, note())
        with pytest.raises(NotFound):
            await desk.change_ticket(ticket_id, TicketChange(priority="High"))
        with pytest.raises(NotFound):
            await desk.close_ticket(ticket_id, "Done.", notify=False)
        with pytest.raises(NotFound):
            await desk.attachment(ticket_id, "1")


@promise
async def an_unknown_word_is_refused_with_the_valid_ones(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    for which in (
        TicketFilter(statuses=("Frobnicated",)),
        TicketFilter(priorities=("Frobnicated",)),
        TicketFilter(queues=("Frobnicated",)),
        TicketFilter(assignee="Frobnicated"),
    ):
        with pytest.raises(Invalid, match="Valid: "):
            await desk.tickets(which, Window())
    for change in (
        TicketChange(status="Frobnicated"),
        TicketChange(assignee="Frobnicated"),
        TicketChange(custom={"frobnicated": 1}),
    ):
        with pytest.raises(Invalid, match="Valid: "):
            await desk.change_ticket(ticket_id, change)


@promise
async def words_of_either_language_mean_the_same(desk: WholeDesk) -> None:
    english = await desk.tickets(TicketFilter(statuses=("Open",), priorities=("urgent",)), Window())
    spanish = await desk.tickets(
        TicketFilter(statuses=("Abierto",), priorities=("URGENTE",)), Window()
    )
    assert english == spanish


@promise
async def a_list_is_newest_first_and_counts_all(desk: WholeDesk) -> None:
    first, second = await opened(desk), await opened(desk)
    page = await desk.tickets(TicketFilter(), Window(size=2))
    assert [ticket.id for ticket in page.items] == [second, first]
    assert page.total is not None
    assert page.more == (page.total > 2)
    after = await desk.tickets(TicketFilter(), Window(start=page.total, size=2))
    assert (after.items, after.more, after.total) == ((), False, page.total)


@promise
async def pages_of_a_list_join_without_gap_or_repeat(desk: WholeDesk) -> None:
    for _ in range(3):
        await opened(desk)
    whole = await desk.tickets(TicketFilter(sort="id"), Window(size=6))
    parts = [
        ticket.id
        for start in (0, 2, 4)
        for ticket in (
            await desk.tickets(TicketFilter(sort="id"), Window(start=start, size=2))
        ).items
    ]
    assert parts == [ticket.id for ticket in whole.items]


@promise
async def a_filter_by_site_or_category_is_met_or_refused_by_name(desk: WholeDesk) -> None:
    for name, which in (
        ("site", TicketFilter(sites=("Madrid",))),
        ("category", TicketFilter(categories=("Network", "hardware"))),
    ):
        if name not in {field.name for field in (await desk.fields()).fields}:
            with pytest.raises(Invalid, match=name):
                await desk.tickets(which, Window(size=3))
            continue
        for ticket in (await desk.tickets(which, Window(size=3))).items:
            held = (await desk.ticket(ticket.id)).custom or {}
            assert held[name] in {"Madrid", "Network", "Hardware"}


@promise
async def a_filter_lists_only_what_matches(desk: WholeDesk) -> None:
    mine = await opened(desk, assignee="me", requester="filter@example.org")
    other = await opened(desk, requester="other@example.org")
    by_me = await desk.tickets(TicketFilter(assignee="me"), Window(size=50))
    assert mine in [t.id for t in by_me.items]
    assert other not in [t.id for t in by_me.items]
    unassigned = await desk.tickets(TicketFilter(assignee="none"), Window(size=50))
    assert other in [t.id for t in unassigned.items]
    assert all(t.assignee is None for t in unassigned.items)
    asked = await desk.tickets(TicketFilter(requester="FILTER@example.org"), Window(size=50))
    assert {t.requester for t in asked.items} == {"filter@example.org"}
    assert asked.total is not None
    assert asked.total >= len(asked.items) >= 1


@promise
async def a_day_range_includes_its_last_day(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    created = (await desk.ticket(ticket_id)).created
    assert created
    today = created.date()
    page = await desk.tickets(TicketFilter(created_from=today, created_to=today), Window(size=50))
    assert ticket_id in [t.id for t in page.items]
    before = TicketFilter(created_to=today - timedelta(days=1))
    assert ticket_id not in [t.id for t in (await desk.tickets(before, Window(size=50))).items]


@promise
async def a_search_finds_words_of_the_subject(desk: WholeDesk) -> None:
    ticket_id = await opened(desk, "The flux capacitor hums")
    found = await desk.tickets(TicketFilter(text="FLUX CAPACITOR OR nosuchword"), Window())
    assert ticket_id in [t.id for t in found.items]
    nothing = await desk.tickets(TicketFilter(text="nosuchword at all"), Window())
    assert (nothing.items, nothing.total, nothing.more) == ((), 0, False)


@promise
async def a_change_is_reported_before_and_after(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.change_ticket(
        ticket_id, TicketChange(subject="Another subject", priority="Low", comment="Because.")
    )
    changed = {c.field: (c.before, c.after) for c in receipt.changes}
    assert changed == {
        "subject": ("A contract ticket", "Another subject"),
        "priority": ("Normal", "Low"),
    }
    assert receipt.history is not False
    ticket = await desk.ticket(ticket_id)
    assert (ticket.subject, ticket.priority) == ("Another subject", "Low")
    assert ticket.description == "Opened by a contract test."


@promise
async def a_comment_on_a_change_stays_internal(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    await desk.change_ticket(ticket_id, TicketChange(priority="Low", comment="Secret why."))
    said = (await desk.comments(ticket_id, Window(size=50))).items
    visible = [c.visibility for c in said if c.body == "Secret why."]
    assert visible == [Visibility.INTERNAL]


@promise
async def assigning_to_nobody_clears_the_assignee(desk: WholeDesk) -> None:
    ticket_id = await opened(desk, assignee="me")
    receipt = await desk.change_ticket(ticket_id, TicketChange(assignee="none"))
    assert (await desk.ticket(ticket_id)).assignee is None
    assert [(c.field, c.after) for c in receipt.changes] == [("assignee", None)]


@promise
async def a_due_date_can_be_set_and_cleared(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    await desk.change_ticket(ticket_id, TicketChange(due=date(2031, 1, 2)))
    due = (await desk.ticket(ticket_id)).due
    assert due
    assert due.isoformat().startswith("2031-01-02")
    await desk.change_ticket(ticket_id, TicketChange(due="none"))
    assert (await desk.ticket(ticket_id)).due is None


@promise
async def a_ticket_can_be_put_on_hold_and_off(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    await desk.change_ticket(ticket_id, TicketChange(on_hold=True))
    assert (await desk.ticket(ticket_id)).on_hold is True
    row = (await desk.tickets(TicketFilter(), Window(size=1))).items[0]
    assert (row.id, row.on_hold) == (ticket_id, True)
    if ways(desk).holds_apart:
        assert row.status == "Open"
    await desk.change_ticket(ticket_id, TicketChange(on_hold=False))
    assert (await desk.ticket(ticket_id)).on_hold is False


@promise
async def an_unseen_change_is_not_overwritten(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    seen = (await desk.ticket(ticket_id)).modified
    assert seen
    await desk.add_comment(ticket_id, note())
    with pytest.raises(Conflict) as caught:
        await desk.change_ticket(ticket_id, TicketChange(priority="Low"), expected=seen.isoformat())
    assert caught.value.reason == "stale"
    assert (await desk.ticket(ticket_id)).priority == "Normal"


@promise
async def a_seen_state_can_be_changed(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    seen = (await desk.ticket(ticket_id)).modified
    assert seen
    await desk.change_ticket(ticket_id, TicketChange(priority="Low"), expected=seen.isoformat())
    assert (await desk.ticket(ticket_id)).priority == "Low"


@promise
async def an_expectation_that_is_no_time_is_refused(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    with pytest.raises(Invalid):
        await desk.change_ticket(ticket_id, TicketChange(priority="Low"), expected="yesterday")


@promise
async def an_impossible_status_move_names_the_possible_ones(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    await desk.close_ticket(ticket_id, "Done.", notify=False)
    if not ways(desk).keeps_flow:
        await desk.change_ticket(ticket_id, TicketChange(status="Open"))
        assert (await desk.ticket(ticket_id)).status == "Open"
        return
    with pytest.raises(Invalid, match="Reopened") as caught:
        await desk.change_ticket(ticket_id, TicketChange(status="Open"))
    assert caught.value.reason == "status_flow"
    with pytest.raises(Invalid, match="Reopened"):
        await desk.add_comment(ticket_id, reply(status="Open"))
    assert (await desk.ticket(ticket_id)).status == "Closed"


@promise
async def closing_keeps_the_resolution_given(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.close_ticket(ticket_id, "Put it out.", notify=True, minutes=90)
    ticket = await desk.ticket(ticket_id)
    assert (ticket.status, ticket.resolution) == ("Closed", "Put it out.")
    assert ticket.minutes in ({90} if ways(desk).comments_hold_all else {None})
    assert {c.field: c.after for c in receipt.changes} == {
        "status": "Closed",
        "resolution": "Put it out.",
    }
    assert receipt.mail
    if ways(desk).tells_mail:
        assert receipt.mail.to == ("pat@example.org",)


@promise
async def closing_with_a_code_the_desk_does_not_have_writes_nothing(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    before = await desk.ticket(ticket_id)
    with pytest.raises(Invalid, match="closing code"):
        await desk.close_ticket(ticket_id, "Put it out.", notify=True, code="No such code")
    assert await desk.ticket(ticket_id) == before


@promise
async def closing_quietly_mails_nobody(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.close_ticket(ticket_id, "Done.", notify=False)
    assert receipt.mail
    assert receipt.mail.sent is (False if ways(desk).tells_mail else None)
    said = (await desk.comments(ticket_id, Window(size=50))).items
    assert all(c.visibility is Visibility.INTERNAL for c in said[-1:])


@promise
async def a_conversation_is_oldest_first_and_pages(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    before = (await desk.comments(ticket_id, Window())).total or 0
    for number in range(3):
        await desk.add_comment(ticket_id, note(f"Number {number}"))
    part = await desk.comments(ticket_id, Window(start=before, size=2))
    assert [c.body for c in part.items] == ["Number 0", "Number 1"]
    assert (part.total, part.more) == (before + 3, True)
    rest = await desk.comments(ticket_id, Window(start=before + 2, size=2))
    assert ([c.body for c in rest.items], rest.more) == (["Number 2"], False)
    assert (await desk.ticket(ticket_id)).comments == before + 3


@promise
async def a_note_is_internal_and_mails_not_the_requester(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.add_comment(ticket_id, note())
    assert receipt.mail
    assert receipt.mail.sent is False
    assert receipt.mail.why
    last = (await desk.comments(ticket_id, Window(size=50))).items[-1]
    assert (last.id, last.body) == (receipt.comment_id, "Only for us.")
    assert last.visibility is Visibility.INTERNAL
    assert last.author


@promise
async def a_reply_is_public_and_says_who_was_mailed(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.add_comment(ticket_id, reply())
    assert receipt.mail
    last = (await desk.comments(ticket_id, Window(size=50))).items[-1]
    assert last.visibility is Visibility.PUBLIC
    assert last.body == "For everybody."
    if ways(desk).tells_mail:
        assert (receipt.mail.sent, receipt.mail.to) == (True, ("pat@example.org",))
        assert last.mailed_to == ("pat@example.org",)
    else:
        assert (receipt.mail.sent, bool(receipt.mail.why)) == (False, True)


@promise
async def a_reply_without_a_requester_says_that_nobody_was_mailed(desk: WholeDesk) -> None:
    queue = (await desk.queues())[0]
    draft = TicketDraft(subject="From nobody", description="…", queue=queue.id)
    ticket_id = (await desk.create_ticket(draft)).ticket_id
    assert bool((await desk.ticket(ticket_id)).requester) == ways(desk).needs_requester
    receipt = await desk.add_comment(ticket_id, reply())
    assert receipt.mail
    assert receipt.mail.sent is False
    assert receipt.mail.why


@promise
async def a_reply_can_move_the_ticket(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    receipt = await desk.add_comment(ticket_id, reply(status="Resolved"))
    assert ("status", "Open", "Resolved") in [(c.field, c.before, c.after) for c in receipt.changes]
    assert (await desk.ticket(ticket_id)).status == "Resolved"
    last = (await desk.comments(ticket_id, Window(size=50))).items[-1]
    assert last.new_status == ("Resolved" if ways(desk).comments_hold_all else None)


@promise
async def time_spent_is_in_minutes(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    draft = CommentDraft(body="Worked.", visibility=Visibility.INTERNAL, minutes=90)
    await desk.add_comment(ticket_id, draft)
    last = (await desk.comments(ticket_id, Window(size=50))).items[-1]
    if ways(desk).comments_hold_all:
        assert last.minutes == 90
        assert (await desk.ticket(ticket_id)).minutes == 90


@promise
async def an_empty_comment_is_refused(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    with pytest.raises(Invalid):
        await desk.add_comment(ticket_id, note("  \n "))


@promise
async def a_title_is_the_comments_and_not_the_tickets(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    draft = CommentDraft(body="Text.", visibility=Visibility.INTERNAL, title="My own title")
    await desk.add_comment(ticket_id, draft)
    last = (await desk.comments(ticket_id, Window(size=50))).items[-1]
    assert "My own title" in (f"{last.title}" if ways(desk).comments_hold_all else f"{last.body}")
    assert (await desk.ticket(ticket_id)).subject == "A contract ticket"


@promise
async def a_file_comes_back_byte_by_byte(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    content = b"\x00\xffbinary \r\n text"
    receipt = await desk.attach(ticket_id, Upload(name="scan.png", content=content), public=False)
    assert receipt.attachment_id
    download = await desk.attachment(ticket_id, receipt.attachment_id)
    assert (download.content, download.attachment.name) == (content, "scan.png")
    held = (await desk.ticket(ticket_id)).attachments or ()
    assert [(a.id, a.size) for a in held] == [(receipt.attachment_id, len(content))]


@promise
async def a_file_is_read_only_through_its_own_ticket(desk: WholeDesk) -> None:
    owner, other = await opened(desk), await opened(desk)
    receipt = await desk.attach(owner, Upload(name="a.txt", content=b"mine"), public=False)
    assert receipt.attachment_id
    with pytest.raises(NotFound):
        await desk.attachment(other, receipt.attachment_id)
    with pytest.raises(NotFound):
        await desk.attachment(owner, MISSING)


@promise
async def a_file_of_a_refused_type_leaves_no_trace(desk: WholeDesk) -> None:
    ticket_id = await opened(desk)
    before = (await desk.comments(ticket_id, Window())).total
    for upload in (Upload(name="a.exe", content=b"MZ"), Upload(name="a.txt", content=b"")):
        with pytest.raises(Invalid):
            await desk.attach(ticket_id, upload, public=True)
    assert (await desk.comments(ticket_id, Window())).total == before


@promise
async def queues_are_found_by_id_slug_and_name(desk: WholeDesk) -> None:
    queue = (await desk.queues())[-1]
    pages = [
        await desk.tickets(TicketFilter(queues=(word,)), Window(size=5))
        for word in (queue.id, queue.slug or queue.id, queue.name, queue.name.upper())
    ]
    assert all(page == pages[0] for page in pages)


@promise
async def people_are_found_and_paged(desk: WholeDesk) -> None:
    everybody = await desk.people(None, Window(size=100))
    assert everybody.total == len(everybody.items)
    one = everybody.items[0]
    word = one.username or one.email
    assert word
    found = await desk.people(word.upper(), Window())
    assert one in found.items
    first = await desk.people(None, Window(size=1))
    assert (first.items, first.more) == ((one,), (everybody.total or 0) > 1)
    assert (await desk.people("nosuchperson", Window())).items == ()


@promise
async def a_person_is_found_by_id_username_and_full_name(desk: WholeDesk) -> None:
    person = next(p for p in (await desk.people(None, Window(size=100))).items if p.name)
    ticket_id = await opened(desk)
    for word in (person.id, person.username or person.email, person.name):
        assert word
        await desk.change_ticket(ticket_id, TicketChange(assignee=word))
        assert (await desk.ticket(ticket_id)).assignee == person.name


@promise
async def fields_tell_statuses_priorities_and_custom_fields(desk: WholeDesk) -> None:
    fields = await desk.fields()
    assert "Open" in fields.statuses
    assert set(fields.statuses["Closed"]) <= set(fields.statuses)
    assert "Normal" in fields.priorities
    assert "Asset tag" in [field.label for field in fields.fields]
    assert fields.attachment_types is None or ".txt" in fields.attachment_types


@promise
async def custom_fields_are_found_by_name_and_label(desk: WholeDesk) -> None:
    field = next(f for f in (await desk.fields()).fields if f.label == "Asset tag")
    ticket_id = await opened(desk)
    for word, value in ((field.name, "X-1"), (field.label, "X-2")):
        receipt = await desk.change_ticket(ticket_id, TicketChange(custom={word: value}))
        assert ((await desk.ticket(ticket_id)).custom or {}).get(field.label) == value
        assert [(c.field, c.after) for c in receipt.changes] == [(field.label, value)]


@promise
async def articles_are_found_by_words_and_read_by_id(desk: WholeDesk) -> None:
    found = await desk.articles("PASSWORD reset", Window(size=3))
    assert found.items
    assert found.total
    article = await desk.article(found.items[0].id)
    assert article.answer
    assert article.category
    assert article.title == found.items[0].title
    assert (await desk.articles("nosuchword", Window())).items == ()
    with pytest.raises(NotFound):
        await desk.article(MISSING)


@promise
async def a_ticket_without_a_queue_is_opened_only_where_there_is_one(desk: WholeDesk) -> None:
    queues = await desk.queues()
    if len(queues) > 1 and ways(desk).needs_queue:
        with pytest.raises(Invalid, match=queues[0].name):
            await desk.create_ticket(TicketDraft(subject="Where?", description="…"))


@promise
async def a_site_is_never_lost(desk: WholeDesk) -> None:
    ticket_id = await opened(desk, site="Sevilla")
    ticket = await desk.ticket(ticket_id)
    assert "Sevilla" in f"{ticket.description} {ticket.custom}"
