"""People and the look-ups that an administrator sets up, and the index of all modules."""

from helpdesk_demo.servicedesk_plus import schema_assets, schema_modules, schema_parts
from helpdesk_demo.servicedesk_plus.fields import (
    ID,
    Field,
    Kind,
    Module,
    flag,
    free,
    number,
    ref,
    refs,
    text,
    told,
)
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_texts


def _lookup(
    table: str, one: str, *fields: Field, scope: str = "setup", also_brief: tuple[str, ...] = ()
) -> Module:
    base = (ID, text("name", "lc"), text("description", "lc"), flag("inactive", "lc"))
    taken = {one.name for one in fields}
    return Module(
        table=table,
        one=one,
        many=table,
        scope=scope,
        fields=(*(one for one in base if one.name not in taken), *fields),
        brief=("id", "name", *also_brief),
    )


_COLOR = text("color", "lc")
_PERSON = (
    ID,
    text("name", "lc"),
    text("first_name", "lc"),
    text("last_name", "lc"),
    text("email_id", "lc"),
    text("phone", "lc"),
    text("mobile", "lc"),
    text("job_title", "lc"),
    text("login_name", "o"),
    flag("is_vipuser", "lco"),
    flag("is_vip_user", "lcd"),
    flag("is_technician", "rlcb"),
    text("type", "rlo"),
    text("photo_url", "rcd"),
    text("profile_pic_url", "rlo"),
    free("profile_pic", "ro", default={"content-url": "/images/default-profile-pic2.svg"}),
    text("citype", "rlo"),
    text("sms_mail", "d"),
    ref("department", "departments", "lc"),
    ref("site", "sites", "lc"),
)
_PERSON_BRIEF = (
    "id",
    "name",
    "email_id",
    "phone",
    "mobile",
    "is_vipuser",
    "is_vip_user",
    "is_technician",
    "sms_mail",
    "photo_url",
    "profile_pic",
    "department",
)
USERS = Module(
    table="users",
    one="user",
    many="users",
    scope="users",
    fields=_PERSON,
    brief=_PERSON_BRIEF,
    mandatory=("name",),
)
TECHNICIANS = Module(
    table="technicians",
    one="technician",
    many="technicians",
    scope="users",
    fields=(
        *_PERSON,
        number("cost_per_hour", "cd", default="0.00"),
        text("sms_mail_id", "d"),
        refs("associated_groups", "groups"),
        refs("roles", "roles"),
    ),
    brief=("id", "name", "email_id", "phone", "mobile", "cost_per_hour", "sms_mail_id"),
)

LOOKUPS = (
    _lookup(
        "statuses",
        "status",
        _COLOR,
        text("internal_name", "lcb"),
        flag("in_progress", "lcb"),
        flag("stop_timer", "lcb"),
        also_brief=("color", "internal_name", "in_progress", "stop_timer"),
    ),
    _lookup("priorities", "priority", _COLOR, also_brief=("color",)),
    _lookup("urgencies", "urgency"),
    _lookup("impacts", "impact"),
    _lookup("levels", "level"),
    _lookup("modes", "mode"),
    _lookup("request_types", "request_type"),
    _lookup("categories", "category"),
    _lookup("subcategories", "subcategory", ref("category", "categories", "lc")),
    _lookup("items", "item", ref("subcategory", "subcategories", "lc")),
    _lookup("service_categories", "service_category", text("icon_name", "lc")),
    _lookup("departments", "department", ref("site", "sites", "lc"), also_brief=("site",)),
    _lookup("sites", "site", flag("deleted", "rlc"), also_brief=("deleted",)),
    _lookup("groups", "group", ref("site", "sites", "lc"), also_brief=("site",)),
    _lookup("closure_codes", "closure_code", free("module", "lc")),
    _lookup("worklog_types", "worklog_type"),
    _lookup("task_types", "task_type"),
    _lookup("task_templates", "task_template"),
    _lookup("change_types", "change_type", _COLOR),
    _lookup("change_stages", "change_stage"),
    _lookup("change_risks", "change_risk"),
    _lookup("reason_for_changes", "reason_for_change"),
    _lookup("project_statuses", "project_status", _COLOR),
    _lookup("project_types", "project_type"),
    _lookup("solution_statuses", "solution_status"),
    _lookup("topics", "topic", scope="solutions"),
    _lookup("products", "product", ref("product_type", "product_types", "lc"), scope="assets"),
    _lookup("product_types", "product_type", scope="assets"),
    _lookup("asset_states", "asset_state", scope="assets"),
    _lookup("relationship_types", "relationship_type", text("inverse_name", "lc"), scope="cmdb"),
    _lookup(
        "ci_types",
        "ci_type",
        text("api_name", "lc"),
        text("api_plural_name", "lc"),
        text("display_name", "lc"),
        scope="cmdb",
        also_brief=("api_name", "display_name"),
    ),
    _lookup("roles", "role"),
    _lookup("tags", "tag", scope="requests"),
    _lookup("portals", "portal", scope="general"),
)


def _layouts(state: State, row: Row) -> Json:
    """Show the form: Cloud [LIVE, two clients]; on-prem the vendor's web client reads it [ME-CODE].

    Whether a technician's key is shown it is [INFER], so a knob takes it away.
    """
    if state.knobs.template_layouts == "absent":
        return None
    wanted = {*as_texts(row.get("mandatory")), *state.knobs.mandatory_fields, "subject"}
    names = (*(field.name for field in REQUESTS.fields if field.kind is Kind.REF), "description")
    shown = dict.fromkeys(("subject", *names, *sorted(wanted)))
    fields: list[Json] = [{"name": name, "mandatory": name in wanted} for name in shown]
    section: Row = {"name": "Details", "fields": fields}
    return [{"name": "technician_layout", "sections": [section]}]


TEMPLATES = Module(
    table="request_templates",
    one="request_template",
    many="request_templates",
    scope="setup",
    fields=(
        ID,
        text("name", "lc"),
        text("comments", "lc"),
        flag("is_default", "lc"),
        flag("is_service_template", "lc"),
        flag("inactive", "lc"),
        ref("service_category", "service_categories", "lc"),
        free("request", "rx"),
        told("layouts", Kind.FREE, _layouts),
    ),
    brief=("id", "name", "is_service_template", "service_category"),
)
FILTERS = Module(
    table="list_view_filters",
    one="list_view_filter",
    many="list_view_filters",
    scope="requests",
    fields=(ID, text("name", "lc"), text("display_name", "lc"), flag("is_default", "lc")),
)
CUSTOM_FIELDS = Module(
    table="udf",
    one="udf_field",
    many="udf_fields",
    scope="setup",
    fields=(
        ID,
        text("name", "lc"),
        text("field_key", "lc"),
        text("type", "lc"),
        text("field_type", "lc"),
        free("module", "lc"),
        free("allowed_values", "lc"),
    ),
)

_ALL = (
    REQUESTS,
    USERS,
    TECHNICIANS,
    TEMPLATES,
    FILTERS,
    *LOOKUPS,
    schema_parts.NOTES,
    schema_parts.NOTIFICATIONS,
    schema_parts.DRAFTS,
    schema_parts.ATTACHMENTS,
    schema_parts.WORKLOGS,
    schema_parts.TASKS,
    schema_parts.APPROVAL_LEVELS,
    schema_parts.APPROVALS,
    schema_parts.HISTORY,
    schema_modules.PROBLEMS,
    schema_modules.CHANGES,
    schema_modules.RELEASES,
    schema_modules.PROJECTS,
    schema_modules.MILESTONES,
    schema_modules.SOLUTIONS,
    schema_assets.ASSETS,
    schema_assets.CONTRACTS,
    schema_assets.CMDB,
    schema_assets.CI_RELATIONSHIPS,
    schema_assets.ANNOUNCEMENTS,
)
MODULES = {module.table: module for module in _ALL}
