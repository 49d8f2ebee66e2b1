"""M01-M04: who may call at all, and with which rights."""

import time
from pathlib import Path

import pytest
from tests.hostile.messages import REVISIONS, call, message
from tests.hostile.stack import SEED, Case, until

from helpdesk_mcp.app import open_store, tokens
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.settings import load
from helpdesk_mcp.tools.catalog import TOOLS

READ_ONLY = frozenset({Scope.TICKETS_READ})
QUEUES = call("get_queues")
DOORS = ("/mcp", "/mcp/", "/mcp/messages", "/tickets")


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("given", [None, "Basic bWFsbG9yeTpDQU5BUlk=", "", "Token x", "hdm_x"])
async def test_m01_without_a_bearer_token_nothing_is_said_of_an_invalid_one(
    case: Case, path: str, given: str | None
) -> None:
    reply = await case.ask(QUEUES, path=path, headers={"Authorization": given})
    assert reply.status == 401
    challenge = reply.header("www-authenticate") or ""
    assert challenge.startswith("Bearer ")
    assert "error=" not in challenge
    assert 'scope="' in challenge
    url = f"http://127.0.0.1:{case.stack.port}/.well-known/oauth-protected-resource/mcp"
    assert f'resource_metadata="{url}"' in challenge


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("hdm_" + "A" * 43, id="unknown"),
        pytest.param("hdm_short", id="too short"),
        pytest.param("hdm_" + "A" * 9_000, id="too long"),
        pytest.param("hdm_" + "A" * 42 + "' or 1=1 --", id="SQL"),
        pytest.param("hdm_" + "A" * 43 + " " + "hdm_" + "A" * 43, id="two in one"),
        pytest.param("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", id="an unsigned JWT"),
    ],
)
async def test_m01_a_token_that_is_not_good_is_refused_as_invalid(
    case: Case, path: str, token: str
) -> None:
    reply = await case.ask(QUEUES, path=path, headers={"Authorization": f"Bearer {token}".strip()})
    assert reply.status == 401
    assert 'error="invalid_token"' in (reply.header("www-authenticate") or "")


async def test_m01_a_token_of_bytes_that_are_no_text_is_refused(case: Case) -> None:
    lines = [("Content-Type", "application/json")]
    answer = await case.stack.http.post(
        "/mcp", headers=[*(map(_bytes, lines)), (b"Authorization", b"Bearer hdm_\xff\xfe")]
    )
    assert answer.status_code == 401


async def test_m01_two_authorization_headers_are_a_bad_request(case: Case) -> None:
    bearer = ("Authorization", f"Bearer {case.stack.token}")
    reply = await case.send("POST", "/mcp", [bearer, bearer], b"{}")
    assert reply.status == 400
    assert 'error="invalid_request"' in (reply.header("www-authenticate") or "")


async def test_m01_a_token_stops_working_at_its_end(case: Case) -> None:
    token = await case.stack.token_for(expires_at=time.time() + 0.5)
    assert (await case.ask(QUEUES, token=token)).status == 200
    case.attempts("get_queues", "ok")
    expired = time.time() + 0.5
    await until(lambda: time.time() > expired)
    assert (await case.ask(QUEUES, token=token)).status == 401


async def test_m01_an_expired_and_a_revoked_token_are_refused(case: Case) -> None:
    expired = await case.stack.token_for(expires_at=time.time() - 1)
    store = tokens(case.stack.app.database)
    token_id, revoked = await store.create(
        name="revoked", subject="eve", client="x", scopes=EVERY_SCOPE, expires_at=None
    )
    await store.revoke(token_id)
    for token in (expired, revoked):
        reply = await case.ask(QUEUES, token=token)
        assert reply.status == 401
        assert 'error="invalid_token"' in (reply.header("www-authenticate") or "")


async def test_m02_a_token_in_the_query_is_no_token_and_is_not_logged(case: Case) -> None:
    for name in ("access_token", "token", "access%5Ftoken"):
        path = f"/mcp?{name}={case.stack.token}"
        reply = await case.ask(QUEUES, path=path, headers={"Authorization": None})
        assert reply.status == 401
        assert "error=" not in (reply.header("www-authenticate") or "")


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("tool", [t for t in TOOLS if t.scopes], ids=lambda tool: tool.name)
async def test_m03_a_tool_without_its_scopes_is_forbidden_and_the_scopes_are_named(
    case: Case, tool: object, revision: str
) -> None:
    operation = next(known for known in TOOLS if known is tool)
    token = await case.stack.token_for(())
    reply = await case.ask(call(operation.name, revision=revision), token=token, revision=revision)
    case.attempts(operation.name, "denied")
    assert (reply.status, reply.code) == (403, 4030)
    assert reply.document["id"] == 1
    challenge = reply.header("www-authenticate") or ""
    assert 'error="insufficient_scope"' in challenge
    assert f'scope="{" ".join(sorted(operation.scopes))}"' in challenge
    assert "resource_metadata=" in challenge


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("name", ["close_ticket", "get_queues", "bulk_close_tickets"])
async def test_m03_a_tool_that_another_tool_runs_needs_its_own_scopes(
    case: Case, name: str, revision: str
) -> None:
    [scopes] = [tool.scopes for tool in TOOLS if tool.name == name]
    token = await case.stack.token_for(())
    wrapped = call("run_tool", {"name": name, "arguments": {}}, revision=revision)
    reply = await case.ask(wrapped, token=token, revision=revision)
    case.attempts(name, "denied")
    assert (reply.status, reply.code) == (403, 4030)
    assert f'scope="{" ".join(sorted(scopes))}' in (reply.header("www-authenticate") or "")


async def test_m03_half_of_the_scopes_are_not_enough(case: Case) -> None:
    token = await case.stack.token_for({Scope.TICKETS_READ, Scope.TICKETS_WRITE})
    arguments = {"ticket_id": "1", "text": "Hello"}
    reply = await case.ask(call("reply_to_requester", arguments), token=token)
    case.attempts("reply_to_requester", "denied")
    assert reply.status == 403
    assert 'scope="replies:send tickets:write"' in (reply.header("www-authenticate") or "")


async def test_m03_rest_asks_for_the_same_scopes(case: Case) -> None:
    token = await case.stack.token_for(READ_ONLY)
    reply = await case.ask(SEED, token=token, path="/tickets")
    case.attempts("create_ticket", "denied")
    assert reply.status == 403
    assert 'scope="tickets:write"' in (reply.header("www-authenticate") or "")


@pytest.mark.parametrize("revision", REVISIONS)
async def test_m03_tools_and_resources_out_of_reach_are_not_even_listed(
    case: Case, revision: str
) -> None:
    token = await case.stack.token_for({Scope.KNOWLEDGE_READ})

    async def listed(method: str) -> list[dict[str, object]]:
        asked = message(method, revision=revision)
        reply = await case.ask(asked, token=token, revision=revision)
        return next(v for k, v in reply.result.items() if k == _LISTS[method])

    names = [tool["name"] for tool in await listed("tools/list")]
    assert names == ["search_knowledge_base", "search_tools", "run_tool"]
    assert await listed("resources/list") == []
    templates = await listed("resources/templates/list")
    assert [kind["uriTemplate"] for kind in templates] == ["kb://{article_id}"]


async def test_m04_a_token_of_another_deployment_is_invalid_here(
    case: Case, tmp_path: Path
) -> None:
    elsewhere = load(None, database_url=f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    async with open_store(elsewhere) as database:
        _, token = await tokens(database).create(
            name="x", subject="tester", client="x", scopes=EVERY_SCOPE, expires_at=None
        )
    case.forbidden.add(token)
    reply = await case.ask(QUEUES, token=token)
    assert reply.status == 401
    assert 'error="invalid_token"' in (reply.header("www-authenticate") or "")


async def test_m04_there_is_one_resource_and_nothing_below_its_path(case: Case) -> None:
    metadata = await case.send("GET", "/.well-known/oauth-protected-resource/mcp")
    assert metadata.document["resource"] == f"http://127.0.0.1:{case.stack.port}/mcp"
    for path in ("/mcp/acme", "/acme/mcp", "/mcp/../mcp/acme"):
        assert (await case.ask(QUEUES, path=path)).status == 404


_LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}


def _bytes(line: tuple[str, str]) -> tuple[bytes, bytes]:
    return line[0].encode(), line[1].encode()
