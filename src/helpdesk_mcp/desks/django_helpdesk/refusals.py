"""What a desk's refusals mean, in our own words. Its texts go no further than here."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import httpx2

from helpdesk_mcp.desks.django_helpdesk.carrier import Ask
from helpdesk_mcp.domain.errors import (
    Denied,
    HelpdeskError,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    Written,
)

OUR_NAMES = {
    "title": "subject",
    "body": "description",
    "submitter_email": "requester",
    "assigned_to": "assignee",
    "due_date": "due",
    "new_status": "status",
    "time_spent": "time_spent",
    "file": "attachment",
}
# The start of a message the desk's framework gives, and what we say instead.
REASONS = (
    ("This field is required", "is required"),
    ("This field may not be", "may not be empty"),
    ("Enter a valid email", "is not an e-mail address"),
    ("Invalid pk", "does not exist"),
    ("Ensure this", "is too long or out of range"),
    ("A valid integer", "must be a whole number"),
    ("Enter a whole number", "must be a whole number"),
    ("A valid number", "must be a number"),
    ("Must be a valid boolean", "must be true or false"),
    ("Date has wrong format", "must be a date: 2026-12-31"),
    ("Datetime has wrong format", "must be a date: 2026-12-31"),
    ("Unsupported file extension", "is of a type the help desk does not take"),
    ("Enter a valid URL", "is not a web address"),
    ("Null characters", "holds characters that cannot be stored"),
)


def broken(ask: Ask) -> Unavailable:
    """Return the error for an answer that makes no sense."""
    return Unavailable(
        "The help desk gave an answer that it should not give.",
        reason="protocol",
        written=ask.doubt,
    )


def refusal(ask: Ask, response: httpx2.Response, missing: str) -> HelpdeskError:
    """Return the error that an unwelcome answer means."""
    status = response.status_code
    error: HelpdeskError = broken(ask)
    if status == HTTPStatus.NOT_FOUND:
        error = NotFound(missing)
    elif status == HTTPStatus.FORBIDDEN:
        error = Denied("The help desk does not let our account do this.", reason="desk_forbids")
    elif status == HTTPStatus.BAD_REQUEST:
        error = Invalid(_complaints(response), reason="desk_refused")
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        error = Invalid("This is too large for the help desk.", reason="too_large")
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        error = RateLimited("The help desk asks to wait.", retry_after=_seconds(response))
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = "The help desk has an internal error."
        error = Unavailable(message, reason="desk_error", written=ask.doubt)
    return error


def _seconds(response: httpx2.Response) -> float:
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else 5.0


def _complaints(response: httpx2.Response) -> str:
    try:
        told = json.loads(response.content)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not told:
        return "The help desk refused this input."
    complaints = cast("Mapping[str, Any]", told)
    return "; ".join(f"`{_name(key)}` {_reason(said)}" for key, said in complaints.items()) + "."


def _name(key: str) -> str:
    """Return our name of a field; keys are the desk's own names, never what somebody wrote."""
    plain = key.removeprefix("custom_") if key.startswith("custom_") else key
    return OUR_NAMES.get(plain, plain[:50] if plain.replace("_", "").isalnum() else "a field")


def _reason(said: object) -> str:
    text = json.dumps(said)
    if "is not a valid choice" in text:
        return "is not one of the valid choices"
    return next((ours for start, ours in REASONS if start in text), "was refused")


def partly(error: HelpdeskError, done: str) -> HelpdeskError:
    """Return the error of a write whose earlier step did happen."""
    return Unavailable(
        f"{done} After that: {error.message}", reason=error.reason, written=Written.PARTLY
    )
