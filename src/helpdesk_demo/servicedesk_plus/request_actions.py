"""Actions on requests: close, pick up, assign, merge, link, resolve, tag."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer, done, existing_id, ids_in
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.rendering import full, show
from helpdesk_demo.servicedesk_plus.request_rules import (
    apply_changes,
    change_request,
    close_request,
    remember,
)
from helpdesk_demo.servicedesk_plus.requests import live_request
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_rows, as_text
from helpdesk_demo.servicedesk_plus.writing import read_changes

router = Router()

MOST_MERGED = 49
_PARTS = ("notes", "notifications", "worklogs", "tasks")


@router.put("requests/{id}/close", needs=("close", "close"), input="optional")
@router.put("requests/{id}/_close", needs=("close", "_close"), input="optional")
def close(call: Call) -> Reply:
    """Close a request, with or without closure information, as far as the rules allow.

    Source: §4.1 close: O `close` [DOC ME-cn], C `_close` [3P demisto, splunk] or `close` [LIVE
    Teejer]; "Request(s) closed" §3.1 [LIVE Teejer].
    """
    row = live_request(call)
    closure: Json = None
    if call.data:
        data = call.wrapped(REQUESTS)
        for key in data:
            if key != "closure_info":
                raise errors.extra_key(key)
        closure = read_changes(call.view, REQUESTS, data, row).get("closure_info")
    close_request(call, row, closure)
    return done("Request(s) closed")


@router.put("requests/{id}/pickup", input="optional")
def pick_up(call: Call) -> Reply:
    """Assign the request to the technician behind the key.

    Source: §4.1 pickup, no body or {} [3P demisto, Teejer; chrisalibby's live suite].
    """
    row = live_request(call)
    call.input()
    apply_changes(call, row, {"technician": call.caller_id})
    return done("Request(s) picked up")


@router.put("requests/{id}/assign", needs=("assign", "assign"))
@router.put("requests/{id}/_assign", needs=("assign", "_assign"))
def assign(call: Call) -> Reply:
    """Assign the request to a technician, a group or both.

    Source: §4.1 assign: O `assign` [DOC link in ru-client], C `_assign` [3P demisto, splunk].
    """
    row, data = live_request(call), call.wrapped(REQUESTS)
    for key in data:
        if key not in ("technician", "group"):
            raise errors.extra_key(key)
    change_request(call, row, data)
    return done("Request(s) assigned")


@router.put("requests/{id}/merge_requests")
def merge(call: Call) -> Reply:
    """Merge other requests into this one; they are gone for good.

    Source: §4.1 merge, at most 49 [LIVE chrisalibby, nestyy]; the child is a 404 with an object
    message §3.1, and its mails carry the operation MERGE §4.5 [LIVE nestyy].
    """
    row, state = live_request(call), call.state
    children = ids_in(call, "merge_requests", "requests")
    if len(children) > MOST_MERGED or row["id"] in children:
        raise errors.unknown_value("merge_requests")
    for child in children:
        if "merged_into" in state.tables["requests"][child]:
            raise errors.unknown_value("merge_requests")
    for child in children:
        _absorb(call, row, state.tables["requests"][child])
    remember(call, row, "MERGE", ", ".join(children))
    return done("Request(s) merged")


def _absorb(call: Call, row: Row, child: Row) -> None:
    state, parent = call.state, parent_key("requests", row["id"])
    moved_from = parent_key("requests", child["id"])
    for table in _PARTS:
        for part in state.children(table, moved_from):
            state.move(table, part, parent)
    state.add(
        "notifications",
        {
            "type": "reply",
            "subject": child["subject"],
            "description": child.get("description"),
            "sent_by": child.get("requester"),
            "sent_time": child["created_time"],
            "to": [],
            "cc": [],
            "bcc": [],
            "notification_history": {"operation": "MERGE"},
            "merged_request_id": child["id"],
        },
        parent=parent,
    )
    child["merged_into"] = row["id"]


@router.get("requests/{id}/link_requests")
def list_links(call: Call) -> Reply:
    """Return the requests linked to this one.

    Source: §4.1 link [LIVE demisto].
    """
    parent = parent_key("requests", live_request(call)["id"])
    field = REQUESTS.field("subject")
    links: list[Json] = []
    for link in call.state.children("link_requests", parent):
        other = call.state.tables["requests"][as_text(link["linked_request"])]
        subject = show(call.view, REQUESTS, field, other)
        links.append(
            {
                "linked_request": {"id": other["id"], "subject": subject},
                "comments": link.get("comments"),
            }
        )
    return answer(link_requests=links)


@router.post("requests/{id}/link_requests")
def link(call: Call) -> Reply:
    """Link other requests to this one, both ways.

    Source: §4.1 link; "Request successfully linked" §3.1 [LIVE demisto].
    """
    row, state = live_request(call), call.state
    for other, comments in _links(call):
        if other == row["id"]:
            raise errors.unknown_value("linked_request")
        for source, target in ((as_text(row["id"]), other), (other, as_text(row["id"]))):
            entry: Row = {"linked_request": target, "comments": comments}
            state.add("link_requests", entry, parent=parent_key("requests", source))
    return done("Request successfully linked")


@router.delete("requests/{id}/link_requests", input="required")
def unlink(call: Call) -> Reply:
    """Take links away; the body names them.

    Source: §4.1 unlink "DELETE carries input_data", message §3.1 [LIVE demisto].
    """
    row, state = live_request(call), call.state
    for other, _ in _links(call):
        for source, target in ((as_text(row["id"]), other), (other, as_text(row["id"]))):
            for entry in state.children("link_requests", parent_key("requests", source)):
                if entry["linked_request"] == target:
                    state.remove("link_requests", as_text(entry["id"]))
    return done("The request[s] link are removed successfully.")


def _links(call: Call) -> list[tuple[str, Json]]:
    rows = as_rows(call.input("link_requests").get("link_requests"))
    if not rows:
        raise errors.missing("link_requests")
    links: list[tuple[str, Json]] = []
    for one in rows:
        for key in one:
            if key not in ("linked_request", "comments"):
                raise errors.extra_key(key)
        other = existing_id(call, as_row(one.get("linked_request")), "requests")
        links.append((other, one.get("comments")))
    return links


@router.get("requests/{id}/resolutions")
def get_resolution(call: Call) -> Reply:
    """Return the resolution, nulls when there is none; input_data is refused here.

    Source: §4.7 and §1.3 [LIVE demisto, PBNZ].
    """
    return _resolution(call, live_request(call))


@router.put("requests/{id}/resolutions")
@router.post("requests/{id}/resolutions")
def write_resolution(call: Call) -> Reply:
    """Write the resolution; the status stays as it is.

    Source: §4.7 [LIVE demisto, PBNZ; PUT chrisalibby]; that the status stays is [INFER].
    """
    row, data = live_request(call), call.under("resolution")
    if not data.get("content"):
        raise errors.missing("content")
    to_linked = data.get("add_to_linked_requests") is True
    change_request(call, row, {"resolution": data})
    if to_linked:
        for entry in call.state.children("link_requests", parent_key("requests", row["id"])):
            linked = call.state.tables["requests"][as_text(entry["linked_request"])]
            change_request(call, linked, {"resolution": {"content": data["content"]}})
    return _resolution(call, row)


def _resolution(call: Call, row: Row) -> Reply:
    return answer(resolution=full(call.view, REQUESTS, row)["resolution"])


@router.put("requests/{id}/tag")
def tag(call: Call) -> Reply:
    """Put tags on a request.

    Source: §4.1 tag [DOC link in ru-client].
    """
    row = live_request(call)
    tags: list[Json] = list(ids_in(call, "tags", "tags"))
    row["tags"] = tags
    return done("Tags added")


def _association(path: str, wrapper: str, key: str, table: str) -> None:
    """Register the three routes that tie a request to a problem, project or change."""
    source = (
        f"§4.1 problem / project / change links: {path}, wrapper {wrapper}; DELETE must repeat the"
        " body, else 500 [LIVE chrisalibby]."
    )

    def read(call: Call) -> Reply:
        parent = parent_key("requests", live_request(call)["id"])
        links: list[Json] = [
            {key: {"id": entry["target"]}} for entry in call.state.children(path, parent)
        ]
        return answer(**{wrapper: links[0] if len(links) == 1 else links})

    def add(call: Call) -> Reply:
        parent = parent_key("requests", live_request(call)["id"])
        target = existing_id(call, as_row(call.under(wrapper).get(key)), table)
        if any(entry["target"] == target for entry in call.state.children(path, parent)):
            raise Refused(4008)
        call.state.add(path, {"target": target}, parent=parent)
        tied: Row = {key: {"id": target}}
        return answer(**{wrapper: tied})

    def drop(call: Call) -> Reply:
        parent = parent_key("requests", live_request(call)["id"])
        target = existing_id(call, as_row(call.under(wrapper).get(key)), table)
        for entry in call.state.children(path, parent):
            if entry["target"] == target:
                call.state.remove(path, as_text(entry["id"]))
                return answer()
        raise errors.unknown_value(key)

    full_path = f"requests/{{id}}/{path}"
    router.get(full_path, doc=f"Return the {key} of a request. Source: {source}")(read)
    router.post(full_path, doc=f"Tie a {key} to a request. Source: {source}")(add)
    router.delete(full_path, input="required", doc=f"Untie a {key}. Source: {source}")(drop)


_association("problem", "request_problem_association", "problem", "problems")
_association("project", "request_project_association", "project", "projects")
_association("request_initiated_change", "request_initiated_change", "change", "changes")
_association("request_caused_by_change", "request_caused_by_change", "change", "changes")
