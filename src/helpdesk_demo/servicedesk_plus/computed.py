"""Fields that nobody writes: whether a request is overdue, has notes, and how long it took."""

from helpdesk_demo.servicedesk_plus.fields import Compute
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_list, as_text

DONE = ("Closed", "Resolved", "Cancelled")
SHORT_DESCRIPTION = 200


def has(table: str) -> Compute:
    """Tell whether a request has anything of a kind."""

    def compute(state: State, row: Row) -> Json:
        return bool(state.children_ids.get((table, parent_key("requests", row["id"]))))

    return compute


def has_listed(name: str) -> Compute:
    def compute(_: State, row: Row) -> Json:
        return bool(as_list(row.get(name)))

    return compute


def is_overdue(state: State, row: Row) -> Json:
    due = row.get("due_by_time")
    if not isinstance(due, int):
        return False
    done = row.get("completed_time")
    return as_int(done, state.now) > due


def is_late_to_respond(state: State, row: Row) -> Json:
    due = row.get("first_response_due_by_time")
    if not isinstance(due, int):
        return False
    return as_int(row.get("responded_time"), state.now) > due


def time_elapsed(state: State, row: Row) -> Json:
    """Milliseconds from creation to the end; worklogs do not count (reference §4.8 [LIVE])."""
    if not state.status_is(row, *DONE):
        return 0
    return max(0, as_int(row.get("completed_time"), state.now) - as_int(row.get("created_time")))


def response_time_elapsed(_: State, row: Row) -> Json:
    responded = row.get("responded_time")
    return responded - as_int(row.get("created_time")) if isinstance(responded, int) else 0


def short_description(_: State, row: Row) -> Json:
    plain = as_text(row.get("description")).replace("<br>", " ")
    while "<" in plain and ">" in plain[plain.index("<") :]:
        start = plain.index("<")
        plain = plain[:start] + plain[plain.index(">", start) + 1 :]
    return plain[:SHORT_DESCRIPTION]


def department(state: State, row: Row) -> Json:
    requester = state.tables["users"].get(as_text(row.get("requester")), {})
    return requester.get("department")


def display_id(_: State, row: Row) -> Json:
    return row.get("display_id")


def lifecycle(_: State, __: Row) -> Json:
    return None


def download_url(state: State, row: Row) -> Json:
    """Return where the bytes of a file are, by the route this build has (§4.6)."""
    word = "_download" if state.knobs.download == "_download" else "download"
    return f"{state.config.base_path}/{as_text(row['path'])}/{word}"
