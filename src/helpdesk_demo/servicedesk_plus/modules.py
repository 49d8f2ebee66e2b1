"""Problems, changes, releases, projects, solutions, assets, contracts, announcements."""

from dataclasses import dataclass

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer, created, deleted, done, one
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.requests import NOT_IN_TRASH
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_assets import ANNOUNCEMENTS, ASSETS, CONTRACTS
from helpdesk_demo.servicedesk_plus.schema_modules import (
    CHANGES,
    MILESTONES,
    PROBLEMS,
    PROJECTS,
    RELEASES,
    SOLUTIONS,
)
from helpdesk_demo.servicedesk_plus.schema_parts import HISTORY
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Row, as_row, as_text
from helpdesk_demo.servicedesk_plus.writing import check_part, read_changes, read_new

router = Router()

_STATUS_TABLES = ("problems", "changes", "releases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The usual five operations on the records of one module."""

    module: Module
    parent: str = ""
    """The path of what the records hang on, such as projects/{id}."""

    @property
    def path(self) -> str:
        return f"{self.parent}/{self.module.many}" if self.parent else self.module.many

    @property
    def id_name(self) -> str:
        return f"{self.module.one}_id" if self.parent else "id"

    def listed(self, call: Call) -> Reply:
        return list_rows(call, self.module, self._rows(call))

    def add(self, call: Call) -> Reply:
        row = read_new(call.view, self.module, call.wrapped(self.module))
        _check_times(row)
        row |= _stamps(call, self.module, row)
        key = parent_key(self.parent.partition("/")[0], call.path["id"]) if self.parent else None
        if self.parent:
            call.row(self.parent.partition("/")[0])
        return created(call, self.module, call.state.add(self.module.table, row, parent=key))

    def read(self, call: Call) -> Reply:
        return one(call, self.module, self.row(call))

    def change(self, call: Call) -> Reply:
        row = self.row(call)
        if row.get("is_trashed") is True:
            raise errors.not_found()
        changes = read_changes(call.view, self.module, call.wrapped(self.module), row)
        _check_times({**row, **changes})
        if "category" in changes and changes["category"] != row.get("category"):
            changes = {"subcategory": None, "item": None, **changes}
        row.update(changes)
        row["last_updated_time"] = call.state.now
        if self.module is ASSETS:
            what: Row = {"operation": "UPDATE", "description": ", ".join(changes)}
            told: Row = {**what, "time": call.state.now, "by": call.caller_id}
            call.state.add("history", told, parent=parent_key("assets", row["id"]))
        return one(call, self.module, row)

    def drop(self, call: Call) -> Reply:
        call.state.remove(self.module.table, as_text(self.row(call)["id"]))
        return deleted(call)

    def row(self, call: Call) -> Row:
        found = call.row(self.module.table, self.id_name)
        table = self.parent.partition("/")[0]
        if table and found.get("parent") != parent_key(table, call.path["id"]):
            raise errors.not_found()
        return found

    def _rows(self, call: Call) -> list[Row]:
        state, table = call.state, self.module.table
        if self.parent:
            parent = call.parent(self.parent.partition("/")[0])
            return state.children(table, parent)
        return [row for row in state.tables[table].values() if row.get("is_trashed") is not True]


def _register(records: Records, source: str, *, deletes: bool = True) -> None:
    module, on = records.module, Router(records.module.scope)
    item = f"{records.path}/{{{records.id_name}}}"
    on.get(records.path, input="optional", doc=f"List {module.many}. Source: {source}")(
        records.listed
    )
    on.post(records.path, doc=f"Add a {module.one}. Source: {source}")(records.add)
    on.get(item, doc=f"Return one {module.one}. Source: {source}")(records.read)
    on.put(item, doc=f"Change a {module.one}. Source: {source}")(records.change)
    if deletes:
        on.delete(item, doc=f"Delete for ever. Source: {source}")(records.drop)
    router.routes.extend(on.routes)


_register(Records(module=PROBLEMS), "§5 Problems [LIVE chrisalibby; ME-CODE conf/problem.py].")
_register(Records(module=CHANGES), "§5 Changes [LIVE chrisalibby; ME-CODE].", deletes=False)
_register(Records(module=RELEASES), "§5 Releases [LIVE chrisalibby; ME-CODE].", deletes=False)
_register(Records(module=PROJECTS), "§5 Projects, delete permanent [LIVE chrisalibby].")
_register(
    Records(module=MILESTONES, parent="projects/{id}"),
    "§5 Projects and seed-systems §2.12 [3P, INFER].",
)
_register(Records(module=SOLUTIONS), "§5 Solutions [LIVE chrisalibby; DOC].", deletes=False)
_register(Records(module=ASSETS), "§5 Assets, delete permanent [LIVE].")
_register(Records(module=ANNOUNCEMENTS), "§5 Announcements [LIVE, 3P].")


@router.get("contracts", scope="contracts", input="optional")
def list_contracts(call: Call) -> Reply:
    """Return the contracts.

    Source: §5 look-ups also present [LIVE PBNZ]; the fields are [INFER].
    """
    return list_rows(call, CONTRACTS, call.state.tables["contracts"].values())


@router.get("contracts/{id}", scope="contracts")
def get_contract(call: Call) -> Reply:
    """Return one contract.

    Source: §5 look-ups also present [LIVE PBNZ]; the fields are [INFER].
    """
    return one(call, CONTRACTS, call.row("contracts"))


@router.put("problems/{id}/close", scope="problems", input="optional")
def close_problem(call: Call) -> Reply:
    """Close a problem.

    Source: §5 Problems [LIVE chrisalibby].
    """
    return _close(call, PROBLEMS)


@router.put("changes/{id}/close", scope="changes", needs=("close", "close"), input="optional")
@router.put("changes/{id}/_close", scope="changes", needs=("close", "_close"), input="optional")
def close_change(call: Call) -> Reply:
    """Close a change, when its workflow has come to the last stage.

    Source: §5 Changes "_close/close gated by workflow" [LIVE chrisalibby; ME-CODE].
    """
    row = call.row("changes")
    stages = list(call.state.tables["change_stages"])
    if stages.index(as_text(row["stage"])) < len(stages) - 2:
        raise Refused(4002, errors.NO_PERMISSION).about(field="stage")
    return _close(call, CHANGES)


@router.put("releases/{id}/_close", scope="releases", input="optional")
def close_release(call: Call) -> Reply:
    """Close a release.

    Source: §5 Releases [LIVE chrisalibby].
    """
    return _close(call, RELEASES)


def _register_trash(module: Module) -> None:
    source = "§5 Changes; restoring takes no body §1.3 [LIVE chrisalibby; ME-CODE]."

    def trash(call: Call) -> Reply:
        row = call.row(module.table)
        if row.get("is_trashed") is True:
            raise Refused(4016, NOT_IN_TRASH)
        row["is_trashed"] = True
        return deleted(call)

    def restore(call: Call) -> Reply:
        row = call.row(module.table)
        if row.get("is_trashed") is not True:
            raise Refused(4017, NOT_IN_TRASH)
        row["is_trashed"] = False
        return answer()

    on = Router(module.scope)
    base = f"{module.many}/{{id}}"
    on.delete(f"{base}/move_to_trash", doc=f"Move to the trash. Source: {source}")(trash)
    on.put(
        f"{base}/restore_from_trash",
        input="none",
        doc=f"Take out of the trash. Source: {source}",
    )(restore)
    router.routes.extend(on.routes)


_register_trash(CHANGES)
_register_trash(RELEASES)


@router.delete("solutions/{id}/_move_to_trash", scope="solutions", edition="onprem")
def trash_solution(call: Call) -> Reply:
    """Move an on-prem solution to the trash, the first half of deleting it.

    Source: §5 Solutions; "Not in trash" §3.2 [LIVE chrisalibby].
    """
    row = call.row("solutions")
    if row.get("is_trashed") is True:
        raise Refused(4016, NOT_IN_TRASH)
    row["is_trashed"] = True
    return deleted(call)


@router.delete("solutions/{id}", scope="solutions")
def delete_solution(call: Call) -> Reply:
    """Delete a solution, on-prem only from the trash.

    Source: §5 Solutions; "Not in trash" §3.2 [LIVE chrisalibby].
    """
    row = call.row("solutions")
    if not call.view.is_cloud and row.get("is_trashed") is not True:
        raise Refused(4017, NOT_IN_TRASH)
    call.state.remove("solutions", as_text(row["id"]))
    return deleted(call)


@router.get("asset_computers", scope="assets", input="optional", edition="cloud")
@router.get("workstations", scope="assets", input="optional", edition="onprem")
def list_workstations(call: Call) -> Reply:
    """Return the assets that are computers.

    Source: §5 Assets: /workstations [LIVE], C /asset_computers [3P].
    """
    kinds = call.state.tables["product_types"]
    rows = [
        row
        for row in call.state.tables["assets"].values()
        if kinds[as_text(row["product_type"])]["name"] == "Workstation"
    ]
    return list_rows(call, ASSETS, rows)


@router.get("assets/{id}/history", scope="assets", needs=("history", "history"), input="optional")
def list_asset_history(call: Call) -> Reply:
    """Return what happened to an asset.

    Source: §4.1 routes for history [UNKNOWN]: absent unless the knob is turned, as for requests.
    """
    return list_rows(call, HISTORY, call.state.children("history", call.parent("assets")))


def _close(call: Call, module: Module) -> Reply:
    row = call.row(module.table)
    changes: Row = {}
    if call.data:
        data = call.wrapped(module)
        for key in data:
            if key != "close_details":
                raise errors.extra_key(key)
        changes = read_changes(call.view, module, data, row)
    check_part(call.view, f"{module.table}.close_details", as_row(changes.get("close_details")))
    row |= {**changes, "status": call.state.status_id("Closed"), "closed_time": call.state.now}
    return done(f"{module.one.capitalize()} closed")


def _stamps(call: Call, module: Module, row: Row) -> Row:
    """Return what the site fills in on a new record."""
    state = call.state
    stamps: Row = {"created_by": call.caller_id, "created_time": state.now}
    if module.table in _STATUS_TABLES and not row.get("status"):
        stamps["status"] = state.status_id("Open")
    if module.table in ("projects", "milestones") and not row.get("status"):
        stamps["status"] = _first(state, "project_statuses")
    if module.table == "changes" and not row.get("stage"):
        stamps["stage"] = _first(state, "change_stages")
    if module.table == "assets":
        product = state.tables["products"][as_text(row["product"])]
        stamps |= {"product_type": product["product_type"]}
        if not row.get("state"):
            stamps["state"] = _first(state, "asset_states")
    if module.table == "solutions" and not row.get("approval_status"):
        stamps["approval_status"] = _first(state, "solution_statuses")
    return stamps


def _first(state: State, table: str) -> str:
    return next(iter(state.tables[table]))


def _check_times(row: Row) -> None:
    """Refuse a start after the end, a time mismatch (§3.2 [DOC])."""
    first, last = row.get("scheduled_start_time"), row.get("scheduled_end_time")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        raise Refused(4016).about(field="scheduled_end_time")
