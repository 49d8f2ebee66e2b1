"""Calls that a person must approve before they run: what is asked, and what was answered."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from helpdesk_mcp.domain.principals import Principal


class Verdict(StrEnum):
    """What became of a question. An approval is good for one run of exactly that call."""

    APPROVED = "approved"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call that waits for a person.

    `digest` is the same for the same tool, desk and arguments, and for no others. `arguments`
    are masked as in the audit trail: enough for a person to decide, never more. `target` is
    what the call acts on.
    """

    operation: str
    digest: str
    target: str = ""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


class Approvals(Protocol):
    """Where questions wait for an answer. Raises Unavailable; then the call does not run."""

    async def check(self, principal: Principal, question: Question) -> Verdict:
        """Take the approval of this very call by this principal, if one waits to be taken.

        Otherwise leave the question for those who may answer, once, and return what stands.
        Taking is one statement: of two runs at the same time one finds it PENDING again.
        """
        ...
