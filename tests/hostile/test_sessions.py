"""M29, M30, M37: what clients could hold open, with sessions for older revisions switched on."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import anyio
import pytest
from tests.hostile.messages import OLD, Document, Lines, Reply, call, message
from tests.hostile.old_stream import HELLO, old_stream
from tests.hostile.stack import SEED, Case, Stack, WatchedDesk, running, together

from helpdesk_mcp.web.site import SiteOptions

FORGED = ["0" * 32, "x", "../../etc/passwd", "' or 1=1", "x" * 10_000]

MOST_HELD = SiteOptions(public_url="", allowed_hosts=()).sessions_per_token


@pytest.fixture(scope="module")
async def stack(
    desk: WatchedDesk, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stack]:
    async with running(tmp_path_factory.mktemp("sessions"), desk, legacy_sessions=True) as it:
        yield it


async def greeted(case: Case, token: str | None = None) -> Reply:
    hello: Document = {**HELLO[0]}
    hello["params"] = {**HELLO[0]["params"], "protocolVersion": OLD}
    return await case.ask(hello, revision=OLD, token=token)


async def session(case: Case, token: str | None = None) -> str:
    """Open a session as `token` and return its id."""
    reply = await greeted(case, token)
    assert reply.status == 200
    return reply.header("mcp-session-id") or ""


async def asked(
    case: Case, id_: str, document: Document | None = None, token: str | None = None
) -> Reply:
    given = document or call("create_ticket", SEED, revision=OLD)
    return await case.ask(given, revision=OLD, token=token, headers={"Mcp-Session-Id": id_})


async def end(case: Case, id_: str, token: str | None = None) -> Reply:
    return await case.send("DELETE", "/mcp", _lines(case, id_, token))


def _lines(case: Case, id_: str, token: str | None = None) -> Lines:
    return [
        ("Authorization", f"Bearer {token or case.stack.token}"),
        ("Accept", "application/json, text/event-stream"),
        ("MCP-Protocol-Version", OLD),
        ("Mcp-Session-Id", id_),
    ]


@pytest.mark.parametrize("id_", FORGED, ids=lambda id_: id_[:20])
async def test_m29_a_forged_session_is_not_found(case: Case, id_: str) -> None:
    assert (await asked(case, id_)).status == 404
    assert (await end(case, id_)).status == 404
    assert (await case.send("GET", "/mcp", _lines(case, id_))).status == 404


async def test_m29_a_session_of_another_caller_is_answered_as_one_that_is_not_there(
    case: Case,
) -> None:
    eve = await case.stack.token_for(subject="eve")
    same_person = await case.stack.token_for(subject="tester")
    id_ = await session(case)
    for token in (eve, same_person):
        foreign, forged = await asked(case, id_, token=token), await asked(case, "0" * 32)
        assert (foreign.status, foreign.body) == (forged.status, forged.body) == (404, forged.body)
        assert (await end(case, id_, token)).status == 404
        assert (await case.send("GET", "/mcp", _lines(case, id_, token))).status == 404
    alive = await asked(case, id_, message("tools/list", revision=OLD))
    assert alive.status == 200
    assert (await end(case, id_)).status == 200


async def test_m29_a_session_that_ended_is_not_found(case: Case) -> None:
    id_ = await session(case)
    assert (await end(case, id_)).status == 200
    assert (await asked(case, id_)).status == 404


async def test_m29_two_session_ids_are_not_a_choice(case: Case) -> None:
    id_ = await session(case)
    lines = [*_lines(case, "0" * 32), ("Mcp-Session-Id", id_), ("Content-Type", "application/json")]
    reply = await case.send("POST", "/mcp", lines, b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
    assert reply.status in {400, 404}
    await end(case, id_)


async def test_m29_a_stream_of_2024_takes_messages_of_its_own_caller_only(case: Case) -> None:
    eve = await case.stack.token_for(subject="eve")
    async with old_stream(case) as stream:
        foreign = await stream.post(call("create_ticket", SEED, revision=OLD), token=eve)
        assert foreign.status == 404
    with anyio.fail_after(10):
        while (await stream.post(message("ping", revision=OLD))).status != 404:  # noqa: ASYNC110 -- what is waited for is seen, not told
            await anyio.sleep(0.01)  # until the server has seen that the stream is closed
    assert (await stream.post(call("create_ticket", SEED, revision=OLD))).status == 404
    for path in (
        "/mcp/messages",
        "/mcp/messages?session_id=x",
        "/mcp/messages?session_id=" + "0" * 32,
    ):
        reply = await case.ask(call("create_ticket", SEED, revision=OLD), revision=OLD, path=path)
        assert reply.status in {400, 404}


async def test_m30_a_caller_may_hold_so_many_sessions_and_others_are_not_affected(
    case: Case,
) -> None:
    greedy, other = [await case.stack.token_for(subject=name) for name in ("greedy", "other")]
    ids = [await session(case, greedy) for _ in range(MOST_HELD)]
    for _ in range(20):
        refused = await greeted(case, greedy)
        assert refused.status == 429
        assert refused.header("retry-after") is not None
    assert (await end(case, await session(case, other), other)).status == 200
    assert (await end(case, ids.pop(), greedy)).status == 200
    ids.append(await session(case, greedy))
    await together(*(lambda id_=id_: end(case, id_, greedy) for id_ in ids))


async def test_m30_a_refused_opening_leaves_no_session(case: Case) -> None:
    token = await case.stack.token_for(subject="clumsy")
    for _ in range(MOST_HELD + 5):
        reply = await case.ask(message("tools/list", revision=OLD), revision=OLD, token=token)
        assert reply.status == 400
    assert (await end(case, await session(case, token), token)).status == 200


async def test_m30_a_caller_may_hold_so_many_streams_of_2024(case: Case) -> None:
    greedy, other = [await case.stack.token_for(subject=name) for name in ("greedy", "other")]
    lines = [("Authorization", f"Bearer {greedy}"), ("Accept", "text/event-stream")]
    async with AsyncExitStack() as streams:
        for _ in range(MOST_HELD):
            await streams.enter_async_context(old_stream(case, greedy))
        refused = await case.send("GET", "/mcp", lines)
        assert (refused.status, refused.header("retry-after")) == (429, "60")
        await streams.enter_async_context(old_stream(case, other))
    with anyio.fail_after(10):
        async with old_stream(case, greedy) as again:
            assert again.path
