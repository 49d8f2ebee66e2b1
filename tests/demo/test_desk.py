"""The embedded help desk starts, holds what was promised, and ends when told."""

import base64
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from tests.helpdesk import desk_template, log_in, seed_record, start_copy

from helpdesk_demo.desk.content import load_content
from helpdesk_demo.desk.layout import CREDENTIALS, DEFAULT_TICKETS, RECORD
from helpdesk_demo.desk.process import DeskDidNotStart, DeskProcess, PortTaken, start_desk
from helpdesk_demo.desk.record import examples_of
from helpdesk_demo.desk.story import MIN_TICKETS, plan_tickets


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_template(tmp_path_factory)


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[DeskProcess]:
    with start_copy(template, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def http(desk: DeskProcess) -> Generator[httpx2.Client]:
    with log_in(desk) as client:
        yield client


def rows(http: httpx2.Client, **filtering: object) -> dict[str, object]:
    """Ask the ticket table of the staff pages."""
    query = {
        "filtering": filtering,
        "filtering_null": {},
        "search_string": "",
        "sorting": "created",
    }
    path = base64.b64encode(json.dumps(query).encode()).decode()
    return http.get(f"/datatables_ticket_list/{path}", params={"start": 0, "length": 25}).json()


def test_it_holds_the_promised_number_of_tickets(http: httpx2.Client) -> None:
    assert rows(http)["recordsTotal"] == DEFAULT_TICKETS
    assert http.get("/api/tickets/", params={"page_size": 1}).json()["count"] == DEFAULT_TICKETS


def test_every_status_and_priority_is_in_use(http: httpx2.Client) -> None:
    for status in (1, 2, 3, 4, 5):
        assert rows(http, status__in=[status])["recordsFiltered"]
    for priority in (1, 2, 3, 4, 5):
        assert rows(http, priority__in=[priority])["recordsFiltered"]


def test_both_languages_have_at_least_forty_situations() -> None:
    content = load_content()
    for told in content.situations.values():
        assert len({situation.title for situation in told}) >= 40


def test_the_smallest_desk_has_an_example_of_every_kind_on_any_day_of_the_year() -> None:
    content, start = load_content(), datetime(2026, 1, 1, 7, tzinfo=UTC)
    for days in range(0, 365, 11):
        now = start + timedelta(days=days, hours=days % 24)
        plans = plan_tickets(content, now=now, seed=7, count=MIN_TICKETS)
        ids = {plan.key: number for number, plan in enumerate(plans, 1)}
        assert len(plans) == MIN_TICKETS
        assert all(post.at < now for plan in plans for post in plan.posts)
        assert len(examples_of(plans, ids, now)) == 16


def test_the_same_draw_tells_the_same_story() -> None:
    content, now = load_content(), datetime(2026, 5, 4, 12, tzinfo=UTC)
    first = plan_tickets(content, now=now, seed=3, count=90)
    assert first == plan_tickets(content, now=now, seed=3, count=90)
    assert first != plan_tickets(content, now=now, seed=4, count=90)


def test_the_staff_pages_name_all_queues(http: httpx2.Client) -> None:
    page = http.get("/tickets/submit/").text
    for queue in ("IT Support", "Network &amp; VPN", "HR", "Atención al cliente"):
        assert f">{queue}<" in page


def test_the_record_names_the_hostile_tickets_and_an_example_of_each_kind(
    desk: DeskProcess, http: httpx2.Client
) -> None:
    record = seed_record(desk)
    assert len(record["hostile"]) == 10
    assert len(record["examples"]) == 16
    html = http.get(f"/api/tickets/{record['hostile']['html']}/").json()
    assert "<script>" in html["description"]
    long = http.get(f"/api/tickets/{record['hostile']['long']}/").json()
    assert len(long["description"]) > 60_000


def test_examples_are_what_they_are_called(desk: DeskProcess, http: httpx2.Client) -> None:
    examples = seed_record(desk)["examples"]
    tickets = {kind: http.get(f"/api/tickets/{examples[kind]}/").json() for kind in examples}
    assert tickets["open_unassigned"]["assigned_to"] is None
    assert tickets["on_hold"]["on_hold"] is True
    assert tickets["duplicate"]["merged_to"] is not None
    assert tickets["reopened"]["status"] == 2
    assert tickets["resolved"]["resolution"]
    assert any(not post["public"] for post in tickets["private_note"]["followup_set"])
    assert {"custom_asset", "custom_channel", "custom_rootcause"} <= tickets["closed"].keys()


def test_every_page_of_a_ticket_can_be_looked_at(desk: DeskProcess, http: httpx2.Client) -> None:
    record = seed_record(desk)
    for ticket_id in {*record["hostile"].values(), *record["examples"].values()}:
        assert http.get(f"/tickets/{ticket_id}/").status_code == 200
    for page in ("/dashboard/", "/tickets/", "/kb/", "/reports/", "/kanban/"):
        assert http.get(page).status_code == 200


def test_an_attachment_can_be_downloaded(desk: DeskProcess, http: httpx2.Client) -> None:
    ticket = http.get(f"/api/tickets/{seed_record(desk)['examples']['attachment']}/").json()
    files = [file for post in ticket["followup_set"] for file in post["followupattachment_set"]]
    content = http.get(files[0]["file"])
    assert content.status_code == 200
    assert len(content.content) == files[0]["size"]


def test_at_least_fifteen_files_are_attached(http: httpx2.Client) -> None:
    answer = http.get("/api/followups-attachments/", params={"page_size": 100}).json()
    assert answer["count"] >= 15
    assert {"text/plain", "application/pdf", "image/png", "message/rfc822"} <= {
        file["mime_type"] for file in answer["results"]
    }


def test_staff_see_the_internal_articles_and_visitors_do_not(
    desk: DeskProcess, http: httpx2.Client
) -> None:
    assert "Internal runbooks" in http.get("/kb/").text
    visitor = httpx2.get(f"{desk.url}kb/").text
    assert "Internal runbooks" not in visitor
    assert "Pedidos y facturas" in visitor


def test_the_style_sheets_are_served(http: httpx2.Client) -> None:
    for path in ("css/helpdesk-extend.css", "vendor/bootstrap/css/bootstrap.min.css"):
        found = http.get(f"/static/helpdesk/{path}")
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/css")


def test_a_public_reply_is_written_to_a_mail_file(desk: DeskProcess, http: httpx2.Client) -> None:
    ticket_id = seed_record(desk)["examples"]["open_assigned"]
    reply = {"ticket": ticket_id, "comment": "We are on it.", "public": True}
    answer = http.post("/api/followups/", json=reply)
    assert answer.status_code == 201
    mails = [path.read_text("utf-8") for path in (desk.data / "mail").iterdir()]
    assert any(answer.json()["email_recipients"][0] in mail for mail in mails)


def test_a_token_is_given_only_where_asked_for(
    desk: DeskProcess, template: Path, tmp_path: Path
) -> None:
    assert httpx2.post(f"{desk.url}api-token-auth/").status_code == 404
    with start_copy(template, tmp_path / "token", auth=("token",)) as by_token:
        who = {"username": by_token.username, "password": by_token.password}
        token = httpx2.post(f"{by_token.url}api-token-auth/", data=who).json()["token"]
        answer = httpx2.get(
            f"{by_token.url}api/user_tickets/", headers={"Authorization": f"Token {token}"}
        )
        assert answer.status_code == 200


def test_the_ready_line_is_all_that_is_printed(template: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "helpdesk_demo.desk.server"]
    options = ["--data", str(tmp_path / "desk"), "--template", str(template), "--fast-hashing"]
    with subprocess.Popen(  # noqa: S603 - our own module
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        child.send_signal(signal.SIGINT)
        rest, _ = child.communicate(timeout=20)
    assert ready.keys() == {"url", "username", "password"}
    assert rest == ""
    assert child.returncode == 0


def test_it_ends_on_sigterm(template: Path, tmp_path: Path) -> None:
    desk = start_copy(template, tmp_path / "desk")
    os.kill(desk.pid, signal.SIGTERM)
    assert desk.stop() == 0
    assert not desk.running
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(desk.url)


def test_killing_it_loses_no_committed_write(template: Path, tmp_path: Path) -> None:
    desk = start_copy(template, tmp_path / "desk")
    ticket_id = seed_record(desk)["examples"]["open_assigned"]
    with log_in(desk) as http:
        posted = http.post("/api/followups/", json={"ticket": ticket_id, "comment": "kept"})
    desk.kill()
    with start_desk(desk.data, fast_hashing=True) as again, log_in(again) as http:
        assert http.get(f"/api/followups/{posted.json()['id']}/").json()["comment"] == "kept"


def test_a_taken_port_is_reported_in_one_line(template: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            start_copy(template, tmp_path / "desk", port=port)
    assert str(refused.value) == f"Cannot listen on 127.0.0.1:{port}: Address already in use."


def test_a_failed_start_shows_the_last_words(tmp_path: Path) -> None:
    with pytest.raises(DeskDidNotStart, match="at least 40 tickets"):
        start_desk(tmp_path / "desk", tickets=3)


def test_secrets_are_drawn_per_directory_and_private(desk: DeskProcess, tmp_path: Path) -> None:
    other = tmp_path / "desk"
    with start_desk(other, tickets=40, fast_hashing=True) as running, log_in(running):
        assert running.password != desk.password
        assert running.password not in (other / RECORD).read_text("utf-8")
    for name in (CREDENTIALS, "secret-key"):
        assert stat.S_IMODE((other / name).stat().st_mode) == 0o600


def test_a_chosen_password_is_used_and_progress_is_told(tmp_path: Path) -> None:
    chosen = "chosen-for-this-test"
    said: list[str] = []
    desk = start_desk(
        tmp_path, tickets=40, password=chosen, fast_hashing=True, progress=said.append
    )
    with desk, log_in(desk):
        assert desk.password == chosen
    assert said == ["Making the tables of the help desk", "Writing 40 tickets"]


def test_the_parent_does_not_import_django() -> None:
    code = "import sys, helpdesk_demo.desk.process; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
