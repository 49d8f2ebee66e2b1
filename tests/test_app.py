"""The composition root: what is opened, with which limits, and what it answers to."""

from pathlib import Path

import pytest

from helpdesk_mcp import settings
from helpdesk_mcp.app import (
    STDIO,
    TENANT,
    App,
    addresses,
    open_store,
    opened,
    tokens,
)
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.audit import AuditQuery
from helpdesk_mcp.domain.desk import Tickets
from helpdesk_mcp.domain.errors import Denied, Invalid, RateLimited, Unavailable
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.audit import SqlAuditTrail


def configured(directory: Path, **given: object) -> Settings:
    url = f"sqlite+aiosqlite:///{directory}/app.sqlite3"
    return settings.load(None, **{"database_url": url, "helpdesk_base_url": "", **given})


def ask(tool: str, **arguments: object) -> Call:
    return Call(principal=STDIO, operation=tool, arguments=arguments, origin="stdio")


async def events(app: App) -> list[str]:
    trail = SqlAuditTrail(app.database, TENANT)
    return [f"{e.tool_name} {e.outcome}" async for e in trail.search(AuditQuery())]


class ReadingDesk(MemoryDesk):
    """A desk whose probe finds less than its class promises."""

    async def capabilities(self) -> frozenset[type]:
        return frozenset({Tickets})


class SleepingDesk(MemoryDesk):
    """A desk that is down when it is first asked."""

    async def capabilities(self) -> frozenset[type]:
        raise Unavailable("Down.", reason="unreachable")


async def test_a_write_through_everything_is_in_the_audit_trail(tmp_path: Path) -> None:
    async with opened(configured(tmp_path), MemoryDesk()) as app:
        await app.pipeline.run(ask("create_ticket", subject="Printer", queue="it"))
        assert await events(app) == ["create_ticket ok"]


async def test_a_read_is_in_the_audit_trail_when_everything_is_closed(tmp_path: Path) -> None:
    async with opened(configured(tmp_path), MemoryDesk()) as app:
        await app.pipeline.run(ask("get_queues"))
    async with opened(configured(tmp_path), MemoryDesk()) as app:
        assert await events(app) == ["get_queues ok"]


async def test_settings_make_it_read_only_and_switch_tools_off(tmp_path: Path) -> None:
    found = configured(tmp_path, read_only=True, tools_off=("get_queues",))
    async with opened(found, MemoryDesk()) as app:
        for tool, reason in (("add_note", "read_only"), ("get_queues", "switched_off")):
            with pytest.raises(Denied) as caught:
                await app.pipeline.run(ask(tool))
            assert caught.value.reason == reason


async def test_settings_limit_what_one_caller_may_do(tmp_path: Path) -> None:
    async with opened(configured(tmp_path, reads_per_minute=20), MemoryDesk()) as app:
        for _ in range(2):
            await app.pipeline.run(ask("get_queues"))
        with pytest.raises(RateLimited):
            await app.pipeline.run(ask("get_queues"))


async def test_what_the_desk_does_not_offer_is_not_visible(tmp_path: Path) -> None:
    async with opened(configured(tmp_path), ReadingDesk()) as app:
        visible = {operation.needs for operation in await app.pipeline.visible_to(STDIO)}
        assert visible == {Tickets, Toolbox}


async def test_a_desk_that_is_down_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    async with opened(configured(tmp_path), SleepingDesk()) as app:
        assert len(await app.pipeline.visible_to(STDIO)) > 10


async def test_what_fails_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    async def fail() -> None:
        async with opened(configured(tmp_path), MemoryDesk()):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()


async def test_without_a_desk_the_settings_to_set_are_named(tmp_path: Path) -> None:
    async def start() -> None:
        async with opened(configured(tmp_path)):
            raise NotImplementedError

    with pytest.raises(Invalid, match="HELPDESK_BASE_URL, HELPDESK_USERNAME and HELPDESK_PASSWORD"):
        await start()


async def test_a_configured_desk_that_is_down_is_offered_as_its_kind_promises(
    tmp_path: Path,
) -> None:
    found = configured(tmp_path, helpdesk_base_url="http://127.0.0.1:9/", helpdesk_token="t")
    async with opened(found) as app:
        [desk] = (await app.pipeline.desks(STDIO)).every
        assert (desk.name, desk.kind) == ("django-helpdesk", "django_helpdesk")
        assert Tickets in desk.offered


async def test_a_desk_without_a_credential_keeps_the_server_from_starting(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"django-helpdesk: Bad credential\. all: give username"):
        async with opened(configured(tmp_path, helpdesk_base_url="http://127.0.0.1:9/")):
            raise NotImplementedError


async def test_tokens_and_events_are_those_of_the_one_tenant(tmp_path: Path) -> None:
    async with open_store(configured(tmp_path)) as database:
        token_id, _ = await tokens(database).create(
            name="a", subject="ana", client="c", scopes=EVERY_SCOPE, expires_at=None
        )
        assert [token.id for token in await tokens(database).every()] == [token_id]
        assert [event async for event in SqlAuditTrail(database, TENANT).search(AuditQuery())] == []
    assert STDIO.tenant == TENANT


async def test_a_site_is_ready_when_store_and_desk_are(tmp_path: Path) -> None:
    async with opened(configured(tmp_path), MemoryDesk()) as app:
        assert callable(app.site(8001))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:8080"),  # noqa: S104 -- told, not bound
        ({"host": "::1"}, "http://[::1]:8080"),
        ({"public_url": "https://mcp.example.org/"}, "https://mcp.example.org"),
    ],
    ids=["usual", "everywhere", "IPv6", "public"],
)
def test_the_public_address_is_configured_and_never_guessed_from_a_request(
    tmp_path: Path, given: dict[str, str], url: str
) -> None:
    assert addresses(configured(tmp_path, **given), 8080).url == url


def test_this_machine_and_the_public_name_are_allowed_hosts(tmp_path: Path) -> None:
    found = configured(tmp_path, public_url="https://mcp.example.org:8443/x")
    assert addresses(found, 80).hosts == (
        "127.0.0.1:80",
        "localhost:80",
        "[::1]:80",
        "mcp.example.org:8443",
    )
