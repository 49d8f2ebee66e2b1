"""Several desks over HTTP, as REST and as MCP: `?desk=`, ids with their desk, and resources."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceTemplateReference
from tests.web.rest_harness import refused, serving

from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.domain.tenants import Connection

NEW = {"queue": "it", "requester": "eva@example.com"}


def desk(name: str) -> Configured:
    connection = Connection(id=name, tenant="default", name=name, kind="memory", address="")
    return Configured(connection=connection)


@pytest.fixture(scope="module")
def served() -> Generator[tuple[str, str]]:
    """Serve two desks, each with a ticket 1 that says whose it is."""
    with serving(None, desks=(desk("it"), desk("hr"))) as (url, token):
        headers = {"Authorization": f"Bearer {token}"}
        for name in ("it", "hr"):
            body = {**NEW, "subject": name}
            made = httpx2.post(f"{url}/tickets?desk={name}", json=body, headers=headers)
            assert made.json()["ticket_id"] == f"{name}:1"
        yield url, token


@pytest.fixture
async def http(served: tuple[str, str]) -> AsyncGenerator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {served[1]}"}
    async with httpx2.AsyncClient(base_url=served[0], headers=headers, timeout=30) as client:
        yield client


async def opened(http: httpx2.AsyncClient, name: str) -> str:
    """Open a ticket and return its number, without the desk."""
    made = await http.post(f"/tickets?desk={name}", json={**NEW, "subject": "New"})
    where, _, number = made.json()["ticket_id"].partition(":")
    assert (made.status_code, made.json()["desk"], where) == (201, name, name)
    assert made.headers["location"].endswith(f"/tickets/{name}%3A{number}")
    return number


@asynccontextmanager
async def connected(http: httpx2.AsyncClient) -> AsyncGenerator[Client]:
    async with Client(streamable_http_client(f"{http.base_url}/mcp", http_client=http)) as client:
        yield client


async def test_a_query_says_which_desk_every_kind_of_request_means(
    http: httpx2.AsyncClient,
) -> None:
    number = await opened(http, "hr")
    found = (await http.get(f"/tickets/hr%3A{number}")).json()
    assert (found["desk"], found["subject"]) == ("hr", "New")
    read = (await http.get("/tickets/1?desk=HR")).json()
    assert (read["id"], read["subject"]) == ("hr:1", "hr")
    assert (await http.get("/tickets/1")).json()["id"] == "it:1"
    changed = await http.patch(f"/tickets/{number}?desk=hr", json={"priority": "High"})
    assert changed.json()["ticket_id"] == f"hr:{number}"
    listed = (await http.get("/tickets?desk=hr")).json()
    assert {row["id"] for row in listed["tickets"]} >= {"hr:1", f"hr:{number}"}
    assert listed["desk"] == "hr"
    everywhere = (await http.get("/tickets")).json()
    assert {row["desk"] for row in everywhere["tickets"]} == {"it", "hr"}


async def test_an_address_may_name_the_desk_in_the_id(http: httpx2.AsyncClient) -> None:
    ticket = f"/tickets/hr:{await opened(http, 'hr')}"
    etag = (await http.get(ticket)).headers["etag"]
    kept = await http.patch(ticket, json={"priority": "Low"}, headers={"If-Match": etag})
    assert kept.status_code == 200
    closed = await http.post(f"{ticket}/close", json={"resolution": "Done"})
    assert closed.json()["ticket_id"] == ticket.removeprefix("/tickets/")
    assert (await http.get(ticket)).json()["status"] == "Closed"


async def test_a_request_that_leaves_the_desk_open_or_names_anothers_is_refused(
    http: httpx2.AsyncClient,
) -> None:
    close = {"resolution": "Done"}
    for path in ("/tickets/1/close", "/tickets/it:1/close?desk=hr"):
        answer = refused(await http.post(path, json=close), 422)
        assert answer["reason"] == "ambiguous_desk"
    twice = await http.post("/tickets/1/close?desk=hr", json={**close, "desk": "hr"})
    assert refused(twice, 422)["reason"] == "arguments"
    for path in ("/tickets/1?desk=nowhere", "/tickets/nowhere:1", "/tickets?desk=nowhere"):
        unknown = refused(await http.get(path), 404)
        assert unknown["reason"] == "unknown_desk"
        assert "it, hr" in unknown["detail"]
    for name in ("it", "hr"):
        assert (await http.get(f"/tickets/{name}:1")).json()["status"] == "Open"


async def test_resources_of_a_desk_are_read_over_http(http: httpx2.AsyncClient) -> None:
    async with connected(http) as client:
        listed = (await client.list_resource_templates()).resource_templates
        wanted = {"ticket://{ticket_id}", "ticket://{desk}/{ticket_id}"}
        assert wanted <= {template.uri_template for template in listed}
        for uri, ticket in (
            ("ticket://hr/1", "hr:1"),
            ("ticket://it/1", "it:1"),
            ("ticket://hr:1", "hr:1"),
            ("ticket://hr/hr:1", "hr:1"),
            ("ticket://1", "it:1"),
            ("ticket://hr/1/conversation", "No more."),
            ("queue://hr/it", "hr:1"),
        ):
            [contents] = (await client.read_resource(uri)).contents
            assert contents.mime_type == "text/markdown"
            assert ticket in getattr(contents, "text", "")
        queues = [str(one.uri) for one in (await client.list_resources()).resources]
        assert {uri.split("/")[2] for uri in queues} == {"it", "hr"}


async def test_a_resource_of_no_desk_of_ones_own_is_an_error_that_names_it(
    http: httpx2.AsyncClient,
) -> None:
    async with connected(http) as client:
        for uri in ("ticket://nowhere/1", "ticket://hr/404", "ticket://hr/it:1"):
            with pytest.raises(MCPError) as error:
                await client.read_resource(uri)
            assert error.value.error.data["uri"] == uri


async def test_what_is_completed_after_a_desk_is_of_that_desk(http: httpx2.AsyncClient) -> None:
    number = await opened(http, "hr")
    of_a_ticket = ResourceTemplateReference(type="ref/resource", uri="ticket://{desk}/{ticket_id}")
    async with connected(http) as client:

        async def values(name: str, typed: str, desk: str | None = None) -> list[str]:
            chosen = {"desk": desk} if desk else None
            argument = {"name": name, "value": typed}
            done = await client.complete(of_a_ticket, argument, context_arguments=chosen)
            return done.completion.values

        assert await values("desk", "") == ["it", "hr"]
        assert number in await values("ticket_id", number, "hr")
        assert f"hr:{number}" in await values("ticket_id", "hr:")
        assert await values("ticket_id", "", "nowhere") == []
        queues = await values("queue", "")
        assert len(queues) == len(set(queues))
        assert await values("queue", "", "hr") == queues


async def test_a_tool_over_http_takes_a_desk_and_ids_with_their_desk(
    http: httpx2.AsyncClient,
) -> None:
    async with connected(http) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["get_ticket"].input_schema["properties"]["desk"]["enum"] == ["it", "hr"]
        for given in ({"ticket_id": "hr:1"}, {"ticket_id": "1", "desk": "hr"}):
            read = await client.call_tool("get_ticket", given)
            assert (read.structured_content or {})["id"] == "hr:1"
