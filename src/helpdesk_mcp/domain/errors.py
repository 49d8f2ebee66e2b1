"""Errors a caller may see. Each carries text that is safe to show to an agent."""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    INVALID = "invalid"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Written(StrEnum):
    """Whether a failed write reached the help desk. `UNKNOWN` means: look before you repeat."""

    NO = "no"
    PARTLY = "partly"
    UNKNOWN = "unknown"


class HelpdeskError(Exception):
    """An expected failure. `message` is ours and safe; upstream text goes to the log only.

    `reason` is a stable word for programs ("timeout", "scope", "stale"); `retry_after` is in
    seconds; `scopes` are the ones the operation needs when that is what was missing; `fields` are
    the arguments that were bad.
    """

    code = Code.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        retry_after: float | None = None,
        written: Written = Written.NO,
        scopes: tuple[str, ...] = (),
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.code.value
        self.retry_after = retry_after
        self.written = written
        self.scopes = scopes
        self.fields = fields

    def facts(self) -> dict[str, Any]:
        """Return the error as data: the same object in MCP results and REST problems."""
        facts: dict[str, Any] = {
            "code": self.code.value,
            "reason": self.reason,
            "message": self.message,
            "retryable": self._may_work_later(),
        }
        if self.retry_after is not None:
            facts["retry_after"] = round(self.retry_after, 1)
        if self.code in {Code.UNAVAILABLE, Code.INTERNAL, Code.CONFLICT}:
            facts["written"] = self.written.value
        return facts

    def _may_work_later(self) -> bool:
        lasts = self.reason in LASTING
        return self.code in RETRYABLE and self.written is Written.NO and not lasts


LASTING = frozenset(
    {
        *("login", "reauth_required", "credential_unreadable", "desk_suspended"),
        *("web_page", "origin", "other_host", "egress"),
    }
)
"""Reasons that stay until an administrator does something: repeating the call does not help."""
RETRYABLE = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})


class Invalid(HelpdeskError):
    code = Code.INVALID


class Denied(HelpdeskError):
    code = Code.DENIED


class NotFound(HelpdeskError):
    code = Code.NOT_FOUND


class Conflict(HelpdeskError):
    code = Code.CONFLICT


class RateLimited(HelpdeskError):
    code = Code.RATE_LIMITED


class Unavailable(HelpdeskError):
    code = Code.UNAVAILABLE


class Internal(HelpdeskError):
    code = Code.INTERNAL


class Stopped(Exception):
    """A call was stopped while it ran, because its organisation is no longer served."""
