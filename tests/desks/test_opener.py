"""From a principal to its desks: its tenant's, those it was granted, as they are now."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from tests.desks.tenants import Town, opener_of, principal

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.opener import FRESH, TenantDesks
from helpdesk_mcp.desks.pool import IDLE, MOST_WAITING, Pool
from helpdesk_mcp.domain.desk import Comments, Desk, Knowledge, Tickets
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, NotFound, Unavailable
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.tenants import Status

ANA = principal("acme")


def town() -> Town:
    return Town(
        desks={
            "acme": {"it": MemoryDesk(), "hr": MemoryDesk()},
            "globex": {"it": MemoryDesk()},
            "empty": {},
        }
    )


async def reason(opener: TenantDesks, who: Principal, desk: str | None = None) -> str:
    with pytest.raises(HelpdeskError) as caught:
        async with opener.open(who, desk):
            raise NotImplementedError
    return caught.value.reason


async def test_the_first_desk_is_the_default_one() -> None:
    there = town()
    async with there.opener().open(ANA) as opened:
        assert opened is there.desks["acme"]["it"]


async def test_a_desk_is_opened_by_its_name_in_whatever_case() -> None:
    there = town()
    async with there.opener().open(ANA, "HR") as opened:
        assert opened is there.desks["acme"]["hr"]


async def test_a_principal_has_the_desks_it_was_granted_and_no_others() -> None:
    opener = town().opener()
    granted = principal("acme", "hr")
    assert (await opener.desks(granted)).names == ("hr",)
    assert (await opener.desks(ANA)).names == ("it", "hr")
    async with opener.open(granted) as opened:
        assert isinstance(opened, MemoryDesk)
    assert await reason(opener, granted, "it") == "unknown_desk"


async def test_another_tenants_desk_is_answered_as_one_that_is_not_there() -> None:
    opener = town().opener()
    there = principal("globex")
    with pytest.raises(NotFound) as anothers:
        async with opener.open(there, "hr"):
            raise NotImplementedError
    with pytest.raises(NotFound) as nobodys:
        async with opener.open(there, "nowhere"):
            raise NotImplementedError
    assert anothers.value.facts() == nobodys.value.facts()
    by_id = Principal(
        tenant="globex", subject="a", client="c", scopes=ANA.scopes, desks=frozenset({"acme/it"})
    )
    assert (await opener.desks(by_id)).names == ()
    assert await reason(opener, by_id) == "no_desk"


async def test_a_tenant_without_a_desk_is_told_so() -> None:
    assert await reason(town().opener(), principal("empty")) == "no_desk"


async def test_a_suspended_tenant_is_refused_within_five_seconds_and_its_desks_are_closed() -> None:
    there = town()
    opener = there.opener()
    async with opener.open(ANA):
        pass
    there.suspended.add("acme")
    there.now += FRESH + 0.1
    assert await reason(opener, ANA) == "suspended"
    with pytest.raises(Denied):
        await opener.policy(ANA)
    assert sorted(there.closed) == ["acme/hr 1", "acme/it 1"]
    there.suspended.clear()
    there.now += FRESH + 0.1
    async with opener.open(ANA):
        pass


async def test_a_deleted_tenant_is_answered_as_a_suspended_one() -> None:
    there = town()
    opener = there.opener()
    await opener.desks(ANA)
    del there.desks["acme"]
    there.now += FRESH + 0.1
    assert await reason(opener, ANA) == "suspended"
    assert await reason(opener, principal("never-there")) == "suspended"
    assert sorted(there.closed) == ["acme/hr 1", "acme/it 1"]
    assert there.asked == 3


async def test_what_is_known_of_a_tenant_is_asked_once_in_a_while() -> None:
    there = town()
    opener = there.opener()
    for _ in range(3):
        await opener.desks(ANA)
        await opener.policy(ANA)
        async with opener.open(ANA):
            pass
    assert there.asked == 1
    assert sorted(there.opened) == ["acme/hr 1", "acme/it 1"]


async def test_t07_a_changed_connection_is_opened_anew_within_five_seconds() -> None:
    there = town()
    opener = there.opener()
    async with opener.open(ANA, "hr"):
        there.change("acme", "hr")
        there.now += FRESH + 0.1
        async with opener.open(ANA, "hr"):
            assert there.opened[-1] == "acme/hr 2"
            assert there.closed == []  # a call still works with it
    assert there.closed == ["acme/hr 1"]


async def test_a_suspended_desk_tells_why_and_the_others_work() -> None:
    there = town()
    opener = there.opener()
    await opener.desks(ANA)
    there.change("acme", "hr", status=Status.SUSPENDED, reason="Its key was revoked.")
    there.now += FRESH + 0.1
    with pytest.raises(Denied, match="Its key was revoked") as caught:
        async with opener.open(ANA, "hr"):
            raise NotImplementedError
    assert caught.value.reason == "desk_suspended"
    assert [desk.suspended for desk in (await opener.desks(ANA)).every] == [
        "",
        "Its key was revoked.",
    ]
    assert Tickets in (await opener.desks(ANA)).every[1].offered
    async with opener.open(ANA, "it"):
        pass
    assert there.closed == ["acme/hr 1"]


async def test_a_desk_that_nobody_uses_is_closed_after_a_while() -> None:
    there = town()
    opener = there.opener()
    async with opener.open(ANA, "it"):
        there.now += IDLE + 1
        await opener.desks(principal("globex"))
    assert there.closed == ["acme/hr 1"]


async def test_at_most_so_many_desks_are_open_and_the_longest_idle_one_goes_first() -> None:
    there = Town(desks={f"t{n}": {"it": MemoryDesk()} for n in range(4)})
    pool = Pool(most_open=2, clock=there.clock)
    opener = there.opener(pool)
    for number in range(4):
        there.now += 1
        await opener.desks(principal(f"t{number}"))
        assert len(pool.open) <= 2
    assert there.closed == ["t0/it 1", "t1/it 1"]
    async with opener.open(principal("t2")), opener.open(principal("t3")):
        assert await reason(opener, principal("t0")) == "crowded"


class HalfDesk(MemoryDesk):
    """Offers less than its class, once it is up."""

    up = True

    async def capabilities(self) -> frozenset[type]:
        if not self.up:
            raise Unavailable("It is down.")
        return frozenset({Tickets, int})


async def test_a_desk_offers_what_its_class_implements() -> None:
    found = await opener_of(MemoryDesk(), tenant="acme").desks(ANA)
    assert {Desk, Tickets, Comments, Knowledge} <= found.offered


async def test_a_probe_narrows_what_is_offered_and_never_widens_it() -> None:
    found = await opener_of(HalfDesk(), tenant="acme").desks(ANA)
    assert found.offered == {Desk, Tickets}


async def test_a_desk_that_was_down_is_probed_by_its_first_call() -> None:
    desk = HalfDesk()
    opener = opener_of(desk, tenant="acme")
    desk.up = False
    assert Comments in (await opener.desks(ANA)).offered
    desk.up = True
    async with opener.open(ANA):
        assert (await opener.desks(ANA)).offered == {Desk, Tickets}


class HangingDesk(MemoryDesk):
    """Never says what it offers."""

    async def capabilities(self) -> frozenset[type]:
        await anyio.sleep_forever()
        raise NotImplementedError


async def test_a_desk_that_hangs_does_not_keep_the_others_from_answering(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpdesk_mcp.desks.opener.PROBE", 0.01)
    there = Town(desks={"acme": {"it": HangingDesk(), "hr": HalfDesk()}})
    opener = there.opener()
    desks = await opener.desks(ANA)
    assert [Knowledge in desk.offered for desk in desks.every] == [True, False]
    async with opener.open(ANA, "hr"):
        pass


async def test_calls_beyond_what_one_desk_takes_wait_and_are_then_refused() -> None:
    there = town()
    opener = there.opener(Pool(most_at_once=2, patience=0.02, clock=there.clock))
    async with opener.open(ANA), opener.open(ANA):
        assert await reason(opener, ANA) == "crowded"
        async with opener.open(ANA, "hr"):
            pass  # another desk has room of its own
    async with opener.open(ANA):
        pass


async def test_a_call_that_waits_gets_its_turn() -> None:
    there = town()
    opener = there.opener(Pool(most_at_once=1, clock=there.clock))
    order: list[str] = []

    async def second() -> None:
        async with opener.open(ANA):
            order.append("second")

    async with anyio.create_task_group() as tasks, opener.open(ANA):
        tasks.start_soon(second)
        await anyio.lowlevel.checkpoint()
        order.append("first")
    assert order == ["first", "second"]


async def test_the_queue_before_a_desk_is_bounded() -> None:
    there = town()
    opener = there.opener(Pool(most_at_once=1, patience=60, clock=there.clock))

    async def wait() -> None:
        async with opener.open(ANA):
            raise NotImplementedError

    async with opener.open(ANA), anyio.create_task_group() as tasks:
        for _ in range(MOST_WAITING):
            tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert await reason(opener, ANA) == "crowded"
        tasks.cancel_scope.cancel()


async def test_what_fails_inside_an_open_desk_comes_out_as_it_is() -> None:
    async def fail() -> None:
        async with opener_of(MemoryDesk(), tenant="acme").open(ANA):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()


async def test_a_store_that_is_down_is_told_and_asked_again() -> None:
    there = town()
    there.down = Unavailable("No store.", reason="store")
    opener = there.opener()
    assert await reason(opener, ANA) == "store"
    there.down = None
    async with opener.open(ANA):
        pass


@asynccontextmanager
async def running(there: Town) -> AsyncGenerator[TenantDesks]:
    opener = there.opener()
    async with opener.running("acme"):
        yield opener


async def test_at_the_end_every_desk_is_closed_and_each_was_checked_by_name() -> None:
    there = town()
    async with running(there) as opener:
        checks = opener.checks("acme")
        assert list(checks) == ["desk it", "desk hr"]
        for check in checks.values():
            await check()
    assert sorted(there.closed) == ["acme/hr 1", "acme/it 1"]


async def test_a_tenants_time_zone_goes_to_its_desks_unless_it_is_none_or_nonsense() -> None:
    there = town()
    there.zones = {"acme": "Europe/Madrid", "globex": "Mars/Olympus"}
    opener = there.opener()
    for tenant in ("acme", "globex"):
        async with opener.open(principal(tenant)):
            pass
    assert there.zone_of == {
        "acme/it": "Europe/Madrid",
        "acme/hr": "Europe/Madrid",
        "globex/it": "",
    }
