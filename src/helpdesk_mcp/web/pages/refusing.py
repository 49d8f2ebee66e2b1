"""Refusals of the pages: a status, a text in the reader's language, and when to try again."""

from http import HTTPStatus

from helpdesk_mcp.domain.errors import Code, HelpdeskError
from helpdesk_mcp.web.problems import status_of


class Refusal(Exception):
    """`text` names a pair in the catalogue: `refused.<text>.title` and `refused.<text>.say`."""

    def __init__(
        self,
        status: HTTPStatus,
        text: str,
        *,
        retry_after: float | None = None,
        detail: str = "",
        problem: HelpdeskError | None = None,
        again: str = "",
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        self.detail = detail
        """More, in the reader's language."""
        self.problem = problem
        """What the server says of it; its message is ours and safe to show."""
        self.again = again
        """Where a link leads that begins again, if one can."""


_TEXTS = {
    Code.INVALID: "invalid",
    Code.DENIED: "denied",
    Code.NOT_FOUND: "not_found",
    Code.CONFLICT: "conflict",
    Code.RATE_LIMITED: "too_often",
    Code.UNAVAILABLE: "unavailable",
    Code.INTERNAL: "internal",
}


def from_error(error: HelpdeskError) -> Refusal:
    """Return the page of an expected failure."""
    return Refusal(
        status_of(error),
        _TEXTS[error.code],
        retry_after=error.retry_after,
        problem=error,
    )
