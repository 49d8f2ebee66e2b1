"""The configuration database: types, items by their type, and how items relate."""

from dataclasses import dataclass

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer, deleted
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.rendering import full
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_assets import CI_RELATIONSHIPS, CMDB
from helpdesk_demo.servicedesk_plus.schema_setup import MODULES
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_text
from helpdesk_demo.servicedesk_plus.writing import read_changes, read_new

router = Router("cmdb")

# api_name, api_plural_name, display name; the seeds fill the same types.
CI_TYPES = (
    ("ci_server", "ci_servers", "Server"),
    ("ci_business_service", "ci_business_services", "Business Service"),
    ("ci_switch", "ci_switches", "Switch"),
)
_NEEDS = ("cmdb", "cmdb")


@router.get("cmdb", needs=_NEEDS, input="optional")
def list_items(call: Call) -> Reply:
    """Return the configuration items of every type.

    Source: §5 CMDB, O 15100+ [LIVE PBNZ, chrisalibby]; older builds have v1 only.
    """
    return list_rows(call, CMDB, call.state.tables["cmdb"].values())


@router.get("cmdb/{id}", needs=_NEEDS)
def get_item(call: Call) -> Reply:
    """Return one configuration item.

    Source: §5 CMDB [LIVE PBNZ, chrisalibby].
    """
    return answer(cmdb=full(call.view, CMDB, call.row("cmdb")))


@router.get("cmdb/{id}/ci_relationships", needs=_NEEDS, input="optional")
def list_relationships(call: Call) -> Reply:
    """Return how an item relates to others.

    Source: §5 CMDB [LIVE PBNZ, chrisalibby].
    """
    rows = call.state.children("ci_relationships", call.parent("cmdb"))
    return list_rows(call, CI_RELATIONSHIPS, rows)


@router.post("cmdb/{id}/ci_relationships", needs=_NEEDS)
def add_relationship(call: Call) -> Reply:
    """Relate an item to another one.

    Source: §5 CMDB [LIVE PBNZ, chrisalibby]; that adding works like this is [INFER].
    """
    parent = call.parent("cmdb")
    row = read_new(call.view, CI_RELATIONSHIPS, call.wrapped(CI_RELATIONSHIPS))
    if parent_key("cmdb", row["ci"]) == parent:
        raise errors.unknown_value("ci")
    saved = call.state.add("ci_relationships", row, parent=parent)
    return answer(ci_relationship=full(call.view, CI_RELATIONSHIPS, saved))


@router.get("ci_types", needs=_NEEDS, input="optional")
def list_types(call: Call) -> Reply:
    """Return the types of configuration items with their names in routes.

    Source: §5 CMDB [LIVE PBNZ, chrisalibby].
    """
    return list_rows(call, MODULES["ci_types"], call.state.tables["ci_types"].values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of one type, at its own address."""

    api_name: str
    plural: str

    def describe(self, _: Call) -> Reply:
        fields: Row = {
            field.name: {"type": field.kind.value, "mandatory": field.name in CMDB.mandatory}
            for field in CMDB.fields
        }
        return answer(metadata={"entity": self.api_name, "fields": fields})

    def listed(self, call: Call) -> Reply:
        kind = self._kind(call)
        rows = [row for row in call.state.tables["cmdb"].values() if row["ci_type"] == kind]
        return list_rows(call, CMDB, rows, key=self.plural)

    def read(self, call: Call) -> Reply:
        return answer(**{self.api_name: full(call.view, CMDB, self._row(call))})

    def add(self, call: Call) -> Reply:
        row = read_new(call.view, CMDB, call.under(self.plural))
        row |= {"ci_type": self._kind(call), "created_time": call.state.now}
        return answer(**{self.plural: full(call.view, CMDB, call.state.add("cmdb", row))})

    def change(self, call: Call) -> Reply:
        row = self._row(call)
        row.update(read_changes(call.view, CMDB, call.under(self.plural), row))
        return answer(**{self.plural: full(call.view, CMDB, row)})

    def drop(self, call: Call) -> Reply:
        identifier = as_text(self._row(call)["id"])
        if any(one["ci"] == identifier for one in call.state.tables["ci_relationships"].values()):
            raise Refused(4005)
        call.state.remove("cmdb", identifier)
        return deleted(call)

    def related(self, call: Call) -> Reply:
        self._row(call)
        return list_relationships(call)

    def _kind(self, call: Call) -> Json:
        return call.state.named("ci_types", self.api_name, "api_name")["id"]

    def _row(self, call: Call) -> Row:
        row = call.row("cmdb")
        if row["ci_type"] != self._kind(call):
            raise errors.not_found()
        return row


def _register(items: Items) -> None:
    source = (
        "§5 CMDB: /{ci_type}/_metadata, POST|PUT|DELETE /{api_plural_name} with the body keyed by"
        f" that name, here {items.plural} [LIVE PBNZ, chrisalibby]."
    )
    many, item, base = items.plural, f"{items.plural}/{{id}}", items.api_name
    get, relations = router.get, f"{base}/{{id}}/assoc_ci_relationships"
    get(f"{base}/_metadata", needs=_NEEDS, doc=f"Describe it. Source: {source}")(items.describe)
    get(many, needs=_NEEDS, input="optional", doc=f"List items. Source: {source}")(items.listed)
    get(item, needs=_NEEDS, doc=f"Return one item. Source: {source}")(items.read)
    router.post(many, needs=_NEEDS, doc=f"Add an item. Source: {source}")(items.add)
    router.put(item, needs=_NEEDS, doc=f"Change an item. Source: {source}")(items.change)
    router.delete(item, needs=_NEEDS, doc=f"Delete an item. Source: {source}")(items.drop)
    doc = f"Return relations. Source: {source}"
    get(relations, needs=_NEEDS, input="optional", doc=doc)(items.related)


for _api_name, _plural, _ in CI_TYPES:
    _register(Items(api_name=_api_name, plural=_plural))
