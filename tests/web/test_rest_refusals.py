"""What the REST API refuses, and how: problems that say what to do and repeat nothing."""

import json

import pytest
from tests.web.rest_harness import refused, rest

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import (
    Conflict,
    Denied,
    HelpdeskError,
    Internal,
    NotFound,
    Unavailable,
    Written,
)
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.tickets import Ticket
from helpdesk_mcp.web.problems import status_of

JSON = {"Content-Type": "application/json"}


class FailingDesk(MemoryDesk):
    """A desk whose tickets cannot be read, for a reason that the test gives."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def ticket(self, ticket_id: str) -> Ticket:
        del ticket_id
        raise self._error


@pytest.mark.parametrize("technician", [7, "", " ", "x" * 201, None, ["alice"]])
async def test_a_technician_is_a_name(technician: object) -> None:
    async with rest() as site:
        body = {"technician": technician, "resolution": "Done."}
        answer = await site.http.post("/tickets/1/close", json=body)
        assert "`technician` is a name" in refused(answer, 422)["detail"]


@pytest.mark.parametrize(
    ("tag", "status"),
    [("W/" + '"2026-01-01"', 400), ("2026", 400), ('"a", "b"', 400), ('"a"', 412)],
)
async def test_an_etag_that_is_not_ours_changes_nothing(tag: str, status: int) -> None:
    async with rest() as site:
        at = f"/tickets/{await site.ticket()}"
        answer = await site.http.patch(at, json={"priority": "Low"}, headers={"If-Match": tag})
        refused(answer, status)
        assert (await site.http.get(at)).json()["priority"] == "Normal"


async def test_a_precondition_is_refused_where_it_would_be_ignored() -> None:
    async with rest() as site:
        at = f"/tickets/{await site.ticket()}"
        answer = await site.http.post(
            f"{at}/close", json={"resolution": "Done."}, headers={"If-Match": '"2026-01-01"'}
        )
        refused(answer, 400)
        assert (await site.http.get(at)).json()["status"] == "Open"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b'{"subject": NaN}', 400),
        (b'{"subject": "a", "subject": "b"}', 400),
        (b'{"subject": "a\\u0000"}', 400),
        (b'{"subject": "\\ud800"}', 400),
        (b'{"subject": "\xff"}', 400),
        (b"[" * 100 + b"]" * 100, 400),
        (b"[]", 422),
        (b'"subject"', 422),
        (b'{"subject": {}}', 422),
        (b'{"subject": "a", "colour": "red"}', 422),
        (b'{"subject": "a", "title": "b"}', 422),
        (b"{}", 422),
    ],
)
async def test_a_body_that_is_not_what_it_should_be_creates_nothing(
    body: bytes, status: int
) -> None:
    async with rest() as site:
        refused(await site.http.post("/tickets", content=body, headers=JSON), status)
        assert (await site.http.get("/tickets")).json()["total"] == 0


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
async def test_a_body_of_another_type_is_refused(media_type: str) -> None:
    async with rest() as site:
        answer = await site.http.post(
            "/tickets", content=b'{"subject": "a"}', headers={"Content-Type": media_type}
        )
        assert refused(answer, 415)["reason"] == "media_type"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/tickets?colour=red", 422),
        ("/tickets?page_size=26", 422),
        ("/tickets?status=Sleeping", 422),
        ("/tickets?assignee=me&assigned_to=alice", 422),
        ("/tickets?cursor=garbage", 422),
        ("/tickets?query=vpn", 422),
        ("/tickets/search", 422),
        ("/tickets/1?ticket_id=2", 422),
        ("/tickets/1?id=2", 422),
        ("/tickets/a%20b", 422),
        ("/tickets/%00", 400),
        ("/tickets?status=%00", 400),
        ("/tickets?status=%ff", 400),
        ("/tickets?" + "&".join("status=1" for _ in range(101)), 400),
        ("/articles", 422),
        ("/articles?article_id=1", 422),
        ("/articles/1?query=vpn", 422),
        ("/tickets/999", 404),
        ("/tickets/1/attachments/999", 404),
        ("/tickets/", 404),
        ("/nothing/here", 404),
    ],
)
async def test_an_address_that_asks_for_nothing_of_ours_is_refused(
    address: str, status: int
) -> None:
    async with rest() as site:
        await site.ticket()
        refused(await site.http.get(address), status)


async def test_a_query_beside_a_body_and_a_body_beside_a_get_are_refused() -> None:
    async with rest() as site:
        refused(await site.http.post("/tickets?queue=it", json={"subject": "a"}), 422)
        refused(await site.http.request("GET", "/tickets", json={"status": "Open"}), 400)
        assert (await site.http.get("/tickets")).json()["total"] == 0


async def test_the_path_decides_which_ticket_is_meant() -> None:
    async with rest() as site:
        number = await site.ticket()
        body = {"text": "For another ticket", "ticket_id": "99"}
        answer = await site.http.post(f"/tickets/{number}/notes", json=body)
        assert "in the address" in refused(answer, 422)["detail"]


async def test_another_method_is_told_which_there_are() -> None:
    async with rest() as site:
        answer = await site.http.delete("/tickets/1")
        assert refused(answer, 405)["reason"] == "method"
        assert answer.headers["allow"] == "GET, HEAD, PATCH"
        assert (await site.http.post("/docs")).headers["allow"] == "GET, HEAD"


async def test_a_scope_that_is_missing_is_named() -> None:
    async with rest(scopes=frozenset({Scope.TICKETS_READ})) as site:
        answer = await site.http.post("/tickets/1/replies", json={"text": "Hello"})
        assert refused(answer, 403)["reason"] == "scope"
        challenge = answer.headers["www-authenticate"]
        assert 'error="insufficient_scope"' in challenge
        assert 'scope="replies:send tickets:write"' in challenge
        assert (await site.http.get("/tickets")).status_code == 200


async def test_a_read_only_server_says_so_without_asking_for_another_token() -> None:
    async with rest(read_only=True) as site:
        answer = await site.http.post("/tickets", json={"subject": "a"})
        assert refused(answer, 403)["reason"] == "read_only"
        assert "www-authenticate" not in answer.headers


async def test_a_caller_who_comes_too_often_is_told_when_to_come_again() -> None:
    async with rest(reads_per_minute=1) as site:
        assert (await site.http.get("/queues")).status_code == 200
        answer = await site.http.get("/queues")
        document = refused(answer, 429)
        assert document["retryable"] is True
        assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("error", "status", "facts"),
    [
        (
            Unavailable("Down.", reason="down", retry_after=2.2),
            503,
            {"retryable": True, "written": "no", "retry_after": 2.2},
        ),
        (
            Unavailable("Slow.", reason="timeout", written=Written.UNKNOWN),
            504,
            {"retryable": False, "written": "unknown"},
        ),
        (TimeoutError(), 504, {"reason": "timeout"}),
        (RuntimeError("password=hunter2"), 500, {"code": "internal", "retryable": False}),
    ],
)
async def test_a_desk_that_fails_becomes_a_problem(
    error: Exception, status: int, facts: dict[str, object]
) -> None:
    async with rest(desk=FailingDesk(error)) as site:
        answer = await site.http.get("/tickets/1")
        document = refused(answer, status)
        assert facts.items() <= document.items()
        assert "hunter2" not in answer.text
        assert answer.headers.get("retry-after") == ("3" if "retry_after" in facts else None)


def test_every_code_has_its_status() -> None:
    errors: dict[int, HelpdeskError] = {
        409: Conflict("x"),
        403: Denied("x"),
        404: NotFound("x"),
        500: Internal("x"),
        503: Unavailable("x"),
    }
    assert {status: status_of(error).value for status, error in errors.items()} == {
        status: status for status in errors
    }
    assert status_of(Conflict("x", reason="stale"), conditional=True) == 412
    assert status_of(Conflict("x", reason="open_children"), conditional=True) == 409


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic YTpi"])
async def test_nothing_is_answered_without_a_token(token: str) -> None:
    async with rest() as site:
        for address in ("/tickets", "/nothing/here", "/docs/", "/openapi.json/"):
            answer = await site.http.get(address, headers={"Authorization": token})
            refused(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_a_refusal_never_repeats_what_was_sent() -> None:
    async with rest() as site:
        secret = "correct-horse-battery"
        for answer in (
            await site.http.get(f"/tickets?page_size={secret}&status={secret}"),
            await site.http.get(f"/tickets/{secret}"),
            await site.http.post("/tickets", json={"subject": [secret], "priority": secret}),
            await site.http.post("/tickets", content=secret.encode(), headers=JSON),
        ):
            assert answer.is_client_error
            assert secret not in answer.text + json.dumps(dict(answer.headers))
