"""Worklogs and tasks of requests, problems, changes and projects."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, created, deleted, one
from helpdesk_demo.servicedesk_plus.computed import DONE
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_parts import TASKS, WORKLOGS
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Row, as_int, as_row, as_text
from helpdesk_demo.servicedesk_plus.writing import read_changes, read_new

router = Router()

_COMPLETE = 100
_SPANS = (("start_time", "end_time"), ("scheduled_start_time", "scheduled_end_time"))


def _check(call: Call, module: Module, row: Row) -> None:
    """Start before end, else 4016 (§3.2 [DOC]); a task's status acts at once (§4.9 [LIVE])."""
    for start, end in _SPANS:
        first, last = row.get(start), row.get(end)
        if isinstance(first, int) and isinstance(last, int) and first > last:
            raise Refused(4016).about(field=end)
    if module is TASKS and call.state.status_is(row, *DONE):
        row["percentage_completion"] = _COMPLETE


def _refuse_worklog(call: Call, parent: str) -> None:
    """Refuse as one on-prem build and one Cloud site did (§4.8 [LIVE])."""
    if call.state.knobs.request_worklogs == "refuse" and parent.startswith("requests/"):
        raise Refused(4000, http=400)
    if call.data_in_query and call.state.knobs.query_nested_owner == "refuse":
        raise errors.unknown_value("owner")


def _finish(call: Call, module: Module, row: Row, parent: str) -> None:
    if module is WORKLOGS:
        _finish_worklog(call, row, parent)
    elif not row.get("status"):
        row["status"] = call.state.status_id("Open")
    row |= {"created_by": call.caller_id, "created_time": call.state.now}


def _finish_worklog(call: Call, row: Row, parent: str) -> None:
    """Count the time spent from start and end where it was not given."""
    if row.pop("mark_first_response", False) is True and parent.startswith("requests/"):
        request = call.state.tables["requests"][parent.partition("/")[2]]
        request.setdefault("responded_time", call.state.now)
    first, last = row.get("start_time"), row.get("end_time")
    if "time_spent" not in row and isinstance(first, int) and isinstance(last, int):
        minutes = (last - first) // 60_000
        row["time_spent"] = {"hours": minutes // 60, "minutes": minutes % 60}
    spent = as_row(row.get("time_spent"))
    row["minutes_spent"] = as_int(spent.get("hours")) * 60 + as_int(spent.get("minutes"))


def _parent(call: Call, base: str) -> str:
    """Return the parent of a path such as projects/{id}/milestones/{milestone_id}."""
    names = base.split("/")
    parent = ""
    for table, placeholder in zip(names[::2], names[1::2], strict=True):
        row = call.row(table, placeholder[1:-1])
        if parent and row.get("parent") != parent:
            raise errors.not_found()
        if row.get("is_trashed") is True or "merged_into" in row:
            raise errors.not_found()
        parent = parent_key(table, row["id"])
    return parent


def _hang(module: Module, base: str, scope: str, source: str) -> None:
    """Register list, add, read, change and delete of what hangs on a record."""
    on, name = Router(scope), f"{module.one}_id"

    def listed(call: Call) -> Reply:
        return list_rows(call, module, call.state.children(module.table, _parent(call, base)))

    def add(call: Call) -> Reply:
        parent = _parent(call, base)
        if module is WORKLOGS:
            _refuse_worklog(call, parent)
        row = read_new(call.view, module, call.wrapped(module))
        _check(call, module, row)
        _finish(call, module, row, parent)
        return created(call, module, call.state.add(module.table, row, parent=parent))

    def read(call: Call) -> Reply:
        return one(call, module, call.child(module.table, _parent(call, base), name))

    def change(call: Call) -> Reply:
        row = call.child(module.table, _parent(call, base), name)
        changes = read_changes(call.view, module, call.wrapped(module), row)
        checked = {**row, **changes}
        _check(call, module, checked)
        row.update(checked)
        return one(call, module, row)

    def drop(call: Call) -> Reply:
        row = call.child(module.table, _parent(call, base), name)
        call.state.remove(module.table, as_text(row["id"]))
        return deleted(call)

    path = f"{base}/{module.many}"
    on.get(path, input="optional", doc=f"Return the {module.many}. Source: {source}")(listed)
    on.post(path, doc=f"Add a {module.one}. Source: {source}")(add)
    on.get(f"{path}/{{{name}}}", doc=f"Return one {module.one}. Source: {source}")(read)
    on.put(f"{path}/{{{name}}}", doc=f"Change a {module.one}. Source: {source}")(change)
    on.delete(f"{path}/{{{name}}}", doc=f"Delete for ever. Source: {source}")(drop)
    router.routes.extend(on.routes)


_WORKLOG_SOURCE = "§4.8: wrapper worklog, owner mandatory [LIVE Teejer, DOC on-prem]."
_TASK_SOURCE = "§4.9: wrapper task, title mandatory; delete is permanent [DOC, LIVE chrisalibby]."
_PROJECT_SOURCE = "§5 and seed-systems §2.12: tasks of projects and milestones [3P, INFER]."

for _module in ("requests", "problems", "changes"):
    _hang(WORKLOGS, f"{_module}/{{id}}", _module, _WORKLOG_SOURCE)
    _hang(TASKS, f"{_module}/{{id}}", _module, _TASK_SOURCE)
_hang(WORKLOGS, "requests/{id}/tasks/{task_id}", "requests", _WORKLOG_SOURCE)
_hang(TASKS, "projects/{id}", "projects", _PROJECT_SOURCE)
_hang(TASKS, "projects/{id}/milestones/{milestone_id}", "projects", _PROJECT_SOURCE)


@router.get("tasks", input="optional", scope="general")
def list_tasks(call: Call) -> Reply:
    """Return tasks of every module, and those that belong to none.

    Source: §4.9 "General tasks: /tasks (both)" [DOC].
    """
    return list_rows(call, TASKS, call.state.tables["tasks"].values())


@router.post("tasks", scope="general")
def add_general_task(call: Call) -> Reply:
    """Add a task that belongs to no module.

    Source: §4.9 "General tasks: /tasks (both)" [DOC].
    """
    row = read_new(call.view, TASKS, call.wrapped(TASKS))
    _check(call, TASKS, row)
    _finish(call, TASKS, row, "")
    return created(call, TASKS, call.state.add("tasks", row, parent="general/0"))
