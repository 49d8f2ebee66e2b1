"""The look-ups every simulated desk starts with, under the ids of reference §5.1."""

from helpdesk_demo.servicedesk_plus.cmdb import CI_TYPES
from helpdesk_demo.servicedesk_plus.filters import FILTERS
from helpdesk_demo.servicedesk_plus.state import CLOUD_PREFIX, State
from helpdesk_demo.servicedesk_plus.values import Json, Row

# (name, id on-prem, suffix of the Cloud id or None). No "Urgent" among the priorities.
Names = tuple[tuple[str, int, int | None], ...]
_PLAIN: dict[str, Names] = {
    "urgencies": (("Urgent", 1, 7917), ("High", 2, 7919), ("Normal", 3, 7921), ("Low", 4, 7923)),
    "impacts": (
        ("Affects Business", 1, 8033),
        ("Affects Group", 2, 8036),
        ("Affects Department", 3, 8039),
        ("Affects User", 4, 8042),
    ),
    "levels": (("Tier 1", 1, 6671), ("Tier 2", 2, 6673), ("Tier 3", 3, None)),
    "modes": (("E-Mail", 1, 6665), ("Web Form", 2, 6667), ("Phone Call", 3, 6669)),
    "request_types": (("Incident", 1, 8391), ("Request For Information", 2, 8393)),
    "worklog_types": (("Remote", 1, None), ("On site", 2, None)),
    "task_types": (("Implementation", 1, None), ("Review", 2, None)),
    "task_templates": (("Preparar portátil", 1, None),),
    "change_types": (("Minor", 1, None), ("Standard", 2, None), ("Major", 3, None)),
    "change_stages": (
        ("Submission", 1, None),
        ("Planning", 2, None),
        ("Approval", 3, None),
        ("Implementation", 4, None),
        ("Review", 5, None),
        ("Close", 6, None),
    ),
    "change_risks": (("Low", 1, None), ("Medium", 2, None), ("High", 3, None)),
    "reason_for_changes": (("Upgrade", 1, None), ("Fault", 2, None)),
    "project_types": (("Infrastructure", 1, None), ("Software", 2, None)),
    "solution_statuses": (("Unapproved", 1, None), ("Approved", 2, None), ("Rejected", 3, None)),
    "topics": (("General", 1, None), ("Redes y VPN", 2, None), ("Cuentas y correo", 3, None)),
    "product_types": (("Workstation", 1, None), ("Printer", 2, None), ("Server", 3, None)),
    "asset_states": (
        ("In Store", 1, None),
        ("In Use", 2, None),
        ("In Repair", 3, None),
        ("Expired", 4, None),
        ("Disposed", 5, None),
    ),
    "roles": (("SDAdmin", 3, None), ("SDTechnician", 4, None)),
    "tags": (("vip", 1, None), ("oficina-madrid", 2, None)),
    "portals": (("IT Helpdesk", 1, None),),
    "service_categories": (("Altas y bajas", 1, None), ("Accesos", 2, None)),
}
_STATUSES = (
    ("Open", "Open", 1, 6657, "#0066ff", True, False),
    ("Closed", "Closed", 2, 6663, "#006600", False, True),
    ("Onhold", "Onhold", 3, 6659, "#ff0000", True, True),
    ("Resolved", "Resolved", 4, 6661, "#00ff66", False, True),
    ("In Progress", "In Progress", 6, None, "#00ffcc", True, False),
    ("Cancelled", "Cancelled", 7, None, "#999999", False, True),
)
_PRIORITIES = (
    ("Low", 1, 6799, "#288251"),
    ("Normal", 2, 6801, "#efb116"),
    ("Medium", 3, 6803, "#ff9933"),
    ("High", 4, 6805, "#ff0000"),
)
_CLOSURE_CODES = (
    "Success",
    "Cancelled",
    "Failed",
    "Moved",
    "Postponed",
    "Rejected",
    "Unable to Reproduce",
)
CATEGORIES: dict[str, tuple[str, ...]] = {
    "Software": ("ERP", "CRM", "Office", "Not in list"),
    "Hardware": ("Laptop", "Printer/Scanner", "Telephone", "Not in list"),
    "Network": ("VPN", "Wi-Fi", "LAN", "Shared drive", "Not in list"),
    "Facilities": ("Building", "Furniture", "Not in list"),
    "Personnel": ("Payroll", "Leave", "Not in list"),
    "Billing": ("Invoice", "Refund", "Not in list"),
    "Atención al cliente": ("Pedido", "Devolución", "Garantía", "Not in list"),
}
_ITEMS = {"VPN": ("Client", "Account"), "Laptop": ("Battery", "Screen"), "ERP": ("Orders",)}
# (name, comments, is service, mandatory beside the subject, suffix of the Cloud id)
_TEMPLATES: tuple[tuple[str, str, bool, tuple[str, ...], int | None], ...] = (
    ("Default Request", "Default template", False, (), 6655),
    ("Avería de equipo", "", False, ("category", "subcategory", "description"), None),
    ("Acceso VPN", "", True, ("site", "impact", "category", "subcategory"), None),
    ("Alta de empleado", "", True, ("site", "group", "description"), None),
)
# (on-prem name, Cloud name, plain name since 15200, label, type, type on the wire, module, values)
_CUSTOM: tuple[tuple[str, str, str, str, str, str, str, tuple[str, ...] | None], ...] = (
    (
        "udf_sline_1802",
        "udf_char1",
        "udf_asset_tag",
        "Asset tag",
        "line",
        "Single Line",
        "requests",
        None,
    ),
    (
        "udf_pick_1803",
        "udf_char2",
        "udf_channel",
        "Canal de entrada",
        "pick",
        "Pick List",
        "requests",
        ("web", "email", "phone"),
    ),
    ("udf_date_1804", "udf_date1", "udf_visit", "Visit on", "date", "Date/Time", "requests", None),
    (
        "udf_long_1805",
        "udf_long1",
        "udf_affected",
        "People affected",
        "number",
        "Numeric",
        "requests",
        None,
    ),
    (
        "udf_mline_1806",
        "udf_char3",
        "udf_root_cause",
        "Causa raíz",
        "line",
        "Multi Line",
        "requests",
        None,
    ),
    (
        "udf_sline_2101",
        "txt_rack",
        "udf_rack",
        "Rack position",
        "line",
        "Single Line",
        "assets",
        None,
    ),
)


def seed_setup(state: State) -> None:
    """Fill every look-up table."""
    for table, names in _PLAIN.items():
        for name, number, suffix in names:
            put(state, table, name, number, suffix)
    _put_colored(state)
    for number, name in enumerate(_CLOSURE_CODES, 1):
        put(state, "closure_codes", name, number, None, module={"name": "request"})
    for number, name in enumerate(("Open", "In Progress", "On Hold", "Completed", "Closed"), 1):
        put(state, "project_statuses", name, number, None)
    _put_categories(state)
    _put_templates(state)
    for number, name in enumerate(FILTERS, 1):
        put(state, "list_view_filters", name, number, None, display_name=name.replace("_", " "))
    for number, (api_name, plural, name) in enumerate(CI_TYPES, 1):
        shown = {"api_name": api_name, "api_plural_name": plural, "display_name": name}
        put(state, "ci_types", api_name, number, None, **shown)
    uses = {"inverse_name": "Used by"}
    put(state, "relationship_types", "Uses", 1, None, **uses)
    put(state, "relationship_types", "Runs on", 2, None, inverse_name="Runs")
    _put_custom_fields(state)


def put(state: State, table: str, name: str, number: int, suffix: int | None, **more: Json) -> Row:
    """File one look-up under its on-prem id or Cloud suffix."""
    row: Row = {"name": name, **more}
    if not state.is_cloud:
        row["id"] = str(number)
    elif suffix is not None:
        row["id"] = str(CLOUD_PREFIX + suffix)
    return state.add(table, row)


def _put_colored(state: State) -> None:
    for name, internal, number, suffix, color, progresses, stops in _STATUSES:
        # On-prem shows the internal name, the Cloud "On Hold" (reference §5.1).
        shown = "On Hold" if state.is_cloud and name == "Onhold" else name
        row = put(state, "statuses", shown, number, suffix, color=color, internal_name=internal)
        row |= {"in_progress": progresses, "stop_timer": stops}
    for name, number, suffix, color in _PRIORITIES:
        put(state, "priorities", name, number, suffix, color=color)


def _put_categories(state: State) -> None:
    numbers = iter(range(1, 1000))
    for number, (name, parts) in enumerate(CATEGORIES.items(), 1):
        suffix = 6689 if name == "Software" else None
        category = put(state, "categories", name, number, suffix)
        for part in parts:
            row = put(state, "subcategories", part, next(numbers), None, category=category["id"])
            for item in _ITEMS.get(part, ()):
                put(state, "items", item, next(numbers), None, subcategory=row["id"])


def _put_templates(state: State) -> None:
    for number, (name, comments, is_service, wanted, suffix) in enumerate(_TEMPLATES, 1):
        row = put(state, "request_templates", name, number, suffix, comments=comments)
        mandatory: list[Json] = list(wanted)
        service = state.named("service_categories", "Accesos")["id"] if is_service else None
        row |= {
            "is_default": number == 1,
            "is_service_template": is_service,
            "service_category": service,
            "mandatory": mandatory,
            "request": {"request_type": {"name": "Incident"}},
        }


def _put_custom_fields(state: State) -> None:
    for number, custom in enumerate(_CUSTOM, 1):
        onprem, cloud, plain, label, kind, wire, module, values = custom
        allowed: Json = None if values is None else list(values)
        state.add(
            "udf",
            {
                "id": str(number),
                "name": cloud if state.is_cloud else onprem,
                "plain": plain,
                "label": label,
                "type": kind,
                "wire_type": wire,
                "module": module,
                "values": allowed,
            },
        )
