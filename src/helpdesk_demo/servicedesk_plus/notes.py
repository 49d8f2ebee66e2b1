"""Notes on requests, problems and changes: internal, public, first response."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, created, deleted, one
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.request_rules import remember
from helpdesk_demo.servicedesk_plus.requests import live_request
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_parts import NOTES, PLAIN_NOTES
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Row, as_text
from helpdesk_demo.servicedesk_plus.writing import read_changes, read_new

router = Router()


@router.get("requests/{id}/notes", input="optional")
def list_notes(call: Call) -> Reply:
    """Return the notes of a request under `notes`, oldest first.

    Source: §4.4; the echo of paging and order §3.1 [LIVE nestyy].
    """
    parent = parent_key("requests", live_request(call)["id"])
    return list_rows(call, NOTES, call.state.children("notes", parent))


@router.post("requests/{id}/notes")
def add_note(call: Call) -> Reply:
    """Write a note; `note` wraps it on-prem, `request_note` in the Cloud and the old format.

    Source: §1.4 wrapper [DOC, LIVE PTTG, Teejer]; §4.4 fields [LIVE, DOC].
    """
    request = live_request(call)
    row = read_new(call.view, NOTES, call.wrapped(NOTES))
    note = _file_note(call, request, row)
    if row.pop("add_to_linked_requests", False) is True:
        for link in call.state.children("link_requests", parent_key("requests", request["id"])):
            linked = call.state.tables["requests"][as_text(link["linked_request"])]
            copy = {key: value for key, value in row.items() if key not in ("id", "parent")}
            _file_note(call, linked, copy)
    return created(call, NOTES, note)


@router.get("requests/{id}/notes/{note_id}")
def get_note(call: Call) -> Reply:
    """Return one note: key `note` on-prem, `request_note` in the Cloud.

    Source: §4.4, on-prem [LIVE], Cloud [INFER].
    """
    return one(call, NOTES, _note(call))


@router.put("requests/{id}/notes/{note_id}")
def update_note(call: Call) -> Reply:
    """Change a note; what is for adding only is refused.

    Source: §4.4 [LIVE, DOC].
    """
    note = _note(call)
    note.update(read_changes(call.view, NOTES, call.wrapped(NOTES), note))
    note["last_updated_by"], note["last_updated_time"] = call.caller_id, call.state.now
    return one(call, NOTES, note)


@router.delete("requests/{id}/notes/{note_id}")
def delete_note(call: Call) -> Reply:
    """Delete a note.

    Source: §4.4 [LIVE, DOC].
    """
    call.state.remove("notes", as_text(_note(call)["id"]))
    return deleted(call)


def _note(call: Call) -> Row:
    parent = parent_key("requests", live_request(call)["id"])
    return call.child("notes", parent, "note_id")


def _file_note(call: Call, request: Row, row: Row) -> Row:
    """File a note; the first response can be marked only while there is none [LIVE]."""
    state = call.state
    if row.pop("mark_first_response", False) is True:
        if request.get("responded_time") is not None:
            raise errors.unknown_value("mark_first_response")
        request["responded_time"] = state.now
    row |= {"added_by": call.caller_id, "added_time": state.now}
    note = state.add("notes", row, parent=parent_key("requests", request["id"]))
    request["last_updated_time"] = state.now
    remember(call, request, "ADD_NOTE", "Note added")
    if row.get("show_to_requester") is True and state.knobs.note_mails_requester:
        requester = state.tables["users"].get(as_text(request.get("requester")), {})
        state.outbox.append({"to": [requester.get("email_id")], "note": note["id"]})
    return note


def _notes_of(module: str, scope: str) -> None:
    """Register the notes of problems or changes: no show_to_requester, no text in lists."""
    source = (
        f"§4.4 and §5: {module} notes reject show_to_requester, lists omit the description"
        " [LIVE chrisalibby]."
    )

    def parent_of(call: Call) -> str:
        return call.parent(module)

    def listed(call: Call) -> Reply:
        return list_rows(call, PLAIN_NOTES, call.state.children("notes", parent_of(call)))

    def add(call: Call) -> Reply:
        row = read_new(call.view, PLAIN_NOTES, call.wrapped(PLAIN_NOTES))
        row |= {"added_by": call.caller_id, "added_time": call.state.now}
        return created(call, PLAIN_NOTES, call.state.add("notes", row, parent=parent_of(call)))

    def read(call: Call) -> Reply:
        return one(call, PLAIN_NOTES, call.child("notes", parent_of(call), "note_id"))

    def drop(call: Call) -> Reply:
        note = call.child("notes", parent_of(call), "note_id")
        call.state.remove("notes", as_text(note["id"]))
        return deleted(call)

    path = f"{module}/{{id}}/notes"
    on = Router(scope)
    on.get(path, input="optional", doc=f"Return the notes. Source: {source}")(listed)
    on.post(path, doc=f"Write a note. Source: {source}")(add)
    on.get(path + "/{note_id}", doc=f"Return one note with its text. Source: {source}")(read)
    on.delete(path + "/{note_id}", doc=f"Delete a note. Source: {source}")(drop)
    router.routes.extend(on.routes)


_notes_of("problems", "problems")
_notes_of("changes", "changes")
