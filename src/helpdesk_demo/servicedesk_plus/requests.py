"""Requests: list, read, create, update, and the two meanings of DELETE."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer, created, deleted, one
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.request_rules import add_request, change_request, remember
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_parts import HISTORY
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.schema_setup import FILTERS
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Row, as_int, as_text

router = Router()

NOT_IN_TRASH = "Not in trash"


def request_in(call: Call, name: str = "id") -> Row:
    """Return the request in the path; a merged one says where it went, as an object [LIVE]."""
    row = call.state.tables["requests"].get(call.path[name])
    if row is None:
        raise errors.not_found()
    parent = row.get("merged_into")
    if isinstance(parent, str):
        number = as_int(row["id"])
        text = f"Request Id(s) {number} has been Merged with Parent Request {parent}."
        raise Refused(4007, {"parent_request": {"id": as_int(parent)}, "message": text})
    return row


def live_request(call: Call) -> Row:
    """Return the request in the path, which must not lie in the trash."""
    row = request_in(call)
    if row.get("is_trashed") is True:
        raise errors.not_found()
    return row


def parent_of(call: Call) -> str:
    return parent_key("requests", live_request(call)["id"])


def shown_requests(state: State) -> list[Row]:
    """Return what lists may show: neither the trash nor what was merged away."""
    return [
        row
        for row in state.tables["requests"].values()
        if row.get("is_trashed") is not True and "merged_into" not in row
    ]


@router.get("requests", input="optional")
def list_requests(call: Call) -> Reply:
    """Return a page of requests with a subset of their fields.

    Source: §4.1 list, §3.4 list_info, §4.2 list keys [DOC, LIVE both editions].
    """
    return list_rows(call, REQUESTS, shown_requests(call.state))


@router.get("requests/{id}")
def get_request(call: Call) -> Reply:
    """Return one request with every field, null where nothing is set.

    Source: §4.1 get, §4.2 GET keys [DOC, LIVE]; merged requests §3.1 [LIVE nestyy].
    """
    return one(call, REQUESTS, request_in(call))


@router.post("requests")
def create_request(call: Call) -> Reply:
    """Create a request; only the subject is mandatory unless the template says more.

    Source: §4.1 create [DOC, ME-CODE]; §4.3 mandatory fields [LIVE PTTG, chrisalibby].
    """
    return created(call, REQUESTS, add_request(call, call.wrapped(REQUESTS)))


@router.put("requests/{id}")
def update_request(call: Call) -> Reply:
    """Change the fields that were sent and no others.

    Source: §4.1 update, close by status, on hold, reopen [LIVE PBNZ, ME-CODE, DOC].
    """
    row = live_request(call)
    return one(call, REQUESTS, change_request(call, row, call.wrapped(REQUESTS)))


@router.delete("requests/{id}/move_to_trash", edition="onprem")
def move_to_trash(call: Call) -> Reply:
    """Move an on-prem request to the trash; twice is refused.

    Source: §4.1 trash [DOC, LIVE]; "Not in trash" §3.2 [LIVE chrisalibby].
    """
    return _trash(call)


@router.delete("requests/{id}", edition="cloud")
def trash_cloud_request(call: Call) -> Reply:
    """Move a Cloud request to the trash: the verb and path that purge on-prem.

    Source: §4.1 trash and purge [ME-CODE state: absent, 3P splunk, LIVE Teejer].
    """
    return _trash(call)


@router.delete("requests/{id}", edition="onprem")
def purge_request(call: Call) -> Reply:
    """Delete an on-prem request for ever; it must lie in the trash.

    Source: §4.1 purge "Delete Request From Trash" [DOC by way of PBNZ's notes].
    """
    row = request_in(call)
    if row.get("is_trashed") is not True:
        raise Refused(4017, NOT_IN_TRASH)
    call.state.remove("requests", as_text(row["id"]))
    return deleted(call)


@router.put("requests/{id}/restore_from_trash", input="none")
def restore_request(call: Call) -> Reply:
    """Take a request out of the trash; a body is refused.

    Source: §4.1 restore [DOC link in ru-client]; §1.3 no body [LIVE chrisalibby, on changes].
    """
    row = request_in(call)
    if row.get("is_trashed") is not True:
        raise Refused(4017, NOT_IN_TRASH)
    row["is_trashed"], row["deleted_time"] = False, None
    remember(call, row, "RESTORE", "Restored from trash")
    return answer()


@router.get("requests/{id}/summary")
def get_summary(call: Call) -> Reply:
    """Return how many notes, tasks, worklogs and files a request has.

    Source: §4.1 summary [LIVE chrisalibby]; the keys are [INFER].
    """
    parent = parent_of(call)
    counts: Row = {
        f"{name}_count": str(len(call.state.children(table, parent)))
        for name, table in (("notes", "notes"), ("task", "tasks"), ("worklog", "worklogs"))
    }
    return answer(request_summary=counts)


@router.get("list_view_filters/show_all", input="required")
def list_filters(call: Call) -> Reply:
    """Return the named list views of a module.

    Source: §3.4 filter_by [3P ru-client, on-prem]; sample names [LIVE Teejer, Cloud].
    """
    asked = call.input("show_all", "list_info")
    if asked.get("show_all") != {"module": "request"}:
        raise errors.unknown_value("show_all")
    rows = call.state.tables["list_view_filters"].values()
    return list_rows(call, FILTERS, rows, key="show_all", also=("show_all",))


@router.get("requests/{id}/history", needs=("history", "history"), input="optional")
def list_history(call: Call) -> Reply:
    """Return what happened to a request.

    Source: §4.1 "routes for share and history of requests" [UNKNOWN]: absent unless the knob is
    turned; the path is that of solutions [DOC].
    """
    return list_rows(call, HISTORY, call.state.children("history", parent_of(call)))


def _trash(call: Call) -> Reply:
    row = request_in(call)
    if row.get("is_trashed") is True:
        raise Refused(4016, NOT_IN_TRASH)
    row["is_trashed"], row["deleted_time"] = True, call.state.now
    remember(call, row, "DELETE", "Moved to trash")
    return deleted(call)
