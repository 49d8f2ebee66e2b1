"""Records of the modules as the reference has them (§5, §4.8 to §4.10); the values are ours."""

from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
DONE = {"status_code": 2000, "status": "success"}
LIST: Row = {"response_status": [DONE], "list_info": {"has_more_rows": False, "row_count": 1}}
AT = {"display_value": "03/07/2026 08:56 PM", "value": "1783092412757"}
LATER = {"display_value": "04/07/2026 08:56 PM", "value": "1783178812757"}
MOMENT = datetime(2026, 7, 3, 15, 26, 52, 757000, tzinfo=UTC)
NEXT_DAY = datetime(2026, 7, 4, 15, 26, 52, 757000, tzinfo=UTC)


def ref(name: str, number: str = "3") -> Row:
    return {"id": number, "name": name}


def person(name: str) -> Row:
    return {"id": "9", "name": name, "email_id": "p@example.com", "is_vipuser": False}


TRACKED: Row = {
    "id": "7",
    "title": "Rollers wear out",
    "description": '<div class="sdp-ze-default-wrapper"><p>Since May.</p></div>',
    "status": {**ref("Open", "1"), "color": "#0066ff"},
    "priority": {**ref("High", "4"), "color": "#ff0000"},
    "urgency": ref("Urgent"),
    "impact": ref("Affects Group"),
    "category": ref("Hardware"),
    "subcategory": ref("Printer"),
    "item": ref("Roller"),
    "group": {**ref("Printers", "5"), "site": None},
    "site": ref("Madrid", "2"),
    "created_time": AT,
    "created_by": person("Ann Lee"),
    "last_updated_time": LATER,
    "closed_time": LATER,
    "udf_fields": {"udf_sline_1802": "B2"},
}
TRACKED_READ: Row = {
    "id": "7",
    "title": "Rollers wear out",
    "description": "<p>Since May.</p>",
    "status": "Open",
    "priority": "High",
    "urgency": "Urgent",
    "impact": "Affects Group",
    "category": "Hardware",
    "subcategory": "Printer",
    "item": "Roller",
    "queue": "Printers",
    "site": "Madrid",
    "created": MOMENT,
    "modified": NEXT_DAY,
    "closed": NEXT_DAY,
}
PROBLEM: Row = {
    **TRACKED,
    "technician": person("Bob Okafor"),
    "reported_by": person("Ann Lee"),
    "due_by_time": LATER,
    "root_cause": {"root_cause_description": "Age"},
    "symptoms": {"symptoms_description": "Jams"},
    "impact_details": {"impact_details_description": "Whole floor"},
    "workaround_details": {"workaround": "Tray 2"},
    "resolution_details": {"resolution": "New rollers"},
    "known_error_details": {"is_known_error": True, "known_error_comments": "Seen before"},
    "close_details": {"closure_code": None, "close_details_comments": None},
}
CHANGE: Row = {
    **TRACKED,
    "stage": ref("Planning"),
    "change_type": {**ref("Major"), "color": "#ff0000"},
    "risk": ref("Low"),
    "reason_for_change": ref("Upgrade"),
    "change_requester": person("Ann Lee"),
    "change_owner": person("Bob Okafor"),
    "change_manager": person("Eva Ruiz"),
    "approval_status": ref("Pending Approval"),
    "workflow": {"id": "1", "name": "General"},
    "scheduled_start_time": AT,
    "scheduled_end_time": LATER,
    "impact_details": {"impact_details_description": "An hour down"},
    "roll_out_plan": {"roll_out_plan_description": "At night"},
    "back_out_plan": {"back_out_plan_description": "Old switch"},
}
SHARED: Row = {
    "id": "7",
    "title": "Move",
    "description": "New floor",
    "status": ref("In Progress"),
    "priority": ref("High"),
    "owner": person("Bob Okafor"),
    "scheduled_start_time": AT,
    "scheduled_end_time": LATER,
    "percentage_completion": "40",
}
SHARED_READ: Row = {
    "id": "7",
    "title": "Move",
    "description": "New floor",
    "status": "In Progress",
    "priority": "High",
    "owner": "Bob Okafor",
    "start": MOMENT,
    "end": NEXT_DAY,
    "progress": 40.0,
}
PROJECT: Row = {
    **SHARED,
    "code": "M-1",
    "type": ref("Infrastructure"),
    "requester": person("Ann Lee"),
    "site": ref("Madrid"),
    "projected_end_time": LATER,
    "actual_start_time": AT,
    "actual_end_time": LATER,
    "created_time": AT,
}
ASSET: Row = {
    "id": "7",
    "name": "lap-1",
    "asset_tag": "ZZ-1",
    "serial_number": "S1",
    "product": ref("Nimbus 14"),
    "product_type": ref("Workstation"),
    "state": ref("In Use"),
    "user": person("Ann Lee"),
    "department": ref("Sales"),
    "site": ref("Madrid"),
    "location": "Room 2",
    "acquisition_date": AT,
    "warranty_expiry": LATER,
    "created_time": AT,
    "last_updated_time": LATER,
    "udf_fields": {"udf_sline_1": "B2", "udf_date_2": AT, "udf_bool_3": True, "udf_pick_4": None},
}
CONTRACT: Row = {
    "id": "7",
    "name": "Printers",
    "custom_id": "C-1",
    "vendor": ref("Printy Ltd"),
    "type": ref("Support"),
    "status": ref("Active"),
    "cost": "1200",
    "active_from": AT,
    "active_till": LATER,
    "owner": person("Bob Okafor"),
    "description": "Twice a year",
}
ITEM: Row = {
    "id": "7",
    "name": "mail",
    "description": "<b>Mail</b>",
    "ci_type": {"id": "2", "name": "business_service", "display_name": "Business Service"},
    "site": ref("Madrid"),
    "department": ref("Sales"),
    "managed_by": ref("Network"),
    "asset": ref("srv-1"),
    "business_impact": "High",
    "ip_address": "192.0.2.7",
    "created_time": AT,
    "last_updated_time": LATER,
}
WORKLOG: Row = {
    "id": "7",
    "owner": person("Bob Okafor"),
    "description": "Rebuilt tunnel",
    "type": ref("Remote"),
    "start_time": AT,
    "end_time": LATER,
    "time_spent": {"hours": "1", "minutes": "30"},
    "include_nonoperational_hours": True,
    "mark_first_response": False,
    "owner_cost": "0",
    "other_cost": "0",
    "total_cost": "0",
    "created_time": AT,
}
TASK: Row = {
    **{name: value for name, value in SHARED.items() if name != "progress"},
    "group": ref("Network"),
    "type": None,
    "estimated_effort": {"days": "0", "hours": "1", "minutes": "0"},
    "template": None,
    "index": 0,
    "attachments": [],
    "created_time": AT,
}
APPROVAL: Row = {
    "id": "7",
    "approver": person("Ann Lee"),
    "status": ref("Approved"),
    "sent_on": AT,
    "action_taken_on": LATER,
    "comments": "Fine",
    "approval_level": {"id": "2"},
}


def one(wrapper: str, row: Row) -> Row:
    return {wrapper: row, "response_status": DONE}


def many(name: str, *rows: Row) -> Row:
    return {**LIST, name: list(rows)}


TICKET = {"requests/1": one("request", {"id": "1", "subject": "x"})}
LEVEL = {
    **TICKET,
    "requests/1/approval_levels": many("approval_levels", {"id": "2", "level": 1}),
    "requests/1/approval_levels/2/approvals": many("approvals", APPROVAL),
}
WAITING = {
    "id": "8",
    "approver": person("Ann Lee"),
    "status": ref("Pending Approval"),
    "sent_on": AT,
    "change": {"id": "5", "title": "Switch"},
}
