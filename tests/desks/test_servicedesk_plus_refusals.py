"""Each error code of ServiceDesk Plus and each observed deviation is one clear error of ours."""

import contextlib
import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.desks.servicedeskplus.envelope import one, read, rows
from helpdesk_mcp.desks.servicedeskplus.refusals import CODES
from helpdesk_mcp.domain.errors import Code, HelpdeskError, NotFound, Unavailable, Written

PAGE = "<!DOCTYPE html><html><body>Log in secret-detail</body></html>"


def answer(http: int, body: Any, method: str = "PUT") -> httpx2.Response:
    request = httpx2.Request(method, "https://desk.example/api/v3/requests/7")
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx2.Response(http, content=content.encode(), request=request)


def failed(code: int, message: Any = None, **more: Any) -> dict[str, Any]:
    """Write an error as the vendor does: the real code stands inside."""
    told = {"status_code": code, "type": "failed", **more}
    if message is not None:
        told["message"] = message
    return {"response_status": {"status_code": 4000, "messages": [told], "status": "failed"}}


def refused(response: httpx2.Response) -> HelpdeskError:
    with pytest.raises(HelpdeskError) as caught:
        read(response)
    return caught.value


MERGED = {
    "parent_request": {"id": 583415},
    "message": "Request Id(s) 583550 has been Merged with Parent Request 583415.",
}
BLOCKED = "URL blocked as maximum access limit for the page is exceeded. Please try after sometime."
BAD_KEY = "AuthToken in the request is invalid. Unable to authenticate."
WARNED = {
    "response_status": {
        "status_code": 3000,
        "messages": [{"status_code": 3000, "type": "warning", "fields": ["resolution"]}],
        "status": "warning",
    }
}
# HTTP status, body, our code, our reason, words that the message holds.
TABLE: tuple[tuple[int, Any, Code, str, str], ...] = (
    (400, failed(4001, field="category"), Code.INVALID, "desk_refused", "`category`"),
    (
        400,
        failed(4001, "Unable to parse the given data for id", field="id"),
        Code.INVALID,
        "wrong_id",
        "number",
    ),
    (
        400,
        failed(4001, "Extra key found in JSON", field="frob"),
        Code.INVALID,
        "unknown_field",
        "`frob`",
    ),
    (400, failed(4000, "Extra parameter(s) not allowed"), Code.INVALID, "extra_input", "input"),
    (403, failed(4002, "User does not have this permission"), Code.DENIED, "desk_forbids", "let"),
    (
        403,
        failed(4002, "Cannot give value for priority", field="priority"),
        Code.INVALID,
        "computed",
        "`priority`",
    ),
    (401, failed(4002, "UNAUTHORISED"), Code.DENIED, "desk_scope", "scope"),
    (400, failed(4003, fields=["closure_code"]), Code.INVALID, "closure_rule", "a closing code"),
    (500, failed(4004, "Internal Error"), Code.UNAVAILABLE, "desk_error", "internal"),
    (400, failed(4005), Code.CONFLICT, "in_use", "refers"),
    (404, failed(4007, "Invalid URL"), Code.NOT_FOUND, "not_found", "no such ticket"),
    (404, failed(4007, MERGED), Code.NOT_FOUND, "merged", "583415"),
    (400, failed(4008, field="name"), Code.CONFLICT, "exists", "`name`"),
    (400, failed(4009, field="id"), Code.INVALID, "read_only", "`id`"),
    (400, failed(4010, field="id"), Code.INVALID, "read_only", "`id`"),
    (400, failed(4011, field="frob"), Code.INVALID, "unknown_field", "`frob`"),
    (
        400,
        failed(4012, fields=["category", "subcategory"]),
        Code.INVALID,
        "missing_fields",
        "`category`, `subcategory`",
    ),
    (400, failed(4012, "Value not provided"), Code.INVALID, "missing_fields", "a field"),
    (400, failed(4013), Code.UNAVAILABLE, "protocol", "format"),
    (400, failed(4014, field="created_time"), Code.INVALID, "read_only", "`created_time`"),
    (429, failed(4015), Code.RATE_LIMITED, "desk_throttles", "no more"),
    (400, failed(4015), Code.RATE_LIMITED, "desk_throttles", "no more"),
    (400, failed(4000, BLOCKED), Code.RATE_LIMITED, "desk_throttles", "no more"),
    (
        400,
        {"response_status": {"status_code": 4000, "title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"}},
        Code.RATE_LIMITED,
        "desk_throttles",
        "no more",
    ),
    (400, failed(4016, field="scheduled_time"), Code.INVALID, "times", "`scheduled_time`"),
    (400, failed(4016, "Not in trash"), Code.CONFLICT, "in_trash", "already"),
    (400, failed(4017), Code.CONFLICT, "not_in_trash", "not in the trash"),
    (400, failed(4000, "Not in trash"), Code.CONFLICT, "not_in_trash", "not in the trash"),
    (400, failed(4021, field="due_by_time"), Code.INVALID, "wrong_type", "due"),
    (405, failed(4021, "Invalid HTTP method"), Code.NOT_FOUND, "no_route", "not have"),
    (401, failed(4022), Code.UNAVAILABLE, "login", "credential"),
    (400, failed(401, BAD_KEY), Code.UNAVAILABLE, "login", "credential"),
    (400, failed(7001), Code.DENIED, "license", "licence"),
    (200, WARNED, Code.INVALID, "closure_rule", "a resolution"),
    (400, WARNED, Code.INVALID, "closure_rule", "a resolution"),
    (200, failed(4012, fields=["site"]), Code.INVALID, "missing_fields", "`site`"),
    (400, failed(4999), Code.INVALID, "desk_refused", "refused"),
    (400, failed(4000, "Approvers are unavailable"), Code.INVALID, "approvers", "approver"),
    (
        400,
        failed(4000, "Recommendation mail is not yet sent"),
        Code.CONFLICT,
        "not_asked",
        "not been asked",
    ),
    (200, PAGE, Code.UNAVAILABLE, "web_page", "web page"),
    (401, PAGE, Code.UNAVAILABLE, "web_page", "web page"),
    (400, PAGE, Code.UNAVAILABLE, "web_page", "web page"),
    (503, PAGE, Code.UNAVAILABLE, "desk_error", "internal"),
    (429, "slow down", Code.RATE_LIMITED, "desk_throttles", "no more"),
    (302, "", Code.UNAVAILABLE, "origin", "another"),
    (200, "nonsense", Code.UNAVAILABLE, "protocol", "should not"),
    (200, "[1]", Code.UNAVAILABLE, "protocol", "should not"),
    (404, "{}", Code.NOT_FOUND, "not_found", "no such ticket"),
    (403, "{}", Code.DENIED, "desk_forbids", "let"),
    (413, "{}", Code.INVALID, "too_large", "too large"),
    (502, "{}", Code.UNAVAILABLE, "desk_error", "internal"),
)


@pytest.mark.parametrize(
    ("http", "body", "code", "reason", "says"),
    TABLE,
    ids=[f"{number}-{row[3]}" for number, row in enumerate(TABLE)],
)
def test_an_unwelcome_answer_is_one_clear_error(
    http: int, body: Any, code: Code, reason: str, says: str
) -> None:
    error = refused(answer(http, body))
    assert (error.code, error.reason) == (code, reason)
    assert says in error.message
    assert "secret-detail" not in error.message


def test_every_documented_code_is_in_the_table() -> None:
    whole = json.dumps([body for _, body, *_ in TABLE])
    assert [code for code in CODES if f'"status_code": {code}' not in whole] == []


@pytest.mark.parametrize("http", [500, 503])
def test_a_failing_write_may_have_happened_and_a_read_cannot(http: int) -> None:
    assert refused(answer(http, failed(4004))).written is Written.UNKNOWN
    assert refused(answer(http, failed(4004), "GET")).written is Written.NO


def test_a_throttled_call_says_to_wait_at_least_a_minute() -> None:
    assert (refused(answer(400, failed(4000, BLOCKED))).retry_after or 0) >= 60


def test_an_answer_without_contents_is_a_done_write_and_never_a_read() -> None:
    assert read(answer(204, "")) == {}
    assert read(answer(200, "")) == {}
    with pytest.raises(Unavailable):
        read(answer(200, "", "GET"))


@pytest.mark.parametrize("status", [[{"status_code": 2000, "status": "success"}], {}, None])
def test_a_list_is_read_whether_its_status_is_a_list_an_object_or_absent(status: Any) -> None:
    body = {
        "response_status": status,
        "list_info": {"has_more_rows": True, "total_count": 410, "get_total_count": "true"},
        "requests": [{"id": "860"}],
    }
    found = rows(read(answer(200, body, "GET")))
    assert (found.items, found.total, found.more) == (({"id": "860"},), 410, True)


def test_an_action_without_a_record_is_done() -> None:
    told = {"status_code": 2000, "type": "success", "message": "Request(s) closed"}
    body = {"response_status": {"status_code": 2000, "messages": [told], "status": "success"}}
    assert read(answer(200, body)) == body
    with pytest.raises(Unavailable):
        one(body)


def test_a_missing_thing_is_called_what_it_is() -> None:
    with pytest.raises(NotFound, match="no such article"):
        read(answer(404, failed(4007)), "There is no such article.")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.sampled_from([200, 201, 400, 401, 403, 404, 429, 500]), JSON)
def test_no_answer_whatever_raises_anything_but_our_errors(http: int, status: Any) -> None:
    with contextlib.suppress(HelpdeskError):
        body = read(answer(http, {"response_status": status, "request": {"id": "1"}}))
        assert one(body) == {"id": "1"}
