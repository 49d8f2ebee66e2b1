"""Conversations without bodies, mails with them, replies where they exist, and drafts."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, created, deleted, done, one
from helpdesk_demo.servicedesk_plus.fields import ID, Module, flag, free, moment, ref, text
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.requests import live_request, parent_of
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_parts import DRAFTS, NOTIFICATIONS
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_list, as_rows, as_text
from helpdesk_demo.servicedesk_plus.writing import read_new

router = Router()

_FOREIGN = "https://collector.example.net"
CONVERSATIONS = Module(
    table="conversations",
    one="conversation",
    many="conversations",
    scope="requests",
    fields=(
        ID,
        text("type", "rlc"),
        text("subject", "rlc"),
        free("from", "rlc"),
        ref("sent_by", "users", "rlc"),
        moment("sent_time", "rlc"),
        flag("show_to_requester", "rlc"),
        flag("has_attachments", "rlc"),
        text("content_url", "rlc"),
    ),
    label="subject",
    order="sent_time",
)


@router.get(
    "requests/{id}/conversations", needs=("conversations", "conversations"), input="optional"
)
def list_conversations(call: Call) -> Reply:
    """Return mails and notes without their bodies; each has a content_url to fetch.

    Source: §4.5 [LIVE nestyy, Teejer, rushikesh].
    """
    items = [*_mails(call, with_system=True), *_notes(call)]
    return list_rows(call, CONVERSATIONS, items)


@router.get(
    "requests/{id}/_conversations", needs=("conversations", "_conversations"), input="optional"
)
def list_chosen_conversations(call: Call) -> Reply:
    """Return mails without their bodies, and notes or system mails where asked for.

    Source: §4.5, newer on-prem builds [LIVE].
    """
    chosen = ("system_notifications", "notes")
    asked = call.input("list_info", "fields_required", *chosen)
    for name in chosen:
        if name in asked and not isinstance(asked[name], bool):
            raise errors.wrong_type(name)
    items = _mails(call, with_system=asked.get("system_notifications") is True)
    if asked.get("notes") is True:
        items += _notes(call)
    return list_rows(call, CONVERSATIONS, items, also=chosen)


@router.get("requests/{id}/notifications/{notification_id}")
def get_notification(call: Call) -> Reply:
    """Return one mail with its body: where content_url leads.

    Source: §4.5 [LIVE nestyy].
    """
    return one(call, NOTIFICATIONS, call.child("notifications", parent_of(call), "notification_id"))


@router.get("requests/{id}/notifications", needs=("replies", "notifications"), input="optional")
def list_notifications(call: Call) -> Reply:
    """Return the mails of a request.

    Source: §4.5 [3P ru-client, on-prem]; not in the public documentation, so off by default.
    """
    rows = call.state.children("notifications", parent_of(call))
    return list_rows(call, NOTIFICATIONS, rows)


@router.post("requests/{id}/notifications", needs=("replies", "notifications"))
def reply_by_mail(call: Call) -> Reply:
    """Send a mail to people outside; it arrives, but the desk does not show it.

    Source: §4.5 "works, the mail arrives, but it is not shown in SDP" [3P, author's note].
    """
    request = live_request(call)
    row = read_new(call.view, NOTIFICATIONS, call.wrapped(NOTIFICATIONS))
    addresses: list[Json] = []
    for name in ("to", "cc", "bcc"):
        addresses += [one.get("email_id") for one in as_rows(row.get(name))]
    if not addresses or not all(isinstance(one, str) and "@" in one for one in addresses):
        raise errors.unknown_value("to")
    mail: Row = {"to": addresses, "subject": row["subject"], "description": row["description"]}
    call.state.outbox.append({**mail, "request": request["id"]})
    if call.state.knobs.reply_shown:
        row |= {"sent_by": call.caller_id, "sent_time": call.state.now}
        call.state.add("notifications", row, parent=parent_key("requests", request["id"]))
    return done("Mail sent")


@router.get("requests/{id}/drafts", input="optional")
def list_drafts(call: Call) -> Reply:
    """Return the drafts of a request.

    Source: §4.5 drafts [DOC sdpop request_draft.html].
    """
    return list_rows(call, DRAFTS, call.state.children("drafts", parent_of(call)))


@router.post("requests/{id}/drafts")
def save_draft(call: Call) -> Reply:
    """Save a reply as a draft; nothing is ever sent.

    Source: §4.5 drafts [DOC sdpop request_draft.html].
    """
    row = read_new(call.view, DRAFTS, call.wrapped(DRAFTS))
    row |= {"created_by": call.caller_id, "created_time": call.state.now}
    return created(call, DRAFTS, call.state.add("drafts", row, parent=parent_of(call)))


@router.get("requests/{id}/drafts/{draft_id}")
def get_draft(call: Call) -> Reply:
    """Return one draft.

    Source: §4.5 drafts [DOC sdpop request_draft.html].
    """
    return one(call, DRAFTS, call.child("drafts", parent_of(call), "draft_id"))


@router.delete("requests/{id}/drafts/{draft_id}")
def delete_draft(call: Call) -> Reply:
    """Delete a draft.

    Source: §4.5 drafts [DOC sdpop request_draft.html].
    """
    draft = call.child("drafts", parent_of(call), "draft_id")
    call.state.remove("drafts", as_text(draft["id"]))
    return deleted(call)


def _mails(call: Call, *, with_system: bool) -> list[Row]:
    parent = parent_of(call)
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "subject": row["subject"],
            "from": row.get("from"),
            "sent_by": row.get("sent_by"),
            "sent_time": row["sent_time"],
            "show_to_requester": True,
            "has_attachments": bool(as_list(row.get("attachments"))),
            "content_url": _content_url(call, f"{parent}/notifications/{as_text(row['id'])}"),
        }
        for row in call.state.children("notifications", parent)
        if with_system or row["type"] != "system"
    ]


def _notes(call: Call) -> list[Row]:
    parent = parent_of(call)
    return [
        {
            "id": row["id"],
            "type": "note",
            "subject": None,
            "sent_by": row["added_by"],
            "sent_time": row["added_time"],
            "show_to_requester": row.get("show_to_requester", False),
            "has_attachments": bool(as_list(row.get("attachments"))),
            "content_url": _content_url(call, f"{parent}/notes/{as_text(row['id'])}"),
        }
        for row in call.state.children("notes", parent)
    ]


def _content_url(call: Call, path: str) -> str:
    """Return where a body is: relative or absolute [LIVE]; a knob makes it another host's."""
    relative = f"{call.state.config.base_path}/{path}"
    match call.state.knobs.content_url:
        case "relative":
            return relative
        case "absolute":
            return call.view.origin + relative
        case "foreign":
            return _FOREIGN + relative
