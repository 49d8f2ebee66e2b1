"""Recorded shapes of the vendor's answers, as the reference has them, replayed field by field.

Keys are those that were captured from real desks (on-prem build 15110, Cloud); the values are ours.
"""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.desks.servicedeskplus.envelope import rows
from helpdesk_mcp.desks.servicedeskplus.reading import path_of
from helpdesk_mcp.desks.servicedeskplus.wire import (
    article_of,
    attachment_of,
    mail_of,
    note_of,
    person_of,
    queue_of,
    ticket_of,
)
from helpdesk_mcp.domain.comments import Attachment, Comment, Visibility
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.tickets import Ticket

WRAPPED = '<div class="sdp-ze-default-wrapper" style="font-size:13px"><p>Since Monday.</p></div>'
AT = {"display_value": "03/07/2026 08:56 PM", "value": "1783092412757"}
LATER = {"display_value": "04/07/2026 08:56 PM", "value": "1783178812757"}
MOMENT = datetime(2026, 7, 3, 15, 26, 52, 757000, tzinfo=UTC)
NEXT_DAY = datetime(2026, 7, 4, 15, 26, 52, 757000, tzinfo=UTC)

# §4.2, on-prem GET: absent values are null.
ON_PREM: dict[str, Any] = {
    "id": "860",
    "subject": "VPN drops every hour",
    "description": WRAPPED,
    "status": {"id": "3", "name": "Onhold", "color": "#ff0000"},
    "priority": {"id": "4", "name": "High", "color": "#ff0000"},
    "urgency": {"id": "2", "name": "High"},
    "impact": {"id": "4", "name": "Affects User"},
    "impact_details": None,
    "level": {"id": "1", "name": "Tier 1"},
    "mode": {"id": "1", "name": "E-Mail"},
    "request_type": {"id": "1", "name": "Incident"},
    "category": {"id": "3", "name": "Network"},
    "subcategory": {"id": "9", "name": "VPN"},
    "item": None,
    "service_category": None,
    "requester": {
        "id": "11",
        "name": "Ann Lee",
        "email_id": "ann@example.com",
        "phone": None,
        "mobile": None,
        "is_vipuser": False,
        "profile_pic": {"content-url": "/images/default-profile-pic2.svg"},
        "department": {"id": "1", "name": "Sales", "site": None, "deleted": False},
    },
    "technician": {"id": "9", "name": "Bob Okafor", "email_id": "bob@example.com"},
    "group": {"id": "5", "name": "Network", "site": None},
    "site": {"id": "2", "name": "Madrid"},
    "department": {"id": "1", "name": "Sales"},
    "template": {"id": "1", "name": "Default Request", "is_service_template": False},
    "created_by": {"id": "11", "name": "Ann Lee"},
    "created_time": AT,
    "due_by_time": LATER,
    "first_response_due_by_time": None,
    "last_updated_time": LATER,
    "assigned_time": None,
    "is_overdue": False,
    "is_trashed": False,
    "has_notes": True,
    "resolution": {"content": "<p>Rebuilt.</p>", "resolution_attachments": []},
    "attachments": [
        {
            "id": "606",
            "name": "log.txt",
            "content_type": "text/plain",
            "content_url": "/api/v3/requests/860/attachments/606/download",
            "size": {"display_value": "73.7KB", "value": "75469"},
            "attached_by": {"id": "11", "name": "Ann Lee"},
            "attached_on": AT,
            "module": "request",
            "description": None,
        }
    ],
    "assets": [],
    "tags": [],
    "udf_fields": {
        "udf_sline_1802": "B2",
        "udf_pick_1803": None,
        "udf_date_1804": AT,
        "udf_long_1805": "12",
        "udf_bool_1806": True,
        "udf_multi_1807": ["a", {"id": "1", "name": "b"}],
    },
    "time_elapsed": "0",
    "unreplied_count": 0,
    "sla": None,
}


def test_an_on_prem_request_is_read_field_by_field() -> None:
    labels = {"udf_sline_1802": "Asset tag", "udf_date_1804": "Visit on"}
    web = "https://sdp.example/WorkOrder.do?woMode=viewWO&woID={id}"
    assert ticket_of(ON_PREM, labels, web) == Ticket(
        id="860",
        subject="VPN drops every hour",
        status="Onhold",
        priority="High",
        queue="Network",
        assignee="Bob Okafor",
        requester="ann@example.com",
        created=MOMENT,
        modified=NEXT_DAY,
        due=NEXT_DAY,
        overdue=False,
        on_hold=True,
        custom={
            "site": "Madrid",
            "category": "Network",
            "subcategory": "VPN",
            "urgency": "High",
            "impact": "Affects User",
            "level": "Tier 1",
            "mode": "E-Mail",
            "request_type": "Incident",
            "template": "Default Request",
            "department": "Sales",
            "Asset tag": "B2",
            "Visit on": "2026-07-03T15:26+00:00",
            "udf_long_1805": "12",
            "udf_bool_1806": "true",
            "udf_multi_1807": "a, b",
        },
        attachments=(Attachment(id="606", name="log.txt", size=75_469, media_type="text/plain"),),
        url="https://sdp.example/WorkOrder.do?woMode=viewWO&woID=860",
        description="<p>Since Monday.</p>",
        resolution="<p>Rebuilt.</p>",
    )


# §4.2, Cloud GET: what differs.
CLOUD: dict[str, Any] = {
    "id": "123640000000006657",
    "display_id": "42",
    "subject": "VPN drops",
    "status": {
        "id": "123640000000006659",
        "name": "On Hold",
        "internal_name": "Onhold",
        "color": "#ff0000",
        "in_progress": True,
        "stop_timer": True,
    },
    "requester": {"id": "1", "name": "Ann Lee", "email_id": None, "is_technician": False},
    "technician": None,
    "group": None,
    "priority": None,
    "created_time": {"display_value": "Jun 24, 2020 03:05 PM", "value": 1783092412757},
    "last_updated_time": None,
    "deleted_time": None,
    "is_trashed": True,
    "lifecycle": None,
    "resolution": None,
    "udf_fields": {"udf_char1": "B2", "txt_rack": None},
}


def test_a_cloud_request_is_read_field_by_field() -> None:
    assert ticket_of(CLOUD, {"udf_char1": "Asset tag"}) == Ticket(
        id="123640000000006657",
        number="42",
        subject="VPN drops",
        status="On Hold",
        requester="Ann Lee",
        created=MOMENT,
        modified=MOMENT,
        on_hold=True,
        custom={"in_trash": "true", "Asset tag": "B2"},
    )


def test_a_row_of_a_list_is_read_as_far_as_it_goes() -> None:
    body = {
        "response_status": [{"status_code": 2000, "status": "success"}],
        "list_info": {"has_more_rows": True, "start_index": 1, "row_count": 1},
        "requests": [{"id": "860", "subject": "VPN", "status": {"id": "1", "name": "Open"}}],
    }
    found = rows(body)
    assert (found.total, found.more) == (None, True)
    assert ticket_of(found.items[0], {}) == Ticket(
        id="860", subject="VPN", status="Open", on_hold=False
    )


def test_a_note_is_read_by_either_name_of_its_author() -> None:
    wanted = Comment(
        id="7",
        at=MOMENT,
        author="Bob Okafor",
        visibility=Visibility.PUBLIC,
        body="<b>Hi</b>",
    )
    said = {"id": "7", "description": "<b>Hi</b>", "show_to_requester": True}
    new = said | {"added_by": {"id": "9", "name": "Bob Okafor"}, "added_time": AT}
    old = said | {"created_by": {"id": "9", "name": "Bob Okafor"}, "created_time": AT}
    assert note_of(new) == note_of(old) == wanted
    assert note_of({"id": "8"}).visibility is Visibility.INTERNAL


def test_a_mail_of_the_conversation_is_read_with_its_body() -> None:
    item = {"id": "3", "type": "reply", "subject": "Re: VPN", "sent_time": AT, "from": "Ann Lee"}
    body = {
        "description": "<p>Still down.</p>",
        "to": [{"email_id": "desk@example.com"}, {"name": "Bob"}],
        "attachments": [{"id": "1", "name": "a.png", "size": {"value": "5"}}],
        "notification_history": {"operation": "MERGE"},
        "merged_request_id": "583550",
    }
    assert mail_of(item, body) == Comment(
        id="mail-3",
        at=MOMENT,
        author="Ann Lee",
        title="Merged from ticket 583550: Re: VPN",
        body="<p>Still down.</p>",
        mailed_to=("desk@example.com", "Bob"),
        attachments=(Attachment(id="1", name="a.png", size=5),),
    )
    assert mail_of(item, {}).body is None


def test_files_are_read_in_every_form() -> None:
    old = {"file_name": "a.txt", "size": "73.7KB", "content_url": "/api/v3/attachments/606"}
    assert attachment_of({"id": "606", **old}) == Attachment(id="606", name="a.txt")
    uploaded = {"file_id": "9", "content_url": "/x"}
    assert attachment_of(uploaded) == Attachment(id="9", name="file")


def test_people_groups_and_solutions_are_read() -> None:
    person = {"id": 9, "name": "Bob", "login_name": "bob", "email_id": "bob@example.com"}
    assert person_of(person) == Person(id="9", username="bob", name="Bob", email="bob@example.com")
    assert queue_of({"id": "5", "name": "Network"}) == Queue(id="5", name="Network")
    solution = {"id": "1", "title": "Reset", "topic": {"name": "VPN"}, "description": WRAPPED}
    assert article_of(solution, whole=True) == Article(
        id="1", title="Reset", category="VPN", answer="<p>Since Monday.</p>"
    )
    assert article_of(solution, whole=False).answer is None


def test_a_body_is_fetched_from_this_desk_only() -> None:
    note = "requests/7/notes/3"
    wanted = {
        "/api/v3/requests/7/notes/3": note,
        "/app/itdesk/api/v3/requests/7/notes/3": note,
        "https://desk.example/api/v3/requests/7/notes/3?x=1": note,
        "https://desk.example:8443/app/itdesk/api/v3/requests/7/notes/3": note,
        "https://collector.example.net/api/v3/requests/7/notes/3": None,
        "https://desk.example.evil/api/v3/requests/7/notes/3": None,
        "/api/v3/../../admin": None,
        "/api/v3/requests/%2e%2e/x": None,
        "/elsewhere/requests/7": None,
        "": None,
    }
    assert {address: path_of(address, "desk.example") for address in wanted} == wanted


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "value", "content", "email_id", "size"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(ON_PREM)), ANYTHING))
def test_u26_whatever_stands_in_a_field_a_request_is_read(row: dict[str, Any]) -> None:
    assert isinstance(ticket_of(row, {}), Ticket)
    assert isinstance(note_of(row), Comment)
    assert isinstance(mail_of(row, row), Comment)
    assert isinstance(attachment_of(row), Attachment)
