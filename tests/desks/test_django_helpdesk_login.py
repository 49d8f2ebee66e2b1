"""Logging in to a real django-helpdesk: once, again when it ran out, and what else there is."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import httpx2
import pytest
from tests.contracts.desks import opened
from tests.desks.conftest import Sql
from tests.desks.faulty import Fault, faulty

from helpdesk_demo.desk.process import DeskProcess
from helpdesk_mcp.desks.django_helpdesk.auth import Account
from helpdesk_mcp.desks.django_helpdesk.desk import PLAIN, WHOLE, DjangoHelpdesk
from helpdesk_mcp.desks.exchange import Guard, GuardedTransport
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter
from helpdesk_mcp.telemetry.metrics import Metrics

NOTE = CommentDraft(body="Written once.", visibility=Visibility.INTERNAL)
Plain = Callable[[], AbstractAsyncContextManager[DjangoHelpdesk]]


@pytest.fixture(params=["token", "basic"])
def plain(
    request: pytest.FixtureRequest, helpdesk: DeskProcess, account: Account, sql: Sql
) -> Plain:
    """Open a desk that takes no session: by token, or by the password with every request."""
    user = sql("SELECT id FROM auth_user WHERE username = ?", account.username)[0][0]
    key = "0123456789abcdef0123456789abcdef01234567"
    sql("DELETE FROM authtoken_token")
    sql("INSERT INTO authtoken_token VALUES (?, '2026-01-01', ?)", key, user)

    @asynccontextmanager
    async def open_desk() -> AsyncGenerator[DjangoHelpdesk]:
        async with faulty(helpdesk.url) as proxy:
            proxy.always.append(("GET", "/login/", Fault.MISSING))
            used = Account(username="", token=key) if request.param == "token" else account
            async with httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http:
                yield DjangoHelpdesk(http, used)

    return open_desk


async def test_a_session_offers_everything(django: DjangoHelpdesk) -> None:
    assert await django.capabilities() == WHOLE
    assert await django.has_companion() is False


async def test_a_wrong_password_says_what_to_check(helpdesk: DeskProcess) -> None:
    async with httpx2.AsyncClient(base_url=helpdesk.url) as http:
        desk = DjangoHelpdesk(http, Account(username="agent", password="wrong-secret"))
        with pytest.raises(Unavailable, match="check the account's name and password") as caught:
            await desk.ping()
    assert caught.value.reason == "login"
    assert "wrong-secret" not in caught.value.message
    assert "wrong-secret" not in repr(Account(username="agent", password="wrong-secret"))


async def test_a_wrong_token_is_refused(helpdesk: DeskProcess) -> None:
    async with httpx2.AsyncClient(base_url=helpdesk.url) as http:
        with pytest.raises(Unavailable) as caught:
            await DjangoHelpdesk(http, Account(token="no-such-token")).ping()
    assert caught.value.reason == "login"


async def test_an_account_without_staff_rights_is_told_apart(
    helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    sql(
        "UPDATE auth_user SET password = (SELECT password FROM auth_user WHERE username = ?) "
        "WHERE username = 'dana'",
        account.username,
    )
    async with httpx2.AsyncClient(base_url=helpdesk.url) as http:
        desk = DjangoHelpdesk(http, Account(username="dana", password=account.password))
        with pytest.raises(Unavailable, match="not a staff member"):
            await desk.ping()
        assert await desk.capabilities() == PLAIN
        with pytest.raises(Denied):
            await desk.ticket("1")


async def test_a_desk_under_a_path_works_behind_the_guard(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with faulty(helpdesk.url) as proxy:
        proxy.prefix = "/support/desk"
        base = httpx2.URL(proxy.url + "support/desk/")
        guard = GuardedTransport(
            httpx2.AsyncHTTPTransport(), base, Guard(kind="django-helpdesk"), Metrics()
        )
        async with httpx2.AsyncClient(base_url=base, transport=guard) as http:
            desk = DjangoHelpdesk(http, account)
            ticket_id = await opened(desk)
            await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
            file = await desk.attach(ticket_id, Upload(name="a.txt", content=b"x"), public=False)
            assert file.attachment_id
            assert (await desk.attachment(ticket_id, file.attachment_id)).content == b"x"
            assert (await desk.ticket(ticket_id)).url == f"{base}tickets/{ticket_id}/"
            assert (await desk.articles("password", Window())).items
            proxy.fail("POST", "/api/followups/", Fault.HALF)
            receipt = await desk.add_comment(ticket_id, NOTE)
            assert receipt.warnings


async def test_many_calls_at_once_log_in_once(helpdesk: DeskProcess, account: Account) -> None:
    async with (
        faulty(helpdesk.url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http,
    ):
        desk = DjangoHelpdesk(http, account)
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(desk.ping)
        assert proxy.count("POST", "/login/") == 1
        assert not list(http.cookies.jar)


async def test_a_session_that_ended_is_renewed_and_the_write_happens_once(
    helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    async with (
        faulty(helpdesk.url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http,
    ):
        desk = DjangoHelpdesk(http, account)
        ticket_id = await opened(desk)
        for step in (
            lambda: desk.add_comment(ticket_id, NOTE),
            lambda: desk.change_ticket(ticket_id, TicketChange(priority="Low")),
            lambda: desk.ticket(ticket_id),
        ):
            before = proxy.count("POST", "/login/")
            _log_everybody_out(sql)
            await step()
            assert proxy.count("POST", "/login/") == before + 1
        said = (await desk.comments(ticket_id, Window(size=50))).items
        assert [c.body for c in said].count("Written once.") == 1


async def test_a_session_that_ends_between_read_and_write_is_renewed(
    helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    async def end_sessions() -> None:
        _log_everybody_out(sql)

    async with (
        faulty(helpdesk.url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http,
    ):
        desk = DjangoHelpdesk(http, account)
        ticket_id = await opened(desk)
        proxy.after = end_sessions
        proxy.fail("GET", f"/tickets/{ticket_id}/", Fault.NOTHING)
        await desk.add_comment(ticket_id, NOTE)
        assert proxy.after is None
        said = (await desk.comments(ticket_id, Window(size=50))).items
        assert [c.body for c in said].count("Written once.") == 1


async def test_two_accounts_on_one_client_do_not_mix(
    helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    sql(
        "UPDATE auth_user SET password = (SELECT password FROM auth_user WHERE username = ?) "
        "WHERE username = 'alice'",
        account.username,
    )
    async with httpx2.AsyncClient(base_url=helpdesk.url, timeout=30) as http:
        agent = DjangoHelpdesk(http, account)
        alice = DjangoHelpdesk(http, Account(username="alice", password=account.password))
        ticket_id = await opened(agent)
        await alice.add_comment(ticket_id, NOTE)
        await agent.add_comment(ticket_id, NOTE)
        said = (await agent.comments(ticket_id, Window(size=50))).items
        authors = [c.author for c in said if c.body == "Written once."]
        assert authors == ["Alice Nguyen", "Help Desk Agent"]


async def test_a_login_page_elsewhere_on_the_desk_is_found_and_one_outside_is_not(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with (
        faulty(helpdesk.url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http,
    ):
        proxy.redirect("/login/", "/login/?next=/")
        assert await DjangoHelpdesk(http, account).capabilities() == WHOLE
        proxy.redirect("/login/", "https://login.example.com/")
        assert await DjangoHelpdesk(http, account).capabilities() == PLAIN


async def test_a_login_page_that_breaks_is_not_a_wrong_password(
    helpdesk: DeskProcess, account: Account
) -> None:
    async with (
        faulty(helpdesk.url) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=30) as http,
    ):
        desk = DjangoHelpdesk(http, account)
        proxy.fail("GET", "/login/", Fault.ERROR)
        with pytest.raises(Unavailable) as caught:
            await desk.ping()
        assert caught.value.reason == "desk_error"
        proxy.fail("POST", "/login/", Fault.ERROR)
        with pytest.raises(Unavailable) as caught:
            await desk.ping()
        assert caught.value.reason == "protocol"
        await desk.ping()


async def test_a_plain_login_offers_what_it_can(plain: Plain) -> None:
    async with plain() as desk:
        await desk.ping()
        assert await desk.capabilities() == PLAIN
        assert "Open" in (await desk.fields()).statuses


async def test_a_plain_login_works_tickets(plain: Plain) -> None:
    async with plain() as desk:
        draft = TicketDraft(
            subject="Plain", description="…", queue="1", assignee="1", requester="p@example.org"
        )
        ticket_id = (await desk.create_ticket(draft)).ticket_id
        change = TicketChange(
            status="Resolved",
            priority="Low",
            queue="2",
            assignee="none",
            due="none",
            custom={"asset": "A-1"},
            comment="Private why.",
        )
        receipt = await desk.change_ticket(ticket_id, change)
        assert {c.field: c.after for c in receipt.changes} == {
            "status": "Resolved",
            "priority": "Low",
            "queue": "2",
            "assignee": None,
            "Asset tag": "A-1",
        }
        assert receipt.history is False
        ticket = await desk.ticket(ticket_id)
        assert (ticket.resolution, ticket.assignee) == (None, None)
        await desk.close_ticket(ticket_id, "Done.", notify=True)
        assert (await desk.ticket(ticket_id)).resolution == "Done."
        said = (await desk.comments(ticket_id, Window())).items
        assert [c.body for c in said] == ["…", "Private why.", "Done."]
        file = await desk.attach(ticket_id, Upload(name="a.txt", content=b"x"), public=False)
        assert file.attachment_id
        assert (await desk.attachment(ticket_id, file.attachment_id)).content == b"x"


async def test_a_plain_login_lists_exactly_or_says_that_it_cannot(plain: Plain, sql: Sql) -> None:
    async with plain() as desk:
        which = TicketFilter(statuses=("Abierto",), queues=("1",), assignee="none")
        page = await desk.tickets(which, Window(size=3))
        counted = sql(
            "SELECT count(*) FROM helpdesk_ticket "
            "WHERE status = 1 AND queue_id = 1 AND assigned_to_id IS NULL"
        )
        assert page.total == counted[0][0]
        created = [ticket.created for ticket in page.items]
        assert created == sorted(created, key=str, reverse=True)
        for which in (TicketFilter(queues=("IT Support",)), TicketFilter(assignee="alice")):
            with pytest.raises(Invalid, match="id"):
                await desk.tickets(which, Window())
        with pytest.raises(NotFound):
            await desk.ticket("99999999")
        for sort in ("priority", "-due", "id"):
            found = await desk.tickets(TicketFilter(text="VPN OR nosuch", sort=sort), Window())
            assert found.total == len(found.items)


async def test_a_plain_login_needs_a_queue_and_sees_stale_tickets(plain: Plain) -> None:
    async with plain() as desk:
        with pytest.raises(Invalid):
            await desk.create_ticket(TicketDraft(subject="Where?", description="…"))
        draft = TicketDraft(subject="Plain", description="…", queue="1")
        ticket_id = (await desk.create_ticket(draft)).ticket_id
        seen = (await desk.ticket(ticket_id)).modified
        assert seen
        await desk.add_comment(ticket_id, NOTE)
        with pytest.raises(Conflict):
            await desk.change_ticket(
                ticket_id, TicketChange(priority="Low"), expected=seen.isoformat()
            )


def _log_everybody_out(sql: Sql) -> None:
    sql("DELETE FROM django_session")
