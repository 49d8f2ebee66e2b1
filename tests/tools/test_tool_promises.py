"""What tools promise beyond what a desk does: sizes, choices between arguments, refusals."""

import base64
from typing import Any

import pytest
from tests.tools.asking import Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.comments import Attachment, Download
from helpdesk_mcp.domain.errors import Conflict, Invalid
from helpdesk_mcp.tools.attachments import LARGEST_DOWNLOAD, LARGEST_TEXT
from helpdesk_mcp.tools.prompts import PROMPTS


class FileDesk(MemoryDesk):
    """A desk with one file, whatever is asked for."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        del ticket_id
        return Download(attachment=Attachment(id=attachment_id, name="f"), content=self._content)


async def opened(ask: Asking, **more: Any) -> str:
    receipt = await ask("create_ticket", subject="Printer", queue="it", **more)
    return receipt["ticket_id"]


async def refused(ask: Asking, tool: str, **arguments: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        await ask(tool, **arguments)
    return caught.value


async def test_a_list_is_compact_rows_with_an_exact_footer() -> None:
    ask = Asking()
    for _ in range(3):
        await opened(ask, description="Long story", requester="a@example.com")
    first = await ask("list_tickets", page_size=2)
    assert {**first, "tickets": [sorted(row) for row in first["tickets"]]} == {
        "shown": 2,
        "total": 3,
        "next_cursor": first["next_cursor"],
        "tickets": [["id", "priority", "queue", "status", "subject"]] * 2,
    }
    rest = await ask("list_tickets", page_size=2, cursor=first["next_cursor"])
    assert (rest["shown"], len(rest["tickets"]), "next_cursor" in rest) == (1, 1, False)


async def test_more_columns_come_when_asked_for() -> None:
    ask = Asking()
    await opened(ask, requester="a@example.com")
    [row] = (await ask("list_tickets", fields="requester,created"))["tickets"]
    assert row["requester"] == "a@example.com"
    assert "created" in row
    assert "modified" not in row


async def test_an_unknown_column_is_refused_and_not_repeated() -> None:
    error = await refused(Asking(), "list_tickets", fields="requester,canary-7261")
    assert error.message == (
        "There is no such column. Valid: requester, created, modified, due, on_hold, overdue, "
        "completed."
    )


async def test_a_long_subject_is_cut_in_a_list_and_whole_in_the_ticket() -> None:
    ask = Asking()
    subject = "palabra " * 20
    receipt = await ask("create_ticket", subject=subject.strip(), queue="it")
    [row] = (await ask("list_tickets"))["tickets"]
    assert len(row["subject"]) <= 60
    assert row["subject"].endswith("…")
    whole = await ask("get_ticket", ticket_id=receipt["ticket_id"])
    assert whole["subject"] == subject.strip()


async def test_a_cursor_and_a_page_are_never_mixed() -> None:
    error = await refused(Asking(), "list_tickets", cursor="bzA", page=1)
    assert error.reason == "cursor"


async def test_a_ticket_without_description_is_described_by_its_subject() -> None:
    ask = Asking()
    ticket = await ask("get_ticket", ticket_id=await opened(ask))
    assert "Printer" in ticket["description"]


async def test_a_search_finds_words_of_the_text() -> None:
    ask = Asking()
    await opened(ask, description="The toner is empty")
    assert (await ask("search_tickets", query="toner OR papel"))["shown"] == 1
    assert (await ask("search_tickets", search_term="router"))["shown"] == 0


async def test_an_update_without_a_change_is_refused() -> None:
    ask = Asking()
    error = await refused(ask, "update_ticket", ticket_id=await opened(ask), comment="why")
    assert error.reason == "empty"


async def test_an_update_does_not_overwrite_what_it_has_not_seen() -> None:
    ask = Asking()
    number = await opened(ask)
    with pytest.raises(Conflict) as caught:
        await ask(
            "update_ticket",
            ticket_id=number,
            priority="high",
            expected_modified="2020-01-01T00:00:00+00:00",
        )
    assert caught.value.reason == "stale"


async def test_a_due_date_is_cleared_by_the_word_none() -> None:
    ask = Asking()
    number = await opened(ask, due="2026-12-24")
    receipt = await ask("update_ticket", ticket_id=number, due="none")
    assert receipt["changes"] == [{"field": "due", "before": "2026-12-24"}]


async def test_a_note_is_internal_and_a_reply_is_public_and_mailed() -> None:
    ask = Asking()
    number = await opened(ask, requester="a@example.com")
    note = await ask("add_note", ticket_id=number, text="Called", time_spent="0:15")
    reply = await ask("reply_to_requester", ticket_id=number, text="Fixed", new_status="resuelto")
    said = await ask("get_conversation", ticket_id=number)
    assert [comment["visibility"] for comment in said["comments"]] == ["internal", "public"]
    assert said["comments"][0]["minutes"] == 15
    assert note["mail"]["sent"] is False
    assert reply["mail"] == {"sent": True, "to": ["a@example.com"]}


async def test_a_follow_up_can_be_internal() -> None:
    ask = Asking()
    number = await opened(ask)
    await ask("add_followup", ticket_id=number, comment="Hm", public=False)
    said = await ask("get_conversation", ticket_id=number)
    assert said["comments"][0]["visibility"] == "internal"


async def test_closing_and_assigning_report_before_and_after() -> None:
    ask = Asking()
    number = await opened(ask)
    assigned = await ask("assign_ticket", ticket_id=number, technician="alice")
    closed = await ask("close_ticket", ticket_id=number, resolution="New toner", time_spent="1h")
    assert assigned["changes"] == [{"field": "assignee", "after": "Alice Nguyen"}]
    assert {"field": "status", "before": "Open", "after": "Closed"} in closed["changes"]


async def test_a_knowledge_base_is_searched_or_read() -> None:
    ask = Asking()
    [found] = (await ask("search_knowledge_base", query="password"))["articles"]
    assert "answer" not in found
    [read] = (await ask("search_knowledge_base", article_id=found["id"]))["articles"]
    assert "Forgot password" in read["answer"]
    assert (await refused(ask, "search_knowledge_base")).reason == "empty"


async def test_people_and_fields_are_listed() -> None:
    ask = Asking()
    people = await ask("get_users", search="alice")
    assert [person["username"] for person in people["people"]] == ["alice"]
    fields = await ask("get_ticket_fields")
    assert fields["statuses"]["Closed"] == ["Reopened"]


async def test_a_file_goes_in_as_text_or_base64_and_comes_out_the_same() -> None:
    ask = Asking()
    number = await opened(ask)
    for given in ({"text": "héllo"}, {"base64": base64.b64encode("héllo".encode()).decode()}):
        receipt = await ask("add_attachment", ticket_id=number, filename="a.txt", **given)
        file = await ask("get_attachment", ticket_id=number, id=receipt["attachment_id"])
        assert file["text"].splitlines()[1:-1] == ["héllo"]  # between the lines of its boundary
        assert file["attachment"]["size"] == 6


@pytest.mark.parametrize(
    "given",
    [{}, {"text": "a", "base64": "YQ=="}, {"base64": "YQ"}, {"base64": "ñ"}, {"base64": "Y Q=="}],
    ids=["neither", "both", "unpadded", "foreign", "spaced"],
)
async def test_a_file_is_given_once_and_well_formed(given: dict[str, str]) -> None:
    ask = Asking()
    error = await refused(
        ask, "add_attachment", ticket_id=await opened(ask), filename="a.txt", **given
    )
    assert error.reason == "content"


@pytest.mark.parametrize(
    "name", ["../a.txt", "a/b.txt", "C:\\a.txt", "..", ".", "a\n.txt", "\u202eexe.txt"]
)
async def test_a_file_name_is_only_a_name(name: str) -> None:
    ask = Asking()
    error = await refused(
        ask, "add_attachment", ticket_id=await opened(ask), filename=name, text="a"
    )
    assert error.reason == "filename"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"plain", "text"),
        ("\ufeffbom".encode(), "text"),
        (b"\x00\x01", "base64"),
        (b"\xff\xfe", "base64"),
        (b"a" * (LARGEST_TEXT * 4 + 1), "base64"),
    ],
    ids=["text", "bom", "zero", "not-utf8", "long"],
)
async def test_a_file_is_text_when_it_can_be(content: bytes, kind: str) -> None:
    file = await Asking(FileDesk(content))("get_attachment", ticket_id="1", attachment_id="2")
    assert kind in file
    assert len(file) == 2


async def test_a_file_too_large_for_an_answer_is_refused() -> None:
    desk = FileDesk(b"\x00" * (LARGEST_DOWNLOAD + 1))
    error = await refused(Asking(desk), "get_attachment", ticket_id="1", attachment_id="2")
    assert error.reason == "too_large"


@pytest.mark.parametrize("job", PROMPTS, ids=lambda job: job.name)
@pytest.mark.parametrize("spanish", [False, True], ids=["english", "spanish"])
def test_a_prompt_is_whole_and_ends_with_the_warning_about_data(job: Any, *, spanish: bool) -> None:
    text = job.text(dict.fromkeys(job.arguments, "{queue}-7"), spanish=spanish)
    assert "{queue}-7" in text
    assert text.endswith("ahí." if spanish else "there.")
    assert set(job.hints) == set(job.arguments)


def test_a_prompt_fills_what_is_left_out_in_its_language() -> None:
    job = next(job for job in PROMPTS if job.defaults)
    assert set(job.defaults) == set(job.defaults_es)
    for spanish, defaults in ((False, job.defaults), (True, job.defaults_es)):
        text = job.text(
            dict.fromkeys((n for n, r in job.arguments.items() if r), "7"), spanish=spanish
        )
        assert all(value in text for value in defaults.values())
