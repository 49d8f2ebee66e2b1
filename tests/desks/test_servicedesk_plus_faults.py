"""Trouble between us and a real, running ServiceDesk Plus simulator, through the guarded client."""

import anyio
import pytest
from tests.desks.troubled import Control, desk_at

from helpdesk_demo.servicedesk_plus.process import SimulatorProcess
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import Code, HelpdeskError, RateLimited, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter

DRAFT = TicketDraft(subject="Opened once?", description="…")


async def alike(desk: ServiceDeskPlus) -> int:
    found = await desk.tickets(TicketFilter(text=DRAFT.subject), Window())
    return len(found.items)


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "half_body"])
async def test_u08_a_ticket_whose_answer_was_lost_is_found_and_not_opened_twice(
    desk: ServiceDeskPlus, control: Control, kind: str
) -> None:
    await control.fault(kind, method="POST", path="requests$")
    receipt = await desk.create_ticket(DRAFT)
    assert any("not opened twice" in warning for warning in receipt.warnings or ())
    assert (await desk.ticket(receipt.ticket_id)).subject == DRAFT.subject
    assert await alike(desk) == 1


async def test_u08_a_ticket_whose_answer_never_came_is_found(
    process: SimulatorProcess, control: Control
) -> None:
    async with desk_at(process, timeout=1.5) as desk:
        await desk.ping()
        await control.fault("commit_then_hang", method="POST", path="requests$", seconds=20)
        receipt = await desk.create_ticket(DRAFT)
        assert await alike(desk) == 1
        assert receipt.warnings


async def test_a_ticket_that_was_not_opened_is_told_as_such(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.fault("status", method="POST", path="requests$", http=500)
    with pytest.raises(Unavailable) as caught:
        await desk.create_ticket(DRAFT)
    assert (caught.value.reason, caught.value.written) == ("desk_error", Written.NO)
    await control.fault("drop", method="POST", path="requests$")
    with pytest.raises(Unavailable) as caught:
        await desk.create_ticket(DRAFT)
    assert caught.value.written is Written.UNKNOWN
    assert await alike(desk) == 0


async def test_a_desk_that_is_too_slow_is_a_timeout(
    process: SimulatorProcess, control: Control
) -> None:
    async with desk_at(process, timeout=0.3) as desk:
        await control.fault("slow", method="GET", path="requests", seconds=2, times=3)
        with pytest.raises(Unavailable) as caught:
            await desk.tickets(TicketFilter(), Window())
        assert (caught.value.reason, caught.value.written) == ("timeout", Written.NO)


async def test_half_an_answer_is_asked_for_again_once(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.fault("half_body", method="GET", path="requests")
    assert (await desk.tickets(TicketFilter(), Window(size=1))).items
    await control.fault("half_body", method="GET", path="requests", times=2)
    with pytest.raises(Unavailable) as caught:
        await desk.tickets(TicketFilter(), Window(size=1))
    assert caught.value.reason == "protocol"


async def test_a_throttling_desk_is_told_with_how_long_to_wait(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.knob(throttle_requests=1)
    await desk.ping()
    with pytest.raises(RateLimited) as caught:
        await desk.ping()
    assert (caught.value.reason, caught.value.retry_after) == ("desk_throttles", 60)


async def test_u05_a_storm_of_errors_opens_the_breaker(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.fault("status", path="requests", http=503, times=50)
    reasons: list[str] = []
    for _ in range(12):
        with pytest.raises(HelpdeskError) as caught:
            await desk.ping()
        reasons.append(caught.value.reason)
    assert reasons[0] == "desk_error"
    assert reasons[-1] == "breaker_open"


async def test_a_page_instead_of_data_is_told_as_such(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.fault("html", method="GET", path="requests", http=200)
    with pytest.raises(Unavailable) as caught:
        await desk.ping()
    assert caught.value.reason == "web_page"


async def test_a_change_that_failed_half_way_says_what_was_done(
    desk: ServiceDeskPlus, control: Control
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    await control.fault("status", method="POST", path="notes$", http=500)
    with pytest.raises(Unavailable) as caught:
        await desk.change_ticket(ticket_id, TicketChange(subject="Half", comment="Why"))
    assert caught.value.written is Written.PARTLY
    assert (await desk.ticket(ticket_id)).subject == "Half"


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "half_body"])
@pytest.mark.parametrize("visibility", Visibility)
async def test_u08_a_note_whose_answer_was_lost_is_found_and_never_written_twice(
    desk: ServiceDeskPlus, control: Control, visibility: Visibility, kind: str
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    draft = CommentDraft(body="Line 1\n\n<Line 2> & more", visibility=visibility)
    await control.fault(kind, method="POST", path="notes$")
    first = await desk.add_comment(ticket_id, draft)
    assert any("not written twice" in warning for warning in first.warnings or ())
    second = await desk.add_comment(ticket_id, draft)
    assert not second.warnings
    said = (await desk.comments(ticket_id, Window())).items
    assert [comment.id for comment in said] == [first.comment_id, second.comment_id]


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "half_body"])
async def test_u08_a_closing_whose_answer_was_lost_is_looked_for(
    desk: ServiceDeskPlus, control: Control, kind: str
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    await control.fault(kind, method="PUT", path="close$")
    receipt = await desk.close_ticket(ticket_id, "Done.", notify=False)
    assert any("but the ticket is closed" in one for one in receipt.warnings or ())
    assert (await desk.ticket(ticket_id)).status == "Closed"


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "half_body"])
async def test_u08_a_file_whose_answer_was_lost_is_found_and_never_attached_twice(
    desk: ServiceDeskPlus, control: Control, kind: str
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    file = Upload(name="trace.txt", content=b"1.1.1.1 42 ms")
    await control.fault(kind, path="_?uploads?$")
    first = await desk.attach(ticket_id, file, public=True)
    assert any("not attached twice" in one for one in first.warnings or ())
    second = await desk.attach(ticket_id, file, public=True)
    assert second.warnings is None
    held = [one.id for one in (await desk.ticket(ticket_id)).attachments or ()]
    assert sorted(held) == sorted([first.attachment_id or "", second.attachment_id or ""])


async def test_a_file_that_was_not_attached_is_told_as_such(
    desk: ServiceDeskPlus, control: Control
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    await control.fault("drop", path="_?uploads?$")
    with pytest.raises(Unavailable) as caught:
        await desk.attach(ticket_id, Upload(name="a.txt", content=b"x"), public=True)
    assert caught.value.written is Written.UNKNOWN


async def test_a_note_that_was_not_written_is_told_as_such(
    desk: ServiceDeskPlus, control: Control
) -> None:
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    draft = CommentDraft(body="Once", visibility=Visibility.INTERNAL)
    await desk.add_comment(ticket_id, draft)  # one that is alike is not taken for it
    for kind, written in (("status", Written.NO), ("drop", Written.UNKNOWN)):
        await control.fault(kind, method="POST", path="notes$", http=500)
        with pytest.raises(Unavailable) as caught:
            await desk.add_comment(ticket_id, draft)
        assert caught.value.written is written
    assert len((await desk.comments(ticket_id, Window())).items) == 1


async def test_a_closure_that_is_refused_says_that_the_ticket_is_open(
    desk: ServiceDeskPlus, control: Control
) -> None:
    await control.knob(close_rules=["closure_code"])
    ticket_id = (await desk.create_ticket(DRAFT)).ticket_id
    with pytest.raises(HelpdeskError, match="still open") as caught:
        await desk.close_ticket(ticket_id, "Done.", notify=False)
    assert caught.value.code is Code.CONFLICT
    assert (caught.value.reason, caught.value.written) == ("closure_rule", Written.PARTLY)
    assert "Success" in caught.value.message
    ticket = await desk.ticket(ticket_id)
    assert (ticket.status, ticket.resolution) == ("Open", "Done.")


async def test_many_callers_at_once_log_in_once(
    process: SimulatorProcess, control: Control
) -> None:
    async with desk_at(process) as desk, anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(desk.ping)
    asked = await control("GET", "requests")
    paths = [one["path"] for one in asked["requests"]]
    tokens = sum(1 for path in paths if "/oauth/" in path)
    assert tokens == (0 if process.ready.edition == "onprem" else 1)
