"""Access tokens of Zoho: one refresh for all, ahead of time, within the limits, and an end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.servicedesk import Bench, bench
from tests.desks.tenants import Town
from tests.pipeline.several import ANA, Several

from helpdesk_mcp.desks.servicedeskplus.auth import ZohoToken
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS
from helpdesk_mcp.desks.servicedeskplus.memory_tokens import MemoryUpstreamTokens
from helpdesk_mcp.desks.servicedeskplus.refreshing import Pace, SharedToken
from helpdesk_mcp.desks.servicedeskplus.zoho import Client, Granted, Revoked, granted, refreshed
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, RateLimited, Unavailable
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.upstream import LIMITS, pause

FAST = Pace(look=0.001, patience=2)


@dataclass(slots=True)
class Now:
    at: float = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class Accounts:
    """An accounts server that counts."""

    seconds: int = 3600
    asked: int = 0
    error: HelpdeskError | None = None
    given: list[str] = field(default_factory=list[str])

    async def refresh(self) -> Granted:
        self.asked += 1
        await anyio.lowlevel.checkpoint()  # let the others come
        if self.error is not None:
            raise self.error
        self.given.append(f"token-{self.asked}")
        return Granted(access_token=self.given[-1], seconds=self.seconds)


def shared(accounts: Accounts, now: Now, tokens: MemoryUpstreamTokens | None = None) -> SharedToken:
    pace = Pace(clock=now, look=0.001)
    return SharedToken(tokens or MemoryUpstreamTokens(clock=now), accounts.refresh, pace)


async def test_u10_fifty_callers_of_three_holders_cost_one_refresh() -> None:
    accounts, now = Accounts(), Now()
    tokens = MemoryUpstreamTokens(clock=now)
    holders = [shared(accounts, now, tokens) for _ in range(3)]
    got: list[str] = []

    async def call(holder: SharedToken) -> None:
        got.append(await holder.token())

    async with anyio.create_task_group() as group:
        for number in range(150):
            group.start_soon(call, holders[number % 3])
    assert (got, accounts.asked) == (["token-1"] * 150, 1)


async def test_a_token_is_replaced_ahead_of_its_end() -> None:
    accounts, now = Accounts(), Now()
    source = shared(accounts, now)
    assert await source.token() == "token-1"
    now.at += 3200
    assert await source.token() == "token-1"
    now.at += 110
    assert await source.token() == "token-2"


async def test_a_token_that_still_works_serves_while_another_process_refreshes() -> None:
    accounts, now = Accounts(), Now()
    tokens = MemoryUpstreamTokens(clock=now)
    source = shared(accounts, now, tokens)
    await source.token()
    now.at += 3590
    assert await tokens.claim(20)
    assert await source.token() == "token-1"


async def test_a_lost_holder_of_the_claim_is_succeeded() -> None:
    accounts, now = Accounts(), Now()
    tokens = MemoryUpstreamTokens(clock=now)
    assert await tokens.claim(20)
    now.at += 21
    assert await shared(accounts, now, tokens).token() == "token-1"


async def test_a_claim_that_never_ends_is_not_awaited_forever() -> None:
    tokens = MemoryUpstreamTokens()
    assert await tokens.claim(1000)
    source = SharedToken(tokens, Accounts().refresh, Pace(look=0.001, patience=0.05))
    with pytest.raises(Unavailable) as caught:
        await source.token()
    assert caught.value.reason == "token"


async def test_a_young_token_is_given_again_after_a_401() -> None:
    accounts, now = Accounts(), Now()
    source = shared(accounts, now)
    token = await source.token()
    assert await source.token(instead_of=token) == token
    now.at += 61
    assert await source.token(instead_of=token) == "token-2"
    assert accounts.asked == 2


async def test_after_access_denied_nobody_asks_for_ten_minutes() -> None:
    accounts, now = Accounts(), Now()
    accounts.error = RateLimited("…", reason="token_limit", retry_after=600)
    tokens = MemoryUpstreamTokens(clock=now)
    for _ in range(3):
        with pytest.raises(RateLimited):
            await shared(accounts, now, tokens).token()
    assert accounts.asked == 1
    accounts.error = None
    now.at += 601
    assert await shared(accounts, now, tokens).token() == "token-2"


async def test_u13_a_revoked_token_suspends_the_desk_once_and_asks_no_more() -> None:
    accounts, now = Accounts(), Now()
    accounts.error = Revoked("Connect the desk again.")
    told: list[str] = []

    async def suspended(reason: str) -> None:
        told.append(reason)

    source = shared(accounts, now, MemoryUpstreamTokens(suspended, clock=now))
    for _ in range(3):
        with pytest.raises(Revoked):
            await source.token()
    assert (told, accounts.asked) == (["Connect the desk again."], 1)


async def test_a_failed_refresh_gives_up_its_claim() -> None:
    accounts, now = Accounts(), Now()
    accounts.error = Unavailable("…", reason="timeout")
    source = shared(accounts, now)
    with pytest.raises(Unavailable):
        await source.token()
    accounts.error = None
    assert await source.token() == "token-2"


async def test_the_vendors_limits_are_never_reached() -> None:
    accounts, now = Accounts(seconds=60), Now()
    tokens = MemoryUpstreamTokens(clock=now)
    asked: list[float] = []
    for _ in range(400):
        before = accounts.asked
        try:
            await shared(accounts, now, tokens).token()
        except RateLimited as error:
            now.at += error.retry_after or 0
        asked += [now.at] * (accounts.asked - before)
        now.at += 7
    assert len(asked) > 20
    for at in asked:
        assert sum(1 for other in asked if at - 600 < other <= at) <= 10
        assert sum(1 for other in asked if at - 60 < other <= at) <= 5


@given(st.lists(st.floats(0, 2000), max_size=30), st.floats(2000, 2600))
def test_after_the_pause_one_more_refresh_is_within_the_limits(at: list[float], now: float) -> None:
    later = now + pause(at, now) + 1e-6
    for most, seconds in LIMITS:
        assert sum(1 for one in at if one > later - seconds) < most


ODD: tuple[tuple[Any, int], ...] = (
    (3600, 3600),
    ("3600", 3600),
    (0, 60),
    (-1, 60),
    (10**12, 86_400),
    (None, 3600),
    ("soon", 3600),
)


@pytest.mark.parametrize(("told", "seconds"), ODD, ids=[repr(told) for told, _ in ODD])
def test_u12_an_odd_life_of_a_token_is_made_sensible(told: Any, seconds: int) -> None:
    body = {"access_token": "a", "expires_in": told, "scope": "A.READ,B.ALL  C.READ"}
    found = granted(200, body)
    assert (found.seconds, found.refresh_token) == (seconds, "")
    assert found.scopes == "A.READ B.ALL C.READ"


@asynccontextmanager
async def connected(
    now: Now | None = None, **knobs: Any
) -> AsyncGenerator[tuple[Bench, SharedToken]]:
    """Open a Cloud desk that refreshes its own tokens at the simulator's accounts server."""
    async with bench("cloud", **knobs) as made:
        del made.http.headers["authorization"]
        config = made.raw.simulator.config
        client = Client(
            accounts="http://desk.example",
            client_id=config.client_id,
            client_secret=config.client_secret,
        )
        transport = httpx2.ASGITransport(app=made.raw.simulator)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as http:
            pace = FAST if now is None else Pace(clock=now)
            source = SharedToken(
                MemoryUpstreamTokens(), lambda: refreshed(http, client, config.refresh_token), pace
            )
            made.http.auth = ZohoToken(source)
            made.raw.simulator.forget_asked()
            yield made, source


def refreshes(made: Bench) -> int:
    return sum(1 for one in made.raw.simulator.asked if "/oauth/" in str(one["path"]))


async def test_a_cloud_desk_logs_in_by_itself_once() -> None:
    async with connected() as (made, source):
        await made.desk.ping()
        await made.link.rows("requests", window=Window(size=1))
        assert refreshes(made) == 1
        assert "SDPOnDemand.requests.ALL" in source.scopes


async def test_a_missing_scope_is_told_apart_from_an_expired_token() -> None:
    async with connected() as (made, source):
        made.raw.simulator.accounts.grants[0].scopes = "SDPOnDemand.requests.ALL"
        await made.desk.ping()
        for _ in range(3):
            with pytest.raises(Denied) as caught:
                await made.link.rows("technicians")
            assert caught.value.reason == "desk_scope"
        assert refreshes(made) == 1
        assert source.scopes == {"SDPOnDemand.requests.ALL"}


async def test_tools_that_the_desks_token_cannot_perform_are_not_listed() -> None:
    async with connected() as (made, source):
        granted_to = made.raw.simulator.accounts.grants[0]
        granted_to.scopes = (
            "SDPOnDemand.requests.READ,SDPOnDemand.setup.READ,SDPOnDemand.users.READ"
        )
        desk = ServiceDeskPlus(made.http, EDITIONS["cloud"], made.options, source)
        ask = Several(Town(desks={"acme": {"it": desk}}))
        await ask("list_tickets")
        listed = {tool.name for tool in await ask.pipeline.visible_to(ANA)}
        assert {"list_tickets", "get_ticket", "get_users", "get_queues"} <= listed
        assert not {"create_ticket", "close_ticket", "add_note", "search_knowledge_base"} & listed
        found = await ask("search_tools", query="list_problems")
        assert not [row for row in found["tools"] if row["name"].endswith("_problems")]
        assert (await ask.error("create_ticket", subject="x")).reason == "desk_scope"
        assert (await ask.error("list_problems")).reason == "desk_scope"


async def test_a_token_that_may_not_see_the_set_up_reads_tickets_without_their_labels() -> None:
    async with connected(metainfo="absent") as (made, _):
        made.raw.simulator.accounts.grants[0].scopes = "SDPOnDemand.requests.ALL"
        number = await made.raw.new_request(udf_fields={"udf_char1": "L-1"})
        held = (await made.desk.ticket(number)).custom or {}
        assert held["udf_char1"] == "L-1"
        advice = await made.desk.unnamed() or ""
        assert '{"udf_char1": "what people call it"}' in advice
        assert "SDPOnDemand.setup.READ" in advice


async def test_a_401_refreshes_once_then_stops() -> None:
    now = Now()
    async with connected(now) as (made, _):
        await made.desk.ping()
        made.raw.simulator.accounts.expire_access_tokens()
        now.at += 100
        await made.desk.ping()
        assert refreshes(made) == 2


async def test_a_revoked_refresh_token_is_told_as_such() -> None:
    async with connected() as (made, _):
        accounts = made.raw.simulator.accounts
        accounts.drop(accounts.grants[0])
        for _ in range(2):
            with pytest.raises(Revoked) as caught:
                await made.desk.ping()
            assert caught.value.reason == "reauth_required"
        assert refreshes(made) == 1


async def test_the_accounts_servers_limit_is_told_with_how_long_to_wait() -> None:
    async with connected() as (made, _):
        made.raw.turn(tokens_per_ten_minutes=0)
        with pytest.raises(RateLimited) as caught:
            await made.desk.ping()
        assert (caught.value.reason, caught.value.retry_after) == ("token_limit", 600)
