"""Each error code of ServiceDesk Plus and each observed deviation, as one clear error of ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from helpdesk_mcp.domain.errors import (
    Conflict,
    Denied,
    HelpdeskError,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    Written,
)


class Unfit(Invalid):
    """A value or its absence that the desk refuses; `fields` are its own names, for `fitting`."""

    def __init__(self, message: str, *, reason: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message, reason=reason)
        self.fields = fields


NO_TICKET = "There is no such ticket."
NO_LIST = (
    "The help desk has no such list. If it has none at all, its address or the portal's name is "
    "wrong."
)
PAUSE = 60.0
"""Seconds to wait when the desk throttles: it never says how long (reference §3.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a refusal says: HTTP status, the vendor's code, the fields and its own words."""

    http: int
    code: int | None
    fields: tuple[str, ...] = ()
    text: str = ""
    merged_into: str | None = None
    title: str = ""


Make = Callable[[str], HelpdeskError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """An error to raise; `{fields}` in the message becomes our names of the fields."""

    kind: type[HelpdeskError]
    reason: str
    message: str
    retry_after: float | None = None
    in_doubt: bool = False
    """Whether a write may have been done all the same."""


_CLOSED_RULE = "The desk does not close the ticket yet: it first wants {fields}."
_READ_ONLY = "The desk does not let anybody set {fields}."
_LOGIN = Meaning(
    kind=Unavailable,
    reason="login",
    message="The help desk does not accept our credential: check the key or connect it again.",
)
_THROTTLED = Meaning(
    kind=RateLimited,
    reason="desk_throttles",
    message="The help desk takes no more calls for the moment.",
    retry_after=PAUSE,
)
CODES: Mapping[int, Meaning] = {
    401: _LOGIN,
    3000: Meaning(kind=Invalid, reason="closure_rule", message=_CLOSED_RULE),
    4001: Meaning(
        kind=Invalid,
        reason="desk_refused",
        message="The desk does not take the value of {fields}: it does not exist there, is not "
        "in use, or our account may not set it.",
    ),
    4002: Meaning(
        kind=Denied,
        reason="desk_forbids",
        message="The help desk does not let our account do this.",
    ),
    4003: Meaning(kind=Invalid, reason="closure_rule", message=_CLOSED_RULE),
    4004: Meaning(
        kind=Unavailable,
        reason="desk_error",
        message="The help desk has an internal error.",
        in_doubt=True,
    ),
    4005: Meaning(
        kind=Conflict, reason="in_use", message="Something else in the desk refers to this."
    ),
    4007: Meaning(kind=NotFound, reason="not_found", message=NO_TICKET),
    4008: Meaning(
        kind=Conflict, reason="exists", message="The desk already has one with the same {fields}."
    ),
    4009: Meaning(kind=Invalid, reason="read_only", message=_READ_ONLY),
    4010: Meaning(kind=Invalid, reason="read_only", message=_READ_ONLY),
    4011: Meaning(
        kind=Invalid, reason="unknown_field", message="The desk has no such field: {fields}."
    ),
    4012: Meaning(kind=Invalid, reason="missing_fields", message="The desk also needs {fields}."),
    4013: Meaning(
        kind=Unavailable, reason="protocol", message="The help desk does not take this format."
    ),
    4014: Meaning(kind=Invalid, reason="read_only", message=_READ_ONLY),
    4015: _THROTTLED,
    4016: Meaning(
        kind=Invalid,
        reason="times",
        message="The times do not fit together or lie in the past: {fields}.",
    ),
    4017: Meaning(kind=Conflict, reason="not_in_trash", message="This is not in the trash."),
    4021: Meaning(
        kind=Invalid, reason="wrong_type", message="The value of {fields} is of the wrong kind."
    ),
    4022: _LOGIN,
    7001: Meaning(
        kind=Denied, reason="license", message="The help desk's licence does not include this."
    ),
}
# What the desk's own words or fields say more exactly than its code: the first that fits wins.
DEVIATIONS: tuple[tuple[Callable[[Told], bool], Meaning], ...] = (
    (
        lambda t: (
            t.http == HTTPStatus.TOO_MANY_REQUESTS
            or "maximum access limit" in t.text.lower()
            or "THROTTLES_LIMIT_EXCEEDED" in f"{t.title} {t.text}"
        ),
        _THROTTLED,
    ),
    (
        lambda t: t.code == 401 or "AuthToken in the request is invalid" in t.text,  # noqa: PLR2004 -- the inner code
        _LOGIN,
    ),
    (
        lambda t: t.http == 401 and t.code == 4002,  # noqa: PLR2004 -- Unauthorized, forbidden
        Meaning(
            kind=Denied,
            reason="desk_scope",
            message="The token of the help desk lacks a scope for this, or the portal is another.",
        ),
    ),
    (
        lambda t: t.code == 4002 and "Cannot give value for" in t.text,  # noqa: PLR2004 -- forbidden
        Meaning(
            kind=Invalid,
            reason="computed",
            message="This desk computes {fields} by its own rules: leave it out.",
        ),
    ),
    (
        lambda t: "Invalid HTTP method" in t.text,
        Meaning(kind=NotFound, reason="no_route", message="The help desk does not have this."),
    ),
    (
        lambda t: t.text.startswith("Extra key found"),
        Meaning(
            kind=Invalid, reason="unknown_field", message="The desk has no such field: {fields}."
        ),
    ),
    (
        lambda t: t.text.startswith("Extra parameter"),
        Meaning(kind=Invalid, reason="extra_input", message="The desk takes no such input here."),
    ),
    (
        lambda t: "Unable to parse the given data for id" in t.text,
        Meaning(
            kind=Invalid, reason="wrong_id", message="An id of this desk is a number: {fields}."
        ),
    ),
    (
        lambda t: t.text.startswith("Not in trash") and t.code == 4016,  # noqa: PLR2004 -- in the trash already
        Meaning(kind=Conflict, reason="in_trash", message="This is in the trash already."),
    ),
    (
        lambda t: t.text.startswith("Not in trash"),
        Meaning(kind=Conflict, reason="not_in_trash", message="This is not in the trash."),
    ),
    (
        lambda t: "Approvers are unavailable" in t.text,
        Meaning(kind=Invalid, reason="approvers", message="Give at least one approver."),
    ),
    (
        lambda t: "mail is not yet sent" in t.text,
        Meaning(
            kind=Conflict,
            reason="not_asked",
            message="The approver has not been asked by mail yet.",
        ),
    ),
)
OUR_NAMES = {
    "due_by_time": "due",
    "technician": "assignee",
    "group": "queue",
    "udf_fields": "custom",
    "onhold_scheduler": "on_hold",
    "tasks": "its open tasks to be finished",
    "worklog": "a work log (time_spent)",
    "resolution": "a resolution",
    "closure_code": "a closing code (code)",
}


def refusal(told: Told, *, missing: str = NO_TICKET, doubt: Written = Written.NO) -> HelpdeskError:
    """Return the error that an unwelcome answer means. Its own words never leave this module."""
    if told.merged_into is not None:
        return NotFound(
            f"This ticket was merged into ticket {told.merged_into}: use that one.",
            reason="merged",
        )
    meaning = meaning_of(told)
    if meaning is None:
        return unreadable(doubt)
    names = ", ".join(ours(field) for field in told.fields) or "a field"
    message = missing if meaning.reason == "not_found" else meaning.message
    if meaning.kind is Invalid:
        told_so = message.replace("{fields}", names)
        return Unfit(told_so, reason=meaning.reason, fields=told.fields)
    return meaning.kind(
        message.replace("{fields}", names),
        reason=meaning.reason,
        retry_after=meaning.retry_after,
        written=doubt if meaning.in_doubt else Written.NO,
    )


def meaning_of(told: Told) -> Meaning | None:
    for fits, meaning in DEVIATIONS:
        if fits(told):
            return meaning
    by_code = CODES.get(told.code or 0)
    return by_code or _BY_HTTP.get(told.http) or (CODES[4004] if told.http >= 500 else None)  # noqa: PLR2004 -- any server error


_BY_HTTP = {
    400: Meaning(kind=Invalid, reason="desk_refused", message="The help desk refused this input."),
    401: _LOGIN,
    403: CODES[4002],
    404: CODES[4007],
    413: Meaning(kind=Invalid, reason="too_large", message="This is too large for the help desk."),
}


def ours(field: str) -> str:
    """Return our name of a field of the desk; one that is no name at all is not repeated."""
    plain = field[:60] if re.fullmatch(r"[A-Za-z0-9_.]+", field[:60]) else "a field"
    name = OUR_NAMES.get(plain, plain)
    return name if " " in name else f"`{name}`"


def unreadable(doubt: Written) -> Unavailable:
    """Return the error for an answer that makes no sense."""
    return Unavailable(
        "The help desk gave an answer that it should not give.", reason="protocol", written=doubt
    )


def web_page() -> Unavailable:
    """Return the error for a page where data is expected: nothing was done (reference §1.2)."""
    return Unavailable(
        "The help desk answered with a web page: check its address and the portal's name.",
        reason="web_page",
    )


def elsewhere(doubt: Written) -> Unavailable:
    """Return the error for a redirect: credentials are not carried elsewhere."""
    return Unavailable(
        "The help desk pointed to another address; it was not followed.",
        reason="origin",
        written=doubt,
    )


def no_scope() -> Denied:
    """Return the error for a 401 to a token that is good: it may do less than was asked."""
    return Denied(
        "The desk's token lacks a scope for this: see `helpdesk-mcp doctor`, then connect the desk "
        "again with more scopes.",
        reason="desk_scope",
    )
