"""T07, T16, T17: what one organisation does, holds or changes is nothing to another."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.desks.tenants import Town, principal
from tests.pipeline.several import ANA, Several

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.opener import FRESH
from helpdesk_mcp.desks.pool import MOST_AT_ONCE, MOST_WAITING
from helpdesk_mcp.domain.errors import Code, HelpdeskError, Invalid, Written
from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.people import Queue
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tenants import TenantPolicy
from helpdesk_mcp.domain.tickets import TicketDraft
from helpdesk_mcp.pipeline.cursors import Cursors
from helpdesk_mcp.pipeline.neighbours import bucket
from helpdesk_mcp.tools.catalog import TOOLS

GLOBEX = principal("globex")
DRAFT: dict[str, Any] = {"subject": "Printer", "description": "It smokes.", "queue": "IT Support"}
NAMES = st.tuples(st.text(), st.text())
IDS = st.uuids().map(lambda one: one.hex)


class HangingDesk(MemoryDesk):
    """Its lists never come."""

    async def queues(self) -> tuple[Queue, ...]:
        await anyio.sleep_forever()
        raise NotImplementedError


@settings(deadline=None)
@given(IDS, IDS, NAMES, NAMES, st.sampled_from(TOOLS))
def test_t07_no_names_make_two_organisations_share_a_purse(
    one: str, other: str, names: tuple[str, str], others: tuple[str, str], tool: AnyOperation
) -> None:
    assume(one != other)
    mine, theirs = (
        bucket(Principal(tenant=of, subject=subject, client=client, scopes=ANA.scopes), tool)
        for of, (subject, client) in ((one, names), (other, others))
    )
    assert mine != theirs
    assert (mine[:32], theirs[:32]) == (one, other)


@settings(deadline=None)
@given(IDS, IDS, st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3), st.text())
def test_t07_no_names_make_a_cursor_good_for_two_organisations(
    one: str, other: str, places: list[str], others: list[str], inner: str
) -> None:
    assume(one != other)
    cursors = Cursors(b"k" * 32)
    sealed = cursors.seal((one, *places), inner)
    with pytest.raises(Invalid):
        cursors.open((other, *others), sealed)


async def test_t07_two_organisations_whose_desks_have_one_id_share_no_desk() -> None:
    town = Town(desks={"acme": {"it": MemoryDesk()}, "globex": {"it": MemoryDesk()}})
    for tenant in town.desks:
        plain = town.connection(tenant, "it")
        town.changed[plain.id] = replace(plain, id="same")
    ask = Several(town)
    await ask("create_ticket", **DRAFT)
    assert (await ask("list_tickets", GLOBEX))["tickets"] == []
    assert [row["subject"] for row in (await ask("list_tickets"))["tickets"]] == ["Printer"]
    assert town.opened == ["same 1", "same 1"]


class SlowWrites(MemoryDesk):
    """Begins to write and never comes to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = anyio.Event()

    async def create_ticket(self, draft: TicketDraft) -> Receipt:
        del draft
        self.begun.set()
        await anyio.sleep_forever()
        raise NotImplementedError


async def test_t05_a_write_that_was_stopped_may_have_been_done_and_others_go_on() -> None:
    acme, globex = SlowWrites(), SlowWrites()
    town = Town(desks={"acme": {"it": acme}, "globex": {"it": globex}})
    ask = Several(town)
    refused: list[HelpdeskError] = []

    async def write() -> None:
        refused.append(await ask.error("create_ticket", **DRAFT))

    async with anyio.create_task_group() as others, ask.opener.running("acme"):
        others.start_soon(partial(ask, "create_ticket", GLOBEX, **DRAFT))
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(write)
                await acme.begun.wait()
                await globex.begun.wait()
                town.suspended.add("acme")
                town.now += FRESH + 0.1
        [error] = refused
        assert (error.code, error.reason, error.written) == (
            Code.DENIED,
            "suspended",
            Written.UNKNOWN,
        )
        [record] = ask.kept.records
        assert (record.outcome, record.written) == ("denied", "unknown")
        others.cancel_scope.cancel()


async def test_t16_calls_of_one_organisation_beyond_its_rate_cost_no_other_a_call() -> None:
    town = Town(desks={"acme": {"it": MemoryDesk()}, "globex": {"it": MemoryDesk()}})
    ask = Several(town, reads=Rate(burst=10, per_second=1e-6))
    refused = [error async for error in _hasty(ask, 100)]
    assert len(refused) == 90
    assert {error.code for error in refused} == {Code.RATE_LIMITED}
    for _ in range(10):
        await ask("get_queues", GLOBEX)


async def _hasty(ask: Several, calls: int) -> AsyncGenerator[HelpdeskError]:
    for _ in range(calls):
        try:
            await ask("get_queues")
        except HelpdeskError as error:
            yield error


async def test_t16_a_desk_that_hangs_fills_its_own_line_and_no_others() -> None:
    ask = Several(Town(desks={"acme": {"it": HangingDesk()}, "globex": {"it": MemoryDesk()}}))
    async with anyio.create_task_group() as tasks:
        for _ in range(MOST_AT_ONCE + MOST_WAITING):
            tasks.start_soon(ask.error, "get_queues")
        await anyio.wait_all_tasks_blocked()
        assert (await ask.error("get_queues")).reason == "crowded"
        for _ in range(MOST_AT_ONCE + MOST_WAITING):
            await ask("get_queues", GLOBEX)
        tasks.cancel_scope.cancel()


async def test_t17_what_an_organisation_forbids_holds_within_seconds_and_for_it_alone() -> None:
    town = Town(desks={"acme": {"it": MemoryDesk()}, "globex": {"it": MemoryDesk()}})
    ask = Several(town)
    await ask("create_ticket", **DRAFT)
    town.policies["acme"] = TenantPolicy(read_only=True)
    town.now += FRESH + 0.1
    assert (await ask.error("create_ticket", **DRAFT)).reason == "read_only"
    await ask("create_ticket", GLOBEX, **DRAFT)
    town.policies["acme"] = TenantPolicy(switched_off=frozenset({"list_tickets"}))
    town.now += FRESH + 0.1
    await ask("create_ticket", **DRAFT)
    assert (await ask.error("list_tickets")).reason == "switched_off"
    town.policies.clear()
    town.now += FRESH + 0.1
    assert (await ask("list_tickets"))["shown"] == 2
    assert FRESH < 10


async def test_t17_another_tier_is_another_rate_within_seconds_and_for_it_alone() -> None:
    town = Town(desks={"acme": {"it": MemoryDesk()}, "globex": {"it": MemoryDesk()}})
    ask = Several(town, reads=Rate(burst=4, per_second=0.001))

    async def waits(who: Principal) -> tuple[float | None, float]:
        """Spend what is left; return the wait that is told, and the one that is foretold."""
        while ask.pipeline.pause(who, "get_queues") == 0:
            await ask("get_queues", who)
        told = (await ask.error("get_queues", who)).retry_after
        return told, ask.pipeline.pause(who, "get_queues")

    for tier, seconds in (("standard", 1_000), ("basic", 2_000), ("enterprise", 200)):
        town.tiers["acme"] = tier
        town.now += FRESH + 0.1
        foretold = await ask.pipeline.forecast(ANA, "get_queues")
        assert foretold is None or (foretold.retry_after or 0) < 1.1 * seconds, tier
        assert await waits(ANA) == pytest.approx((seconds, seconds), rel=0.05), tier
        assert await waits(GLOBEX) == pytest.approx((1_000, 1_000), rel=0.05), tier
    assert FRESH < 10
