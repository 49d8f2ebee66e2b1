"""What a site's rules do to a request: mandatory fields, holding, closing, reopening."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call
from helpdesk_demo.servicedesk_plus.computed import DONE
from helpdesk_demo.servicedesk_plus.errors import Refused, Warned
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_row, as_text, as_texts
from helpdesk_demo.servicedesk_plus.writing import read_changes, read_new

_HOUR = 3_600_000
_DUE_HOURS = {"High": 8, "Medium": 24, "Normal": 48, "Low": 96}


def add_request(call: Call, data: Row) -> Row:
    """Check and file a new request."""
    state = call.state
    _refuse_barred(call, data)
    stranger = _stranger(state, data)
    known = {key: value for key, value in data.items() if stranger is None or key != "requester"}
    row = read_new(call.view, REQUESTS, known, also=_wanted(call.view, data))
    _check_assignment(call.view, row)
    row = _defaults(call, row)
    entered = {name: row[name] for name in ("resolution",) if row.get(name)}
    row |= _stamped(call, entered)
    if not state.status_is(row, "Open"):
        row |= _status_effects(call, row, {"status": row["status"]})
    if stranger is not None:
        row["requester"] = state.add("users", stranger)["id"]
    state.add("requests", row)
    remember(call, row, "CREATE", "Request created")
    return row


def change_request(call: Call, row: Row, data: Row) -> Row:
    """Check and apply changes to a request; nothing is applied when anything is refused."""
    _refuse_barred(call, data)
    changes = read_changes(call.view, REQUESTS, data, row)
    _check_assignment(call.view, {**row, **changes}, changed=changes)
    return apply_changes(call, row, changes)


def apply_changes(call: Call, row: Row, changes: Row) -> Row:
    """Apply changes that are in our own terms already."""
    if "category" in changes and changes["category"] != row.get("category"):
        changes = {"subcategory": None, "item": None, **changes}
        _want_subcategory(call.view, {**row, **changes})
    changes = changes | _stamped(call, changes)
    if "status" in changes and changes["status"] != row.get("status"):
        changes |= _status_effects(call, {**row, **changes}, row)
    if "technician" in changes:
        changes["assigned_time"] = call.state.now if changes["technician"] else None
    changed = [name for name, value in changes.items() if row.get(name) != value]
    row.update(changes)
    row["last_updated_time"] = call.state.now
    remember(call, row, "UPDATE", ", ".join(changed))
    return row


def close_request(call: Call, row: Row, closure: Json) -> Row:
    """Close a request as far as the closing rules allow."""
    changes: Row = {"status": call.state.status_id("Closed")}
    if closure is not None:
        changes["closure_info"] = closure
    closed = apply_changes(call, row, changes)
    _ask_requester(call, closed)
    return closed


def _ask_requester(call: Call, row: Row) -> None:
    """Mail the requester for an acknowledgement if that was asked for (§4.3 [LIVE Teejer])."""
    asks = as_row(row.get("closure_info")).get("requester_ack_resolution") is True
    if asks and call.state.knobs.ack_mails_requester:
        requester = call.state.tables["users"].get(as_text(row.get("requester")), {})
        call.state.outbox.append({"to": [requester.get("email_id")], "request": row["id"]})


def remember(call: Call, row: Row, operation: str, description: str) -> None:
    """Write a line of the request's history."""
    entry: Row = {
        "operation": operation,
        "time": call.state.now,
        "by": call.caller_id,
        "description": description,
    }
    call.state.add("history", entry, parent=parent_key("requests", row["id"]))


def end_holds(state: State) -> None:
    """Give requests on hold their next status when their time has come."""
    held = state.status_id("Onhold")
    for row in state.tables["requests"].values():
        plan = as_row(row.get("onhold_scheduler"))
        until = plan.get("scheduled_time")
        if row["status"] == held and isinstance(until, int) and until <= state.now:
            row["status"] = as_text(plan.get("change_to_status")) or state.status_id("Open")
            row["onhold_scheduler"] = row["onhold_time"] = None
            row["last_updated_time"] = until


def _refuse_barred(call: Call, data: Row) -> None:
    """Fields a site has off its form are refused; a matrix computes the priority [LIVE]."""
    knobs = call.state.knobs
    for name in knobs.absent_fields:
        if name in data:
            raise errors.unknown_value(name)
    if knobs.priority_matrix and "priority" in data:
        raise Refused(4002, "Cannot give value for priority").about(field="priority")


def _stranger(state: State, data: Row) -> Row | None:
    """Return the account to make for an address nobody has; whether that happens is [UNKNOWN]."""
    email = as_row(data.get("requester")).get("email_id")
    if state.knobs.unknown_requester == "refuse" or not isinstance(email, str):
        return None
    if any(row.get("email_id") == email for row in state.tables["users"].values()):
        return None
    return {"name": email, "email_id": email, "is_technician": False}


def _wanted(view: View, data: Row) -> list[str]:
    """Return what the template and the site want besides the subject."""
    state = view.state
    reference = as_row(data.get("template"))
    templates = state.tables["request_templates"]
    template = next(
        (
            row
            for row in templates.values()
            if ("id" in reference and row["id"] == str(reference["id"]))
            or ("id" not in reference and row["name"] == reference.get("name"))
            or (not reference and row["is_default"] is True)
        ),
        Row(),
    )
    wanted = [*as_texts(template.get("mandatory")), *state.knobs.mandatory_fields]
    if data.get("category") is not None and state.knobs.subcategory_after_category:
        wanted.append("subcategory")
    return wanted


def _want_subcategory(view: View, row: Row) -> None:
    wants = view.state.knobs.subcategory_after_category
    if wants and row.get("category") is not None and row.get("subcategory") is None:
        raise errors.missing("subcategory")


def _check_assignment(view: View, row: Row, *, changed: Row | None = None) -> None:
    """One site assigns nobody before category and subcategory are set (§4.3 [LIVE])."""
    assigns = row if changed is None else changed
    if not view.state.knobs.technician_needs_category or not assigns.get("technician"):
        return
    wanted = [name for name in ("category", "subcategory") if row.get(name) is None]
    if wanted:
        raise errors.missing(*wanted)


def _defaults(call: Call, row: Row) -> Row:
    state, now = call.state, call.state.now
    template = next(one for one in state.tables["request_templates"].values() if one["is_default"])
    filled: Row = {
        "status": state.status_id("Open"),
        "requester": call.caller_id,
        "template": template["id"],
        "request_type": state.named("request_types", "Incident")["id"],
        **{name: value for name, value in row.items() if value is not None},
        "created_by": call.caller_id,
        "created_time": now,
        "last_updated_time": now,
    }
    chosen = state.tables["request_templates"][as_text(filled["template"])]
    filled["is_service_request"] = chosen["is_service_template"]
    if state.knobs.priority_matrix:
        filled["priority"] = state.named("priorities", "Medium")["id"]
    if "due_by_time" not in filled:
        filled["due_by_time"] = now + _HOUR * _due_hours(state, filled)
    if filled.get("technician"):
        filled["assigned_time"] = now
    if state.is_cloud:
        filled["display_id"] = str(1 + _last_display_id(state))
    return filled


def _due_hours(state: State, row: Row) -> int:
    priority = state.tables["priorities"].get(as_text(row.get("priority")), {})
    return _DUE_HOURS.get(as_text(priority.get("name")), 48)


def _last_display_id(state: State) -> int:
    rows = state.tables["requests"].values()
    return max((as_int(row.get("display_id")) for row in rows), default=0)


def _stamped(call: Call, changes: Row) -> Row:
    """Say who wrote a resolution, and when."""
    resolution = as_row(changes.get("resolution"))
    if not resolution:
        return {}
    by: Row = {"submitted_by": call.caller_id, "submitted_on": call.state.now}
    return {"resolution": {**resolution, **by}}


def _status_effects(call: Call, row: Row, before: Row) -> Row:
    """Return what else changes with the status."""
    state, now = call.state, call.state.now
    if state.status_is(row, *DONE):
        if state.status_is(row, "Closed"):
            _check_closing(state, row)
        done: Row = {"completed_time": now, "onhold_scheduler": None}
        return done | ({"resolved_time": now} if state.status_is(row, "Resolved") else {})
    effects: Row = {"completed_time": None}
    if state.status_is(before, *DONE):
        effects["is_reopened"] = True
    if state.status_is(row, "Onhold"):
        until = as_row(row.get("onhold_scheduler")).get("scheduled_time")
        if isinstance(until, int) and until <= now:
            raise Refused(4016).about(field="scheduled_time")
        return {**effects, "onhold_time": now}
    return {**effects, "onhold_time": None, "onhold_scheduler": None}


def _check_closing(state: State, row: Row) -> None:
    """Refuse to close while a rule is broken: 3000, 4003 or 4012 by edition (§4.3 [LIVE, 3P])."""
    broken = [rule for rule in state.knobs.close_rules if not _is_kept(state, row, rule)]
    if not broken:
        return
    fields = [{"open_tasks": "tasks"}.get(rule, rule) for rule in broken]
    match state.knobs.close_refusal:
        case "3000":
            raise Warned(fields)
        case "4003":
            raise Refused(4003).about(fields=list(fields))
        case "4012":
            raise errors.missing(*fields)


def _is_kept(state: State, row: Row, rule: str) -> bool:
    parent = parent_key("requests", row.get("id", ""))
    match rule:
        case "resolution":
            return bool(as_row(row.get("resolution")).get("content"))
        case "worklog":
            return bool(state.children("worklogs", parent))
        case "open_tasks":
            tasks = state.children("tasks", parent)
            return all(state.status_is(task, *DONE) for task in tasks)
        case _:
            return bool(as_row(row.get("closure_info")).get("closure_code"))
