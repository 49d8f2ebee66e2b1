"""Everything about ServiceDesk Plus that differs by build, site or day, as knobs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.values import Json

CloseRule = Literal["resolution", "worklog", "open_tasks", "closure_code"]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """The defaults are those of a present build; where nobody knows, the stricter behaviour."""

    # Routes by build (reference §5, §8.9); "both" serves either.
    groups: Literal["support_groups", "groups", "both"] = "support_groups"
    users: Literal["users", "requesters", "both"] = "users"
    download: Literal["_download", "download", "both"] = "_download"
    conversations: Literal["_conversations", "conversations", "both"] = "_conversations"
    approve: Literal["_approve", "approve", "both"] = "_approve"
    close: Literal["_close", "close", "both"] = "close"
    assign: Literal["_assign", "assign", "both"] = "assign"
    closure_codes: Literal["closure_codes", "request_closure_codes", "both"] = "closure_codes"
    upload: Literal["upload", "_upload", "_uploads", "uploads", "both"] = "upload"
    cmdb: Literal["absent", "cmdb"] = "cmdb"
    history: Literal["absent", "history"] = "absent"
    metainfo: Literal["absent", "_metainfo", "metainfo"] = "absent"
    udf_setup: Literal["absent", "udf_fields"] = "absent"
    template_layouts: Literal["absent", "shown"] = "shown"
    replies: Literal["absent", "notifications"] = "absent"
    unknown_route: Literal["json", "html_400", "html_401"] = "json"
    bare_base: Literal["refuse", "serve"] = "refuse"

    # Dialect.
    accept: Literal["required", "ignored"] = "required"
    accept_missing: Literal["old_format", "refuse"] = "old_format"
    fields_required: Literal["top", "inside", "both"] = "top"
    udf_names: Literal["typed", "plain"] = "typed"
    request_udf: Literal["container", "beside"] = "container"
    created_http: Literal[200, 201] = 201
    deleted_http: Literal[200, 204] = 200
    errors_with_200: bool = False
    cloud_note_author: Literal["created_by", "added_by"] = "created_by"
    content_url: Literal["relative", "absolute", "foreign"] = "relative"
    reply_shown: bool = False
    note_mails_requester: bool = False
    completed_times: bool = False

    # Reading.
    row_count_over_100: Literal["refuse", "cap"] = "refuse"
    zero_start_index: Literal["refuse", "first"] = "refuse"
    one_element_criteria: Literal["allow", "refuse"] = "allow"
    combined_dates: Literal["allow", "refuse"] = "allow"
    empty_values: Literal["nothing", "empty"] = "nothing"
    filter_with_criteria: Literal["refuse", "allow"] = "refuse"

    # Writing.
    json_bodies: Literal["refuse", "accept"] = "refuse"
    lenient_json: bool = False
    query_nested_owner: Literal["refuse", "accept"] = "accept"
    status_by: Literal["name", "id"] = "name"
    technician_by_email: Literal["refuse", "accept"] = "refuse"
    unknown_requester: Literal["refuse", "create"] = "refuse"
    technician_needs_category: bool = False
    subcategory_after_category: bool = True
    priority_matrix: bool = False
    absent_fields: tuple[str, ...] = ()
    mandatory_fields: tuple[str, ...] = ()
    module_mandatory: tuple[str, ...] = ()
    """What templates want of other records, as `problems.category`; of closing
    them, as `problems.close_details.closure_code`."""
    close_rules: tuple[CloseRule, ...] = ("resolution", "open_tasks")
    close_refusal: Literal["3000", "4003", "4012"] = "4012"
    warning_http: Literal[200, 400] = 200
    ack_mails_requester: bool = True
    request_worklogs: Literal["work", "refuse"] = "work"
    category_lag: float = 0
    max_upload_bytes: int = 10_000_000

    # Access.
    wrong_key: Literal["400", "401"] = "400"
    expired_token: Literal["4022", "html"] = "4022"  # noqa: S105 - a position
    missing_scope: Literal["same", "4002"] = "same"
    unlicensed: tuple[str, ...] = ()

    # Throttling and slowness (seconds).
    latency: float = 0
    latency_jitter: float = 0
    throttle_requests: int = 0
    throttle_window: float = 60
    throttle_lock: float = 60
    throttle_http: Literal[400, 429] = 429

    # Zoho accounts (reference §2.3 [DOC]).
    token_seconds: int = 3600
    tokens_per_ten_minutes: int = 10
    refreshes_per_minute: int = 5
    refresh_tokens_per_user: int = 20
    live_tokens: int = 30


KNOBS = TypeAdapter(Knobs)

_NEW_BUILD = 15100
_PLAIN_FIELDS_BUILD = 15200


def knobs_for(edition: Edition, build: int) -> Knobs:
    """Return how an edition behaves by default, on-prem by its build number."""
    if edition == "cloud":
        return Knobs(
            groups="groups",
            users="both",
            download="download",
            conversations="conversations",
            approve="approve",
            close="_close",
            assign="_assign",
            upload="_uploads",
            metainfo="_metainfo",
            udf_setup="udf_fields",
            fields_required="inside",
            technician_by_email="accept",
            query_nested_owner="refuse",
            close_refusal="3000",
            completed_times=True,
        )
    if build < _NEW_BUILD:
        return Knobs(
            groups="groups",
            users="requesters",
            download="download",
            conversations="conversations",
            approve="approve",
            closure_codes="request_closure_codes",
            cmdb="absent",
            template_layouts="absent",
            zero_start_index="first",
        )
    plain = build >= _PLAIN_FIELDS_BUILD
    present = Knobs(zero_start_index="first", metainfo="_metainfo", udf_setup="udf_fields")
    return replace(present, udf_names="plain" if plain else "typed")


def turn(knobs: Knobs, changes: Mapping[str, Json]) -> Knobs:
    """Return the knobs with some turned; an unknown knob or position is a ValueError."""
    return KNOBS.validate_python({**asdict(knobs), **changes})
