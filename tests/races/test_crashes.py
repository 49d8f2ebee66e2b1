"""The state machine of the whole server, which is a real process and is killed amid requests."""

import os
import socket
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import func, select, text
from tests.cli.servers import Serving, serving
from tests.oauth.client import Answer
from tests.oauth.harness import Tokens, world_at
from tests.outside.family import Family
from tests.outside.server import aged
from tests.outside.town import Ground
from tests.races.test_whole_server import PICK, WholeServer
from tests.services import postgres

from helpdesk_mcp.stores.database import Database, open_database
from helpdesk_mcp.stores.oauth_tables import grants, refresh_tokens

EXAMPLES = int(os.environ.get("CRASHES", "6"))  # noqa: TID251 -- of the tests
STEPS = 8
STORES = ("sqlite", "postgresql")
Ask = Callable[[], Awaitable[Answer]]


@dataclass(slots=True, kw_only=True)
class Request:
    """One request that was under way: of which family, whether it may succeed, and its answer."""

    family: Family
    ask: Ask
    may: bool
    keep: Callable[[str, str], None]
    answer: Answer | None = None


class CrashingServer(WholeServer):
    """Whatever was answered is kept; whatever was not has happened wholly or not at all.

    What clients do wrong is left to the other machine: here most steps end in a crash.
    """

    register: Any = None
    redeem_with_another_verifier: Any = None
    refresh_by_another_client: Any = None
    outside: Database
    server: Serving
    port: int

    def begin(self) -> None:
        variables = {
            "DATABASE_URL": self.ground.url,
            "DATABASE_OWNER_URL": self.ground.owner,
            "HELPDESK_MASTER_KEY": self.ground.master_key,
            "READS_PER_MINUTE": "1000000",
            "MCP_PORT": str(self.port),
        }
        folder = Path(mkdtemp(prefix="helpdesk-mcp-crash-"))
        self.server = self.open.enter_context(serving(folder, **variables))
        Thread(target=_drain, args=(self.server,), daemon=True).start()
        self.world = self.open.enter_context(
            self.portal.wrap_async_context_manager(
                world_at(
                    f"http://127.0.0.1:{self.port}",
                    self.ground.people,
                    partial(aged, self.outside),
                )
            )
        )
        self.browser = self.world.browser()

    @initialize()
    def first(self) -> None:
        super().first()
        for pick in range(3):
            self.ask(pick)

    def restart(self) -> None:
        """Kill the server, start it again, and take the time that this took out of the world."""
        began = time.monotonic()
        self.server.process.kill()
        self.open.close()
        self.open = ExitStack()
        self.begin()
        self.do(self.world.age, began - time.monotonic())
        self.do(_sound, self.outside)

    @rule(answers=st.integers(0, 8))
    def crash_amid_all(self, answers: int) -> None:
        self.crash_amid_requests(list(range(len(self.families))), answers)

    @rule(picks=st.lists(PICK, min_size=1, max_size=5), answers=st.integers(0, 4))
    def crash_amid_requests(self, picks: list[int], answers: int) -> None:
        """Kill the server when so many of these requests were answered."""
        chosen = {id(family): family for family in map(self.family, picks)}
        requests = [self.request(family) for family in chosen.values()]
        self.do(self.at_once, requests, answers)
        self.restart()
        for one in requests:
            if one.answer is not None:
                self.judge(one.answer, may=one.may, keep=one.keep)
            else:
                self.find_out(one)
        self.do(_sound, self.outside)

    def request(self, family: Family) -> Request:
        """Return what this family would do next: redeem its code, or refresh its leaf."""
        oauth = self.world.oauth
        if not family.redeemed:
            ask = partial(oauth.redeem, family.asked, family.code)
            return Request(family=family, ask=ask, may=family.may_redeem(), keep=family.given)
        ask = partial(oauth.refresh, family.asked.client, family.leaf)
        return Request(family=family, ask=ask, may=family.may_refresh(), keep=family.rotated)

    async def at_once(self, requests: list[Request], answers: int) -> None:
        async def send(one: Request) -> None:
            try:
                one.answer = await one.ask()
            except httpx2.HTTPError:
                return  # the server is gone
            if sum(other.answer is not None for other in requests) >= answers:
                self.server.process.kill()

        async with anyio.create_task_group() as tasks:
            for one in requests:
                tasks.start_soon(send, one)
            if answers == 0:
                await anyio.wait_all_tasks_blocked()
                self.server.process.kill()

    def find_out(self, one: Request) -> None:
        """Repeat what was not answered: it was done, or it is done now, and never twice."""
        first_try = not one.family.redeemed
        answer = self.repeat(one)
        if first_try and one.may and answer.status != 200:  # it was done: a second try ends it
            assert (answer.status, answer.error) == (400, "invalid_grant")
            one.family.redeemed = one.family.dead = True
            return
        self.judge(answer, may=one.may, keep=one.keep)

    def repeat(self, one: Request) -> Answer:
        oauth, family = self.world.oauth, one.family
        if not family.redeemed:
            return self.do(oauth.redeem, family.asked, family.code)
        return self.do(oauth.refresh, family.asked.client, family.leaf)

    def judge(self, answer: Answer, *, may: bool, keep: Callable[[str, str], None]) -> None:
        super().judge(answer, may=may, keep=keep)
        if answer.status == 200:
            assert self.do(self.world.call, Tokens.of(answer).access).status == 200


def _drain(server: Serving) -> None:
    assert server.process.stdout is not None
    for _ in server.process.stdout:
        pass


async def _sound(outside: Database) -> None:
    """Look past the server: no family has two living leaves, and the file is whole."""
    c = refresh_tokens.c
    living = c.used_at.is_(None) & c.dead_at.is_(None) & grants.c.revoked_at.is_(None)
    of_grant = select(func.count()).join_from(refresh_tokens, grants, c.grant == grants.c.id)
    async with outside.connect() as reader:
        leaves = (await reader.execute(of_grant.where(living).group_by(c.grant))).scalars()
        assert set(leaves) <= {1}
        if outside.dialect.name == "sqlite":
            assert (await reader.execute(text("PRAGMA integrity_check"))).scalar() == "ok"


@contextmanager
def prepared(store: str, do: Callable[..., Any]) -> Generator[Ground]:
    if store == "sqlite":
        yield do(Ground.on_sqlite, Path(mkdtemp(prefix="helpdesk-mcp-crashes-")))
        return
    with postgres.fresh() as database:
        yield do(Ground.prepared, database.application, database.owner, database.above)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("store", STORES)
def test_a_server_that_is_killed_amid_requests_agrees_with_the_model(store: str) -> None:
    with (
        start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
        prepared(store, portal.call) as ground,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        free_port = int(free.getsockname()[1])
        free.close()

        class Here(CrashingServer):
            pass

        Here.portal, Here.ground, Here.port = portal, ground, free_port
        Here.outside = portal.call(_opened, ground.above)
        try:
            run_state_machine_as_test(
                Here,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
                ),
            )
        finally:
            portal.call(Here.outside.dispose)


async def _opened(url: str) -> Database:
    return open_database(url)
