"""A real help desk that goes wrong, seen through the whole product."""

import re
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.desks.faulty import Fault, Proxy, faulty
from tests.helpdesk import desk_template, start_copy
from tests.hostile.messages import OLD, REVISIONS, Document, Json, Reply, call, message
from tests.hostile.stack import INTERNALS, Stack, running

from helpdesk_demo.desk.process import DeskProcess, start_desk

FEW = 40  # tickets: the least that a seeded help desk can have
TIMEOUT = 1.5
READ = {"ticket_id": "1"}
BOTH = pytest.mark.parametrize("revision", REVISIONS)
READING = [
    (Fault.DROP, "protocol"),
    (Fault.HALF, "protocol"),
    (Fault.ERROR, "desk_error"),
    (Fault.HTML, "protocol"),
    (Fault.NONSENSE, "protocol"),
    (Fault.SILENCE, "timeout"),
]
LOST = [
    Fault.DROP_AFTER,
    Fault.HALF,
    Fault.ERROR_AFTER,
    Fault.HTML_AFTER,
    Fault.SILENCE,
]


@dataclass(slots=True, kw_only=True)
class Line:
    """The product, and the line to its help desk."""

    stack: Stack
    proxy: Proxy
    desk: DeskProcess

    async def call(self, name: str, arguments: Json, revision: str = OLD) -> Reply:
        asked = call(name, arguments, revision=revision)
        reply = await self.stack.ask(asked, revision=revision)
        assert reply.status == 200
        assert INTERNALS.search(reply.body) is None
        assert b"secret-detail" not in reply.body
        return reply

    async def ready(self) -> tuple[int, str]:
        reply = await self.stack.send("GET", "/readyz")
        assert reply.document["checks"]["store"] == "ok"
        return reply.status, reply.document["checks"]["desk"]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the help desk's own database, past everything that is tested."""
        file = self.desk.data / "helpdesk.sqlite3"
        with closing(sqlite3.connect(file, timeout=20)) as database, database:
            return database.execute(statement, values).fetchall()

    async def outcomes(self) -> list[tuple[str, str, str]]:
        """Return what the audit trail holds: tool, outcome, whether it was written."""
        await self.call("get_queues", {})
        with anyio.fail_after(10):
            while True:
                events = self.stack.events(0)
                if events and events[-1]["tool_name"] == "get_queues":
                    break
                await anyio.sleep(0.01)
        return [(e["tool_name"], e["outcome"], e["written"]) for e in events[:-1]]

    def log(self) -> str:
        return self.stack.log.getvalue()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_template(tmp_path_factory, tickets=FEW)


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[DeskProcess]:
    with start_copy(template, tmp_path_factory.mktemp("desk")) as started:
        yield started


@asynccontextmanager
async def behind(desk: DeskProcess, folder: Path) -> AsyncGenerator[Line]:
    async with (
        faulty(desk.url) as proxy,
        running(
            folder,
            None,
            helpdesk_base_url=proxy.url,
            helpdesk_username=desk.username,
            helpdesk_password=desk.password,
            helpdesk_timeout=TIMEOUT,
        ) as stack,
    ):
        stack.secrets.add(desk.password)
        found = Line(stack=stack, proxy=proxy, desk=desk)
        assert (await found.call("get_ticket", READ)).result["isError"] is False
        yield found
        assert "Traceback" not in found.log()
        assert "secret-detail" not in found.log()
        assert desk.password not in found.log()


@pytest.fixture
async def line(desk: DeskProcess, tmp_path: Path) -> AsyncGenerator[Line]:
    """A line that works at first; whatever happens on it, it must work in the end."""
    async with behind(desk, tmp_path) as it:
        yield it
        it.proxy.always.clear()
        it.proxy.faults.clear()
        assert (await it.call("get_ticket", READ)).result["isError"] is False
        assert await it.ready() == (200, "ok")


@pytest.mark.parametrize(("fault", "reason"), READING, ids=lambda part: getattr(part, "name", part))
@BOTH
async def test_a_read_that_fails_says_why_and_that_nothing_was_written(
    line: Line, fault: Fault, reason: str, revision: str
) -> None:
    line.proxy.always = [("GET", "/", fault), ("OPTIONS", "/", fault)]
    failure = (await line.call("get_ticket", READ, revision)).failure
    assert (failure["code"], failure["reason"]) == ("unavailable", reason)
    assert (failure["written"], failure["retryable"]) == ("no", True)
    if fault is not Fault.NONSENSE:  # JSON of another shape still is an answer to a ping
        status, told = await line.ready()
        assert (status, told != "ok") == (503, True)
        assert "secret-detail" not in told
    line.proxy.always.clear()
    assert ("get_ticket", "unavailable", "no") in await line.outcomes()


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR, Fault.HTML], ids=lambda f: f.name)
@BOTH
async def test_a_write_that_never_reached_the_desk_is_not_reported_as_done(
    line: Line, fault: Fault, revision: str
) -> None:
    text = f"Never {fault.name} {revision}"
    line.proxy.always = [("POST", "/api/followups/", fault)]
    failure = (await line.call("add_note", {**READ, "text": text}, revision)).failure
    assert failure["code"] == "unavailable"
    assert failure["written"] in {"no", "unknown"}
    assert failure["retryable"] is (failure["written"] == "no")
    assert line.sql("select count(*) from helpdesk_followup where comment = ?", text) == [(0,)]
    assert line.proxy.count("POST", "/api/followups/") == 1
    assert ("add_note", "unavailable", failure["written"]) in await line.outcomes()


@pytest.mark.parametrize("fault", LOST, ids=lambda f: f.name)
@BOTH
async def test_a_write_whose_answer_is_lost_is_found_and_never_done_twice(
    line: Line, fault: Fault, revision: str
) -> None:
    text = f"Lost {fault.name} {revision}"
    line.proxy.fail("POST", "/api/followups/", fault)
    reply = await line.call("add_note", {**READ, "text": text}, revision)
    assert reply.result["isError"] is False
    assert reply.result["structuredContent"]["warnings"]
    assert line.sql("select count(*) from helpdesk_followup where comment = ?", text) == [(1,)]
    assert ("add_note", "ok", "") in await line.outcomes()


@pytest.mark.parametrize("fault", LOST, ids=lambda f: f.name)
async def test_a_write_whose_answer_is_lost_and_cannot_be_looked_for_is_unknown(
    line: Line, fault: Fault
) -> None:
    text = f"Unknown {fault.name}"

    async def go_dark() -> None:
        line.proxy.always = [("GET", "/", Fault.DROP), ("OPTIONS", "/", Fault.DROP)]

    line.proxy.fail("POST", "/api/followups/", fault)
    line.proxy.after = go_dark
    failure = (await line.call("add_note", {**READ, "text": text})).failure
    line.proxy.always.clear()
    assert (failure["code"], failure["written"]) == ("unavailable", "unknown")
    assert failure["retryable"] is False
    assert line.sql("select count(*) from helpdesk_followup where comment = ?", text) == [(1,)]
    assert ("add_note", "unavailable", "unknown") in await line.outcomes()


async def test_a_login_that_ran_out_in_the_middle_is_renewed_and_the_write_done_once(
    line: Line,
) -> None:
    line.sql("delete from django_session")
    reply = await line.call("add_note", {**READ, "text": "After the login ran out"})
    assert reply.result["isError"] is False
    done = "select count(*) from helpdesk_followup where comment = ?"
    assert line.sql(done, "After the login ran out") == [(1,)]


async def test_an_account_that_is_closed_is_told_from_a_desk_that_is_down(line: Line) -> None:
    closed = "update auth_user set is_active = ? where username = ?"
    line.sql(closed, 0, line.desk.username)
    line.sql("delete from django_session")
    try:
        failure = (await line.call("add_note", {**READ, "text": "Closed"})).failure
        status, told = await line.ready()
    finally:
        line.sql(closed, 1, line.desk.username)
    assert (failure["code"], failure["reason"]) == ("unavailable", "login")
    assert failure["written"] == "no"
    assert (status, "name and password" in told) == (503, True)


@BOTH
async def test_a_desk_that_fails_again_and_again_is_left_alone_for_a_while(
    desk: DeskProcess, tmp_path: Path, revision: str
) -> None:
    async with behind(desk, tmp_path) as line:
        line.proxy.always = [("GET", "/", Fault.ERROR), ("OPTIONS", "/", Fault.ERROR)]
        reasons = {
            (await line.call("get_ticket", READ, revision)).failure["reason"] for _ in range(30)
        }
        asked = len(line.proxy.seen)
        failure = (await line.call("get_ticket", READ, revision)).failure
        assert len(line.proxy.seen) == asked
        assert reasons == {"desk_error", "breaker_open"}
        assert (failure["code"], failure["reason"]) == ("unavailable", "breaker_open")
        assert 0 < failure["retry_after"] <= 15
        assert (await line.ready())[0] == 503
        metrics = (await line.stack.send("GET", "/metrics")).body
        shown = rb'helpdesk_breaker_open\{desk="django_helpdesk",place="\d+"\} 1\.0'
        assert re.search(shown, metrics)


async def test_a_desk_that_dies_after_it_committed_leaves_the_write_unknown_and_comes_back(
    template: Path, tmp_path: Path
) -> None:
    with start_copy(template, tmp_path / "desk") as doomed:
        async with behind(doomed, tmp_path) as line:

            async def die() -> None:
                doomed.kill()

            line.proxy.fail("POST", "/api/tickets/", Fault.DROP_AFTER)
            line.proxy.after = die
            queues = (await line.call("get_queues", {})).result["structuredContent"]["queues"]
            draft: Document = {"subject": "Committed", "queue": queues[0]["id"]}
            failure = (await line.call("create_ticket", draft)).failure
            assert (failure["code"], failure["written"]) == ("unavailable", "unknown")
            assert (await line.ready())[0] == 503
            made = "select count(*) from helpdesk_ticket where title = 'Committed'"
            assert line.sql(made) == [(1,)]
            port = int(doomed.url.rstrip("/").rsplit(":", 1)[1])
            with start_desk(doomed.data, port=port, fast_hashing=True):
                found = await line.call("search_tickets", {"query": "Committed"})
                assert found.result["structuredContent"]["shown"] == 1
                assert await line.ready() == (200, "ok")


async def test_a_desk_that_is_down_is_unreachable_for_tools_resources_and_completion(
    template: Path, tmp_path: Path
) -> None:
    with start_copy(template, tmp_path / "desk") as desk:
        desk.stop()
    options = {"helpdesk_username": "x", "helpdesk_password": "y", "helpdesk_timeout": TIMEOUT}
    async with running(tmp_path, None, helpdesk_base_url=desk.url, **options) as stack:
        for name in ("get_ticket", "add_note"):
            more = {"text": "x"} if name == "add_note" else {}
            reply = await stack.ask(call(name, {**READ, **more}))
            assert reply.failure["reason"] in {"unreachable", "breaker_open"}
            assert reply.failure["written"] == "no"
            assert reply.failure["retryable"] is True
        read = await stack.ask(message("resources/read", {"uri": "ticket://1"}))
        assert read.document["error"]["data"]["error"]["code"] == "unavailable"
        reference = {"type": "ref/prompt", "name": "triage_queue"}
        typed = {"ref": reference, "argument": {"name": "queue", "value": "i"}}
        completed = await stack.ask(message("completion/complete", typed))
        assert completed.result["completion"]["values"] == []
        assert (await stack.ask(message("tools/list"))).status == 200
        assert (await stack.send("GET", "/healthz")).status == 200
        ready = await stack.send("GET", "/readyz")
        assert (ready.status, ready.document["checks"]["store"]) == (503, "ok")
