"""A real django-helpdesk behind a line that goes wrong: what is said, and what was written."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from tests.contracts.desks import opened
from tests.desks.conftest import Sql
from tests.desks.faulty import Fault, Proxy, faulty
from tests.helpdesk import start_copy

from helpdesk_demo.desk.process import DeskProcess
from helpdesk_mcp.desks.django_helpdesk.auth import Account
from helpdesk_mcp.desks.django_helpdesk.desk import WHOLE, DjangoHelpdesk
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter

LOST = [Fault.DROP_AFTER, Fault.HALF, Fault.ERROR_AFTER, Fault.HTML_AFTER]
NOTE = CommentDraft(body="Written once.", visibility=Visibility.INTERNAL)


@asynccontextmanager
async def behind(
    url: str, account: Account, *, patience: float = 30
) -> AsyncGenerator[tuple[DjangoHelpdesk, Proxy]]:
    async with (
        faulty(url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=patience) as http,
    ):
        yield DjangoHelpdesk(http, account), proxy


def told(error: HelpdeskError) -> tuple[str, Written]:
    assert "secret-detail" not in error.message
    return error.reason, error.written


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
async def test_a_comment_whose_answer_is_lost_is_found_and_not_repeated(
    fault: Fault, helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("POST", "/api/followups/", fault)
        receipt = await desk.add_comment(ticket_id, NOTE)
        assert receipt.warnings
        assert "not repeated" in receipt.warnings[0]
        assert proxy.count("POST", "/api/followups/") == 1
        said = (await desk.comments(ticket_id, Window(size=50))).items
        assert [c.id for c in said if c.body == "Written once."] == [receipt.comment_id]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
async def test_a_ticket_whose_answer_is_lost_is_found_and_not_opened_twice(
    fault: Fault, helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    subject = f"Lost answer {fault.name}"
    async with behind(helpdesk.url, account) as (desk, proxy):
        proxy.fail("POST", "/api/tickets/", fault)
        ticket_id = await opened(desk, subject)
        assert (await desk.ticket(ticket_id)).subject == subject
        assert proxy.count("POST", "/api/tickets/") == 1
    rows = sql("SELECT id FROM helpdesk_ticket WHERE title = ?", subject)
    assert [str(row[0]) for row in rows] == [ticket_id]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER], ids=lambda f: f.name)
async def test_a_change_whose_answer_is_lost_is_found(
    fault: Fault, helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("POST", f"/tickets/{ticket_id}/update/", fault)
        receipt = await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
        assert [(c.field, c.after) for c in receipt.changes] == [("priority", "Low")]
        assert receipt.warnings
        assert proxy.count("POST", f"/tickets/{ticket_id}/update/") == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.DROP, ("unreachable", Written.UNKNOWN)),
        (Fault.ERROR, ("desk_error", Written.NO)),
        (Fault.HTML, ("protocol", Written.UNKNOWN)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_write_that_is_not_there_afterwards_is_an_error(
    fault: Fault, expected: tuple[str, Written], helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("POST", "/api/followups/", fault)
        with pytest.raises(Unavailable) as caught:
            await desk.add_comment(ticket_id, NOTE)
        assert told(caught.value) == expected
        proxy.fail("POST", "/api/tickets/", fault)
        with pytest.raises(Unavailable) as caught:
            await opened(desk, f"Never there {fault.name}")
        assert told(caught.value) == expected
        proxy.fail("POST", f"/tickets/{ticket_id}/update/", fault)
        if fault is not Fault.HTML:  # a page is how the form says no
            with pytest.raises(Unavailable) as caught:
                await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
            assert told(caught.value) == expected


async def test_a_desk_killed_after_it_wrote_leaves_the_write_unknown(
    template: Path, tmp_path: Path
) -> None:
    running = start_copy(template, tmp_path / "killed")
    account = Account(username=running.username, password=running.password)

    async def kill() -> None:
        running.kill()

    async with behind(running.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.after = kill
        proxy.fail("POST", "/api/followups/", Fault.DROP_AFTER)
        with pytest.raises(Unavailable) as caught:
            await desk.add_comment(ticket_id, NOTE)
        assert told(caught.value) == ("unreachable", Written.UNKNOWN)
        with pytest.raises(Unavailable):
            await desk.ticket(ticket_id)
    with start_copy(tmp_path / "killed", tmp_path / "restarted") as restarted:
        async with httpx2.AsyncClient(base_url=restarted.url, timeout=30) as http:
            said = await DjangoHelpdesk(http, account).comments(ticket_id, Window(size=50))
    assert [c.body for c in said.items].count("Written once.") == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.DROP, "unreachable"),
        (Fault.HALF, "unreachable"),
        (Fault.ERROR, "desk_error"),
        (Fault.HTML, "protocol"),
        (Fault.NONSENSE, "protocol"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_read_that_goes_wrong_says_so_and_the_next_works(
    fault: Fault, reason: str, helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        for path in ("/datatables_ticket_list/", f"/api/tickets/{ticket_id}/"):
            proxy.fail("GET", path, fault)
            with pytest.raises(Unavailable) as caught:
                await desk.ticket(ticket_id)
            assert told(caught.value) == (reason, Written.NO)
        assert (await desk.ticket(ticket_id)).id == ticket_id


async def test_a_page_that_is_another_page_is_an_error(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("GET", f"/tickets/{ticket_id}/", Fault.HTML)
        with pytest.raises(Unavailable) as caught:
            await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
        assert told(caught.value) == ("protocol", Written.NO)


async def test_a_silent_desk_is_a_timeout(helpdesk: DeskProcess, account: Account) -> None:
    async with behind(helpdesk.url, account, patience=1) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.always.append(("GET", "/datatables_ticket_list/", Fault.SILENCE))
        with pytest.raises(Unavailable) as caught:
            await desk.tickets(TicketFilter(), Window())
        assert told(caught.value) == ("timeout", Written.NO)
        proxy.always.clear()
        proxy.fail("POST", "/api/followups/", Fault.SILENCE)
        receipt = await desk.add_comment(ticket_id, NOTE)
        assert receipt.warnings


async def test_a_desk_that_is_down_is_unreachable(account: Account) -> None:
    async with httpx2.AsyncClient(base_url="http://127.0.0.1:1/") as http:
        desk = DjangoHelpdesk(http, account)
        for attempt in (desk.ping(), opened(desk)):
            with pytest.raises(Unavailable) as caught:
                await attempt
            assert told(caught.value) == ("unreachable", Written.NO)


@pytest.mark.parametrize(
    "used", [Account(token="t"), Account(username="a", password="b", token="t")], ids=str
)
async def test_a_desk_that_is_down_offers_nothing_however_often_it_is_asked(used: Account) -> None:
    async with httpx2.AsyncClient(base_url="http://127.0.0.1:1/") as http:
        desk = DjangoHelpdesk(http, used)
        for _ in range(3):
            with pytest.raises(Unavailable) as caught:
                await desk.capabilities()
            assert caught.value.reason == "unreachable"


async def test_a_login_that_broke_off_is_begun_anew_by_the_best_way(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        proxy.fail("GET", "/login/", Fault.MISSING)  # the password with every request is tried
        proxy.fail("GET", "/api/user_tickets/", Fault.DROP)
        with pytest.raises(Unavailable):
            await desk.capabilities()
        assert await desk.capabilities() == WHOLE


async def test_a_failure_between_two_steps_says_that_the_first_was_done(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("PATCH", "/api/tickets/", Fault.ERROR)
        change = TicketChange(priority="Low", description="Never stored")
        with pytest.raises(Unavailable) as caught:
            await desk.change_ticket(ticket_id, change)
        assert caught.value.written is Written.PARTLY
        proxy.fail("PATCH", "/api/followups/", Fault.ERROR)
        titled = CommentDraft(body="Text", visibility=Visibility.INTERNAL, title="Title")
        with pytest.raises(Unavailable) as caught:
            await desk.add_comment(ticket_id, titled)
        assert caught.value.written is Written.PARTLY
        ticket = await desk.ticket(ticket_id)
        assert (ticket.priority, ticket.description) == ("Low", "Opened by a contract test.")


async def test_a_resolution_that_could_not_be_put_back_is_said(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        draft = CommentDraft(body="Fixed.", visibility=Visibility.PUBLIC, status="Resolved")
        await desk.add_comment(ticket_id, draft)
        proxy.fail("PATCH", "/api/tickets/", Fault.ERROR)
        with pytest.raises(Unavailable, match="resolution that the requester reads") as caught:
            await desk.add_comment(ticket_id, NOTE)
        assert caught.value.written is Written.PARTLY
        proxy.fail("PATCH", "/api/tickets/", Fault.ERROR)
        other = await opened(desk)
        await desk.close_ticket(other, "First.", notify=False)
        with pytest.raises(Unavailable, match="stored as a comment"):
            await desk.close_ticket(other, "Second.", notify=False)


async def test_a_file_that_got_lost_with_the_answer_is_said(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with behind(helpdesk.url, account) as (desk, proxy):
        ticket_id = await opened(desk)
        proxy.fail("POST", "/api/followups/", Fault.DROP_AFTER)
        receipt = await desk.attach(ticket_id, Upload(name="a.txt", content=b"bytes"), public=False)
        assert receipt.attachment_id
        assert receipt.warnings


async def test_several_files_of_a_new_ticket_are_all_there(
    helpdesk: DeskProcess, account: Account
) -> None:
    files = tuple(Upload(name=f"{n}.txt", content=b"%d" % n) for n in range(3))
    async with behind(helpdesk.url, account) as (desk, proxy):
        queue = (await desk.queues())[0].id
        draft = TicketDraft(subject="Files", description="…", queue=queue, uploads=files)
        ticket = await desk.ticket((await desk.create_ticket(draft)).ticket_id)
        assert [a.name for a in ticket.attachments or ()] == ["0.txt", "1.txt", "2.txt"]
        proxy.fail("POST", "/api/followups/", Fault.ERROR)
        with pytest.raises(Unavailable, match="was opened") as caught:
            await desk.create_ticket(draft)
        assert caught.value.written is Written.PARTLY
