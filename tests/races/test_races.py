"""Many at once on two processes over one PostgreSQL: never two winners, never a server error."""

import os
from collections import Counter
from collections.abc import Awaitable, Callable

import anyio
import pytest
from tests.oauth.client import Answer, Asked, OAuthClient
from tests.oauth.harness import Tokens, World
from tests.races.pair import Pair

ROUNDS = int(os.environ.get("RACES", "200"))  # noqa: TID251 -- of the tests, not of the product
PARALLEL = 20
BUSY = 503
MOST_RETRIES = 10
pytestmark = pytest.mark.timeout(600)
GOOD = {(200, ""), (400, "invalid_grant")}


async def at_once(pair: Pair, ask: Callable[[OAuthClient], Awaitable[Answer]]) -> list[Answer]:
    """Send the same request from many clients, half of them to each process.

    A process that waited two seconds for a row says 503 and when to come again: they do.
    """
    answers: list[Answer] = []
    start = anyio.Event()

    async def one(number: int) -> None:
        await start.wait()
        client = pair.clients[number % len(pair.clients)]
        answer = await ask(client)
        for _ in range(MOST_RETRIES):
            if answer.status != BUSY:
                break
            await anyio.sleep(float(answer.headers["retry-after"]))
            answer = await ask(client)
        answers.append(answer)

    async with anyio.create_task_group() as tasks:
        for number in range(PARALLEL):
            tasks.start_soon(one, number)
        start.set()
    return answers


def outcomes(answers: list[Answer]) -> Counter[tuple[int, str]]:
    return Counter((one.status, one.json.get("error", "")) for one in answers)


async def test_a45_a_code_is_redeemed_once_however_many_try(pair: Pair) -> None:
    world, browser = pair.world, pair.world.browser()
    client = await world.oauth.register()
    await world.tokens(world.oauth.ask(client), browser=browser)
    for _ in range(ROUNDS):
        asked = world.oauth.ask(client)
        code = await world.code(asked, browser=browser)
        answers = await at_once(pair, lambda one, a=asked, c=code: one.redeem(a, c))
        found = outcomes(answers)
        assert found == {(200, ""): 1, (400, "invalid_grant"): PARALLEL - 1}, found
        [winner] = [Tokens.of(one) for one in answers if one.status == 200]
        after = await world.oauth.refresh(client, winner.refresh)
        assert (after.status, after.error) == (400, "invalid_grant")


async def test_a69_of_a_refreshed_family_one_leaf_lives(pair: Pair) -> None:
    world = pair.world
    client = await world.oauth.register()
    tokens = await world.tokens(world.oauth.ask(client))
    for _ in range(ROUNDS):
        old = tokens.refresh
        answers = await at_once(pair, lambda one, t=old: one.refresh(client, t))
        assert set(outcomes(answers)) <= GOOD, outcomes(answers)
        leaves = [Tokens.of(one) for one in answers if one.status == 200]
        assert leaves
        alive = await living(world, client_of=world.oauth.ask(client), leaves=leaves)
        assert len(alive) == 1
        [tokens] = alive


async def living(world: World, *, client_of: Asked, leaves: list[Tokens]) -> list[Tokens]:
    """Use every leaf; return what the living ones became."""
    found: list[Tokens] = []
    for leaf in leaves:
        answer = await world.oauth.refresh(client_of.client, leaf.refresh)
        assert (answer.status, answer.json.get("error", "")) in GOOD
        if answer.status == 200:
            found.append(Tokens.of(answer))
    return found


async def test_a68_a_replayed_token_among_many_ends_the_family_once(pair: Pair) -> None:
    world = pair.world
    client = await world.oauth.register()
    for _ in range(ROUNDS // 10):
        first = await world.tokens(world.oauth.ask(client))
        second = Tokens.of(await world.oauth.refresh(client, first.refresh))
        Tokens.of(await world.oauth.refresh(client, second.refresh))
        answers = await at_once(pair, lambda one, t=first: one.refresh(client, t.refresh))
        assert outcomes(answers) == {(400, "invalid_grant"): PARALLEL}


async def test_s16_signing_keys_that_rotate_on_both_never_refuse_a_token(pair: Pair) -> None:
    world = pair.world
    client = await world.oauth.register()
    tokens = await world.tokens(world.oauth.ask(client))
    for _ in range(ROUNDS // 10):
        await pair.keys.rotate()
        before = tokens
        tokens = Tokens.of(await world.oauth.refresh(client, tokens.refresh))
        for token in (before.access, tokens.access):
            for issuer in pair.doors:
                assert await pair.works(issuer, token)
