"""T05: an organisation is suspended while a call of its, and a stream, are under way."""

import json
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import anyio
import pytest
from tests.desks.servers import RawServer, saying, silence
from tests.oauth.client import Answer
from tests.oauth.harness import Tokens, World
from tests.outside.server import running
from tests.outside.town import Ground

from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.desks import opener, underway
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.oauth import door
from helpdesk_mcp.stores import tenants
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.web import identity

DRAFT = {"subject": "Printer", "queue": "IT Support"}


def test_t05_what_is_known_of_a_tenant_and_the_look_at_it_are_five_seconds_at_most() -> None:
    assert opener.FRESH + underway.LOOK < 5
    assert max(tenants.FRESH, door.REMEMBERED) + identity.LOOK <= 5


@pytest.fixture
async def desk() -> AsyncGenerator[RawServer]:
    async with saying(silence) as server:
        yield server


@pytest.fixture
async def place(
    tmp_path: Path, desk: RawServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[World]:
    for module, name in (
        (opener, "FRESH"),
        (underway, "LOOK"),
        (tenants, "FRESH"),
        (identity, "LOOK"),
        (door, "REMEMBERED"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name) / 40)
    monkeypatch.setattr(opener, "PROBE", 0.01)
    ground = await Ground.on_sqlite(tmp_path)
    database = open_database(ground.url)
    slow = Connection(
        id="",
        tenant="",
        name="slow",
        kind="django_helpdesk",
        address=desk.url,
        settings={"timeout": 30},
        is_default=True,
    )
    ring = parse_keys(ground.master_key)
    book = SqlConnections(database, ground.tenants["initech"], ring)
    await book.add(slow, {"token": "t"})
    await database.dispose()
    async with running(ground, desk_networks=("127.0.0.0/8",)) as made:
        yield made


async def signed_in(place: World) -> Tokens:
    asked = await place.begun(scope="tickets:read tickets:write offline_access")
    return await place.tokens(asked, person="zoe")


async def test_t05_a_running_call_of_a_suspended_organisation_is_stopped(
    place: World, desk: RawServer
) -> None:
    client = await place.oauth.register()
    asked = place.oauth.ask(client, scope="tickets:read tickets:write offline_access")
    tokens = await place.tokens(asked, person="zoe")
    answers: dict[str, Answer] = {}

    async def call(tool: str, **arguments: str) -> None:
        answers[tool] = await place.call(tokens.access, tool, **arguments)

    assert place.suspend is not None
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(call, "list_tickets", desk="slow"))
            await desk.busy.wait()
            await place.suspend("initech")
    [answer] = answers.values()
    failure = json.loads(answer.body)["result"]["structuredContent"]["error"]
    assert (failure["code"], failure["reason"]) == ("denied", "suspended")
    with anyio.fail_after(5):
        while (await place.call(tokens.access)).status != 401:
            pass
    refused = await place.oauth.refresh(client, tokens.refresh)
    assert (refused.status, refused.error) == (400, "invalid_grant")


async def test_t05_a_stream_of_a_suspended_organisation_is_closed(place: World) -> None:
    tokens = await signed_in(place)
    headers = {"Authorization": f"Bearer {tokens.access}", "Accept": "text/event-stream"}
    assert place.suspend is not None
    with anyio.fail_after(5):
        async with place.http.stream("GET", place.resource, headers=headers) as stream:
            assert stream.status_code == 200
            await place.suspend("initech")
            said = [line async for line in stream.aiter_lines()]
    assert said[0].startswith("event: endpoint")
