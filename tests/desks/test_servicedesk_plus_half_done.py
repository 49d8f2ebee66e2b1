"""A write whose outcome cannot be read is never told as one that was not done, on any tool."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from tests.desks.servicedesk import Bench, bench
from tests.tools.asking import Asking

from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EDITIONS
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written

SOON, LATER = "2030-01-01T08:00:00Z", "2030-01-01T12:00:00Z"


class DeafAfterWriting(httpx2.AsyncBaseTransport):
    """Hands requests on until one has written; from then on, whatever is read fails."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.wrote = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.wrote and request.method == "GET":
            return httpx2.Response(503, request=request)
        response = await self._inner.handle_async_request(request)
        self.wrote |= request.method != "GET" and response.is_success
        return response


T = {"ticket_id": "1001"}
WRITES: Mapping[str, dict[str, Any]] = {
    "create_ticket": {"subject": "Half done"},
    "update_ticket": {**T, "priority": "Low"},
    "assign_ticket": {**T, "assignee": "Bob Okafor"},
    "close_ticket": {**T, "resolution": "Done"},
    "add_note": {**T, "text": "x"},
    "reply_to_requester": {**T, "text": "x"},
    "add_followup": {**T, "comment": "x"},
    "add_attachment": {**T, "filename": "a.txt", "text": "x"},
    "pick_up_ticket": T,
    "reopen_ticket": {**T, "reason": "x"},
    "hold_ticket": {**T, "reason": "x"},
    "set_resolution": {**T, "resolution": "x"},
    "link_tickets": {**T, "others": "1005"},
    "merge_tickets": {**T, "others": "1002"},
    "trash_ticket": T,
    "add_worklog": {**T, "minutes": 5, "description": "x", "owner": "Bob Okafor"},
    "add_task": {**T, "title": "x"},
    "request_approval": {**T, "approvers": "Bob Okafor", "message": "x"},
    "create_article": {"title": "x", "answer": "x", "category": "General"},
    "update_article": {"article_id": "1", "title": "x"},
    "publish_article": {"article_id": "1"},
    "delete_article": {"article_id": "1"},
    "create_problem": {"title": "x"},
    "update_problem": {"problem_id": "1", "title": "x"},
    "analyze_problem": {"problem_id": "1", "root_cause": "x"},
    "link_tickets_to_problem": {"problem_id": "1", "tickets": "1001"},
    "close_problem": {"problem_id": "2", "comment": "x"},
    "delete_problem": {"problem_id": "1", "for_good": True},
    "create_change": {"title": "x"},
    "update_change": {"change_id": "1", "title": "x"},
    "schedule_change": {"change_id": "1", "start": SOON, "end": LATER},
    "submit_change_for_approval": {"change_id": "1", "approvers": "Bob Okafor", "message": "x"},
    "delete_change": {"change_id": "1"},
    "create_project": {"title": "x"},
    "update_project": {"project_id": "1", "title": "x"},
    "create_project_milestone": {"project_id": "1", "title": "x"},
    "create_project_task": {"project_id": "1", "title": "x"},
    "delete_project": {"project_id": "1", "for_good": True},
    "create_asset": {"name": "x", "product": "Nimbus 14", "tag": "HALF-1"},
    "update_asset": {"asset_id": "1", "location": "x"},
    "assign_asset": {"asset_id": "1", "user": "bob@example.com"},
    "update_asset_state": {"asset_id": "1", "state": "In Repair"},
    "link_asset_to_ticket": {"asset_id": "1", **T},
    "delete_asset": {"asset_id": "1", "for_good": True},
    "create_configuration_item": {"name": "srv-half", "kind": "Server"},
}


def deaf(made: Bench) -> tuple[DeafAfterWriting, httpx2.AsyncClient]:
    transport = DeafAfterWriting(httpx2.ASGITransport(app=made.raw.simulator))
    base, headers = made.http.base_url, made.http.headers
    return transport, httpx2.AsyncClient(transport=transport, base_url=base, headers=headers)


@pytest.mark.parametrize("tool", WRITES)
async def test_u08_what_was_written_is_never_told_as_not_written(tool: str) -> None:
    async with bench("onprem", close_rules=[]) as made:
        transport, http = deaf(made)
        async with http:
            ask = Asking(ServiceDeskPlus(http, EDITIONS["onprem"], Options(technician="1")))
            failure: HelpdeskError | None = None
            try:
                await ask(tool, **WRITES[tool])
            except HelpdeskError as error:
                failure = error
            assert transport.wrote
            if failure is not None:
                assert isinstance(failure, Unavailable), failure
                assert failure.written in {Written.PARTLY, Written.UNKNOWN}, failure.message
