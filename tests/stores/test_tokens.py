"""Bearer tokens: shown once, stored as digests, ended by time or by hand."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import event as on
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.opening import opened, tenant

from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.stores.tokens import REMEMBERED, SqlTokens, TokenDoor

READ = frozenset({Scope.TICKETS_READ})


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def statements(database: AsyncEngine) -> Sequence[str]:
    """Return a list that grows with each statement sent."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    on.listen(database.sync_engine, "before_cursor_execute", note)
    return seen


async def made(
    tokens: SqlTokens, *, scopes: frozenset[Scope] = READ, expires_at: float | None = None
) -> tuple[str, str]:
    return await tokens.create(
        name="laptop", subject="ana", client="inspector", scopes=scopes, expires_at=expires_at
    )


async def test_a_token_leads_to_who_holds_it(database: AsyncEngine) -> None:
    acme = tenant()
    token_id, secret = await made(SqlTokens(database, acme))
    assert await TokenDoor(database).principal(secret) == Principal(
        tenant=acme, subject="ana", client="inspector", scopes=READ, token_id=token_id
    )


async def test_the_secret_is_nowhere_in_the_database(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        _, secret = await made(SqlTokens(database, "acme"))
        stored = _all_bytes(tmp_path)
    assert b"inspector" in stored
    assert secret.encode() not in stored
    assert secret.removeprefix("hdm_").encode() not in stored


def _all_bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def test_no_two_secrets_are_the_same(database: AsyncEngine) -> None:
    tokens = SqlTokens(database, tenant())
    secrets = {(await made(tokens))[1] for _ in range(10)}
    assert len(secrets) == 10


async def test_a_token_ends_at_its_time_even_while_it_is_remembered(database: AsyncEngine) -> None:
    clock = Clock()
    _, secret = await made(SqlTokens(database, tenant()), expires_at=clock.now + 2)
    door = TokenDoor(database, clock)
    assert await door.principal(secret) is not None
    clock.now += 1.9
    assert await door.principal(secret) is not None
    clock.now += 0.1
    assert await door.principal(secret) is None
    clock.now += REMEMBERED
    assert await door.principal(secret) is None


async def test_a_revoked_token_ends_within_five_seconds(database: AsyncEngine) -> None:
    clock = Clock()
    tokens = SqlTokens(database, tenant())
    token_id, secret = await made(tokens)
    door = TokenDoor(database, clock)
    assert await door.principal(secret) is not None
    await tokens.revoke(token_id)
    clock.now += 5
    assert await door.principal(secret) is None
    assert await TokenDoor(database).principal(secret) is None


async def test_a_good_token_is_not_looked_up_at_every_call(database: AsyncEngine) -> None:
    _, secret = await made(SqlTokens(database, tenant()))
    door = TokenDoor(database)
    await door.principal(secret)
    seen = statements(database)
    assert await door.principal(secret) is not None
    assert seen == []


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "hdm_",
        "hdm_" + "x" * 42,
        "hdm_" + "x" * 44,
        "hdm_" + "x" * 42 + "\n",
        "hdm_" + "x" * 42 + " ",
        "hdm_" + "x" * 42 + "ñ",
        "hdm_" + "'" * 43,
        "HDM_" + "x" * 43,
        "\ud800" * 47,
        "x" * 100_000,
    ],
    ids=lambda garbage: f"{garbage[:5]!a}-{garbage[-1:]!a}-{len(garbage)}",
)
async def test_garbage_never_reaches_the_database(database: AsyncEngine, garbage: str) -> None:
    seen = statements(database)
    assert await TokenDoor(database).principal(garbage) is None
    assert seen == []


async def test_a_well_formed_token_that_nobody_made_is_unknown(database: AsyncEngine) -> None:
    assert await TokenDoor(database).principal("hdm_" + "x" * 43) is None


async def test_a_scope_that_no_longer_exists_grants_nothing(database: AsyncEngine) -> None:
    acme = tenant()
    _, secret = await made(SqlTokens(database, acme))
    async with database.begin() as transaction:
        await transaction.execute(
            text("UPDATE tokens SET scopes = :scopes WHERE tenant = :tenant"),
            {"scopes": '["everything:ever", "tickets:read"]', "tenant": acme},
        )
    principal = await TokenDoor(database).principal(secret)
    assert principal is not None
    assert principal.scopes == READ


async def test_tokens_are_listed_without_their_secrets(database: AsyncEngine) -> None:
    tokens = SqlTokens(database, tenant())
    token_id, secret = await made(tokens, scopes=READ | {Scope.PEOPLE_READ}, expires_at=2e9)
    await tokens.revoke((await made(tokens))[0])
    live, ended = await tokens.every()
    assert (live.id, live.name, live.subject, live.client) == (
        token_id,
        "laptop",
        "ana",
        "inspector",
    )
    assert (live.scopes, live.expires_at) == (("people:read", "tickets:read"), 2e9)
    assert (live.revoked_at, ended.revoked_at is None) == (None, False)
    assert secret not in repr(live)


async def test_one_tenant_cannot_see_or_revoke_the_tokens_of_another(
    database: AsyncEngine,
) -> None:
    acme, globex = SqlTokens(database, tenant()), SqlTokens(database, tenant())
    token_id, secret = await made(acme)
    assert await globex.every() == []
    with pytest.raises(NotFound):
        await globex.revoke(token_id)
    assert await TokenDoor(database).principal(secret) is not None


async def test_a_token_is_revoked_once(database: AsyncEngine) -> None:
    tokens = SqlTokens(database, tenant())
    token_id, _ = await made(tokens)
    await tokens.revoke(token_id)
    with pytest.raises(NotFound):
        await tokens.revoke(token_id)


async def test_a_store_that_is_away_is_not_an_unknown_token(tmp_path: Path) -> None:
    async with opened("file", tmp_path) as database:
        async with database.begin() as transaction:
            await transaction.execute(text("DROP TABLE tokens"))
        with pytest.raises(Unavailable) as caught:
            await TokenDoor(database).principal("hdm_" + "x" * 43)
    assert caught.value.reason == "store"
