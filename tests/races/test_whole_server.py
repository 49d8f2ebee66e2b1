"""The whole server as a state machine: register, ask, redeem, refresh, revoke; time; restarts."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.oauth.browsing import Browser
from tests.oauth.client import Answer, Registered
from tests.oauth.harness import Tokens, World
from tests.outside.family import DAY, Family
from tests.outside.server import running
from tests.outside.town import Ground

PICK = st.integers(min_value=0, max_value=1_000)
PAUSES = st.sampled_from([1, 20, 31, 61, 3_600, 31 * DAY, 91 * DAY])


class WholeServer(RuleBasedStateMachine):
    """Does what clients do and holds every answer against the model of a family."""

    portal: BlockingPortal
    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[Registered] = []
        self.families: list[Family] = []
        self.open = ExitStack()
        self.begin()

    def begin(self) -> None:
        self.world: World = self.open.enter_context(
            self.portal.wrap_async_context_manager(running(self.ground))
        )
        self.browser: Browser = self.world.browser()

    def teardown(self) -> None:
        self.open.close()

    def do(self, call: Callable[..., Any], *values: Any, **named: Any) -> Any:
        async def done() -> Any:
            return await call(*values, **named)

        return self.portal.call(done)

    @initialize()
    def first(self) -> None:
        self.clients.append(self.do(self.world.oauth.register))

    @rule(method=st.sampled_from(["none", "client_secret_basic", "client_secret_post"]))
    @precondition(lambda self: len(self.clients) < 4)
    def register(self, method: str) -> None:
        self.clients.append(self.do(self.world.oauth.register, token_endpoint_auth_method=method))

    @rule(pick=PICK)
    def ask(self, pick: int) -> None:
        asked = self.world.oauth.ask(self.clients[pick % len(self.clients)])
        code = self.do(self.world.code, asked, browser=self.browser)
        self.families.append(Family(asked, code))

    def family(self, pick: int) -> Family:
        return self.families[pick % len(self.families)]

    @precondition(lambda self: self.families)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        family = self.family(pick)
        may = family.may_redeem()
        answer = self.do(self.world.oauth.redeem, family.asked, family.code)
        self.judge(answer, may=may, keep=family.given)

    @precondition(lambda self: self.families)
    @rule(pick=PICK)
    def redeem_with_another_verifier(self, pick: int) -> None:
        family = self.family(pick)
        family.fails_a_proof()
        wrong = "w" * 43
        answer = self.do(self.world.oauth.redeem, family.asked, family.code, code_verifier=wrong)
        self.judge(answer, may=False, keep=family.given)

    @precondition(lambda self: any(one.leaf for one in self.families))
    @rule(pick=PICK)
    def refresh(self, pick: int) -> None:
        family = self.redeemed(pick)
        may = family.may_refresh()
        answer = self.do(self.world.oauth.refresh, family.asked.client, family.leaf)
        self.judge(answer, may=may, keep=family.rotated)

    @precondition(lambda self: any(one.before for one in self.families))
    @rule(pick=PICK, number=PICK)
    def refresh_with_an_older_one(self, pick: int, number: int) -> None:
        known = [one for one in self.families if one.before]
        family = known[pick % len(known)]
        number %= len(family.before)
        may = family.may_repeat(number)
        old = family.before[number].secret
        answer = self.do(self.world.oauth.refresh, family.asked.client, old)
        self.judge(answer, may=may, keep=family.repeated)

    @precondition(lambda self: any(one.leaf for one in self.families))
    @rule(pick=PICK)
    def refresh_by_another_client(self, pick: int) -> None:
        family = self.redeemed(pick)
        others = [one for one in self.clients if one.id != family.asked.client.id]
        if others:
            answer = self.do(self.world.oauth.refresh, others[0], family.leaf)
            self.judge(answer, may=False, keep=family.given)

    @precondition(lambda self: any(one.leaf for one in self.families))
    @rule(pick=PICK, access=st.booleans())
    def revoke(self, pick: int, access: bool) -> None:  # noqa: FBT001 -- drawn by name
        family = self.redeemed(pick)
        token = family.access if access else family.leaf
        assert self.do(self.world.oauth.revoke, family.asked.client, token).status == 200
        family.dead = True

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.do(self.world.age, seconds)
        for family in self.families:
            family.passes(seconds)
        self.browser = self.world.browser()

    @rule()
    def restart(self) -> None:
        self.open.close()
        self.begin()

    @precondition(lambda self: any(one.leaf for one in self.families))
    @rule(pick=PICK)
    def look_at_a_token_after_a_restart(self, pick: int) -> None:
        self.restart()
        family = self.redeemed(pick)
        status = self.do(self.world.call, family.access).status
        assert status == (200 if family.alive else 401)

    @invariant()
    def the_server_is_well(self) -> None:
        answer = self.do(self.world.http.get, f"{self.world.issuer}/healthz")
        assert answer.status_code == 200

    def redeemed(self, pick: int) -> Family:
        known = [one for one in self.families if one.leaf]
        return known[pick % len(known)]

    def judge(self, answer: Answer, *, may: bool, keep: Callable[[str, str], None]) -> None:
        if not may:
            assert (answer.status, answer.error) == (400, "invalid_grant")
            return
        tokens = Tokens.of(answer)
        keep(tokens.access, tokens.refresh)


@pytest.mark.timeout(500)
def test_whatever_clients_do_the_server_agrees_with_the_model() -> None:
    with start_blocking_portal(backend_options={"use_uvloop": True}) as portal:

        class Here(WholeServer):
            pass

        Here.portal = portal
        Here.ground = portal.call(Ground.on_sqlite, Path(mkdtemp(prefix="helpdesk-mcp-machine-")))
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=int(os.environ.get("MACHINES", "8")),  # noqa: TID251 -- of the tests
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )
