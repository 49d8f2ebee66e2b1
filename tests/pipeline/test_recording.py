"""What calls leave behind: one audit event, one metric, one log line, and no personal data."""

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.desks.tenants import opener_of
from tests.pipeline.one_key import OneKey
from tests.pipeline.workbench import ANA, call
from tests.stores.opening import opened
from tests.stores.tenancy import RING
from tests.tools.asking import PLENTY

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.errors import HelpdeskError, RateLimited
from helpdesk_mcp.domain.operations import AnyOperation, input_schema
from helpdesk_mcp.pipeline.calls import Call, record_of
from helpdesk_mcp.pipeline.neighbours import Limits
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.pipeline.recording import CallRecorder
from helpdesk_mcp.stores.audit import SqlAuditTrail
from helpdesk_mcp.stores.audit_keys import SqlAuditKeys
from helpdesk_mcp.stores.memory_limits import MemoryLimiter
from helpdesk_mcp.telemetry import logs
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.tools.catalog import TOOLS

CANARIES = {
    "email": "canary.seven@example.org",
    "phone": "+34 612 345 678",
    "iban": "ES91 2100 0418 4502 0005 1332",
    "card": "4111 1111 1111 1111",
    "dni": "12345678Z",
    "token": "hdm_" + "c4n4ry" * 7 + "x",
}
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NAME = "Leocadia Canarias"


class BrokenDesk(MemoryDesk):
    """A desk whose every error carries a secret."""

    async def ticket(self, ticket_id: str) -> Any:
        raise RuntimeError(f"{ticket_id} password=canary-7261 {NAME}")

    async def add_comment(self, ticket_id: str, draft: Any) -> Any:
        raise RuntimeError(f"{ticket_id} password=canary-7261 {draft}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinks:
    """A pipeline with its real recorder, and everything that it can leave something in."""

    pipeline: Pipeline
    trail: SqlAuditTrail
    metrics: Metrics
    log: io.StringIO
    directory: Path

    async def ask(self, tool: str, **arguments: Any) -> HelpdeskError | None:
        return await self.run(call(tool, **arguments))

    async def run(self, asked: Call) -> HelpdeskError | None:
        try:
            await self.pipeline.run(asked)
        except HelpdeskError as error:
            return error
        return None

    async def events(self) -> list[AuditEvent]:
        return [event async for event in self.trail.search(AuditQuery(limit=10_000))]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def everything(self) -> bytes:
        stored = b"".join(path.read_bytes() for path in self.directory.iterdir())
        return stored + self.log.getvalue().encode() + self.metrics.exposition()


@asynccontextmanager
async def sinks(directory: Path, desk: MemoryDesk | None = None) -> AsyncGenerator[Sinks]:
    log = io.StringIO()
    logs.configure("DEBUG", log)
    metrics = Metrics()
    async with opened("file", directory) as database:
        trail = SqlAuditTrail(database, "acme")
        recorder = CallRecorder(TOOLS, trail=trail, keys=OneKey(), metrics=metrics)
        pipeline = Pipeline(
            TOOLS,
            opener=opener_of(desk or MemoryDesk(), tenant="acme"),
            limiter=MemoryLimiter(),
            recorder=recorder,
            limits=Limits(reads=PLENTY, writes=PLENTY),
        )
        made = Sinks(pipeline=pipeline, trail=trail, metrics=metrics, log=log, directory=directory)
        async with trail.running():
            yield made


def filled(tool: AnyOperation, text: str) -> dict[str, Any]:
    """Return arguments that carry the text wherever a text may stand."""
    arguments: dict[str, Any] = {}
    for name, schema in input_schema(tool)["properties"].items():
        if name == "custom":
            arguments[name] = {"asset": text, text: "x"}
        elif schema.get("type") == "string" and "format" not in schema and "enum" not in schema:
            arguments[name] = text
    return arguments


async def stored(made: Sinks, count: int) -> list[AuditEvent]:
    """Return the events once so many are there; those of reads come a moment later."""
    with anyio.fail_after(10):
        while len(events := await made.events()) < count:  # noqa: ASYNC110 -- from a database
            await anyio.sleep(0.01)
    return events


async def test_what_happened_is_recorded_though_its_key_cannot_be_read(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        trail = SqlAuditTrail(database, "acme")
        keys = SqlAuditKeys(database, RING)  # of a tenant that is not there
        recorder = CallRecorder(TOOLS, trail=trail, keys=keys, metrics=Metrics())
        record = record_of(call("create_ticket", subject="Printer"))
        record.tool, record.arguments = "create_ticket", {"subject": "Printer"}
        async with trail.running():
            await recorder.end(record, None)
        [event] = [event async for event in trail.search(AuditQuery())]
    assert "Printer" not in repr(event.arguments)


async def test_a_call_leaves_one_event_one_measurement_and_one_line(tmp_path: Path) -> None:
    async with sinks(tmp_path) as made:
        await made.run(replace(call("get_queues"), traceparent=PARENT))
        [event] = await stored(made, 1)
    assert replace(event, seconds=0) == AuditEvent(
        id=event.id,
        at=event.at,
        tenant="acme",
        user="ana",
        client="tests",
        origin="mcp",
        tool_name="get_queues",
        effect="read",
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    )
    [line] = made.lines()
    assert (line["event"], line["call"], line["outcome"]) == ("call", event.id, "ok")
    labels = '{origin="mcp",outcome="ok",tool="get_queues"}'
    assert f"mcp_request_latency_seconds_count{labels} 1.0" in made.metrics.exposition().decode()


async def test_a_write_is_one_event_from_beginning_to_end(tmp_path: Path) -> None:
    async with sinks(tmp_path) as made:
        await made.ask("create_ticket", subject="Printer", queue="it", requester="a@example.org")
        [event] = await made.events()
    assert (event.effect, event.outcome, event.written) == ("write", "ok", "")
    assert event.arguments["queue"] == "it"
    assert event.arguments["subject"].startswith("text:7:hmac-sha256:")
    assert event.arguments["requester"].startswith("person:hmac-sha256:")


async def test_a_refusal_is_told_with_its_reason(tmp_path: Path) -> None:
    async with sinks(tmp_path) as made:
        await made.run(call("add_note", replace(ANA, scopes=frozenset()), ticket_id="1", text="x"))
        [event] = await stored(made, 1)
    assert (event.outcome, event.reason, event.written) == ("denied", "scope", "no")
    assert made.lines()[0]["reason"] == "scope"


async def test_a_caller_over_its_rate_is_counted(tmp_path: Path) -> None:
    async with sinks(tmp_path) as made:
        error = RateLimited("Wait.", retry_after=1)
        await made.pipeline.refuse(call("add_note", ticket_id="1", text="x"), error)
    assert 'helpdesk_rate_limited_total{effect="write"} 1.0' in made.metrics.exposition().decode()


@pytest.mark.parametrize("tool", ["get_ticket", "add_note"])
async def test_the_text_of_a_bug_appears_nowhere(tmp_path: Path, tool: str) -> None:
    """Security case M26."""
    text = {"text": "x"} if tool == "add_note" else {}
    async with sinks(tmp_path, BrokenDesk()) as made:
        error = await made.ask(tool, ticket_id="1", **text)
        [event] = await stored(made, 1)
    assert error is not None
    assert error.message.startswith("Something went wrong in helpdesk-mcp; reference ")
    assert event.id[:12] in error.message
    [line] = made.lines()
    assert (line["event"], line["error"], line["call"]) == ("call.failed", "RuntimeError", event.id)
    assert any("test_recording.py" in place for place in line["at"])
    assert b"canary" not in made.everything()
    assert NAME.encode() not in made.everything()


@pytest.mark.parametrize("kind", CANARIES)
async def test_personal_data_in_any_argument_is_in_no_sink(tmp_path: Path, kind: str) -> None:
    """Security case D07."""
    canary = CANARIES[kind]
    async with sinks(tmp_path) as made:
        await made.ask("create_ticket", subject="Printer", queue="it")
        for tool in TOOLS:
            given = filled(tool, f"for {NAME}, {canary}.")
            valid = {**given, "ticket_id": "1"} if "ticket_id" in given else given
            renamed = {other: f"{canary} {NAME}" for other in tool.renamed if other != "id"}
            for arguments in (given, valid, renamed, {**given, "unheard_of": f"{NAME} {canary}"}):
                await made.ask(tool.name, **arguments)
        await made.ask("unheard_of", anything=f"{NAME} {canary}")
        await stored(made, 4 * len(TOOLS) + 2)
        found = made.everything()
    assert canary.encode() not in found
    assert canary.replace(" ", "").encode() not in found


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_names_of_people_are_kept_in_no_argument_that_can_hold_one(
    tmp_path: Path, tool: AnyOperation
) -> None:
    async with sinks(tmp_path) as made:
        people = {*tool.holds, *(n for n, ours in tool.renamed.items() if ours in tool.holds)}
        for name in people:
            await made.ask(tool.name, **{name: NAME})
            await made.ask(tool.name, **{name: NAME, "ticket_id": "1"})
        await made.ask(tool.name, unheard_of=NAME)
        await stored(made, 2 * len(people) + 1)
        assert b"Leocadia" not in made.everything()
