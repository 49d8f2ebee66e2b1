"""The look-ups that an administrator sets up, templates, tags and portals."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, created, one
from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.routing import Handler, Router
from helpdesk_demo.servicedesk_plus.schema_setup import LOOKUPS, MODULES, TEMPLATES
from helpdesk_demo.servicedesk_plus.values import Row, as_int
from helpdesk_demo.servicedesk_plus.writing import read_new

router = Router("setup")

_LIVE = "§5 Lookups (O, HTTP 200 on the demo) [LIVE PBNZ]; Cloud with setup.READ [LIVE fourimpact]."
_CLOUD_ONLY = ("change_risks", "reason_for_changes")
_VARIANTS = {
    "groups": (("support_groups", "support_groups"), ("groups", "groups")),
    "closure_codes": (
        ("closure_codes", "closure_codes"),
        ("request_closure_codes", "request_closure_codes"),
    ),
}
# Not routes of their own: these only appear within other records, or elsewhere.
_HIDDEN = ("change_stages", "solution_statuses", "project_statuses", "ci_types")


def _reading(module: Module, key: str) -> tuple[Handler, Handler]:
    def listed(call: Call) -> Reply:
        rows = [row for row in call.state.tables[module.table].values() if _is_listed(call, row)]
        return list_rows(call, module, rows, key=key)

    def read(call: Call) -> Reply:
        return one(call, module, call.row(module.table))

    return listed, read


def _is_listed(call: Call, row: Row) -> bool:
    """Tell if it is listed yet: a new category works by name before [LIVE chrisalibby]."""
    return as_int(row.get("listed_from")) <= call.state.now


def _register(module: Module) -> None:
    for knob_position, path in _VARIANTS.get(module.table, (("", module.many),)):
        on = Router(module.scope)
        listed, read = _reading(module, path)
        doc = f"Source: {_LIVE}"
        edition: Edition | None = "cloud" if module.table in _CLOUD_ONLY else None
        if edition:
            doc = "Source: §5 absent on the on-prem demo, Cloud only [LIVE PBNZ]."
        needs = (module.table, knob_position) if knob_position else None
        for place, handler in ((path, listed), (f"{path}/{{id}}", read)):
            wants = "optional" if handler is listed else "none"
            if needs is None and edition is None:
                on.get(place, input=wants, doc=doc)(handler)
            elif needs is None:
                on.get(place, input=wants, doc=doc, edition="cloud")(handler)
            else:
                on.get(place, input=wants, doc=doc, needs=needs)(handler)
        router.routes.extend(on.routes)


for _module in (*LOOKUPS, TEMPLATES):
    if _module.table not in _HIDDEN:
        _register(_module)


@router.get("categories/{id}/subcategories", edition="cloud", input="optional")
def list_subcategories(call: Call) -> Reply:
    """Return the subcategories of a category.

    Source: §4.3, Cloud [LIVE PTTG].
    """
    category = call.row("categories")
    rows = call.state.tables["subcategories"].values()
    found = [row for row in rows if row["category"] == category["id"]]
    return list_rows(call, MODULES["subcategories"], found)


@router.post("categories")
def add_category(call: Call) -> Reply:
    """Add a category; a knob delays its appearance in lists.

    Source: §8.10 category list lag [LIVE chrisalibby].
    """
    module = MODULES["categories"]
    row = read_new(call.view, module, call.wrapped(module))
    if any(one["name"] == row["name"] for one in call.state.tables["categories"].values()):
        raise Refused(4008).about(field="name")
    row["listed_from"] = call.state.now + int(call.state.knobs.category_lag * 1000)
    return created(call, module, call.state.add("categories", row))


@router.post("tags", scope="requests")
def add_tag(call: Call) -> Reply:
    """Add a tag.

    Source: §4.1 tag [DOC link in ru-client].
    """
    module = MODULES["tags"]
    row = read_new(call.view, module, call.wrapped(module))
    if not row["name"]:
        raise errors.missing("name")
    return created(call, module, call.state.add("tags", row))
