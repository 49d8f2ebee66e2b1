"""T-cases from outside: many organisations at once, and doors that are not theirs."""

import json
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.oauth.harness import World
from tests.outside.server import running
from tests.outside.town import Ground

from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.domain.tenants import Connection, Tenant
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.tokens import SqlTokens

TENANTS = 50
TASKS = 500
CANCELLED = 3  # of ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Organisations with a token each: `tokens` and `slugs` by the tenant's id."""

    world: World
    database: AsyncEngine
    tokens: dict[str, str]
    slugs: dict[str, str]
    token_ids: dict[str, str]


@pytest.fixture
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Crowd]:
    ground = await Ground.on_sqlite(tmp_path_factory.mktemp("crowd"))
    database = open_database(ground.url)
    tokens: dict[str, str] = {}
    slugs: dict[str, str] = {}
    token_ids: dict[str, str] = {}
    for number in range(TENANTS):
        slug = f"crowd{number:02d}x"
        tenant = await SqlTenants(database).add(Tenant(id="", slug=slug, name=slug))
        desk = Connection(
            id="", tenant=tenant.id, name="it", kind="memory", address="", is_default=True
        )
        connections = SqlConnections(database, tenant.id, parse_keys(ground.master_key))
        await connections.add(desk, {})
        token_id, secret = await SqlTokens(database, tenant.id).create(
            name="crowd", subject="job", client="tests", scopes=EVERY_SCOPE, expires_at=None
        )
        tokens[tenant.id], slugs[tenant.id], token_ids[token_id] = secret, slug, tenant.id
    try:
        async with running(ground) as world:
            yield Crowd(
                world=world, database=database, tokens=tokens, slugs=slugs, token_ids=token_ids
            )
    finally:
        await database.dispose()


async def test_t12_five_hundred_tasks_of_fifty_tenants_leak_nothing(crowd: Crowd) -> None:
    dice = random.Random(12)  # noqa: S311 -- the same crowd at every run
    seen: list[tuple[str, str]] = []

    async def task(tenant: str, patience: float) -> None:
        with anyio.move_on_after(patience):
            draft = {"subject": crowd.slugs[tenant], "queue": "IT Support"}
            await crowd.world.call(crowd.tokens[tenant], "create_ticket", **draft)
            answer = await crowd.world.call(crowd.tokens[tenant], "list_tickets")
            seen.append((tenant, answer.body.decode()))

    tenants = list(crowd.tokens)
    async with anyio.create_task_group() as tasks:
        for _ in range(TASKS):
            patience = dice.uniform(0, 2) if dice.randrange(10) < CANCELLED else 90
            tasks.start_soon(task, dice.choice(tenants), patience)

    assert len(seen) > TASKS // 2
    for tenant, body in seen:
        assert crowd.slugs[tenant] in body
        assert not any(slug in body for other, slug in crowd.slugs.items() if other != tenant)
    await _each_event_is_its_tenants(crowd)


async def _each_event_is_its_tenants(crowd: Crowd) -> None:
    async with crowd.database.connect() as reader:
        rows = (await reader.execute(select(audit))).mappings().all()
    owners = {row["id"]: row["tenant"] for row in rows}
    of_tokens = [row for row in rows if row["token_id"] in crowd.token_ids]
    assert len(of_tokens) > TASKS
    assert all(crowd.token_ids[row["token_id"]] == row["tenant"] for row in of_tokens)
    crowd.world.log.seek(0)
    lines = [json.loads(line) for line in crowd.world.log.read().splitlines() if line]
    calls = [line for line in lines if line.get("event") == "call" and line["call"] in owners]
    assert calls
    assert all(owners[line["call"]] == line["tenant"] for line in calls)


async def test_t03_no_tenant_has_a_door_of_its_own(world: World) -> None:
    tokens = await world.tokens(await world.begun())
    for slug in ("acme", "globex", world.tenants["globex"]):
        for path in (f"/{slug}/mcp", f"/t/{slug}/mcp", f"/mcp/{slug}"):
            answer = await world.call(tokens.access, at=world.issuer + path)
            assert answer.status in {401, 404}, path


async def test_t08_ids_that_look_like_other_keys_are_only_unknown(world: World) -> None:
    tokens = await world.tokens(await world.begun())
    for ticket in (f"{world.tenants['globex']}:1", "*", "1\n2", "../1", "1%2f2", "\u2215"):
        answer = await world.call(tokens.access, "get_ticket", ticket_id=ticket)
        assert json.loads(answer.body)["result"]["isError"]
