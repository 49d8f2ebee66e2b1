"""What a request can hold, told in two places: the form's description, and the set-up's list."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.rendering import custom_fields, custom_name
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_assets import ASSETS
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.schema_setup import CUSTOM_FIELDS
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_list, as_row, as_text

router = Router()
# How the vendor's own client calls the kinds of a custom field (reference 1.4 [ME-CODE]).
_TYPES = {"date": "datetime", "number": "long", "flag": "boolean", "multi": "multi_select"}


@router.get("requests/_metainfo", needs=("metainfo", "_metainfo"), input="optional")
def get_metainfo(call: Call) -> Reply:
    """Describe the request's fields, the custom ones with their labels and allowed values.

    Source: §4.1 metadata, `metainfo.fields.udf_fields.fields` [ME-CODE, Cloud]; the vendor's own
    web client of on-prem asks the same with `for` and reads `display_name` [ME-CODE]. That a
    technician's key may ask it too is [INFER]; older builds do not have it [UNKNOWN].
    """
    return _metainfo(call, REQUESTS)


@router.get("assets/_metainfo", needs=("metainfo", "_metainfo"), scope="assets", input="optional")
def get_asset_metainfo(call: Call) -> Reply:
    """Describe an asset's fields.

    Source: §4.1 metadata, which the vendor's own client asks of any module [ME-CODE].
    """
    return _metainfo(call, ASSETS)


@router.get("requests/metainfo", needs=("metainfo", "metainfo"), input="optional")
def get_older_metainfo(call: Call) -> Reply:
    """Describe the request's fields at the older address.

    Source: §4.1 metadata; the vendor's own web client, for its page of layouts [ME-CODE].
    """
    return _metainfo(call, REQUESTS)


@router.get("udf_fields", needs=("udf_setup", "udf_fields"), scope="setup", input="optional")
def list_custom_fields(call: Call) -> Reply:
    """Return custom fields as an administrator set them up: `field_key` is the name of each.

    Source: §4.1 metadata; two clients of the Cloud [LIVE], by `search_criteria`; the vendor's own
    web client of on-prem names the module beside `list_info` [ME-CODE].
    """
    beside = () if call.view.is_cloud else ("module",)
    asked = as_row(call.input("list_info", *beside).get("module", {}))
    modules = {one.one: one for one in (REQUESTS, ASSETS)}
    if asked.get("name", "request") not in modules:
        raise errors.unknown_value("module")
    rows = [
        _definition(call, name, row)
        for name, module in modules.items()
        if asked.get("name", name) == name
        for row in custom_fields(call.state, module.table)
    ]
    return list_rows(call, CUSTOM_FIELDS, rows, also=beside)


def _metainfo(call: Call, module: Module) -> Reply:
    call.input("for")
    fields: Row = {
        field.name: {"display_name": field.name, "type": field.kind.value}
        for field in module.fields_of(call.view.edition)
        if field.name != "udf_fields"
    }
    custom: Row = {
        custom_name(call.view, row): _field(row) for row in custom_fields(call.state, module.table)
    }
    knobs = call.state.knobs
    stand_out = knobs.request_udf if module is REQUESTS else knobs.udf_names
    if stand_out in ("beside", "plain") and not call.view.is_cloud:
        fields |= custom
    else:
        fields["udf_fields"] = {"display_name": "udf_fields", "fields": custom}
    told: Row = {"entity": module.one, "plural_name": module.many, "fields": fields}
    return answer(metainfo=told)


def _field(row: Row) -> Json:
    kind = _TYPES.get(as_text(row["type"]), "string")
    shown: Row = {"id": row["id"], "display_name": row["label"], "type": kind}
    shown["display_type"] = row["wire_type"]
    allowed = row.get("values")
    return shown if not isinstance(allowed, list) else {**shown, "allowed_values": allowed}


def _definition(call: Call, module: str, row: Row) -> Row:
    allowed: list[Json] = [{"value": one} for one in as_list(row.get("values"))]
    return {
        "id": row["id"],
        "name": row["label"],
        "field_key": custom_name(call.view, row),
        "type": _TYPES.get(as_text(row["type"]), "string"),
        "field_type": row["wire_type"],
        "module": {"name": module},
        "allowed_values": allowed or None,
    }
