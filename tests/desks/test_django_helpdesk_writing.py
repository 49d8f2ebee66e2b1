"""What stock django-helpdesk does wrong with a write, and that it does not happen through us."""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest
from tests.contracts.desks import note, opened, reply
from tests.desks.conftest import Sql
from tests.helpdesk import log_in, seed_record, start_copy

from helpdesk_demo.desk.process import DeskProcess
from helpdesk_mcp.desks.django_helpdesk.auth import Account
from helpdesk_mcp.desks.django_helpdesk.desk import DjangoHelpdesk
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import Conflict, Invalid
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.receipts import Change
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter

TEMPLATE_TEXT = (
    "{{ ticket.title }}",
    "{# gone #} {% now 'Y' %} {{ x|nosuch }}",
    "%} {% {{% {%} {{{ }}} %}} {",
    "X-HELPDESK-COMMENT-VERBATIM {% verbatim %}{{ a }}{% endverbatim %}",
    '<b>"quoted" & \\escaped\\</b> {{ "{{" }}',
    "l\u00ednea 1\r\nline 2 \U0001f600 {%",
)


async def resolved(desk: DjangoHelpdesk, text: str = "The real fix.") -> str:
    ticket_id = await opened(desk)
    await desk.add_comment(ticket_id, reply(text, status="Resolved"))
    return ticket_id


async def resolution(desk: DjangoHelpdesk, ticket_id: str) -> str | None:
    return (await desk.ticket(ticket_id)).resolution


async def test_comments_are_stored_exactly_though_the_desk_takes_them_for_templates(
    django: DjangoHelpdesk,
) -> None:
    ticket_id = await opened(django)
    for text in TEMPLATE_TEXT:
        await django.add_comment(ticket_id, note(text))
        await django.change_ticket(
            ticket_id, TicketChange(subject=f"Subject {TEMPLATE_TEXT.index(text)}", comment=text)
        )
    said = (await django.comments(ticket_id, Window(start=1, size=50))).items
    stored = [(c.body or "").replace("\r\n", "\n") for c in said]
    assert stored == [text.replace("\r\n", "\n") for text in TEMPLATE_TEXT for _ in range(2)]


async def test_a_resolution_in_template_characters_is_what_was_given(
    django: DjangoHelpdesk,
) -> None:
    ticket_id = await opened(django)
    await django.close_ticket(ticket_id, "Set {{ title }} to {% x %}.", notify=True)
    assert await resolution(django, ticket_id) == "Set {{ title }} to {% x %}."


async def test_a_private_note_does_not_leak_into_the_resolution(django: DjangoHelpdesk) -> None:
    ticket_id = await resolved(django)
    receipt = await django.add_comment(ticket_id, note("SECRET"))
    assert receipt.warnings
    assert "put back" in receipt.warnings[0]
    assert await resolution(django, ticket_id) == "The real fix."


async def test_a_private_note_does_not_leak_where_there_was_no_resolution(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id = await opened(django)
    for status in (3, 4):
        sql(
            "UPDATE helpdesk_ticket SET status = ?, resolution = NULL WHERE id = ?",
            status,
            ticket_id,
        )
        await django.add_comment(ticket_id, note("SECRET"))
        assert await resolution(django, ticket_id) is None
        await django.attach(ticket_id, Upload(name="a.txt", content=b"x"), public=False)
        assert await resolution(django, ticket_id) is None


async def test_a_private_reason_to_resolve_does_not_become_the_resolution(
    django: DjangoHelpdesk,
) -> None:
    for status in ("Resolved", "Closed"):
        ticket_id = await opened(django)
        change = TicketChange(status=status, comment="SECRET")
        await django.change_ticket(ticket_id, change)
        assert await resolution(django, ticket_id) is None
        other = await opened(django)
        await django.add_comment(other, note("SECRET", status=status))
        assert await resolution(django, other) is None


async def test_a_reply_on_a_resolved_ticket_keeps_its_resolution(django: DjangoHelpdesk) -> None:
    ticket_id = await resolved(django)
    await django.add_comment(ticket_id, reply("You are welcome."))
    assert await resolution(django, ticket_id) == "The real fix."


async def test_a_change_of_a_resolved_ticket_keeps_its_resolution(django: DjangoHelpdesk) -> None:
    ticket_id = await resolved(django)
    await django.change_ticket(ticket_id, TicketChange(priority="Low"))
    await django.change_ticket(ticket_id, TicketChange(priority="High", comment="SECRET"))
    ticket = await django.ticket(ticket_id)
    assert (ticket.status, ticket.priority, ticket.resolution) == (
        "Resolved",
        "High",
        "The real fix.",
    )


async def test_closing_again_after_reopening_replaces_the_resolution(
    django: DjangoHelpdesk,
) -> None:
    ticket_id = await opened(django)
    await django.close_ticket(ticket_id, "First.", notify=False)
    await django.change_ticket(ticket_id, TicketChange(status="Reopened"))
    receipt = await django.close_ticket(ticket_id, "Second.", notify=False)
    assert Change(field="resolution", before="First.", after="Second.") in receipt.changes
    assert await resolution(django, ticket_id) == "Second."


async def test_closing_what_is_closed_like_this_writes_nothing(django: DjangoHelpdesk) -> None:
    ticket_id = await opened(django)
    await django.close_ticket(ticket_id, "Done.", notify=False)
    before = (await django.comments(ticket_id, Window())).total
    receipt = await django.close_ticket(ticket_id, "Done.", notify=True)
    assert (receipt.changes, receipt.mail) == ((), None)
    assert (await django.comments(ticket_id, Window())).total == before


async def test_a_change_keeps_the_custom_fields_it_does_not_name(django: DjangoHelpdesk) -> None:
    queue = (await django.queues())[0].id
    custom = {"asset": "NL-1", "channel": "phone", "Root cause": "multi\nline"}
    draft = TicketDraft(subject="Custom", description="…", queue=queue, custom=custom)
    ticket_id = (await django.create_ticket(draft)).ticket_id
    before = (await django.ticket(ticket_id)).custom
    assert before
    await django.change_ticket(ticket_id, TicketChange(priority="Low"))
    after = (await django.ticket(ticket_id)).custom or {}
    assert {k: v.replace("\r\n", "\n") for k, v in after.items()} == before


async def test_a_change_through_the_form_keeps_history_and_one_past_it_says_so(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id = await opened(django)
    audited = await django.change_ticket(ticket_id, TicketChange(priority="Low", queue="hr"))
    assert audited.history is True
    rows = sql(
        "SELECT c.field FROM helpdesk_ticketchange c JOIN helpdesk_followup f "
        "ON f.id = c.followup_id WHERE f.ticket_id = ? ORDER BY c.id",
        ticket_id,
    )
    assert [row[0] for row in rows][:2] == ["Priority", "Queue"]
    silent = await django.change_ticket(
        ticket_id, TicketChange(description="New text", requester="new@example.org")
    )
    assert silent.history is False
    assert silent.warnings
    assert "without a trace" in silent.warnings[0]
    assert {c.field: c.after for c in silent.changes} == {
        "description": "New text",
        "requester": "new@example.org",
    }
    assert (await django.ticket(ticket_id)).description == "New text"


async def test_a_change_without_a_trace_moves_modified_all_the_same(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id = await opened(django)
    seen = (await django.ticket(ticket_id)).modified
    assert seen
    assert seen == (await django.ticket(ticket_id)).modified
    sql("UPDATE helpdesk_ticket SET description = 'Changed' WHERE id = ?", ticket_id)
    with pytest.raises(Conflict):
        await django.change_ticket(
            ticket_id, TicketChange(priority="Low"), expected=seen.isoformat()
        )


async def test_an_expectation_in_whole_seconds_or_another_zone_is_understood(
    django: DjangoHelpdesk,
) -> None:
    ticket_id = await opened(django)
    for number in range(3):
        seen = (await django.ticket(ticket_id)).modified
        assert seen
        spelled = (
            seen.replace(microsecond=0).isoformat(),
            seen.isoformat().replace("+00:00", "Z"),
            seen.replace(tzinfo=None).isoformat(),
        )
        change = TicketChange(on_hold=not (await django.ticket(ticket_id)).on_hold)
        await django.change_ticket(ticket_id, change, expected=spelled[number])


async def test_nothing_is_written_where_nothing_differs(django: DjangoHelpdesk) -> None:
    ticket_id = await opened(django)
    before = await django.ticket(ticket_id)
    same = TicketChange(
        subject=before.subject, priority="3", status="open", assignee="none", due="none"
    )
    receipt = await django.change_ticket(ticket_id, same)
    assert receipt.changes == ()
    assert receipt.warnings
    assert (await django.ticket(ticket_id)).modified == before.modified


async def test_a_ticket_that_waits_for_another_cannot_be_closed(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id, other = await opened(django), await opened(django)
    sql(
        "INSERT INTO helpdesk_ticketdependency (ticket_id, depends_on_id) VALUES (?, ?)",
        ticket_id,
        other,
    )
    with pytest.raises(Invalid, match="waits for other tickets"):
        await django.close_ticket(ticket_id, "Done.", notify=False)
    assert (await django.ticket(ticket_id)).status == "Open"
    await django.close_ticket(other, "Done.", notify=False)
    await django.close_ticket(ticket_id, "Done.", notify=False)


async def test_a_merged_ticket_points_to_the_one_it_went_into(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id, other = await opened(django), await opened(django)
    sql("UPDATE helpdesk_ticket SET merged_to_id = ?, status = 5 WHERE id = ?", other, ticket_id)
    assert (await django.ticket(ticket_id)).merged_into == other
    for write in (
        django.add_comment(ticket_id, note()),
        django.change_ticket(ticket_id, TicketChange(priority="Low")),
        django.close_ticket(ticket_id, "Done.", notify=False),
    ):
        with pytest.raises(Conflict, match=f"merged into ticket {other}:"):
            await write


async def test_mandatory_custom_fields_are_asked_for(
    django: DjangoHelpdesk, helpdesk: DeskProcess, account: Account, sql: Sql
) -> None:
    ticket_id = await opened(django)
    queue = (await django.queues())[0].id
    sql("UPDATE helpdesk_customfield SET required = 1 WHERE name = 'asset'")
    try:
        async with httpx2.AsyncClient(base_url=helpdesk.url, timeout=30) as http:
            desk = DjangoHelpdesk(http, account)  # which remembers no fields yet
            draft = TicketDraft(subject="No asset", description="…", queue=queue)
            with pytest.raises(Invalid, match="mandatory: Asset tag"):
                await desk.create_ticket(draft)
            with pytest.raises(Invalid, match="mandatory custom fields; give them too: Asset tag"):
                await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
            change = TicketChange(priority="Low", custom={"asset": "NL-5"})
            await desk.change_ticket(ticket_id, change)
        assert (await django.ticket(ticket_id)).priority == "Low"
    finally:
        sql("UPDATE helpdesk_customfield SET required = 0 WHERE name = 'asset'")


async def test_hostile_tickets_are_read_and_worked_like_any_other(
    django: DjangoHelpdesk, helpdesk: DeskProcess, sql: Sql
) -> None:
    columns = "title, description, submitter_email, assigned_to_id, status, queue_id, due_date"
    for number in seed_record(helpdesk)["hostile"].values():
        ticket_id = str(number)
        before = sql(f"SELECT {columns} FROM helpdesk_ticket WHERE id = ?", number)  # noqa: S608 -- ours
        ticket = await django.ticket(ticket_id)
        assert (ticket.subject, ticket.description) == before[0][:2]
        assert (await django.comments(ticket_id, Window(size=50))).total == ticket.comments
        await django.change_ticket(ticket_id, TicketChange(priority="Very Low"))
        await django.add_comment(ticket_id, note())
        assert sql(f"SELECT {columns} FROM helpdesk_ticket WHERE id = ?", number) == before  # noqa: S608 -- ours


async def test_a_desk_with_one_queue_and_no_ticket_opens_its_first(
    template: Path, tmp_path: Path
) -> None:
    with start_copy(template, tmp_path / "empty") as running:
        database = sqlite3.connect(running.data / "helpdesk.sqlite3", timeout=20)
        for statement in (
            "DELETE FROM helpdesk_ticket",
            "DELETE FROM helpdesk_followup",
            "DELETE FROM helpdesk_followupattachment",
            "DELETE FROM helpdesk_ticketchange",
            "DELETE FROM helpdesk_ticketcustomfieldvalue",
            "DELETE FROM helpdesk_queue WHERE slug <> 'it'",
        ):
            database.execute(statement)
        database.commit()
        database.close()
        account = Account(username=running.username, password=running.password)
        async with httpx2.AsyncClient(base_url=running.url, timeout=30) as http:
            desk = DjangoHelpdesk(http, account)
            assert [q.slug for q in await desk.queues()] == ["it"]
            assert "alice" in [p.username for p in (await desk.people(None, Window())).items]
            assert (await desk.tickets(TicketFilter(), Window())).total == 0
            assert ".txt" in ((await desk.fields()).attachment_types or ())
            draft = TicketDraft(subject="The first", description="…")
            ticket_id = (await desk.create_ticket(draft)).ticket_id
            receipt = await desk.change_ticket(ticket_id, TicketChange(priority="Low"))
            assert [c.field for c in receipt.changes] == ["priority"]


async def test_a_reference_to_another_ticket_is_told(django: DjangoHelpdesk) -> None:
    ticket_id, other = await opened(django), await opened(django)
    receipt = await django.add_comment(ticket_id, note(f"Like #{other}, see #{ticket_id}"))
    assert receipt.warnings
    assert f"#{other}:" in receipt.warnings[0]
    said = (await django.comments(other, Window(size=50))).items
    assert [c.title for c in said][1:] == [f"Referenced in ticket #{ticket_id}"]


async def test_characters_that_cannot_be_stored_are_refused_before(
    django: DjangoHelpdesk,
) -> None:
    ticket_id = await opened(django)
    for bad in ("a\0b", "a\ud800b"):
        with pytest.raises(Invalid):
            await django.add_comment(ticket_id, note(bad))
        with pytest.raises(Invalid):
            await django.change_ticket(ticket_id, TicketChange(subject=bad))
        with pytest.raises(Invalid):
            await opened(django, bad)
    assert (await django.comments(ticket_id, Window())).total == 1


async def test_what_the_desk_refuses_is_said_in_our_words(django: DjangoHelpdesk) -> None:
    with pytest.raises(Invalid, match="`requester` is not an e-mail address"):
        await opened(django, requester="not-an-address")
    with pytest.raises(Invalid, match="200 characters"):
        await opened(django, "x" * 201)
    ticket_id = await opened(django)
    with pytest.raises(Invalid, match="desk's form refused"):
        await django.change_ticket(ticket_id, TicketChange(subject="x" * 201))
    with pytest.raises(Invalid, match="`requester`"):
        await django.change_ticket(ticket_id, TicketChange(requester="not-an-address"))
    with pytest.raises(Invalid):
        await django.change_ticket(ticket_id, TicketChange(due="whenever"))


async def test_custom_values_are_checked_before_anything_is_sent(django: DjangoHelpdesk) -> None:
    ticket_id = await opened(django)
    for custom in ({"channel": "pigeon"}, {"asset": "x" * 500}, {"Visit on site": "perhaps"}):
        with pytest.raises(Invalid):
            await django.change_ticket(ticket_id, TicketChange(custom=custom))
    given = {"Channel": "phone", "Visit on site": "yes"}
    await django.change_ticket(ticket_id, TicketChange(custom=given))
    held = (await django.ticket(ticket_id)).custom or {}
    assert (held["Channel"], held["Visit on site"]) == ("phone", "True")
    await django.change_ticket(ticket_id, TicketChange(custom={"Visit on site": False}))
    assert ((await django.ticket(ticket_id)).custom or {})["Visit on site"] == "False"


async def test_minutes_are_minutes_in_a_comment_and_in_a_change(
    django: DjangoHelpdesk, sql: Sql
) -> None:
    ticket_id = await opened(django)
    for minutes in (90, 1.5, 6000):
        draft = CommentDraft(body="Work", visibility=Visibility.INTERNAL, minutes=minutes)
        await django.add_comment(ticket_id, draft)
    await django.change_ticket(ticket_id, TicketChange(priority="Low", comment="Work", minutes=61))
    said = (await django.comments(ticket_id, Window(start=1, size=50))).items
    assert [c.minutes for c in said] == [90, 1.5, 6000, 61]
    rows = sql("SELECT sum(time_spent) FROM helpdesk_followup WHERE ticket_id = ?", ticket_id)
    assert rows[0][0] == (90 + 1.5 + 6000 + 61) * 60 * 1_000_000
    with pytest.raises(Invalid):
        await django.add_comment(
            ticket_id, CommentDraft(body="x", visibility=Visibility.INTERNAL, minutes=-5)
        )


async def test_a_public_comment_on_a_change_is_mailed_and_said(django: DjangoHelpdesk) -> None:
    ticket_id = await opened(django)
    receipt = await django.change_ticket(
        ticket_id, TicketChange(priority="Low", comment="Lower now.", public=True)
    )
    assert receipt.mail
    assert (receipt.mail.sent, receipt.mail.to) == (True, ("pat@example.org",))
    last = (await django.comments(ticket_id, Window(size=50))).items[-1]
    assert (last.id, last.visibility) == (receipt.comment_id, Visibility.PUBLIC)


async def test_an_assignment_that_mails_the_new_owner_says_so(django: DjangoHelpdesk) -> None:
    ticket_id = await opened(django)
    receipt = await django.change_ticket(ticket_id, TicketChange(assignee="alice"))
    assert receipt.mail
    assert receipt.mail.to is not None
    assert "pat@example.org" not in receipt.mail.to
    assert receipt.mail.sent is bool(receipt.mail.to)


async def test_a_due_day_is_stored_as_that_day(django: DjangoHelpdesk) -> None:
    queue = (await django.queues())[0].id
    draft = TicketDraft(subject="Due", description="…", queue=queue, due=date(2030, 1, 2))
    ticket_id = (await django.create_ticket(draft)).ticket_id
    assert (await django.ticket(ticket_id)).due == datetime(2030, 1, 2, tzinfo=UTC)
    await django.change_ticket(ticket_id, TicketChange(priority="Low"))
    assert (await django.ticket(ticket_id)).due == datetime(2030, 1, 2, tzinfo=UTC)


async def test_a_new_ticket_needs_no_requester_and_then_mails_nobody(
    django: DjangoHelpdesk,
) -> None:
    queue = (await django.queues())[0].id
    draft = TicketDraft(subject="Nobody's", description="  ", queue=queue, assignee="none")
    receipt = await django.create_ticket(draft)
    assert receipt.mail
    assert receipt.mail.sent is False
    ticket = await django.ticket(receipt.ticket_id)
    assert (ticket.requester, ticket.description) == (None, "Nobody's")


async def test_nothing_secret_is_in_what_we_give_away(
    django: DjangoHelpdesk, helpdesk: DeskProcess, sql: Sql
) -> None:
    ticket_id = await opened(django)
    await django.attach(ticket_id, Upload(name="a.txt", content=b"x"), public=True)
    secret = sql("SELECT secret_key FROM helpdesk_ticket WHERE id = ?", ticket_id)[0][0]
    given = (
        await django.ticket(ticket_id),
        await django.comments(ticket_id, Window()),
        await django.add_comment(ticket_id, note()),
    )
    for value in given:
        assert secret not in repr(value)
        assert "/media/" not in repr(value)
    with log_in(helpdesk) as staff:
        assert secret in staff.get(f"/tickets/{ticket_id}/").text
