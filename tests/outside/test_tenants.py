"""T-cases from outside: many organisations at once, and doors that are not theirs."""

import json
import random
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.oauth.client import Registered
from tests.oauth.harness import Tokens, World
from tests.outside.server import running
from tests.outside.town import Ground

from helpdesk_mcp.crypto.keyring import Keyring, parse_keys
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.domain.tenants import Connection, Tenant
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenants import SqlTenants
from helpdesk_mcp.stores.tokens import SqlTokens

DATABASES = ("sqlite", "postgresql")
TENANTS = 50
TASKS = {"sqlite": 200, "postgresql": 500}
"""Fewer where one writes at a time, and no connection was another tenant's before."""
CANCELLED = 3  # of ten
DRAFT = {"subject": "Printer", "queue": "IT Support"}
WORK = {"scope": "tickets:read tickets:write"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Organisations with a token each: `tokens` and `slugs` by the tenant's id."""

    world: World
    above: AsyncEngine
    tasks: int
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    slugs: dict[str, str] = field(default_factory=dict[str, str])
    token_ids: dict[str, str] = field(default_factory=dict[str, str])

    async def settle(self, database: AsyncEngine, keys: Keyring, slug: str) -> None:
        tenant = await SqlTenants(database).add(Tenant(id="", slug=slug, name=slug))
        desk = Connection(
            id="", tenant=tenant.id, name="it", kind="memory", address="", is_default=True
        )
        await SqlConnections(database, tenant.id, keys).add(desk, {})
        token_id, secret = await SqlTokens(database, tenant.id).create(
            name="crowd", subject="job", client="tests", scopes=EVERY_SCOPE, expires_at=None
        )
        self.tokens[tenant.id], self.slugs[tenant.id] = secret, slug
        self.token_ids[token_id] = tenant.id


@pytest.fixture(params=DATABASES)
async def crowd(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Crowd]:
    with ExitStack() as stack:
        ground = await Ground.on(request.param, tmp_path_factory.mktemp("crowd"), stack)
        database, above = open_database(ground.url), open_database(ground.above)
        try:
            async with running(ground) as world:
                crowd = Crowd(world=world, above=above, tasks=TASKS[request.param])
                for number in range(TENANTS):
                    keys = parse_keys(ground.master_key)
                    await crowd.settle(database, keys, f"crowd{number:02d}x")
                yield crowd
        finally:
            await database.dispose()
            await above.dispose()


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
        for _ in range(crowd.tasks):
            patience = dice.uniform(0, 2) if dice.randrange(10) < CANCELLED else 90
            tasks.start_soon(task, dice.choice(tenants), patience)

    assert len(seen) > crowd.tasks // 2
    for tenant, body in seen:
        assert crowd.slugs[tenant] in body
        assert not any(slug in body for other, slug in crowd.slugs.items() if other != tenant)
    await _each_event_is_its_tenants(crowd)


async def _each_event_is_its_tenants(crowd: Crowd) -> None:
    async with crowd.above.connect() as reader:
        rows = (await reader.execute(select(audit))).mappings().all()
    owners = {row["id"]: row["tenant"] for row in rows}
    of_tokens = [row for row in rows if row["token_id"] in crowd.token_ids]
    assert len(of_tokens) > crowd.tasks
    assert all(crowd.token_ids[row["token_id"]] == row["tenant"] for row in of_tokens)
    crowd.world.log.seek(0)
    lines = [json.loads(line) for line in crowd.world.log.read().splitlines() if line]
    calls = [line for line in lines if line.get("event") == "call" and line["call"] in owners]
    assert calls
    assert all(owners[line["call"]] == line["tenant"] for line in calls)


async def test_t02_a_caller_cannot_name_a_tenant(world: World) -> None:
    """In arguments it is no parameter; in the query, a header or `_meta` nobody looks for it."""
    acme, globex = await of_both(world)
    other = world.tenants["globex"]
    for arguments in ({"tenant": other}, {"tenant_id": other}):
        answer = await world.call(acme.access, "list_tickets", **arguments)
        document = json.loads(answer.body)
        assert "error" in document or document["result"]["isError"]
    await world.call(globex.access, "create_ticket", **{**DRAFT, "subject": "Only of Globex"})
    for name in ("tenant", "tenant_id", "X-Tenant-Id"):
        answer = await world.http.get(
            f"{world.issuer}/tickets",
            params={} if name.startswith("X-") else {name: other},
            headers={"Authorization": f"Bearer {acme.access}", "X-Tenant-Id": other},
        )
        assert "Only of Globex" not in answer.text, name
        assert answer.status_code in {200, 400, 422}, name


async def test_t04_a_person_of_two_tenants_has_a_grant_for_each(world: World) -> None:
    client = await world.oauth.register()
    acme, globex = await of_both(world, client)
    made = await world.call(acme.access, "create_ticket", **{**DRAFT, "subject": "Only of Acme"})
    assert (made.status, "Only of Acme" in made.body.decode()) == (200, True)
    again = Tokens.of(await world.oauth.refresh(client, globex.refresh))
    for token in (globex.access, again.access):
        assert "Only of Acme" not in (await world.call(token, "list_tickets")).body.decode()
    assert "Only of Acme" in (await world.call(acme.access, "list_tickets")).body.decode()
    # No refresh token is shared: the end of one grant is none of the other's.
    assert (await world.oauth.revoke(client, acme.refresh)).status == 200
    assert (await world.oauth.refresh(client, acme.refresh)).error == "invalid_grant"
    Tokens.of(await world.oauth.refresh(client, again.refresh))


async def of_both(world: World, client: Registered | None = None) -> list[Tokens]:
    """Return tokens of one person, for one client, in each of two organisations."""
    client = client or await world.oauth.register()
    return [
        await world.tokens(world.oauth.ask(client, **WORK), person=f"both@{slug}")
        for slug in ("acme", "globex")
    ]


async def test_t15_a_cursor_leads_nowhere_in_another_organisation(
    world: World,
) -> None:
    acme, globex = await of_both(world)
    for tokens in (acme, globex, acme, globex):
        await world.call(tokens.access, "create_ticket", **DRAFT)
    first = json.loads((await world.call(acme.access, "list_tickets", page_size=1)).body)
    more: dict[str, Any] = {
        "page_size": 1,
        "cursor": first["result"]["structuredContent"]["next_cursor"],
    }
    refused = json.loads((await world.call(globex.access, "list_tickets", **more)).body)
    assert refused["result"]["isError"]
    assert "This cursor is not one of ours" in json.dumps(refused)
    followed = json.loads((await world.call(acme.access, "list_tickets", **more)).body)
    assert followed["result"]["structuredContent"]["shown"] == 1


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
